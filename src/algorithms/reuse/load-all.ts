/**
 * Full reuse: every needed node that is stored is loaded, whatever that costs.
 *
 * Source: the baseline ALL_M of Derakhshan et al., SIGMOD 2020.
 * Departures: the text does not say whether a stored node that lies behind another loaded one is loaded too. By default it
 * is not (no output needs it any more), which makes the plan the same as that of `bottom-up`; with `behind` it is.
 */
import { z } from "zod";
import { LOAD, planCostUs } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";
import { ancestorsOfOutputs, walkUp } from "./walk-up.ts";

const params = z.object({
  behind: z
    .boolean()
    .default(false)
    .describe("load stored ancestors of the outputs even where a loaded node makes them superfluous"),
});

/** Loads every stored node met on the way up from the outputs, computes the others. O(V + E). */
export const loadAll: ReusePlanner<z.infer<typeof params>> = {
  id: "load-all",
  title: "Load all stored",
  complexity: "O(V + E)",
  exact: false,
  source: "ALL_M, SIGMOD 2020",
  params,
  plan(problem, { behind }) {
    const plan = walkUp(problem, () => true);
    if (!behind) return plan;
    const { states } = plan;
    const needed = ancestorsOfOutputs(problem);
    for (let v = 0; v < problem.nodeCount; v++)
      if (needed[v] === 1 && problem.loadUs[v] !== Number.POSITIVE_INFINITY) states[v] = LOAD;
    return { states, costUs: planCostUs(problem, states) };
  },
};
