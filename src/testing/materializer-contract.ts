/**
 * What every materializer must do, as a list of named checks free of any test runner: `conform` runs them, test files wrap
 * each in a test, and plug-ins bring theirs.
 */
import fc from "fast-check";
import { computeAll } from "../algorithms/reuse/compute-all.ts";
import { maxFlow } from "../algorithms/reuse/max-flow.ts";
import { never } from "../algorithms/materialize/never.ts";
import { pairSystem } from "../baselines/index.ts";
import type { Executor } from "../core/executor.ts";
import type { TraceIteration } from "../core/iteration.ts";
import type { BatchMaterializer, Materializer, OnlineMaterializer } from "../core/materializer.ts";
import type { IterationRow } from "../core/result-row.ts";
import { simulatedExecutor } from "../executors/simulated/simulated-executor.ts";
import { runLoop, type RunOutcome } from "../simulator/loop.ts";
import { SignatureUses } from "../simulator/signature-uses.ts";
import { sequenceArbitrary } from "./sequence-arbitrary.ts";

/** One check of a contract whose subject may take its time; `check` rejects, naming the counterexample and the seed. */
export interface AsyncContractCheck {
  readonly title: string;
  readonly check: () => Promise<void>;
}

/** How hard to try. */
export interface MaterializerContractOptions {
  /** Random sequences per check; 50 if left out. */
  readonly runs?: number;
  /** Seed of the sequences; drawn afresh (and printed on failure) if left out. */
  readonly seed?: number;
}

/**
 * The battery: whatever the workflow and the edits, the budget holds at every instant, the same run gives the same rows,
 * nothing it is shown is changed, no row depends on versions that are still to come (unless it declares `future`), a zero
 * budget stores nothing, and `neverKeeps`, `roomOnly` and `candidatesOnly` are meant.
 */
export function materializerContract<P>(
  materializer: Materializer<P>,
  options: MaterializerContractOptions = {},
): readonly AsyncContractCheck[] {
  const { id } = materializer;
  const settings = {
    numRuns: options.runs ?? 50,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  };
  const subject = materializer as Materializer;
  const each = async (
    property: (iterations: readonly TraceIteration[], budgetBytes: number) => Promise<void>,
  ): Promise<void> =>
    fc.assert(fc.asyncProperty(sequenceArbitrary(), fc.integer({ min: 0, max: 90 }), property), settings);

  const checks: AsyncContractCheck[] = [
    {
      title: `${id}: the budget holds at every instant`,
      check: async () =>
        each(async (iterations, budgetBytes) => {
          const limit = materializer.ignoresBudget === true ? Number.POSITIVE_INFINITY : budgetBytes;
          const outcome = await run(subject, iterations, budgetBytes, watched(id, limit));
          const over = outcome.rows.find((row) => row.storedBytes > limit);
          if (over !== undefined)
            throw new Error(`${id}: ${over.storedBytes} bytes stored after iteration ${over.iteration} of ${limit}`);
        }),
    },
    {
      title: `${id}: the same run gives the same rows`,
      check: async () =>
        each(async (iterations, budgetBytes) => {
          const first = await run(subject, iterations, budgetBytes);
          const second = await run(subject, iterations, budgetBytes);
          sameRows(`${id}: a second run`, second.rows, first.rows);
        }),
    },
    {
      title: `${id}: what it is shown is left as it was`,
      check: async () =>
        each(async (iterations, budgetBytes) => void (await run(guarded(subject), iterations, budgetBytes))),
    },
  ];
  if (materializer.needs?.includes("future") !== true)
    checks.push({
      title: `${id}: no row depends on versions that are still to come`,
      check: async () =>
        each(async (iterations, budgetBytes) => {
          const whole = await run(subject, iterations, budgetBytes);
          const half = iterations.slice(0, Math.ceil(iterations.length / 2));
          const part = await run(subject, half, budgetBytes);
          sameRows(`${id}: a run that stops early`, part.rows, whole.rows.slice(0, half.length));
        }),
    });
  if (materializer.ignoresBudget !== true)
    checks.push({
      title: `${id}: a zero budget stores nothing`,
      check: async () =>
        each(async (iterations) => {
          const none = await run(subject, iterations, 0);
          const rerun = await run(never, iterations, 0, simulatedExecutor(), { rerun: true });
          const costs = (rows: readonly IterationRow[]): readonly object[] =>
            rows.map((row) => ({ ...row, peakBytes: 0 })); // a batch materializer keeps results alive
          sameRows(`${id}: a run with a budget of zero`, costs(none.rows), costs(rerun.rows));
        }),
    });
  if (materializer.kind === "online" && materializer.neverKeeps === true)
    checks.push({
      title: `${id}: never answers yes, as it says`,
      check: async () =>
        each(async (iterations) => {
          const asked = { ...materializer } as { neverKeeps?: true } & Materializer;
          delete asked.neverKeeps;
          const outcome = await run(asked, iterations, 1_000_000);
          if (outcome.rows.some((row) => row.storedBytes > 0))
            throw new Error(`${id}: keeps a result although neverKeeps`);
        }),
    });
  if (materializer.roomOnly === true)
    checks.push({
      title: `${id}: a budget that turned nothing away gives the run of every larger one, as it says`,
      check: async () =>
        each(async (iterations, budgetBytes) => {
          const outcome = await run(subject, iterations, budgetBytes);
          if (outcome.budgetBound) return;
          for (const larger of [budgetBytes + 1, 2 * budgetBytes + 7, 1_000_000])
            sameRows(
              `${id}: a run under ${larger} bytes instead of ${budgetBytes}`,
              (await run(subject, iterations, larger)).rows,
              outcome.rows,
            );
        }),
    });
  if (materializer.kind === "batch" && materializer.candidatesOnly !== undefined)
    checks.push({
      title: `${id}: what the graph says of results that never come again does not matter, as it says`,
      check: async () =>
        each(async (iterations, budgetBytes) => {
          const { rows } = await run(subject, iterations, budgetBytes);
          const forgetting = await run(subject, iterations, budgetBytes, simulatedExecutor(), { forgets: true });
          sameRows(`${id}: a run whose graph forgets`, forgetting.rows, rows);
        }),
    });
  return checks;
}

