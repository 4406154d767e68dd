/**
 * Optimal reuse at about the price of the linear pass: bounds settle almost every node, a flow the few that are left.
 *
 * Source: own. The model is that of HELIX (PVLDB 2018), the forward pass that of the Collaborative Optimizer (SIGMOD 2020),
 * whose error is one-sided: what it computes is never wrong, only what it loads.
 *
 * Rules; each keeps at least one optimal plan and is applied to what the ones before left (c compute, l load cost):
 * - R1: l ≤ c: loading is right if the node is needed. It costs no more and asks for nothing.
 * - R2: l ≥ U, an upper bound on computing the node and cheapest means for its inputs: loading is never right.
 * - R3: l ≤ E, a lower bound on what computing it costs *beyond* what happens anyway (inputs nobody else may use): load.
 * - R4: certainly available and never loaded: computed; its cost is sunk, its inputs are available to everyone for nothing.
 * - R5: a leaf with one consumer is part of the consumer's compute cost; a node that is never loaded and has one consumer
 *   is one node with it; two arcs from one node to another are one.
 * - R6: consumers together would pay at most S for a node, each what loading it instead would cost more than computing it.
 *   With S ≤ l the node is never loaded (they load rather), with S ≤ c it is never computed.
 *
 * Departures: with few outputs the needed part is searched for first, so that a plan for one output of a large DAG does not
 * look at all of it.
 */
import type { ReusePlan, ReuseProblem } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";
import { compiledFor, compiledPlanner } from "./exact/compiled.ts";
import { settleKernel } from "./exact/kernel.ts";
import { tightenBounds } from "./exact/rounds.ts";
import { descend, hasFewOutputs, priceNeeded, sweep } from "./exact/sweep.ts";
import { Workspace, type ExactStats } from "./exact/workspace.ts";

export type { ExactStats } from "./exact/workspace.ts";

/** With fewer outputs than one node in this many, and no more needed nodes, a plan is made before the problem could be copied. */
const tinyPart = 64;

const workspace = new Workspace();

/**
 * Optimal on every DAG. O(V + E) for all but the kernel, a maximum flow on that; O(V + E) space, kept between calls, so
 * that a call allocates the plan only once the workspace is large enough. No recursion.
 *
 * Ties: deterministic, otherwise unspecified; the cost is that of `max-flow`, the plan may be another one.
 */
export const exact: ReusePlanner = {
  id: "exact",
  title: "Exact",
  complexity: "near O(V + E); worst case a maximum flow on the kernel",
  exact: true,
  source: "own",
  plan: (problem) => run(problem),
};

/** Plans as {@link exact} does and tells how far each step got. */
export function exactWithStats(problem: ReuseProblem): { readonly plan: ReusePlan; readonly stats: ExactStats } {
  const compiled = compiledFor(problem);
  if (compiled === undefined) return exactInParts(problem);
  const tiny = planTinyPart(problem);
  const plan = tiny ?? compiled.plan(problem);
  if (plan === undefined) return exactInScript(problem);
  return { plan, stats: tiny === undefined ? compiled.stats() : { ...workspace.stats } };
}

/** Plans in JavaScript whatever the size: of the same cost as {@link exact}, up to the sizes that are copied the same plan. */
export function exactInScript(problem: ReuseProblem): { readonly plan: ReusePlan; readonly stats: ExactStats } {
  return { plan: planInScript(problem), stats: { ...workspace.stats } };
}

/** Plans as {@link exact} does large problems, whatever the size. */
export function exactInParts(problem: ReuseProblem): { readonly plan: ReusePlan; readonly stats: ExactStats } {
  return { plan: planInParts(problem), stats: { ...workspace.stats } };
}

function run(problem: ReuseProblem): ReusePlan {
  const compiled = compiledFor(problem);
  if (compiled === undefined) return planInParts(problem);
  return planTinyPart(problem) ?? compiled.plan(problem) ?? planInScript(problem);
}

function planInScript(problem: ReuseProblem): ReusePlan {
  workspace.reserve(problem.nodeCount);
  const states = new Uint8Array(problem.nodeCount);
  return finish(problem, states, sweep(problem, workspace, states));
}

/** Sweeps in JavaScript, since a copy of the problem would take too much room; what is left is small enough to be copied. */
function planInParts(problem: ReuseProblem): ReusePlan {
  const w = workspace;
  w.reserve(problem.nodeCount);
  const states = new Uint8Array(problem.nodeCount);
  const sweptUs = sweep(problem, w, states);
  const compiled = w.gates > 0 ? compiledPlanner() : undefined;
  const restUs = compiled?.settleRest(problem, w, states);
  if (compiled === undefined || restUs === undefined) return finish(problem, states, sweptUs);
  Object.assign(w.stats, compiled.stats(), { undecided: w.listed });
  return { states, costUs: sweptUs + restUs };
}

function planTinyPart(problem: ReuseProblem): ReusePlan | undefined {
  if (!hasFewOutputs(problem)) return undefined;
  workspace.reserve(problem.nodeCount);
  const count = priceNeeded(problem, workspace, problem.nodeCount / tinyPart);
  if (count < 0) return undefined;
  const states = new Uint8Array(problem.nodeCount);
  return finish(problem, states, descend(problem, workspace, states, count));
}

/** What comes after the sweep. */
function finish(problem: ReuseProblem, states: Uint8Array, sweptUs: number): ReusePlan {
  const w = workspace;
  let costUs = sweptUs;
  w.resetStats();
  if (w.gates > 0) costUs += tightenBounds(problem, w, states);
  if (w.gates > 0) costUs += settleKernel(problem, w, states);
  return { states, costUs };
}
