/**
 * Linear-time reuse: a forward pass prices every node, a backward pass keeps only the loads that an output still needs.
 *
 * Source: Derakhshan et al., Optimizing Machine Learning Workloads in Collaborative Environments, SIGMOD 2020 (the reuse
 * algorithm of the Collaborative Optimizer).
 * Departures: a root is priced like any other node (there sources cost 0). A tie goes to `compute`, as there.
 */
import { COMPUTE, LOAD, planCostUs } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";

/**
 * Plans in O(V + E) time and O(V) space.
 *
 * Optimal where every needed node has at most one needed consumer and outputs have none, and where every stored node has
 * l ≤ c. A shared ancestor is priced once per path, so on other DAGs the plan can cost more, without bound, than the one of
 * `max-flow`. Prices saturate at Infinity on deep diamonds.
 */
export const linearPass: ReusePlanner = {
  id: "linear-pass",
  title: "Linear pass",
  complexity: "O(V + E)",
  exact: false,
  source: "Collaborative Optimizer, SIGMOD 2020",
  plan(problem) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;

    // Forward: recreateUs[v] is the price of having node v, inputs included, as if nobody shared them.
    const recreateUs = new Float64Array(n);
    const loads = new Uint8Array(n);
    for (let v = 0; v < n; v++) {
      let us = computeUs[v]!;
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) us += recreateUs[parentIds[e]!]!;
      if (loadUs[v]! < us) {
        loads[v] = 1;
        us = loadUs[v]!;
      }
      recreateUs[v] = us;
    }

    // Backward: walk up from the outputs, stopping at loaded nodes.
    const states = new Uint8Array(n);
    const needed = new Uint8Array(n);
    for (const o of outputs) needed[o] = 1;
    for (let v = n - 1; v >= 0; v--) {
      if (needed[v] === 0) continue;
      if (loads[v] === 1) {
        states[v] = LOAD;
        continue;
      }
      states[v] = COMPUTE;
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) needed[parentIds[e]!] = 1;
    }
    return { states, costUs: planCostUs(problem, states) };
  },
};
