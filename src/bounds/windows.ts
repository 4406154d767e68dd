import type { TraceIteration } from "../core/iteration.ts";
import { addExact } from "../core/units.ts";
import { type BoundLimits, clairvoyantOfSequence } from "./clairvoyant.ts";
import { linkVersions, type PricedVersion, type SequenceOptions, VersionPricer } from "./sequence.ts";

/** A bound put together from windows. */
export interface WindowedBound {
  /** Microseconds, an integer. */
  readonly lowerBoundUs: number;
  readonly windows: number;
  /** Windows solved to optimality. */
  readonly optimal: number;
}

/**
 * A lower bound of what any policy pays for a sequence of any length: it is cut into windows of `lookAhead` iterations, and
 * each is solved for the best plans and storage *if the store may hold anything seen before, free of charge, at its start*.
 *
 * It is a lower bound: when a window starts, a policy has stored some results of earlier versions that fit in the budget;
 * what it pays in the window is one of the schedules over which the window's term is the minimum. The longer the window, the
 * closer to the clairvoyant optimum; with a window as long as the sequence it is that optimum. Holds one window, and the
 * least size of every signature.
 *
 * @param lookAhead iterations per window, at least 1
 * @param budgetBytes null = no limit
 * @param onWindow called after each window with the number of iterations done
 */
export async function windowedBoundUs(
  iterations: Iterable<TraceIteration> | AsyncIterable<TraceIteration>,
  lookAhead: number,
  budgetBytes: number | null,
  options: SequenceOptions & { readonly limits?: BoundLimits; readonly onWindow?: (iterations: number) => void } = {},
): Promise<WindowedBound> {
  const pricer = new VersionPricer(options);
  const earlier = new Map<number, number>();
  let lowerBoundUs = 0;
  let windows = 0;
  let optimal = 0;
  let done = 0;
  let versions: PricedVersion[] = [];
  const close = async (): Promise<void> => {
    const sequence = linkVersions(versions, earlier);
    const outcome = await clairvoyantOfSequence(sequence, budgetBytes ?? Infinity, options.limits);
    lowerBoundUs = addExact(lowerBoundUs, outcome.lowerBoundUs);
    windows++;
    if (outcome.status === "optimal") optimal++;
    for (const { nodeCount, classOf, sizeBytes } of versions)
      for (let i = 0; i < nodeCount; i++) {
        const id = classOf[i]!;
        if (id >= 0) earlier.set(id, Math.min(earlier.get(id) ?? Infinity, sizeBytes[i]!));
      }
    done += versions.length;
    versions = [];
    options.onWindow?.(done);
  };
  for await (const iteration of iterations) {
    versions.push(pricer.price(iteration));
    if (versions.length === lookAhead) await close();
  }
  if (versions.length > 0) await close();
  return { lowerBoundUs, windows, optimal };
}
