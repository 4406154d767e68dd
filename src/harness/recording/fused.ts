import type { Executor, ResultHandle, Segment } from "../../core/executor.ts";
import type { Iteration, IterationNode } from "../../core/iteration.ts";
import { COMPUTE } from "../../core/plan.ts";
import { type Rng, shuffled } from "../../core/rng.ts";
import { fusedSteps, type Step, wholeStep } from "../../simulator/fusion.ts";
import { type PreparedVersion, prepareVersion } from "../../simulator/prepare.ts";
import type { MetricValues } from "./metrics.ts";
import { fetched, type PhaseContext, signalOf } from "./phase.ts";
import type { FreshSession, RecordingEngine } from "./recording.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";
import type { ResultPool } from "./result-pool.ts";

/** A version cut into the segments of a run that stores nothing. */
export interface FusedVersion {
  readonly version: Iteration;
  /** Equal for versions that are the same work as a whole. */
  readonly wholeKey: string;
  readonly whole: FusedSegment;
  readonly segments: readonly FusedSegment[];
}

/** A segment and what identifies its work across versions. */
export interface FusedSegment {
  readonly key: string;
  readonly segment: Segment;
  /** Keys of the results it reads, by the id its nodes call them. */
  readonly inputKeys: ReadonlyMap<string, ResultKey>;
}

/** What running versions whole gave, by their `wholeKey`. */
export interface WholeMeasurements {
  /** Microseconds. */
  readonly wholes: ReadonlyMap<string, number>;
  readonly metrics: ReadonlyMap<string, MetricValues>;
}

/** Cuts a version as the loop would if nothing may be stored: equal nodes merged, what no output needs left out. */
export function fuseVersion(version: Iteration): FusedVersion {
  const keys = resultKeys(version);
  const numbers = new Map<string, number>();
  const signatures = Int32Array.from(version.nodes, ({ id }) => {
    const key = keys.get(id) as ResultKey;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  });
  const prepared = prepareVersion(version, signatures, { mergeEqual: true, slicing: true });
  const states = new Uint8Array(prepared.nodeCount).fill(COMPUTE);
  const segments = fusedSteps(prepared, states, () => false).map((step) => fusedSegment(step, prepared, keys));
  const whole = fusedSegment(wholeStep(prepared)[0] as Step, prepared, keys);
  return { version, wholeKey: whole.key, whole, segments };
}

function fusedSegment(step: Step, prepared: PreparedVersion, keys: ReadonlyMap<string, ResultKey>): FusedSegment {
  if (step.kind !== "compute") throw new Error("a plan that computes everything loads nothing");
  const keyOf = (id: string): ResultKey => keys.get(id) as ResultKey;
  const nodes = step.results.map((i) => withMergedParents(prepared.nodes[i] as IterationNode, prepared, keys));
  const barriers = new Set(step.barriers.map((i) => (prepared.nodes[i] as IterationNode).id));
  const own = new Set(nodes.map(({ id }) => id));
  const inputKeys = new Map<string, ResultKey>();
  for (const { parents } of nodes) for (const id of parents) if (!own.has(id)) inputKeys.set(id, keyOf(id));
  const marked = nodes.map(({ id }) => `${barriers.has(id) ? "+" : ""}${keyOf(id)}`);
  return {
    key: marked.join(" "),
    segment: { nodes, barriers },
    inputKeys,
  };
}

/** A node whose parents are called as the results that stand for them; one that stands for two parents comes twice, places count. */
function withMergedParents(
  node: IterationNode,
  { nodes }: PreparedVersion,
  keys: ReadonlyMap<string, ResultKey>,
): IterationNode {
  const idOf = new Map(nodes.map(({ id }) => [keys.get(id), id]));
  return { ...node, parents: node.parents.map((id) => idOf.get(keys.get(id)) ?? id) };
}

