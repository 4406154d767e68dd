import type { SegmentOutcome } from "../core/executor.ts";
import type { IterationNode } from "../core/iteration.ts";

/** A segment's time by node, in the order of its results; the shares add up to the whole. */
export interface Shares {
  readonly us: readonly number[];
  /** Told by the executor rather than attributed. */
  readonly exact: boolean;
}

/**
 * Splits the time of a segment among its nodes: as the executor says, else in proportion to what the nodes are expected to
 * cost, else evenly. Whole microseconds; what rounding leaves goes to the first nodes.
 *
 * @param results ids of the segment's nodes
 * @param expectedUs expected cost of each node, by id
 */
export function attribute(
  results: readonly number[],
  nodes: readonly IterationNode[],
  expectedUs: Float64Array,
  outcome: SegmentOutcome,
): Shares {
  const told = outcome.computeUsById;
  if (told !== undefined) {
    const us = results.map((i) => told.get(nodes[i]!.id) ?? 0);
    let sum = 0;
    for (const share of us) sum += share;
    if (sum === outcome.computeUs) return { us, exact: true };
    return { us: proportional(us, outcome.computeUs), exact: false };
  }
  return {
    us: proportional(
      results.map((i) => expectedUs[i]!),
      outcome.computeUs,
    ),
    exact: false,
  };
}

function proportional(weights: readonly number[], wholeUs: number): number[] {
  let total = 0;
  for (const weight of weights) total += weight;
  const shares = weights.map((weight) =>
    Math.floor(total === 0 ? wholeUs / weights.length : (wholeUs * weight) / total),
  );
  let rest = wholeUs;
  for (const share of shares) rest -= share;
  for (let k = 0; rest > 0; k = (k + 1) % shares.length, rest--) shares[k]!++;
  for (let k = 0; rest < 0; k = (k + 1) % shares.length)
    if (shares[k]! > 0) {
      shares[k]!--;
      rest++;
    }
  return shares;
}
