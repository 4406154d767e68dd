/**
 * Warm start: a learner begins with what was learned before.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §6.2 (warmstarting): for a model that is not reused, models of the same type over the
 * same input are candidates; the one of highest quality is taken. It is an option, as the model becomes another one.
 * Departures: only stored models come into question; loading one is charged like any load.
 */
import type { ResultHandle } from "../core/executor.ts";
import type { IterationNode } from "../core/iteration.ts";
import type { CatalogEntry } from "./catalog.ts";
import type { PreparedVersion } from "./prepare.ts";
import type { RunContext } from "./run-context.ts";

/** A learner of a segment and the stored model it will start from. */
export interface WarmStart {
  readonly id: string;
  readonly entry: CatalogEntry;
}

/** Warm starts of the results of a segment: none unless the system makes them and the learner opted in. */
export function warmStartsOf(
  { switches, graph, catalog }: RunContext,
  { nodes, parentOffsets, parentIds }: PreparedVersion,
  results: readonly number[],
): readonly WarmStart[] {
  if (switches.warmStart !== true || graph === undefined) return [];
  return results.flatMap((i) => {
    const { id, operator } = nodes[i]!;
    if (operator?.op !== "learn" || operator["warmStart"] !== true || parentOffsets[i + 1]! - parentOffsets[i]! !== 1)
      return [];
    const input = graph.idOf(nodes[parentIds[parentOffsets[i]!]!]!.signature);
    const entryOf = (vertex: number): CatalogEntry | undefined => catalog.find(graph.signature(vertex));
    const best =
      input === undefined
        ? undefined
        : graph.bestModel(input, operator.model, (vertex) => entryOf(vertex) !== undefined);
    const entry = best === undefined ? undefined : entryOf(best);
    return entry === undefined ? [] : [{ id, entry }];
  });
}

/** Loads the models; `charge` is told the time of each load in microseconds. */
export async function loadModels(
  { executor, signal, observations }: RunContext,
  starts: readonly WarmStart[],
  nodeOf: (id: string) => IterationNode,
  charge: (us: number) => void,
): Promise<ReadonlyMap<string, ResultHandle>> {
  const models = new Map<string, ResultHandle>();
  for (const { id, entry } of starts) {
    const { result, loadUs } = await executor.load(entry.key, nodeOf(id), signal === undefined ? {} : { signal });
    observations.observeLoad(entry.signature, loadUs);
    charge(loadUs);
    models.set(id, result);
  }
  return models;
}
