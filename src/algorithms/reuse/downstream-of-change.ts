/**
 * Change-driven reuse: what changed and everything after it is computed, the rest is only read.
 *
 * Source: DeepDive's incremental workflow as described by Xin et al., HELIX, PVLDB 2018, and Shin et al., PVLDB 2015: each
 * relation is a stored table, a part marked for redo is run again, finished parts are skipped.
 * Departures: the change is inferred. A needed node with parents that is not stored has changed (everything unchanged is
 * stored there); a root that is not stored is a source, read again when a computed node asks for it.
 */
import { COMPUTE, LOAD, planCostUs } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";
import { ancestorsOfOutputs } from "./walk-up.ts";

/** Never compares load with compute costs. O(V + E). */
export const downstreamOfChange: ReusePlanner = {
  id: "downstream-of-change",
  title: "Downstream of the change",
  complexity: "O(V + E)",
  exact: false,
  source: "DeepDive, PVLDB 2015",
  plan(problem) {
    const { nodeCount: n, parentOffsets, parentIds, loadUs, outputs } = problem;
    const needed = ancestorsOfOutputs(problem);
    const states = new Uint8Array(n);
    const read = new Uint8Array(n);
    for (const o of outputs) read[o] = 1;
    for (let v = 0; v < n; v++) {
      if (needed[v] === 0) continue;
      const from = parentOffsets[v]!;
      const to = parentOffsets[v + 1]!;
      let changed = from < to && loadUs[v] === Number.POSITIVE_INFINITY;
      for (let e = from; e < to && !changed; e++) changed = states[parentIds[e]!] === COMPUTE;
      if (!changed) continue;
      states[v] = COMPUTE;
      for (let e = from; e < to; e++) read[parentIds[e]!] = 1;
    }

    // Unchanged nodes: only where a computed node or the user reads them.
    for (let v = 0; v < n; v++)
      if (read[v] === 1 && states[v] !== COMPUTE) states[v] = loadUs[v] === Number.POSITIVE_INFINITY ? COMPUTE : LOAD;
    return { states, costUs: planCostUs(problem, states) };
  },
};
