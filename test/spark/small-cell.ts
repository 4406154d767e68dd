import { join } from "node:path";
import { systemById } from "../../src/baselines/index.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import type { ExecutionCell } from "../../src/harness/execution/execute-cell.ts";
import { workloads } from "../../src/workloads/index.ts";

/** A real run of a few versions on a few rows, everything of it under `folder`. */
export async function smallCell({
  workload,
  scale,
  iterations,
  executor,
  system,
  folder,
}: {
  readonly workload: string;
  readonly scale: number;
  readonly iterations: number;
  readonly executor: string;
  readonly system: string;
  readonly folder: string;
}): Promise<ExecutionCell> {
  const found = workloads[workload];
  const spec = systemById(system);
  if (found === undefined || spec === undefined) throw new Error(`no ${workload} or ${system}`);
  const data = await prepareDataset(found.dataset, { scale, cacheDir: folder });
  return {
    workload,
    requires: found.requires ?? [],
    dataTitle: data.title,
    versions: found.versions(data, 3, {}).slice(0, iterations),
    executor,
    system: spec,
    budgetBytes: null,
    seed: 3,
    profile: "hot",
    out: join(folder, workload, executor),
  };
}
