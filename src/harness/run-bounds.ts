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
  /** Microseconds: no policy pays less, be it node by node, by recorded segments, or with whole versions run fused. */
  readonly us: number;
  readonly is: "clairvoyant optimum" | "proven lower bound";
}

const withFused = new WeakMap<readonly TraceIteration[], ReplayTrace>();

/**
 * The trace with compute costs lowered such that a version's nodes together cost at most its `fusedUs`. Its optimum bounds
 * policies that may also run whole versions fused: those pay `fusedUs`, which is no less than computing everything here, and
 * all other runs cost here no more than there. The same trace where no version is cheaper fused.
 */
function cheapestEngine(trace: ReplayTrace): ReplayTrace {
  const before = withFused.get(trace.iterations);
  if (before !== undefined) return before;
  const iterations = trace.iterations.map((iteration): TraceIteration => {
    const { fusedUs, nodes, segments } = iteration;
    if (fusedUs === undefined) return iteration;
    const distinct = new Map([...nodes].reverse().map((node) => [node.signature, node.computeUs]));
    let wholeUs = 0;
    for (const us of distinct.values()) wholeUs += us;
    if (wholeUs <= fusedUs) return iteration;
    const lowered = (us: number): number => Math.floor((us / wholeUs) * fusedUs * (1 - 1e-12));
    return Object.assign({}, iteration, {
      nodes: nodes.map((node) => Object.assign({}, node, { computeUs: lowered(node.computeUs) })),
      ...(segments === undefined
        ? {}
        : { segments: segments.map((one) => ({ nodes: one.nodes, fusedUs: lowered(one.fusedUs) })) }),
    });
  });
  const isSame = iterations.every((iteration, i) => iteration === trace.iterations[i]);
  const cheapest = isSame ? trace : { header: trace.header, iterations };
  withFused.set(trace.iterations, cheapest);
  return cheapest;
}

/**
 * The clairvoyant optimum of a trace under a budget or, where it is not proven or whole versions are cheaper fused, the best
 * lower bound.
 * @param budgetBytes null = no limit
 */
export async function boundOf(
  trace: ReplayTrace,
  budgetBytes: number | null,
  accounting: Accounting = "uniform",
): Promise<Bound> {
  const cheapest = cheapestEngine(trace);
  const outcome = await optimumOf(trace, cheapest, budgetBytes, accounting);
  if (outcome.status === "optimal" && cheapest === trace)
    return { us: outcome.lowerBoundUs, is: "clairvoyant optimum" };
  return { us: Math.max(outcome.lowerBoundUs, await floorOf(trace, accounting)), is: "proven lower bound" };
}

const known = new WeakMap<readonly TraceIteration[], Map<string, Promise<ClairvoyantOutcome>>>();

/** The clairvoyant outcome, computed once per trace held in memory, budget and accounting; charged as the `recorded` one. */
function optimumOf(
  recorded: ReplayTrace,
  trace: ReplayTrace,
  budgetBytes: number | null,
  accounting: Accounting,
): Promise<ClairvoyantOutcome> {
  const ofTrace = known.get(trace.iterations) ?? new Map<string, Promise<ClairvoyantOutcome>>();
  known.set(trace.iterations, ofTrace);
  const key = `${accounting} ${budgetBytes}`;
  const before = ofTrace.get(key);
  if (before !== undefined) return before;
  const { chargeSegments } = traceFacts(recorded);
  const outcome = clairvoyantOptimum(trace.iterations, budgetBytes, { accounting, chargeSegments });
  ofTrace.set(key, outcome);
  return outcome;
}

/** The floor of a trace whatever the budget, fast enough for thousands of sequences: a lower bound, microseconds. */
export async function floorOf(trace: ReplayTrace, accounting: Accounting = "uniform"): Promise<number> {
  const { chargeSegments } = traceFacts(trace);
  return reuseFloorUs(cheapestEngine(trace).iterations, { accounting, chargeSegments });
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
  const { schedule, sequence } = await optimumOf(trace, trace, budgetBytes, "uniform");
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
