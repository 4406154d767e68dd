/** Lower bounds that figures and claims print beside every policy. */
import { reuseFloorUs } from "../bounds/reuse-floor.ts";
import type { Accounting } from "../core/system.ts";
import { traceFacts, type ReplayTrace } from "./run-replay.ts";

/**
 * Lower bound of what any policy pays for each prefix of a trace, in microseconds: entry k is for iterations 0…k. O(n²) in
 * the number of iterations.
 */
export async function prefixFloorsUs(
  trace: ReplayTrace,
  accounting: Accounting = "uniform",
): Promise<readonly number[]> {
  const { chargeSegments } = traceFacts(trace);
  const floors: number[] = [];
  for (let k = 1; k <= trace.iterations.length; k++)
    floors.push(await reuseFloorUs(trace.iterations.slice(0, k), { accounting, chargeSegments }));
  return floors;
}
