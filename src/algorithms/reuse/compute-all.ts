/**
 * No reuse: whatever the outputs need is computed.
 *
 * Source: the baseline ALL_C of Derakhshan et al., SIGMOD 2020; KeystoneML (ICDE 2017) reruns the same way.
 * Departures: nodes that no output needs are pruned, not run.
 */
import type { ReusePlanner } from "../../core/plug-in.ts";
import { walkUp } from "./walk-up.ts";

/** Computes every ancestor of the outputs. O(V + E). */
export const computeAll: ReusePlanner = {
  id: "compute-all",
  title: "Compute all",
  complexity: "O(V + E)",
  exact: false,
  source: "ALL_C, SIGMOD 2020",
  plan: (problem) => walkUp(problem, () => false),
};
