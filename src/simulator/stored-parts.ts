/** What stored results consist of where equal columns are stored once. */
import type { StoredParts } from "./catalog.ts";
import type { RunContext } from "./run-context.ts";

/** Parts of a result by its vertex; undefined where results are stored whole, or it has none. */
export function partsOf({ graph, dedup }: RunContext, key: string): StoredParts | undefined {
  const vertex = dedup ? graph?.idOf(key) : undefined;
  if (graph === undefined || vertex === undefined) return undefined;
  const parts = graph.parts(vertex);
  const ids = parts.subarray(1); // the first one is the vertex's own, and no other's
  const bytes = new Float64Array(ids.length);
  for (let k = 0; k < ids.length; k++) bytes[k] = graph.partBytes(ids[k]!);
  return { ownBytes: graph.partBytes(parts[0]!), ids, bytes };
}

/** Parts of a result with the bytes they have on storage; undefined if it is not stored, or not known to the graph. */
export async function measuredParts(context: RunContext, key: string): Promise<StoredParts | undefined> {
  const { executor, graph, dedup } = context;
  const vertex = dedup ? graph?.idOf(key) : undefined;
  if (graph === undefined || vertex === undefined) return undefined;
  const columns = await executor.columnsOf?.(key);
  if (columns === undefined) return undefined;
  graph.measure(vertex, columns);
  return partsOf(context, key);
}

/** Whether bytes of columns are known only after they were written. */
export function measuresColumns({ executor, dedup }: RunContext): boolean {
  return dedup && executor.columnsIn !== undefined && executor.columnsOf !== undefined;
}