/**
 * Runs each distinct segment of all versions once, in random order of versions; what it reads comes from memory or, outside the
 * measurement, from the store, where every result is. A segment of one node is that node's isolated run and is not repeated.
 *
 * @returns microseconds by segment key
 * @throws {ExecutorError} whatever the engine cannot do
 */
export async function measureSegments(
  executor: Executor,
  versions: readonly FusedVersion[],
  isolatedUs: (key: ResultKey) => number,
  pool: ResultPool,
  rng: Rng,
  context: PhaseContext,
): Promise<ReadonlyMap<string, number>> {
  const measured = new Map<string, number>();
  for (const { version, segments } of shuffled(rng, versions)) {
    await executor.beginIteration?.(version);
    const keys = resultKeys(version);
    const byId = new Map(version.nodes.map((node) => [node.id, node]));
    for (const { key, segment, inputKeys } of segments) {
      if (measured.has(key)) continue;
      context.signal?.throwIfAborted();
      const [only] = segment.nodes;
      if (only !== undefined && segment.nodes.length === 1)
        measured.set(key, isolatedUs(keys.get(only.id) as ResultKey));
      else {
        const inputs = new Map<string, ResultHandle>();
        for (const [id, inputKey] of inputKeys)
          inputs.set(id, await fetched(executor, inputKey, byId.get(id) as IterationNode, pool, context));
        const { computeUs, results } = await executor.compute(segment, inputs, signalOf(context));
        for (const handle of results.values()) await executor.release(handle);
        measured.set(key, computeUs);
      }
      context.tick("fused segment");
    }
    await pool.trim(context.keepBytes);
  }
  return measured;
}

/**
 * Runs the first version's segments one after the other in a session that has run nothing.
 *
 * @returns their time, and what the same segments were measured at before; undefined where the engine opens no other session
 * @throws {ExecutorError} whatever the engine cannot do
 */
export async function measureFreshSession(
  engine: RecordingEngine,
  first: FusedVersion,
  usual: ReadonlyMap<string, number>,
  context: PhaseContext,
): Promise<FreshSession | undefined> {
  if (usual.size === 0) return undefined;
  const executor = await engine.openFresh?.();
  if (executor === undefined) return undefined;
  try {
    await executor.beginIteration?.(first.version);
    const alive = new Map<ResultKey, ResultHandle>();
    const keys = resultKeys(first.version);
    let freshUs = 0;
    let usualUs = 0;
    for (const { key, segment, inputKeys } of first.segments) {
      context.signal?.throwIfAborted();
      const inputs = new Map<string, ResultHandle>();
      for (const [id, inputKey] of inputKeys) inputs.set(id, alive.get(inputKey) as ResultHandle);
      const { computeUs, results } = await executor.compute(segment, inputs, signalOf(context));
      for (const [id, handle] of results) alive.set(keys.get(id) as ResultKey, handle);
      freshUs += computeUs;
      usualUs += usual.get(key) ?? 0;
    }
    for (const handle of alive.values()) await executor.release(handle);
    return { freshUs, usualUs };
  } finally {
    await executor.close();
  }
}

/**
 * Runs each distinct version once as a whole without barriers, in random order.
 *
 * @throws {ExecutorError} whatever the engine cannot do
 */
export async function measureWholes(
  { executor }: RecordingEngine,
  versions: readonly FusedVersion[],
  rng: Rng,
  context: PhaseContext,
): Promise<WholeMeasurements> {
  const wholes = new Map<string, number>();
  const metrics = new Map<string, MetricValues>();
  for (const { version, wholeKey, whole } of shuffled(rng, versions)) {
    if (wholes.has(wholeKey)) continue;
    context.signal?.throwIfAborted();
    await executor.beginIteration?.(version);
    const outcome = await executor.compute(whole.segment, new Map(), signalOf(context));
    for (const handle of outcome.results.values()) await executor.release(handle);
    wholes.set(wholeKey, outcome.computeUs);
    metrics.set(wholeKey, outcome.metrics ?? {});
    context.tick("whole version");
  }
  return { wholes, metrics };
}
