import { ExecutorError } from "../../core/errors.ts";
import type { ResultHandle, Segment } from "../../core/executor.ts";
import type { Iteration, IterationNode } from "../../core/iteration.ts";
import { COMPUTE } from "../../core/plan.ts";
import { type Rng, shuffled } from "../../core/rng.ts";
import { fusedSteps, type Step, wholeStep } from "../../simulator/fusion.ts";
import { type PreparedVersion, prepareVersion } from "../../simulator/prepare.ts";
import { type PhaseContext, signalOf } from "./isolated.ts";
import type { RecordingEngine } from "./recording.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";
import { ResultPool } from "./result-pool.ts";

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
  readonly barrierKeys: ReadonlyMap<string, ResultKey>;
  /** Keys of the results it reads, by the id its nodes call them. */
  readonly inputKeys: ReadonlyMap<string, ResultKey>;
}

/** What the fused phase measured, by the keys of {@link FusedVersion}; microseconds. */
export interface FusedMeasurements {
  readonly segments: ReadonlyMap<string, number>;
  readonly wholes: ReadonlyMap<string, number>;
  /** Metric values of the whole runs by their key. */
  readonly metrics: ReadonlyMap<string, Readonly<Record<string, number>>>;
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
    barrierKeys: new Map([...barriers].map((id) => [id, keyOf(id)])),
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
 * Runs each distinct segment of all versions once, and, if asked, each distinct version once as a whole without barriers.
 * Versions come in random order. A segment whose result another one needs and which is no longer in memory is run again;
 * its first time counts.
 *
 * @throws {ExecutorError} whatever the engine cannot do
 */
export async function measureFused(
  { executor }: RecordingEngine,
  versions: readonly FusedVersion[],
  rng: Rng,
  withWholes: boolean,
  context: PhaseContext,
): Promise<FusedMeasurements> {
  const pool = new ResultPool(executor);
  const segments = new Map<string, number>();
  for (const fused of shuffled(rng, versions)) {
    await executor.beginIteration?.(fused.version);
    for (const step of stepsToRun(fused, segments, pool)) {
      context.signal?.throwIfAborted();
      const inputs = new Map<string, ResultHandle>();
      for (const [id, key] of step.inputKeys) inputs.set(id, pool.get(key) as ResultHandle);
      const { computeUs, results } = await executor.compute(step.segment, inputs, signalOf(context));
      for (const [id, key] of step.barrierKeys) {
        const handle = results.get(id);
        if (handle === undefined) throw new ExecutorError(`${executor.id}: a segment gave no result for node "${id}"`);
        await pool.add(key, handle);
      }
      if (segments.has(step.key)) continue;
      segments.set(step.key, computeUs);
      context.tick("fused segment");
    }
    await pool.trim(context.keepBytes);
  }
  await pool.clear();

  const wholes = new Map<string, number>();
  const metrics = new Map<string, Readonly<Record<string, number>>>();
  if (withWholes)
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
  return { segments, wholes, metrics };
}

/** Unmeasured segments, and those whose results they read and that are gone, in listed order. */
function stepsToRun(
  { segments }: FusedVersion,
  measured: ReadonlyMap<string, number>,
  pool: ResultPool,
): readonly FusedSegment[] {
  const needed = new Set<ResultKey>();
  const steps: FusedSegment[] = [];
  for (const step of segments.toReversed()) {
    const isWanted = [...step.barrierKeys.values()].some((key) => needed.has(key));
    if (measured.has(step.key) && !isWanted) continue;
    steps.push(step);
    for (const key of step.inputKeys.values()) if (pool.get(key) === undefined) needed.add(key);
  }
  return steps.toReversed();
}
