import type { Iteration, IterationNode } from "../../core/iteration.ts";
import { computeVersion, type PhaseContext, signalOf } from "./phase.ts";
import type { RecordingEngine } from "./recording.ts";
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

/**
 * The fixed warm-up: computes every result of an operator cover, and writes, loads and deletes one of each operator type.
 *
 * @returns Σ computeUs of the first version, run once more after it: the fixed cost, when `versions` hold few rows
 */
export async function warmUp(
  engine: RecordingEngine,
  versions: readonly Iteration[],
  context: PhaseContext,
): Promise<number> {
  const { executor } = engine;
  const quiet: PhaseContext = { ...context, tick: () => {} };
  const pool = new ResultPool(executor);
  const written = new Set<string>();
  for (const version of operatorCover(versions)) {
    await executor.beginIteration?.(version);
    await computeVersion(executor, version, pool, quiet, {
      isDone: (key) => pool.get(key) !== undefined,
      async finish(_, handle) {
        const type = typeOf(handle.node);
        if (written.has(type)) return;
        written.add(type);
        const key = `warm-up/${type}`;
        await executor.write(handle, key, signalOf(context));
        const { result } = await executor.load(key, handle.node, signalOf(context));
        await executor.release(result);
        await executor.evict(key);
      },
    });
  }
  await pool.clear();

  const first = versions[0];
  let fixedCostUs = 0;
  if (first !== undefined) {
    await executor.beginIteration?.(first);
    await computeVersion(executor, first, pool, quiet, {
      isDone: (key) => pool.get(key) !== undefined,
      finish(_, __, outcome) {
        fixedCostUs += outcome.computeUs;
        return Promise.resolve();
      },
    });
    await pool.clear();
  }
  return fixedCostUs;
}
