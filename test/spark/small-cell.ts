import { join } from "node:path";
import { systemById } from "../../src/baselines/index.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import type { ExecutionCell } from "../../src/harness/execution/execute-cell.ts";
import type { Workload } from "../../src/core/workload.ts";

/** A real run of a few versions on a few rows, everything of it under `folder`. */
export async function smallCell({
  workload,
  scale,
  iterations,
  executor,
  system,
  folder,
}: {
  readonly workload: Workload;
  readonly scale: number;
  readonly iterations: number;
  readonly executor: string;
  readonly system: string;
  readonly folder: string;
}): Promise<ExecutionCell> {
  const spec = systemById(system);
  if (spec === undefined) throw new Error(`no ${system}`);
  const data = await prepareDataset(workload.dataset, { scale, cacheDir: folder });
  return {
    workload: workload.id,
    requires: workload.requires ?? [],
    dataTitle: data.title,
    versions: workload.versions(data, 3, {}).slice(0, iterations),
    executor,
    system: spec,
    budgetBytes: null,
    seed: 3,
    profile: "hot",
    out: join(folder, workload.id, executor),
  };
}
