import { InfeasiblePlanError } from "./errors.ts";
import type { ReuseProblem } from "./problem.ts";
import { addExact } from "./units.ts";

export type { ReuseProblem } from "./problem.ts";

/** State of a node that is neither computed nor loaded. */
export const PRUNE = 0;
/** State of a node that is computed from its parents. */
export const COMPUTE = 1;
/** State of a node that is read from storage. */
export const LOAD = 2;

/** Names of the states, by value, as files spell them. */
export const stateNames = ["prune", "compute", "load"] as const;
export type StateName = (typeof stateNames)[number];

/** A planner's answer. */
export interface ReusePlan {
  /** Shape (n): {@link PRUNE}, {@link COMPUTE} or {@link LOAD}. */
  readonly states: Uint8Array;
  /** Σ compute + Σ load in microseconds. */
  readonly costUs: number;
}

/** Price of a plan in microseconds: Σ computeUs of computed + Σ loadUs of loaded nodes; Infinity when an unstored node is loaded. */
export function planCostUs(problem: ReuseProblem, states: Uint8Array): number {
  let us = 0;
  for (let i = 0; i < problem.nodeCount; i++) {
    if (states[i] === COMPUTE) us = addExact(us, problem.computeUs[i]!);
    else if (states[i] === LOAD) us = addExact(us, problem.loadUs[i]!);
  }
  return us;
}

/**
 * Checks that a plan is legal and priced right (DESIGN §5.1): every output computed or loaded, no computed node with a
 * pruned parent, no loaded node that is not stored, `costUs` equal to {@link planCostUs}.
 *
 * @throws {InfeasiblePlanError} naming the planner and the first offending node
 */
export function validatePlan(
  planner: string,
  problem: ReuseProblem,
  plan: ReusePlan,
  nameOf: (node: number) => string = (node) => `${node}`,
): void {
  const { nodeCount: n, parentOffsets, parentIds, loadUs, outputs } = problem;
  // Plug-ins without types may return anything.
  const states: unknown = (plan as ReusePlan | null | undefined)?.states;
  const fail = (node: number, message: string): never => {
    throw new InfeasiblePlanError(planner, nameOf(node), `node "${nameOf(node)}" ${message}`);
  };
  if (!(states instanceof Uint8Array) || states.length !== n)
    throw new InfeasiblePlanError(planner, "", `states must be a Uint8Array of ${n} entries, one per node`);
  for (let i = 0; i < n; i++) {
    const state = states[i]!;
    if (state > LOAD) fail(i, `has state ${state}; expected 0 (prune), 1 (compute) or 2 (load)`);
    if (state === LOAD && loadUs[i] === Number.POSITIVE_INFINITY) fail(i, "is loaded but not stored");
    if (state !== COMPUTE) continue;
    for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
      const p = parentIds[e]!;
      if (states[p] === PRUNE)
        fail(
          i,
          `is computed but its input "${nameOf(p)}" is pruned; a computed node needs its inputs computed or loaded`,
        );
    }
  }
  for (const o of outputs) if (states[o] === PRUNE) fail(o, "is an output but pruned; outputs are computed or loaded");
  const priced = planCostUs(problem, states);
  if (plan.costUs !== priced)
    throw new InfeasiblePlanError(planner, "", `costUs is ${plan.costUs} but the states cost ${priced}`);
}
