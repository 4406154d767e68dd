import type { TraceHeader, TraceIteration, TraceNode } from "../core/iteration.ts";
import { TraceChecker } from "./format/trace-checker.ts";
import { engineOf, type FittedStorageModel, refuseUnmeasured } from "./format/storage-model.ts";
import { type CostSample, fitLinearCost } from "./least-squares.ts";
import { readTrace } from "./read.ts";

interface Samples {
  readonly load: CostSample[];
  readonly write: CostSample[];
}

/**
 * Fits load and write costs to what traces measured, per engine and storage profile.
 *
 * Traces of one engine go together whatever its version. One sample per distinct signature and trace, the first line that has it. Cold loads belong to the profile named in
 * `source.storageProfile` (default `cold`), hot loads to `hot`; writes to both. Fields listed in `source.imputed` are
 * modelled, hence left out.
 *
 * @throws {TraceFormatError} on a bad trace, or when nothing was measured
 */
export async function calibrate(paths: readonly string[]): Promise<readonly FittedStorageModel[]> {
  const groups = new Map<string, Samples>();
  for (const path of paths) {
    const checker = new TraceChecker();
    const { header, iterations } = await readTrace(path, { checker });
    await collect(groups, header, iterations, checker);
  }
  const models: FittedStorageModel[] = [];
  const keys = [...groups.keys()];
  keys.sort((a, b) => (a < b ? -1 : 1));
  for (const key of keys) {
    const samples = groups.get(key);
    if (samples === undefined) continue;
    const [executor, profile] = JSON.parse(key) as [string, string];
    const load = fitLinearCost(samples.load);
    // Hot profiles share the writes of the cold one; alone these make no profile of their own.
    if (load === null && (samples.write.length === 0 || profile === "hot")) continue;
    models.push({ id: `${executor}/${profile}`, executor, profile, load, write: fitLinearCost(samples.write) });
  }
  if (models.length === 0) refuseUnmeasured(paths);
  return models;
}

async function collect(
  groups: Map<string, Samples>,
  header: TraceHeader,
  iterations: AsyncIterable<TraceIteration>,
  checker: TraceChecker,
): Promise<void> {
  const { source } = header;
  const executor = typeof source?.executor === "string" ? engineOf(source.executor) : "unknown";
  const profile = typeof source?.["storageProfile"] === "string" ? source["storageProfile"] : "cold";
  const imputed = new Set(source?.imputed);
  const group = (name: string): Samples => {
    const key = JSON.stringify([executor, name]);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const fresh: Samples = { load: [], write: [] };
    groups.set(key, fresh);
    return fresh;
  };
  const measured = (node: TraceNode, field: "loadUs" | "loadHotUs" | "writeUs"): CostSample[] => {
    const us = node[field];
    if (us === undefined || imputed.has(field)) return [];
    return [{ us, sizeBytes: node.sizeBytes, memoryBytes: imputed.has("memoryBytes") ? undefined : node.memoryBytes }];
  };
  for await (const { nodes } of iterations) {
    for (let i = 0; i < nodes.length; i++) {
      if (!checker.isNew(i)) continue;
      const node = nodes[i]!;
      group(profile).load.push(...measured(node, "loadUs"));
      group("hot").load.push(...measured(node, "loadHotUs"));
      for (const name of new Set([profile, "hot"])) group(name).write.push(...measured(node, "writeUs"));
    }
  }
}
