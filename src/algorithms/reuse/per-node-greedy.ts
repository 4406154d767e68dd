/**
 * Local choice: a needed node is loaded if that is no dearer than computing the node itself, inputs not counted.
 *
 * Source: own; the weakest rule that looks at costs at all, and the one every published test generator favours.
 * Departures: none.
 */
import type { ReusePlanner } from "../../core/plug-in.ts";
import { walkUp } from "./walk-up.ts";

/** Loads iff l ≤ c. O(V + E). Never loads wrongly, often fails to load where computing would need dear inputs. */
export const perNodeGreedy: ReusePlanner = {
  id: "per-node-greedy",
  title: "Greedy per node",
  complexity: "O(V + E)",
  exact: false,
  source: "own",
  plan(problem) {
    const { computeUs, loadUs } = problem;
    return walkUp(problem, (v) => loadUs[v]! <= computeUs[v]!);
  },
};
