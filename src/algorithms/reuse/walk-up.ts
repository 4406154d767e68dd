/** The backward walk that most heuristics share. */
import { COMPUTE, LOAD, planCostUs, type ReusePlan, type ReuseProblem } from "../../core/plan.ts";

/**
 * Walks up from the outputs: a needed node is loaded where `loads` says so and it is stored, else computed, which makes its
 * parents needed. O(V + E).
 *
 * @param loads asked once per needed node that is stored
 */
export function walkUp(problem: ReuseProblem, loads: (node: number) => boolean): ReusePlan {
  const { nodeCount: n, parentOffsets, parentIds, loadUs, outputs } = problem;
  const states = new Uint8Array(n);
  const needed = new Uint8Array(n);
  for (const o of outputs) needed[o] = 1;
  for (let v = n - 1; v >= 0; v--) {
    if (needed[v] === 0) continue;
    if (loadUs[v] !== Number.POSITIVE_INFINITY && loads(v)) {
      states[v] = LOAD;
      continue;
    }
    states[v] = COMPUTE;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) needed[parentIds[e]!] = 1;
  }
  return { states, costUs: planCostUs(problem, states) };
}

/** Marks all ancestors of the outputs, the outputs included. Shape (n). O(V + E). */
export function ancestorsOfOutputs(problem: ReuseProblem): Uint8Array {
  const { nodeCount: n, parentOffsets, parentIds, outputs } = problem;
  const needed = new Uint8Array(n);
  for (const o of outputs) needed[o] = 1;
  for (let v = n - 1; v >= 0; v--) {
    if (needed[v] === 0) continue;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) needed[parentIds[e]!] = 1;
  }
  return needed;
}
