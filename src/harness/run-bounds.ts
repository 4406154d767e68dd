/** Bounds that figures and claims print beside every policy. */
import { clairvoyantOptimum, type ClairvoyantOutcome } from "../bounds/clairvoyant.ts";
import { reuseFloorUs } from "../bounds/reuse-floor.ts";
import type { TraceIteration } from "../core/iteration.ts";
import { COMPUTE, LOAD } from "../core/plan.ts";
import type { Accounting } from "../core/system.ts";
import type { IterationReport } from "../simulator/iteration-report.ts";
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
  const outcome = await optimumOf(trace, budgetBytes, accounting);
  if (outcome.status === "optimal") return { us: outcome.lowerBoundUs, is: "clairvoyant optimum" };
  return { us: Math.max(outcome.lowerBoundUs, await floorOf(trace, accounting)), is: "proven lower bound" };
}

const known = new WeakMap<readonly TraceIteration[], Map<string, Promise<ClairvoyantOutcome>>>();

/** The clairvoyant outcome, computed once per trace held in memory, budget and accounting. */
function optimumOf(
  trace: ReplayTrace,
  budgetBytes: number | null,
  accounting: Accounting,
): Promise<ClairvoyantOutcome> {
  const ofTrace = known.get(trace.iterations) ?? new Map<string, Promise<ClairvoyantOutcome>>();
  known.set(trace.iterations, ofTrace);
  const key = `${accounting} ${budgetBytes}`;
  const before = ofTrace.get(key);
  if (before !== undefined) return before;
  const { chargeSegments } = traceFacts(trace);
  const outcome = clairvoyantOptimum(trace.iterations, budgetBytes, { accounting, chargeSegments });
  ofTrace.set(key, outcome);
  return outcome;
}

/** The floor of a trace whatever the budget, fast enough for thousands of sequences: a lower bound, microseconds. */
export async function floorOf(trace: ReplayTrace, accounting: Accounting = "uniform"): Promise<number> {
  const { chargeSegments } = traceFacts(trace);
  return reuseFloorUs(trace.iterations, { accounting, chargeSegments });
}

/** The node that parts a run from the optimum most. */
export interface CostliestNode {
  /** Node id; null when no node costs more than in the optimum, or the optimum is not known. */
  readonly node: string | null;
  /** Σ over iterations of its compute, load and write beyond the optimum's; microseconds. */
  readonly excessUs: number;
}

/** Compares a run with the best known schedule at the same budget, node by node (node costs, not fused segments). */
export async function costliestNode(
  trace: ReplayTrace,
  reports: readonly IterationReport[],
  budgetBytes: number | null,
): Promise<CostliestNode> {
  const { schedule, sequence } = await optimumOf(trace, budgetBytes, "uniform");
  if (schedule === undefined || sequence === undefined) return { node: null, excessUs: 0 };
  const excess = new Map<string, number>();
  const add = (id: string, us: number): void => void excess.set(id, (excess.get(id) ?? 0) + us);
  for (const { nodes } of reports)
    for (const { node, computeUs, loadUs, writeUs } of nodes) add(node.id, computeUs + loadUs + writeUs);
  let before = new Set<number>();
  for (const [t, { states, stored }] of schedule.entries()) {
    const version = sequence.versions[t]!;
    for (let i = 0; i < version.nodeCount; i++) {
      if (states[i] === COMPUTE) add(version.ids[i]!, -version.computeUs[i]!);
      if (states[i] === LOAD) add(version.ids[i]!, -version.loadUs[i]!);
    }
    for (const result of stored) {
      const here = sequence.results[result]?.occurrences.find((occurrence) => occurrence.version === t);
      if (!before.has(result) && here !== undefined) add(version.ids[here.node]!, -version.writeUs[here.node]!);
    }
    before = new Set(stored);
  }
  let worst: CostliestNode = { node: null, excessUs: 0 };
  for (const [node, excessUs] of excess) if (excessUs > worst.excessUs) worst = { node, excessUs };
  return worst;
}
