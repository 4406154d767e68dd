import { helixPaperModel, type StorageCostModel } from "../../core/cost-model.ts";
import { ExecutorError } from "../../core/errors.ts";
import type {
  Executor,
  LoadOutcome,
  ResultHandle,
  Segment,
  SegmentOutcome,
  WriteOutcome,
} from "../../core/executor.ts";
import type { IterationNode } from "../../core/iteration.ts";

/** Options of {@link simulatedExecutor}. */
export interface SimulatedOptions {
  /** Prices loads and writes that a line does not give; default profile `helix-paper`. */
  readonly storageModel?: StorageCostModel;
}

/**
 * An executor on a virtual clock: nothing runs, every call answers at once with the costs on the line of the running
 * iteration. A missing load or write cost is modelled from the line's sizes; missing memory is taken as the size on storage.
 *
 * Deterministic; holds the sizes of what is stored and nothing else.
 */
export function simulatedExecutor(options: SimulatedOptions = {}): Executor {
  const model = options.storageModel ?? helixPaperModel;
  const stored = new Map<string, number>();
  return {
    id: "simulated",
    title: "Virtual clock",
    capabilities: {
      measured: false,
      fusesSegments: false,
      measuresBytes: false,
      persistsAcrossSessions: false,
      isDistributed: false,
      storesColumns: true,
    },
    compute: computed,
    write(result, key, { newBytes }): WriteOutcome {
      const { node } = result;
      const bytes = sizeOf(node);
      stored.set(key, bytes);
      if (newBytes === undefined || newBytes >= bytes)
        return { bytes, writeUs: node.writeUs ?? model.writeUs(bytes, result.memoryBytes) };
      const part = (whole: number): number => Math.ceil((whole * newBytes) / bytes);
      const writeUs =
        node.writeUs === undefined ? model.writeUs(newBytes, part(result.memoryBytes)) : part(node.writeUs);
      return { bytes, writeUs };
    },
    load(key, node): LoadOutcome {
      if (!stored.has(key)) throw new ExecutorError(`simulated: "${node.id}" is loaded but not stored under ${key}`);
      const result = handleOf(node);
      return { result, loadUs: node.loadUs ?? model.loadUs(sizeOf(node), result.memoryBytes) };
    },
    release() {},
    evict(key) {
      const freedBytes = stored.get(key) ?? 0;
      stored.delete(key);
      return { freedBytes };
    },
    estimateLoadUs: (_node, bytes, memoryBytes) => model.loadUs(bytes, memoryBytes),
    estimateWriteUs: (_node, bytes, memoryBytes) => model.writeUs(bytes, memoryBytes),
    stored: () => new Map(),
    close() {},
  };
}

function handleOf(node: IterationNode): ResultHandle {
  const bytes = sizeOf(node);
  return { node, memoryBytes: node.memoryBytes ?? bytes, estimatedBytes: bytes, rows: 0, payload: undefined };
}

function computed(segment: Segment): SegmentOutcome {
  const results = new Map<string, ResultHandle>();
  if (segment.nodes.length === 1) {
    const node = segment.nodes[0]!;
    return { computeUs: computeUsOf(node), results: results.set(node.id, handleOf(node)) };
  }
  const computeUsById = new Map<string, number>();
  let computeUs = 0;
  for (const node of segment.nodes) {
    const us = computeUsOf(node);
    computeUs += us;
    computeUsById.set(node.id, us);
    if (segment.barriers.has(node.id)) results.set(node.id, handleOf(node));
  }
  return { results, computeUs, computeUsById };
}

function computeUsOf(node: IterationNode): number {
  if (node.computeUs === undefined)
    throw new ExecutorError(`simulated: node "${node.id}" has no computeUs; only a trace can be simulated`);
  return node.computeUs;
}

function sizeOf(node: IterationNode): number {
  if (node.sizeBytes === undefined)
    throw new ExecutorError(`simulated: node "${node.id}" has no sizeBytes; only a trace can be simulated`);
  return node.sizeBytes;
}
