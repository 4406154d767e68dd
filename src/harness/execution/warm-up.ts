import { systemClock } from "../../core/clock.ts";
import type { Workload } from "../../core/workload.ts";
import type { StorageProfile } from "../../executors/duckdb/storage-profile.ts";
import { datasetById, prepareDataset } from "../datasets/index.ts";
import type { EngineHost } from "./engines.ts";

/** Share of the rows a warm-up runs on, unless the data set says otherwise. */
const usualScale = 0.05;

/**
 * Runs a workload's first version on a few generated rows, so often as the engine needs, so that the first measured run does not
 * pay for loading the engine and compiling the learners.
 *
 * @returns how long that took, in microseconds
 */
export async function warmUp(
  workload: Workload,
  { open, warmUps = 1 }: EngineHost,
  profile: StorageProfile,
  signal?: AbortSignal,
): Promise<number> {
  const data = await prepareDataset(workload.dataset, {
    scale: datasetById(workload.dataset).warmUpScale ?? usualScale,
    ...(signal === undefined ? {} : { signal }),
  });
  const [version] = workload.versions(data, 1, {});
  if (version === undefined) return 0;
  const startUs = systemClock.nowUs();
  const executor = await open({ profile });
  try {
    await executor.beginIteration?.(version);
    const outputs = version.nodes.filter(({ output }) => output === true).map(({ id }) => id);
    const segment = { nodes: version.nodes, barriers: new Set(outputs) };
    for (let time = 0; time < warmUps; time++) {
      const { results } = await executor.compute(segment, new Map(), signal === undefined ? {} : { signal });
      for (const handle of results.values()) await executor.release(handle);
    }
  } finally {
    await executor.close();
  }
  return systemClock.nowUs() - startUs;
}