async function run(
  materializer: Materializer,
  iterations: readonly TraceIteration[],
  budgetBytes: number,
  executor: Executor = simulatedExecutor(),
  { rerun = false, forgets = false }: { readonly rerun?: boolean; readonly forgets?: boolean } = {},
): Promise<RunOutcome> {
  const planner = rerun ? computeAll : maxFlow;
  const outcome = await runLoop({
    iterations,
    trace: "contract",
    system: pairSystem(planner.id, materializer.id),
    planner,
    materializer,
    budgetBytes,
    executor,
    ...(forgets ? { uses: SignatureUses.of(iterations), retireAt: 1 } : {}),
  });
  if (outcome.failure !== undefined) throw outcome.failure;
  return outcome;
}

/** An executor that refuses a write beyond the limit. */
function watched(id: string, limit: number): Executor {
  const inner = simulatedExecutor();
  const stored = new Map<string, number>();
  let bytes = 0;
  return {
    ...inner,
    write(result, key, options) {
      bytes += result.estimatedBytes;
      stored.set(key, result.estimatedBytes);
      if (bytes > limit) throw new Error(`${id}: ${bytes} bytes stored under a budget of ${limit}`);
      return inner.write(result, key, options);
    },
    evict(key) {
      bytes -= stored.get(key) ?? 0;
      stored.delete(key);
      return inner.evict(key);
    },
  };
}

/** The same materializer, which throws when a call changed its arguments. */
function guarded(materializer: Materializer): Materializer {
  const unchanged = <T>(shown: object, call: () => T): T => {
    const before = structuredClone(shown);
    const answer = call();
    if (JSON.stringify(plain(shown)) !== JSON.stringify(plain(before)))
      throw new Error(`${materializer.id}: changed what it was shown; results and workflows are read only`);
    return answer;
  };
  if (materializer.kind === "batch") {
    const inner: BatchMaterializer = materializer;
    return {
      ...inner,
      select: (graph, budgetBytes, params) =>
        unchanged([...graph.candidates()], () => inner.select(graph, budgetBytes, params)),
    };
  }
  const inner: OnlineMaterializer = materializer;
  return {
    ...inner,
    keep: (result, storage, params) => unchanged(result, () => inner.keep(result, storage, params)),
    ...(inner.evict === undefined
      ? {}
      : {
          evict: (result, storage, params) => unchanged(result, () => inner.evict?.(result, storage, params) ?? []),
        }),
  };
}

/** Typed arrays as lists, so that JSON shows their values. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      part instanceof Float64Array || part instanceof Int32Array ? [...part] : part,
    ),
  );
}

function sameRows(what: string, got: readonly object[], expected: readonly object[]): void {
  const at = expected.findIndex((row, i) => JSON.stringify(got[i]) !== JSON.stringify(row));
  if (at >= 0 || got.length !== expected.length)
    throw new Error(
      `${what} gives ${JSON.stringify(got[Math.max(at, 0)])} in row ${at}; expected ${JSON.stringify(expected[at])}`,
    );
}
