import { ExecutorError } from "../../core/errors.ts";
import type { Executor, ResultHandle, SegmentOutcome } from "../../core/executor.ts";
import type { Iteration, IterationNode } from "../../core/iteration.ts";
import { type Rng, shuffled } from "../../core/rng.ts";
import { withoutId } from "./metrics.ts";
import type { NodeSample, RecordingEngine } from "./recording.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";
import { ResultPool } from "./result-pool.ts";

/** What a phase needs besides the engine. */
export interface PhaseContext {
  readonly keepBytes: number;
  readonly signal?: AbortSignal;
  /** Called after each engine call. */
  tick(note: string): void;
}

/** What the isolated phase measured. */
export interface IsolatedMeasurements {
  readonly nodes: ReadonlyMap<ResultKey, NodeSample>;
  readonly isCold: boolean;
}

type Computed = Omit<NodeSample, "loadUs" | "loadHotUs">;

/**
 * Runs each distinct result of all versions once, by itself: compute, write; when everything is written, each is loaded from the
 * device and then once more. Versions and loads come in random order; what a version needs of another one is kept in memory
 * up to `keepBytes`, else loaded outside the measurement.
 *
 * @throws {ExecutorError} whatever the engine cannot do
 */
export async function measureIsolated(
  engine: RecordingEngine,
  versions: readonly Iteration[],
  rng: Rng,
  context: PhaseContext,
): Promise<IsolatedMeasurements> {
  const { executor } = engine;
  const pool = new ResultPool(executor);
  const computed = new Map<ResultKey, Computed>();
  const order = shuffled(rng, versions);
  for (const version of order) {
    await executor.beginIteration?.(version);
    await computeVersion(executor, version, pool, context, {
      isDone: (key) => computed.has(key),
      async finish(key, handle, outcome) {
        context.tick("compute");
        const { bytes, writeUs } = await executor.write(handle, key, signalOf(context));
        context.tick("write");
        computed.set(key, sampleOf(handle, outcome, bytes, writeUs));
      },
    });
    await pool.trim(context.keepBytes);
  }
  await pool.clear();

  const stored = await executor.stored();
  const nodes = new Map<ResultKey, NodeSample>();
  let isCold = true;
  for (const version of shuffled(rng, versions)) {
    await executor.beginIteration?.(version);
    isCold = ((await engine.dropCaches?.()) ?? false) && isCold;
    const keys = resultKeys(version);
    for (const node of shuffled(rng, version.nodes)) {
      const key = keys.get(node.id) as ResultKey;
      const sample = computed.get(key);
      if (sample === undefined || nodes.has(key)) continue;
      context.signal?.throwIfAborted();
      const loadUs = await timedLoad(executor, key, node, context);
      const loadHotUs = await timedLoad(executor, key, node, context);
      // Content that another result has already takes no new bytes, but is this result's size all the same.
      const sizeBytes = Math.max(sample.sizeBytes, stored.get(key)?.bytes ?? 0);
      nodes.set(key, { ...sample, sizeBytes, loadUs, loadHotUs });
    }
  }
  return { nodes, isCold };
}

async function timedLoad(
  executor: Executor,
  key: ResultKey,
  node: IterationNode,
  context: PhaseContext,
): Promise<number> {
  const { loadUs, result } = await executor.load(key, node, signalOf(context));
  await executor.release(result);
  context.tick("load");
  return loadUs;
}

function sampleOf(handle: ResultHandle, outcome: SegmentOutcome, sizeBytes: number, writeUs: number): Computed {
  return {
    computeUs: outcome.computeUs,
    sizeBytes,
    writeUs,
    memoryBytes: handle.memoryBytes,
    rows: handle.rows,
    ...(outcome.quality === undefined ? {} : { quality: outcome.quality }),
    ...(outcome.metrics === undefined ? {} : { metrics: withoutId(outcome.metrics, handle.node.id) }),
  };
}

/** Which results of a version are there already, and what to do with a new one. */
interface VersionHooks {
  /** Stored, so that it can be loaded rather than computed. */
  isDone(key: ResultKey): boolean;
  finish(key: ResultKey, handle: ResultHandle, outcome: SegmentOutcome): Promise<void>;
}

/** Computes what a version has that is not done, node by node; results enter the pool. Equal nodes are computed once. */
export async function computeVersion(
  executor: Executor,
  version: Iteration,
  pool: ResultPool,
  context: PhaseContext,
  hooks: VersionHooks,
): Promise<void> {
  const keys = resultKeys(version);
  const byId = new Map(version.nodes.map((node) => [node.id, node]));
  for (const node of version.nodes) {
    const key = keys.get(node.id) as ResultKey;
    if (hooks.isDone(key)) continue;
    context.signal?.throwIfAborted();
    const inputs = new Map<string, ResultHandle>();
    for (const id of node.parents) {
      const parentKey = keys.get(id) as ResultKey;
      let input = pool.get(parentKey);
      if (input === undefined) {
        input = (await executor.load(parentKey, byId.get(id) as IterationNode, signalOf(context))).result;
        await pool.add(parentKey, input);
      }
      inputs.set(id, input);
    }
    const outcome = await executor.compute({ nodes: [node], barriers: new Set([node.id]) }, inputs, signalOf(context));
    const handle = outcome.results.get(node.id);
    if (handle === undefined)
      throw new ExecutorError(`${executor.id}: computing node "${node.id}" gave no result for it`);
    await pool.add(key, handle);
    await hooks.finish(key, handle, outcome);
  }
}

/** The abort signal as executors take it. */
export function signalOf({ signal }: Pick<PhaseContext, "signal">): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
