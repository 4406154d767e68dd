import type { BatchMaterializer } from "../core/materializer.ts";
import { planCostUs } from "../core/plan.ts";
import type { ReusePlanner } from "../core/plug-in.ts";
import { defaultSwitches, type SystemSpec } from "../core/system.ts";
import type { ScheduledIteration } from "./schedule.ts";

/** System `oracle`: knows the whole sequence. Never part of "all systems". */
export const oracleSystem: SystemSpec = {
  id: "oracle",
  title: "Clairvoyant optimum",
  source: "own",
  planner: "clairvoyant",
  materializer: "clairvoyant",
  switches: defaultSwitches,
  explicitOnly: true,
};

/**
 * A planner and a materializer that do what a schedule says, for one run of the iteration loop over the sequence the
 * schedule was made for, under the default switches: so that the oracle's rows come from the loop like everybody else's.
 * Both keep count of the iterations, hence good for one run.
 *
 * @param stored signatures stored after each iteration
 */
export function oraclePolicy(
  schedule: readonly ScheduledIteration[],
  stored: readonly (readonly string[])[],
): { readonly planner: ReusePlanner; readonly materializer: BatchMaterializer } {
  let at = -1;
  return {
    planner: {
      id: "clairvoyant",
      title: "Clairvoyant",
      complexity: "as scheduled",
      source: "own",
      plan(problem) {
        at++;
        const states = schedule[at]?.states.slice() ?? new Uint8Array(problem.nodeCount);
        return { states, costUs: planCostUs(problem, states) };
      },
    },
    materializer: {
      id: "clairvoyant",
      title: "Clairvoyant",
      kind: "batch",
      select(graph) {
        // Sources kept outside the budget (accounting `collab`) are stored by the loop and no candidates.
        const candidates = new Set(graph.candidates());
        const wanted = (stored[at] ?? []).map((signature) => graph.idOf(signature) ?? -1);
        return wanted.filter((vertex) => candidates.has(vertex));
      },
    },
  };
}
