/** Measured times of our own code: warm-up, repetitions, medians with an interval (tinybench). */
import { Bench } from "tinybench";
import { bootstrapInterval } from "./statistics.ts";
import { rngStream } from "../core/rng.ts";

/** How often something is measured. */
export interface Sampling {
  /** Repetitions that count, at least 9. */
  readonly repetitions: number;
  readonly warmups: number;
}

/** What repetitions gave, in microseconds (fractional: a reading of a clock, not a cost). */
export interface TimeSummary {
  readonly medianUs: number;
  /** 95 % bootstrap interval of the median. */
  readonly lowUs: number;
  readonly highUs: number;
  readonly repetitions: number;
  readonly samplesUs: readonly number[];
}

/** Fewest repetitions that a median with an interval is formed of. */
export const leastRepetitions = 9;

/** Median with its interval of at least 9 samples in microseconds. @throws {RangeError} with fewer: not enough samples */
export function summariseTimes(samplesUs: readonly number[]): TimeSummary {
  if (samplesUs.length < leastRepetitions)
    throw new RangeError(
      `not enough samples: ${samplesUs.length}; a median with an interval needs at least ${leastRepetitions}`,
    );
  const { estimate, low, high } = bootstrapInterval(samplesUs, median, rngStream(1, "timing/bootstrap"));
  return { medianUs: estimate, lowUs: low, highUs: high, repetitions: samplesUs.length, samplesUs };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Times one function. @throws what the function throws */
export async function timeUs(work: () => void | Promise<void>, sampling: Partial<Sampling> = {}): Promise<TimeSummary> {
  const repetitions = Math.max(leastRepetitions, sampling.repetitions ?? 9);
  const samplesUs: number[] = [];
  const bench = new Bench({
    iterations: repetitions,
    time: 0,
    warmupIterations: sampling.warmups ?? 3,
    warmupTime: 0,
    throws: true,
    retainSamples: true,
  });
  bench.add("work", work);
  await bench.run();
  const result = bench.tasks[0]?.result;
  if (result !== undefined && "latency" in result)
    for (const ms of result.latency.samples ?? []) samplesUs.push(ms * 1000);
  return summariseTimes(samplesUs.slice(0, repetitions));
}
