/** Compares measured repetitions of two versions or systems: noisy samples, never paired with simulated numbers (DESIGN §9). */
import { leastRepetitions, summariseTimes, type TimeSummary } from "./timing.ts";
import { mannWhitney } from "./statistics.ts";

/** Medians closer than this share of B's count as equal, whatever the test says. */
export const practicalShare = 0.05;

/** Samples whose difference could be chance more often than this are not told apart. */
const level = 0.05;

/** What two sets of repetitions say. */
export type MeasuredVerdict = "faster" | "slower" | "no practical difference" | "not told apart" | "not enough samples";

/** Two sets of repetitions, compared. */
export interface MeasuredDifference {
  readonly repetitions: readonly [a: number, b: number];
  /** Median of A ÷ median of B; below 1, A is faster. */
  readonly ratio?: number;
  /** Medians with their bootstrap intervals. */
  readonly a?: Omit<TimeSummary, "samplesUs">;
  readonly b?: Omit<TimeSummary, "samplesUs">;
  /** Mann–Whitney, two-sided. */
  readonly p?: number;
  /** Of A; faster or slower only where the test tells them apart and medians differ by {@link practicalShare} or more. */
  readonly verdict: MeasuredVerdict;
}

/** Compares repetitions in microseconds; with fewer than {@link leastRepetitions} of either it says so and nothing else. */
export function measuredDifference(aUs: readonly number[], bUs: readonly number[]): MeasuredDifference {
  const repetitions = [aUs.length, bUs.length] as const;
  if (Math.min(...repetitions) < leastRepetitions) return { repetitions, verdict: "not enough samples" };
  const { samplesUs: _a, ...a } = summariseTimes(aUs);
  const { samplesUs: _b, ...b } = summariseTimes(bUs);
  const ratio = a.medianUs / b.medianUs;
  const { p } = mannWhitney(aUs, bUs);
  return { repetitions, ratio, a, b, p, verdict: verdictOf(ratio, p) };
}

function verdictOf(ratio: number, p: number): MeasuredVerdict {
  if (Math.abs(ratio - 1) < practicalShare) return "no practical difference";
  if (p > level) return "not told apart";
  return ratio < 1 ? "faster" : "slower";
}
