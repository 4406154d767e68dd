import { ExecutorError } from "../../core/errors.ts";
import type { Executor, ResultHandle, SegmentOutcome } from "../../core/executor.ts";
import type { Iteration, IterationNode, TraceIteration, TraceNode } from "../../core/iteration.ts";
import { PredictedColumns } from "./predicted-columns.ts";
import { statementCosts } from "./statement-costs.ts";

/** What is predicted: an engine's run, from costs that the run itself would not know beforehand. */
export interface PredictingOptions {
  /** Costs of the versions to be run, by their number and node ids. */
  readonly recorded: readonly TraceIteration[];
  /** Load time an engine of this kind expects of a result it never loaded; bytes on storage and in memory. */
  estimateLoadUs(bytes: number, memoryBytes: number): number;
  estimateWriteUs(bytes: number, memoryBytes: number): number;
  /** Share of its memory that a stored result is expected to take before one of its operator type was written. */
  readonly usualCompression: number;
  /** Keeps columns apart, so that one stored already is not stored again; what a column's file takes beyond its values. */
  readonly storesColumns?: {
    readonly fileOverheadBytes: number;
    /** Share of a write's time that does not grow with the bytes: each new column's file takes it. */
    readonly fileWriteUs: number;
  };
  /** What the first execution of an operator type (`op`) takes on top in a fresh engine process; default nothing, it is warm. */
  readonly firstUseUs?: Readonly<Record<string, number>>;
  /** What statements of the first iteration take on top, as a share: the session that runs them is new. */
  readonly freshSessionShare?: number;
}

/**
 * A virtual clock for versions without costs: the loop plans, fuses and stores as on a real engine, knowing what it would know
 * there, and each statement is charged what {@link statementCosts} makes of the recording.
 *
 * Deterministic. Source results are as large in memory as recorded; what was written and deleted is kept by key.
 */
export function predictingExecutor(options: PredictingOptions): Executor {
  const lines = new Map(options.recorded.map((line) => [line.iteration, line]));
  const stored = new Map<string, number>();
  const ratios = new Map<string, number>();
  const { storesColumns, usualCompression } = options;
  const columns =
    storesColumns === undefined ? undefined : new PredictedColumns({ ...storesColumns, usualCompression });
  const firstUses = new Map(Object.entries(options.firstUseUs ?? {}));
  let nodes: ReadonlyMap<string, TraceNode> = new Map();
  let metrics: readonly (readonly [string, number])[] = [];
  let begun = 0;
  let costOf: (nodes: readonly IterationNode[]) => number = () => 0;
  const costs = (id: string): TraceNode => {
    const found = nodes.get(id);
    if (found === undefined) throw new ExecutorError(`predicted: node "${id}" has no recorded costs`);
    return found;
  };
  const handleOf = (node: IterationNode): ResultHandle => {
    const { memoryBytes = 0 } = costs(node.id);
    const ratio = isRelation(node) ? (ratios.get(node.op) ?? usualCompression) : 1;
    const estimatedBytes = Math.ceil(memoryBytes * ratio);
    return { node, memoryBytes, estimatedBytes, rows: 0, payload: undefined };
  };
  return {
    id: "simulated",
    title: "Virtual clock that predicts an engine",
    capabilities: {
      measured: false,
      fusesSegments: true,
      measuresBytes: true,
      persistsAcrossSessions: false,
      isDistributed: false,
      ...(columns === undefined ? {} : { storesColumns: true as const }),
    },
    ...(columns === undefined
      ? {}
      : {
          columnsIn: ({ node }: ResultHandle) => columns.in(costs(node.id)),
          columnsOf: (key: string) => columns.of(key),
        }),
    beginIteration({ iteration }: Iteration) {
      const line = lines.get(iteration);
      if (line === undefined) throw new ExecutorError(`predicted: iteration ${iteration} has no recorded costs`);
      begun++;
      nodes = new Map(line.nodes.map((node) => [node.id, node]));
      metrics = Object.entries(line.metrics ?? {});
      costOf = statementCosts(line);
    },
    compute(segment): SegmentOutcome {
      const results = new Map<string, ResultHandle>();
      for (const node of segment.nodes) if (segment.barriers.has(node.id)) results.set(node.id, handleOf(node));
      const told = metrics.filter(([name]) => segment.nodes.some(({ id }) => name.startsWith(`${id}.`)));
      // As an engine tells which part of a statement was spent on which node.
      const computeUsById = new Map(segment.nodes.map(({ id }) => [id, costs(id).computeUs]));
      const fresh = begun === 1 ? (options.freshSessionShare ?? 0) : 0;
      let computeUs = Math.round(costOf(segment.nodes) * (1 + fresh));
      for (const { op } of segment.nodes) {
        computeUs += firstUses.get(op) ?? 0;
        firstUses.delete(op);
      }
      return { results, computeUs, computeUsById, metrics: Object.fromEntries(told) };
    },
    write({ node, memoryBytes }, key) {
      const { sizeBytes, writeUs } = costs(node.id);
      const us = writeUs ?? options.estimateWriteUs(sizeBytes, memoryBytes);
      const added = columns?.add(key, costs(node.id));
      const bytes = added?.bytes ?? sizeBytes;
      stored.set(key, bytes);
      if (memoryBytes > 0) ratios.set(node.op, bytes / memoryBytes);
      if (added === undefined || storesColumns === undefined) return { bytes, writeUs: us };
      const { fileWriteUs } = storesColumns;
      const valuesUs = (Math.max(0, us - fileWriteUs) * added.newBytes) / Math.max(1, bytes);
      return { bytes, writeUs: Math.round(fileWriteUs * added.newFiles + valuesUs) };
    },
    load(key, node) {
      if (!stored.has(key)) throw new ExecutorError(`predicted: "${node.id}" is loaded but not stored under ${key}`);
      const result = handleOf(node);
      const { loadUs, sizeBytes } = costs(node.id);
      return { result, loadUs: loadUs ?? options.estimateLoadUs(sizeBytes, result.memoryBytes) };
    },
    release() {},
    evict(key) {
      const freedBytes = stored.get(key) ?? 0;
      stored.delete(key);
      columns?.remove(key);
      return { freedBytes };
    },
    estimateLoadUs: (_node, bytes, memoryBytes) => options.estimateLoadUs(bytes, memoryBytes),
    estimateWriteUs: (_node, bytes, memoryBytes) => options.estimateWriteUs(bytes, memoryBytes),
    stored: () => new Map(),
    close() {},
  };
}

/** Models and metrics take on storage what they take in memory. */
function isRelation({ operator }: IterationNode): boolean {
  return operator === undefined || !["learn", "select", "reduce"].includes(operator.op);
}
