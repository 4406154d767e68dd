import type { Iteration, RecordedSegment } from "../core/iteration.ts";
import type { PreparedVersion } from "./prepare.ts";

/** Above this barrier tax a trace's node costs are mostly barriers, and the clock charges recorded segments as a whole. */
export const barrierTaxLimit = 1.2;

/** Isolated and fused time of the recorded segments of a trace, summed up line by line; microseconds. */
export interface SegmentTotals {
  isolatedUs: number;
  fusedUs: number;
}

/** Adds one iteration's segments to the totals. */
export function addSegments(totals: SegmentTotals, iteration: Iteration): void {
  if (iteration.segments === undefined) return;
  const costs = new Map(iteration.nodes.map((node) => [node.id, node.computeUs ?? 0]));
  for (const segment of iteration.segments) {
    totals.fusedUs += segment.fusedUs;
    for (const id of segment.nodes) totals.isolatedUs += costs.get(id) ?? 0;
  }
}

/** Isolated ÷ fused time; undefined for a trace without segments. */
export function barrierTaxOf({ isolatedUs, fusedUs }: SegmentTotals): number | undefined {
  return fusedUs === 0 ? undefined : isolatedUs / fusedUs;
}

/** What happened to the results of one iteration. */
export interface SegmentCharges {
  /** 1 where computed. Shape (n). */
  readonly computed: Uint8Array;
  /** 1 where written in this iteration. Shape (n). */
  readonly written: Uint8Array;
  /** Executions, undefined = once each. */
  readonly executions: Float64Array | undefined;
  /** Microseconds charged for each computed result. Shape (n). */
  readonly chargedUs: Float64Array;
}

/**
 * Time by which the iteration is cheaper (negative: dearer) when recorded segments are charged as wholes: those whose nodes
 * are all computed, all equally often, with no node but the last listed one written. A result counts in the first such
 * segment that names it. Microseconds; O(listed nodes + segment entries).
 */
export function segmentDiscountUs(iteration: Iteration, version: PreparedVersion, charges: SegmentCharges): number {
  const segments = iteration.segments;
  if (segments === undefined || segments.length === 0) return 0;
  const resultOf = new Map<string, number>();
  for (let i = 0; i < iteration.nodes.length; i++) resultOf.set(iteration.nodes[i]!.id, version.resultOf[i]!);
  const taken = new Uint8Array(version.nodeCount);
  let discountUs = 0;
  for (const segment of segments) {
    const results = chargeable(segment, resultOf, taken, charges);
    if (results === undefined) continue;
    const executions = charges.executions?.[results[0]!] ?? 1;
    let nodesUs = 0;
    for (const result of results) {
      taken[result] = 1;
      nodesUs += charges.chargedUs[result]!;
    }
    discountUs += nodesUs - executions * segment.fusedUs;
  }
  return discountUs;
}

/** Distinct results of a segment that can be charged as a whole. */
function chargeable(
  segment: RecordedSegment,
  resultOf: ReadonlyMap<string, number>,
  taken: Uint8Array,
  { computed, written, executions }: SegmentCharges,
): readonly number[] | undefined {
  const results = [...new Set(segment.nodes.map((id) => resultOf.get(id) ?? -1))];
  if (results.length === 0) return undefined;
  const last = resultOf.get(segment.nodes.at(-1) ?? "") ?? -1;
  const times = executions?.[results[0]!] ?? 1;
  for (const result of results) {
    if (result < 0 || computed[result] !== 1 || taken[result] === 1) return undefined;
    if (written[result] === 1 && result !== last) return undefined;
    if ((executions?.[result] ?? 1) !== times) return undefined;
  }
  return results;
}
