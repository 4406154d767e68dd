import type { LoadedPlugIns } from "./loaded.ts";
import { experimentContract } from "../../testing/experiment-contract.ts";
import { materializerContract } from "../../testing/materializer-contract.ts";
import { plannerContract } from "../../testing/planner-contract.ts";
import { workloadContract } from "../../testing/workload-contract.ts";
import { executorChecks } from "./executor-checks.ts";

/** One check of a plug-in's contract. */
export interface ConformCheck {
  readonly title: string;
  readonly check: () => void | Promise<void>;
}

/** Checks of everything a plug-in file brought. */
export async function conformChecks(plugIns: LoadedPlugIns, seed: number): Promise<readonly ConformCheck[]> {
  const executors: (readonly ConformCheck[])[] = [];
  for (const executor of plugIns.executors.values()) executors.push(await executorChecks(executor));
  return [
    ...[...plugIns.planners.values()].flatMap((planner) => plannerContract(planner, { seed, runs: 200 })),
    ...[...plugIns.materializers.values()].flatMap((materializer) => materializerContract(materializer, { seed })),
    ...[...plugIns.workloads.values()].flatMap((workload) => workloadContract(workload)),
    ...executors.flat(),
    ...[...plugIns.experiments.values()].flatMap((experiment) => experimentContract(experiment)),
  ];
}
