/**
 * Optimal reuse by maximum flow: the plain published construction, solved by a modern algorithm.
 *
 * Source: Xin et al., HELIX, PVLDB 2018 (Algorithm 1, OPT-EXEC-PLAN).
 * Departures: push-relabel in place of Edmonds-Karp; those of `project-selection.ts`. Nothing is reduced beforehand: this
 * planner is the reference that faster ones are measured against.
 */
import { maximumPreflow } from "../flow/push-relabel.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";
import { planOfCut, projectNetwork } from "./project-selection.ts";

/**
 * Optimal on every DAG. Worst case O(V² √E), near linear in practice; O(V + E) space.
 *
 * Ties go to the plan with the fewest loads (as long as the sum of all costs times n + 1 stays below 2^53), then to the one
 * whose cut lies nearest to the sources, the lowest ids; that plan is unique and does not depend on the solver.
 */
export const maxFlow: ReusePlanner = {
  id: "max-flow",
  title: "Maximum flow (project selection)",
  complexity: "O(V² √E), near linear in practice",
  exact: true,
  source: "HELIX, PVLDB 2018, Algorithm 1",
  plan(problem) {
    const { network, computed, enough } = projectNetwork(problem, false);
    const { reachesSink } = maximumPreflow(network, enough);
    return planOfCut(problem, computed, (project) => reachesSink[project] === 0);
  },
};
