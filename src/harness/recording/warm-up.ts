import type { Iteration, IterationNode } from "../../core/iteration.ts";
import { computeVersion, type PhaseContext, signalOf, type VersionHooks } from "./phase.ts";
import type { RecordingEngine } from "./recording.ts";
import type { ResultKey } from "./result-keys.ts";
import { ResultPool } from "./result-pool.ts";

/** Versions that together have every operator type of all of them, the first always; greedy, ties go to the earlier. */
export function operatorCover(versions: readonly Iteration[]): readonly Iteration[] {
  const missing = new Set(versions.flatMap(({ nodes }) => nodes.map(typeOf)));
  const cover: Iteration[] = [];
  let next = versions[0];
  while (next !== undefined) {
    cover.push(next);
    for (const node of next.nodes) missing.delete(typeOf(node));
    const gains = (version: Iteration): number =>
      new Set(version.nodes.map(typeOf).filter((type) => missing.has(type))).size;
    let best: Iteration | undefined;
    for (const version of versions) if (gains(version) > (best === undefined ? 0 : gains(best))) best = version;
    next = best;
  }
  return cover;
}

/** Operator type as far as code paths differ: learners by model, text and reducers by function. */
function typeOf({ op, operator }: IterationNode): string {
  if (operator?.op === "learn") return `${op}/${operator.model}`;
  if (operator?.op === "reduce") return `${op}/${operator.metric}`;
  if (operator?.op === "text") return `${op}/${operator.fn}`;
  return op;
}

/** What the warm-up finds out on the side. */
export interface WarmUpCosts {
  /** Σ computeUs of the first version, run once more when everything is warm: the fixed cost, when the versions hold few rows. */
  readonly fixedCostUs: number;
  /** By operator type (`op`): first execution in this process less that of the same result once all is warm; at least 0. */
  readonly firstUseUs: Readonly<Record<string, number>>;
}

/**
 * The fixed warm-up: computes every result of an operator cover, and writes, loads and deletes one of each operator type, so often
 * as the engine wants it; then computes the cover once more.
 */
export async function warmUp(
  engine: RecordingEngine,
  versions: readonly Iteration[],
  times: number,
  context: PhaseContext,
): Promise<WarmUpCosts> {
  const { executor } = engine;
  const quiet: PhaseContext = { ...context, tick: () => {} };
  const pool = new ResultPool(executor);
  const cover = operatorCover(versions);
  const firsts = new Map<string, { readonly key: ResultKey; readonly us: number }>();
  const compute = async (version: Iteration, finish: VersionHooks["finish"]): Promise<void> => {
    await executor.beginIteration?.(version);
    await computeVersion(executor, version, pool, quiet, { isDone: (key) => pool.get(key) !== undefined, finish });
  };
  for (let time = 0; time < times; time++) {
    const written = new Set<string>();
    for (const version of cover)
      await compute(version, async (resultKey, handle, outcome) => {
        const { op } = handle.node;
        if (!firsts.has(op)) firsts.set(op, { key: resultKey, us: outcome.computeUs });
        const type = typeOf(handle.node);
        if (written.has(type)) return;
        written.add(type);
        const key = `warm-up/${type}`;
        await executor.write(handle, key, signalOf(context));
        const { result } = await executor.load(key, handle.node, signalOf(context));
        await executor.release(result);
        await executor.evict(key);
      });
    await pool.clear();
  }

  let fixedCostUs = 0;
  const firstUseUs: Record<string, number> = {};
  for (const [i, version] of cover.entries())
    await compute(version, (key, { node: { op } }, { computeUs }) => {
      if (i === 0) fixedCostUs += computeUs;
      const first = firsts.get(op);
      if (first?.key === key) firstUseUs[op] = Math.max(0, first.us - computeUs);
      return Promise.resolve();
    });
  await pool.clear();
  return { fixedCostUs, firstUseUs };
}
