import type { Executor, ResultHandle, SegmentOutcome } from "../../core/executor.ts";
import type { IterationNode } from "../../core/iteration.ts";
import { type Rng, shuffled } from "../../core/rng.ts";
import { type FusedVersion, measureSegments } from "./fused.ts";
import { withoutId } from "./metrics.ts";
import { computeVersion, type PhaseContext, signalOf } from "./phase.ts";
import type { NodeSample, RecordingEngine } from "./recording.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";
import { ResultPool } from "./result-pool.ts";

/** What the isolated phase measured. */
export interface IsolatedMeasurements {
  readonly nodes: ReadonlyMap<ResultKey, NodeSample>;
  /** Microseconds by segment key; empty if the engine does not fuse. */
  readonly segments: ReadonlyMap<string, number>;
  readonly isCold: boolean;
}

type Computed = Omit<NodeSample, "loadUs" | "loadHotUs">;

/**
 * Runs each distinct result of all versions once, by itself: compute, write; then each fused segment; at last each result is
 * loaded from the device, and once more. Versions and loads come in random order; what a version needs of another one is kept
 * in memory up to `keepBytes`, else loaded outside the measurement.
 *
 * @throws {ExecutorError} whatever the engine cannot do
 */
export async function measureIsolated(
  engine: RecordingEngine,
  fused: readonly FusedVersion[],
  rng: Rng,
  context: PhaseContext,
): Promise<IsolatedMeasurements> {
  const { executor } = engine;
  const pool = new ResultPool(executor);
  const computed = new Map<ResultKey, Computed>();
  for (const { version } of shuffled(rng, fused)) {
    await executor.beginIteration?.(version);
    await computeVersion(executor, version, pool, context, {
      isDone: (key) => computed.has(key),
      async finish(key, handle, outcome) {
        context.tick("compute");
        const { bytes, writeUs } = await executor.write(handle, key, signalOf(context));
        context.tick("write");
        const columns = await executor.columnsOf?.(key);
        const sample = sampleOf(handle, outcome, bytes, writeUs);
        computed.set(key, columns === undefined ? sample : { ...sample, columns });
      },
    });
    await pool.trim(context.keepBytes);
  }
  const segments = executor.capabilities.fusesSegments
    ? await measureSegments(executor, fused, (key) => computed.get(key)?.computeUs ?? 0, pool, rng, context)
    : new Map<string, number>();
  await pool.clear();

  const stored = await executor.stored();
  const nodes = new Map<ResultKey, NodeSample>();
  let isCold = true;
  for (const { version } of shuffled(rng, fused)) {
    await executor.beginIteration?.(version);
    const keys = resultKeys(version);
    const unmeasured = [...new Set(keys.values())].filter((key) => computed.has(key) && !nodes.has(key));
    isCold = ((await engine.dropCaches?.(unmeasured)) ?? false) && isCold;
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
  return { nodes, segments, isCold };
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
