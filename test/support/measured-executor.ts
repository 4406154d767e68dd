/**
 * A fake engine for the loop: asynchronous, fuses, measures bytes after writes, survives the process (as far as a map does).
 * Its answers are plain functions of the nodes, so that tests can foretell them.
 */
import { ExecutorError } from "../../src/core/errors.ts";
import type { Executor, ResultHandle, Segment } from "../../src/core/executor.ts";
import type { IterationNode } from "../../src/core/iteration.ts";

/** What the engine did, in order. */
export interface EngineLog {
  readonly calls: string[];
  /** Handles that were not released yet. */
  readonly alive: Set<ResultHandle>;
  readonly stored: Map<string, { bytes: number; computeUs?: number; loadUs?: number }>;
}

/** How the fake engine behaves. */
export interface EngineOptions {
  /** Bytes on storage per byte in memory; default 1. */
  readonly compression?: number;
  /** Fails when it is asked to compute this node. */
  readonly failsAt?: string;
  /** Tells what each node of a segment took. */
  readonly tellsTimes?: boolean;
  readonly stored?: EngineLog["stored"];
}

/** Opens the fake engine. A segment takes the sum of its nodes' `computeUs` (10 where a node has none) less 10 % per fused node. */
export function measuredExecutor(options: EngineOptions = {}): Executor & { readonly log: EngineLog } {
  const log: EngineLog = { calls: [], alive: new Set(), stored: options.stored ?? new Map() };
  const hold = (node: IterationNode): ResultHandle => {
    const bytes = node.memoryBytes ?? node.sizeBytes ?? 100;
    const handle = { node, memoryBytes: bytes, estimatedBytes: bytes, rows: 1, payload: node.signature };
    log.alive.add(handle);
    return handle;
  };
  const tick = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  return {
    id: "fake",
    title: "Fake engine",
    log,
    capabilities: {
      measured: true,
      fusesSegments: true,
      measuresBytes: true,
      persistsAcrossSessions: true,
      isDistributed: false,
    },
    async compute(segment: Segment, inputs) {
      await tick();
      const ids = segment.nodes.map(({ id }) => id);
      log.calls.push(`compute ${ids.join("+")} -> ${[...segment.barriers].join(" ")}`);
      if (options.failsAt !== undefined && ids.includes(options.failsAt))
        throw new ExecutorError(`fake: "${options.failsAt}" fails`);
      for (const node of segment.nodes)
        for (const parent of node.parents)
          if (!ids.includes(parent) && !log.alive.has(inputs.get(parent)!))
            throw new Error(`input "${parent}" of "${node.id}" is missing or was released`);
      const wholeUs = segment.nodes.reduce((sum, node) => sum + (node.computeUs ?? 10), 0);
      const computeUs = Math.round(wholeUs * (1 - 0.1 * (ids.length - 1)));
      const metrics = Object.fromEntries(
        segment.nodes.filter(({ op }) => op === "reduce").map(({ id, signature }) => [id, signature.length]),
      );
      return {
        results: new Map(
          segment.nodes.filter(({ id }) => segment.barriers.has(id)).map((node) => [node.id, hold(node)]),
        ),
        computeUs,
        metrics,
        ...(options.tellsTimes === true && ids.length > 1
          ? { computeUsById: new Map(ids.map((id, k) => [id, k === 0 ? computeUs : 0])) }
          : {}),
      };
    },
    async write(result, key) {
      await tick();
      log.calls.push(`write ${result.node.id}`);
      const bytes = Math.round(result.memoryBytes * (options.compression ?? 1));
      log.stored.set(key, { bytes });
      return { bytes, writeUs: 3 };
    },
    async load(key, node) {
      await tick();
      log.calls.push(`load ${node.id}`);
      if (!log.stored.has(key)) throw new ExecutorError(`fake: ${key} is not stored`);
      return { result: hold(node), loadUs: 2 };
    },
    async release(result) {
      if (!log.alive.delete(result)) throw new Error(`"${result.node.id}" released twice`);
    },
    async evict(key) {
      const freedBytes = log.stored.get(key)?.bytes ?? 0;
      log.calls.push(`evict ${key}`);
      log.stored.delete(key);
      return { freedBytes };
    },
    estimateLoadUs: () => 2,
    estimateWriteUs: () => 3,
    stored: async () => new Map(log.stored),
    close() {},
  };
}
