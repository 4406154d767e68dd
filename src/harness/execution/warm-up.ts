import type { Workload } from "../../core/workload.ts";
import type { StorageProfile } from "../../executors/duckdb/storage-profile.ts";
import { prepareDataset } from "../datasets/index.ts";
import { engineById } from "./engines.ts";

/** Share of the rows a warm-up runs on. */
const warmUpScale = 0.05;

/**
 * Runs a workload's first version once on a few generated rows, so that the first measured run does not pay for loading the
 * engine and compiling the learners.
 */
export async function warmUp(
  workload: Workload,
  executorId: string,
  profile: StorageProfile,
  signal?: AbortSignal,
): Promise<void> {
  const data = await prepareDataset(workload.dataset, {
    scale: warmUpScale,
    ...(signal === undefined ? {} : { signal }),
  });
  const [version] = workload.versions(data, 1, {});
  if (version === undefined) return;
  const executor = await engineById(executorId)({ profile });
  try {
    await executor.beginIteration?.(version);
    const outputs = version.nodes.filter(({ output }) => output === true).map(({ id }) => id);
    const segment = { nodes: version.nodes, barriers: new Set(outputs) };
    const { results } = await executor.compute(segment, new Map(), signal === undefined ? {} : { signal });
    for (const handle of results.values()) await executor.release(handle);
  } finally {
    await executor.close();
  }
}
