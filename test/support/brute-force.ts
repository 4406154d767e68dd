/** An oracle that shares no code with any planner: every assignment of the three states, checked by the definition. */
import type { ReuseProblem } from "../../src/core/problem.ts";

/** Optimal cost in microseconds by 3ⁿ trials; for n ≤ 8. */
export function optimumByTrial(problem: ReuseProblem): number {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const state: number[] = Array.from({ length: n }, () => 0);
  let best = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 3 ** n; trial++) {
    let rest = trial;
    let us = 0;
    for (let v = 0; v < n; v++) {
      state[v] = rest % 3;
      rest = Math.floor(rest / 3);
      if (state[v] === 1) us += computeUs[v]!;
      if (state[v] === 2) us += loadUs[v]!;
    }
    if (!(us < best)) continue;
    let legal = true;
    for (const o of outputs) if (state[o] === 0) legal = false;
    for (let v = 0; v < n && legal; v++) {
      if (state[v] !== 1) continue;
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) if (state[parentIds[e]!] === 0) legal = false;
    }
    if (legal) best = us;
  }
  return best;
}
