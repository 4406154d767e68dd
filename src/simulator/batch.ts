import { BudgetError, PlugInError } from "../core/errors.ts";
import type { BatchMaterializer } from "../core/materializer.ts";
import type { ColumnBytes, IterationNode } from "../core/iteration.ts";
import { PRUNE } from "../core/plan.ts";
import { modelQuality } from "../core/quality.ts";
import { noVertex, type Catalog, type CatalogEntry } from "./catalog.ts";
import type { UnionGraph } from "./experiment-graph.ts";
import type { IterationRun } from "./iteration-run.ts";
import type { PreparedVersion } from "./prepare.ts";
import { callPlugIn, expectedLoadUs, type RunContext } from "./run-context.ts";

/**
 * Ends an iteration under a batch materializer: brings the experiment graph up to date, asks what shall be stored, evicts
 * what shall not, then writes.
 *
 * @throws {BudgetError} when the selection does not fit; nothing is stored or evicted then
 */
export async function settleBatch(
  context: RunContext,
  graph: UnionGraph,
  materializer: BatchMaterializer,
  run: IterationRun,
): Promise<void> {
  const vertices = updateGraph(context, graph, run);
  const { catalog, view, materializerParams: params } = context;
  const { stored, candidates } = storedVertices(catalog, graph);
  const atHand: number[] = [];
  for (let i = 0; i < vertices.length; i++) {
    if (!run.isAtHand(i) || !run.storage.mayStore(i)) continue;
    atHand.push(i);
    candidates.push(vertices[i]!);
  }
  graph.settle(stored, candidates);

  const select = (budgetBytes: number): readonly number[] =>
    callPlugIn("materializer", materializer.id, () => materializer.select(graph, budgetBytes, params));
  const mayBind =
    !context.budgetBound && view.budgetBytes !== Number.POSITIVE_INFINITY && couldBind(graph, view.budgetBytes);
  const unlimited = mayBind ? select(Infinity) : undefined;
  const isSame =
    unlimited !== undefined &&
    materializer.roomOnly === true &&
    unlimited.every((vertex) => graph.isCandidate(vertex)) &&
    bytesOf(context, graph, unlimited) <= view.budgetBytes;
  const selected = checked(context, materializer.id, graph, isSame ? unlimited : select(view.budgetBytes));
  if (unlimited !== undefined) context.budgetBound = differs(selected, unlimited);

  const refused: CatalogEntry[] = [];
  for (const entry of catalog.entries())
    if (!entry.outside && !selected.has(vertexOf(entry, graph))) refused.push(entry);
  for (const { key } of refused) await run.storage.evict(key);
  const toWrite = atHand.filter((i) => selected.has(vertices[i]!)).sort((a, b) => vertices[a]! - vertices[b]! || a - b);
  for (const [k, result] of toWrite.entries()) {
    const next = toWrite[k + 1];
    if (next !== undefined && vertices[next] === vertices[result]) continue; // equal nodes that were not merged
    const wait = run.storage.write(result);
    if (wait !== undefined) await wait;
  }
  const kept = storedVertices(catalog, graph);
  graph.settle(kept.stored, kept.candidates);
}

/** Vertices of what is stored, and of what is stored inside the budget. O(stored). */
function storedVertices(catalog: Catalog, graph: UnionGraph): { stored: number[]; candidates: number[] } {
  const stored: number[] = [];
  const candidates: number[] = [];
  for (const entry of catalog.entries()) {
    const vertex = vertexOf(entry, graph);
    if (vertex < 0) continue;
    stored.push(vertex);
    if (!entry.outside) candidates.push(vertex);
  }
  return { stored, candidates };
}

/** Vertex of a stored result, −1 if it has none (yet). */
function vertexOf(entry: CatalogEntry, graph: UnionGraph): number {
  if (entry.vertex < 0) entry.vertex = graph.idOf(entry.key) ?? noVertex;
  return entry.vertex;
}

