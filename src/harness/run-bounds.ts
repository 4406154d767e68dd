/** Bounds that figures and claims print beside every policy. */
import { clairvoyantOptimum } from "../bounds/clairvoyant.ts";
import { reuseFloorUs } from "../bounds/reuse-floor.ts";
import type { Accounting } from "../core/system.ts";
import { traceFacts, type ReplayTrace } from "./run-replay.ts";

/** What is known of the least total of any policy. */
export interface Bound {
  /** Microseconds: no policy that runs node by node (or by recorded segments) pays less. */
  readonly us: number;
  readonly is: "clairvoyant optimum" | "proven lower bound";
}

/**
 * The clairvoyant optimum of a trace under a budget or, where it is not proven, the best lower bound.
 * @param budgetBytes null = no limit
 */
export async function boundOf(
  trace: ReplayTrace,
  budgetBytes: number | null,
  accounting: Accounting = "uniform",
): Promise<Bound> {
  const { chargeSegments } = traceFacts(trace);
  const options = { accounting, chargeSegments };
  const outcome = await clairvoyantOptimum(trace.iterations, budgetBytes, options);
  if (outcome.status === "optimal") return { us: outcome.lowerBoundUs, is: "clairvoyant optimum" };
  const floorUs = await reuseFloorUs(trace.iterations, options);
  return { us: Math.max(outcome.lowerBoundUs, floorUs), is: "proven lower bound" };
}

/** The floor of a trace whatever the budget, fast enough for thousands of sequences: a lower bound, microseconds. */
export async function floorOf(trace: ReplayTrace, accounting: Accounting = "uniform"): Promise<number> {
  const { chargeSegments } = traceFacts(trace);
  return reuseFloorUs(trace.iterations, { accounting, chargeSegments });
}
