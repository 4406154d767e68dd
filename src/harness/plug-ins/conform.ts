import type { LoadedPlugIns } from "./loaded.ts";
import { materializerContract } from "../../testing/materializer-contract.ts";
import { plannerContract } from "../../testing/planner-contract.ts";
import { workloadContract } from "../../testing/workload-contract.ts";

/** One check of a plug-in's contract. */
export interface ConformCheck {
  readonly title: string;
  readonly check: () => void | Promise<void>;
}

/** Checks of everything a plug-in file brought; executors and experiments are checked for their shape when they are loaded. */
export function conformChecks(plugIns: LoadedPlugIns, seed: number): readonly ConformCheck[] {
  return [
    ...[...plugIns.planners.values()].flatMap((planner) => plannerContract(planner, { seed, runs: 200 })),
    ...[...plugIns.materializers.values()].flatMap((materializer) => materializerContract(materializer, { seed })),
    ...[...plugIns.workloads.values()].flatMap((workload) => workloadContract(workload)),
  ];
}
