import { exact } from "../algorithms/reuse/exact.ts";
import type { TraceIteration } from "../core/iteration.ts";
import { addExact } from "../core/units.ts";
import { type PricedVersion, type SequenceOptions, VersionPricer } from "./sequence.ts";

/**
 * A lower bound of what any policy pays for a sequence, always available: each version planned best as if every result of an
 * earlier version were stored, free of charge and of any budget. In microseconds; streams, one planning problem per version.
 *
 * It is a lower bound: whatever a policy does, its plan of version t computes every output or loads it, computes only with
 * all inputs at hand, and loads only what an earlier version computed and wrote, hence what occurred in an earlier version
 * and may be stored. So its compute and load time in t is the cost of one of the plans over which the t-th term is the
 * minimum, and its writes cost at least 0. Where recorded segments are charged as wholes, node costs are lowered such that
 * the nodes of a segment together cost at most its fused time, so the term still does not exceed what is charged. It needs
 * no statement about what fits: a smaller budget only takes plans away.
 */
export async function reuseFloorUs(
  iterations: Iterable<TraceIteration> | AsyncIterable<TraceIteration>,
  options: SequenceOptions = {},
): Promise<number> {
  const pricer = new VersionPricer(options);
  const seen = new Set<number>();
  let floorUs = 0;
  for await (const iteration of iterations) {
    const version = pricer.price(iteration);
    floorUs = addExact(floorUs, plannedUs(version, seen));
    for (const id of version.classOf) if (id >= 0) seen.add(id);
  }
  return floorUs;
}

/** Cost of the best plan of one version if the given results (by `classOf`) are stored. */
export function plannedUs(version: PricedVersion, stored: ReadonlySet<number>): number {
  const loadUs = version.loadUs.map((us, i) => (stored.has(version.classOf[i]!) ? us : Infinity));
  return exact.plan({ ...version, computeUs: segmentFloorUs(version), loadUs }, {}).costUs;
}

/**
 * Node costs no higher than recorded, such that those of any recorded segment together are at most its fused time: each
 * node of a segment that is cheaper as a whole gets its share of the fused time. Shape (n), microseconds, whole numbers.
 */
export function segmentFloorUs({ computeUs, segments }: PricedVersion): Float64Array {
  const floorUs = computeUs.slice();
  for (const { results, fusedUs } of segments) {
    const wholeUs = results.reduce((sum, i) => sum + computeUs[i]!, 0);
    if (fusedUs >= wholeUs) continue;
    for (const i of results)
      floorUs[i] = Math.min(floorUs[i]!, Math.floor((computeUs[i]! / wholeUs) * fusedUs * (1 - 1e-12)));
  }
  return floorUs;
}
