import { ExecutorError } from "../../core/errors.ts";
import type { Executor, ResultHandle, SegmentOutcome } from "../../core/executor.ts";
import type { Iteration, IterationNode } from "../../core/iteration.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";
import type { ResultPool } from "./result-pool.ts";

/** What a phase needs besides the engine. */
export interface PhaseContext {
  /** Most bytes of results kept in the engine's memory between versions. */
  readonly keepBytes: number;
  readonly signal?: AbortSignal;
  /** Called after each engine call that counts. */
  tick(note: string): void;
}

/** The abort signal as executors take it. */
export function signalOf({ signal }: Pick<PhaseContext, "signal">): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** A result from memory, else loaded outside any measurement. */
export async function fetched(
  executor: Executor,
  key: ResultKey,
  node: IterationNode,
  pool: ResultPool,
  context: PhaseContext,
): Promise<ResultHandle> {
  const known = pool.get(key);
  if (known !== undefined) return known;
  const { result } = await executor.load(key, node, signalOf(context));
  await pool.add(key, result);
  return result;
}

/** Which results of a version are there already, and what to do with a new one. */
export interface VersionHooks {
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
      const parent = byId.get(id) as IterationNode;
      inputs.set(id, await fetched(executor, keys.get(id) as ResultKey, parent, pool, context));
    }
    const outcome = await executor.compute({ nodes: [node], barriers: new Set([node.id]) }, inputs, signalOf(context));
    const handle = outcome.results.get(node.id);
    if (handle === undefined)
      throw new ExecutorError(`${executor.id}: computing node "${node.id}" gave no result for it`);
    await pool.add(key, handle);
    await hooks.finish(key, handle, outcome);
  }
}