/** Adds the running version to the graph. @returns vertex of each result */
function updateGraph(context: RunContext, graph: UnionGraph, run: IterationRun): Int32Array {
  const { version } = run;
  const { nodeCount: n, nodes, signatures } = version;
  const vertices = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const node = nodes[i]!;
    const entry = context.catalog.get(signatures[i]!);
    const columns = columnsOf(context, run, i);
    const sizeBytes = columns?.expectedBytes ?? entry?.bytes ?? run.storage.estimatedBytes(i);
    const known = run.isHeld(i) ? graph.idOf(node.signature) : undefined;
    vertices[i] = graph.update({
      signature: node.signature,
      parents: known === undefined ? parentsOf(version, i, vertices) : graph.parents(known),
      computeUs: run.knownComputeUs[i]!,
      loadUs: run.isAtHand(i) ? run.storage.currentLoadUs(i) : expectedLoadUs(context, signatures[i]!, node, sizeBytes),
      sizeBytes,
      quality: node.quality ?? measuredQuality(run, node),
      model: node.operator?.op === "learn" ? node.operator.model : undefined,
      columns: columns?.list,
      columnsExpected: columns?.expectedBytes !== undefined,
      executed: run.states[i] !== PRUNE,
    });
  }
  return vertices;
}

/** Vertices of a result's parents, which are in the graph already. */
function parentsOf({ parentOffsets, parentIds }: PreparedVersion, result: number, vertices: Int32Array): number[] {
  const parents: number[] = [];
  for (let e = parentOffsets[result]!; e < parentOffsets[result + 1]!; e++) parents.push(vertices[parentIds[e]!]!);
  return parents;
}

/**
 * Columns of a result on an executor that stores columns: as it is about to store what is at hand (`expectedBytes`: all of them
 * together), else as the line says.
 */
function columnsOf(
  { executor }: RunContext,
  run: IterationRun,
  result: number,
): { readonly list: readonly ColumnBytes[] | undefined; readonly expectedBytes?: number } | undefined {
  if (executor.capabilities.storesColumns !== true) return undefined;
  if (executor.columnsIn === undefined) return { list: run.version.nodes[result]!.columns };
  const handle = run.isAtHand(result) ? run.live.handle(result) : undefined;
  const list = handle === undefined ? undefined : executor.columnsIn(handle);
  return list === undefined ? undefined : { list, expectedBytes: list.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Quality of a model by the metric values of a real run. */
function measuredQuality({ iteration, metrics }: IterationRun, { id, operator }: IterationNode): number | undefined {
  return operator?.op === "learn" || operator?.op === "select" ? modelQuality(iteration, id, metrics) : undefined;
}

function checked(context: RunContext, id: string, graph: UnionGraph, answer: readonly number[]): ReadonlySet<number> {
  const selected = new Set(answer);
  for (const vertex of selected)
    if (!graph.isCandidate(vertex))
      throw new PlugInError(
        `materializer ${id}: selects vertex ${vertex}, which has no content; select among candidates()`,
      );
  const { budgetBytes } = context.view;
  const bytes = bytesOf(context, graph, selected);
  if (bytes > budgetBytes)
    throw new BudgetError(
      `materializer ${id}: selects ${bytes} bytes under a budget of ${budgetBytes}; a selection must fit the budget`,
    );
  return selected;
}

/** Bytes a selection takes on storage. */
function bytesOf({ dedup }: RunContext, graph: UnionGraph, selected: Iterable<number>): number {
  const vertices = new Set(selected);
  if (dedup) return graph.distinctBytes(vertices);
  let bytes = 0;
  for (const vertex of vertices) bytes += graph.sizeBytes(vertex);
  return bytes;
}

function couldBind(graph: UnionGraph, budgetBytes: number): boolean {
  let bytes = 0;
  for (const vertex of graph.candidates()) bytes += graph.sizeBytes(vertex);
  return bytes > budgetBytes;
}

function differs(selected: ReadonlySet<number>, other: readonly number[]): boolean {
  return other.some((vertex) => !selected.has(vertex)) || new Set(other).size !== selected.size;
}
