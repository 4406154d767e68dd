/**
 * Reverse walk: from each output upwards, path by path, loading the first stored node met.
 *
 * Source: the baseline BottomUp in the released code of Derakhshan et al., SIGMOD 2020.
 * Departures: several outputs are walked one after another. A walk that stops at the first stored node of every path loads
 * exactly the stored nodes that are needed, so the plan equals that of `load-all`; both names are kept because the papers
 * report both, and there the other one may also fetch what lies behind.
 */
import { COMPUTE, LOAD, planCostUs } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";

/** Visits each needed node once, depth first with a stack of its own. O(V + E), less where loads cut off much. */
export const bottomUp: ReusePlanner = {
  id: "bottom-up",
  title: "Bottom-up",
  complexity: "O(V + E)",
  exact: false,
  source: "BottomUp, released code of SIGMOD 2020",
  plan(problem) {
    const { nodeCount: n, parentOffsets, parentIds, loadUs, outputs } = problem;
    const states = new Uint8Array(n);
    const stack = new Int32Array(n);
    let depth = 0;
    const visit = (v: number): void => {
      if (states[v] !== 0) return;
      if (loadUs[v] !== Number.POSITIVE_INFINITY) states[v] = LOAD;
      else {
        states[v] = COMPUTE;
        stack[depth++] = v;
      }
    };
    for (const o of outputs) {
      visit(o);
      while (depth > 0) {
        const v = stack[--depth]!;
        for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) visit(parentIds[e]!);
      }
    }
    return { states, costUs: planCostUs(problem, states) };
  },
};
