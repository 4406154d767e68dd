/**
 * Optimal reuse by maximum flow, with the solver the papers name.
 *
 * Source: Xin et al., HELIX, PVLDB 2018 (Algorithm 1); solver as in Derakhshan et al., SIGMOD 2020, evaluation.
 * Departures: those of `project-selection.ts`.
 */
import { TooLargeError } from "../../core/errors.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";
import { edmondsKarp } from "../flow/edmonds-karp.ts";
import { planOfCut, projectNetwork } from "./project-selection.ts";

/** Most nodes {@link maxFlowEdmondsKarp} accepts. */
export const edmondsKarpNodeLimit = 2_000;

/**
 * Optimal on every DAG of up to {@link edmondsKarpNodeLimit} nodes. O(V · E²).
 *
 * Ties: fewest loads as in `max-flow`, then the cut nearest to the outputs (the smallest source side).
 *
 * @throws {TooLargeError} above the limit
 */
export const maxFlowEdmondsKarp: ReusePlanner = {
  id: "max-flow-edmonds-karp",
  title: "Maximum flow (Edmonds-Karp, as published)",
  complexity: `O(V · E²), at most ${edmondsKarpNodeLimit} nodes`,
  exact: true,
  source: "HELIX, PVLDB 2018, Algorithm 1; Edmonds and Karp 1972",
  plan(problem) {
    if (problem.nodeCount > edmondsKarpNodeLimit)
      throw new TooLargeError(
        `max-flow-edmonds-karp: the problem has ${problem.nodeCount} nodes; it takes at most ${edmondsKarpNodeLimit}; use max-flow`,
      );
    const { network, computed, source } = projectNetwork(problem, true);
    const reached = edmondsKarp(network, source);
    return planOfCut(problem, computed, (project) => reached[project] === 1);
  },
};
