import { unmetNeeds } from "../core/capabilities.ts";
import type { Clock } from "../core/clock.ts";
import { ReuseError } from "../core/errors.ts";
import type { Executor } from "../core/executor.ts";
import type { Iteration } from "../core/iteration.ts";
import type { Materializer } from "../core/materializer.ts";
import type { Capability, ReusePlanner } from "../core/plug-in.ts";
import type { Exclusion, IterationRow } from "../core/result-row.ts";
import type { Accounting, EstimateMode, SystemSpec } from "../core/system.ts";
import { Catalog, CatalogView, noVertex, type ViewState } from "./catalog.ts";
import { sumExact, Uncountable } from "./charges.ts";
import { UnionGraph } from "./experiment-graph.ts";
import type { IterationReport } from "./iteration-report.ts";
import { Interrupted } from "./iteration-run.ts";
import { Observations } from "./observations.ts";
import { resolveParams } from "./plug-in-params.ts";
import { Purger } from "./purge.ts";
import { firstRetirement, isPromise, type RunContext } from "./run-context.ts";
import { runIteration } from "./run-iteration.ts";
import { Session } from "./session.ts";
import { measuredParts, measuresColumns } from "./stored-parts.ts";
import { SignatureNumbers } from "./signature-numbers.ts";
import type { SignatureUses } from "./signature-uses.ts";
import type { VersionCache } from "./version-cache.ts";

/** What one run of the loop is given. Only `iterations`, `trace`, `system`, `planner`, `materializer` and `executor` are required. */
export interface LoopOptions {
  /** Workflow versions in order of runs; held one at a time. */
  readonly iterations: Iterable<Iteration> | AsyncIterable<Iteration>;
  /** Name of the trace or workload, for exclusions. */
  readonly trace: string;
  /** What a system must support. */
  readonly requires?: readonly string[];
  /** What the planner and the materializer may need; undefined = not checked. */
  readonly offers?: readonly Capability[];
  readonly system: SystemSpec;
  readonly planner: ReusePlanner;
  readonly materializer: Materializer;
  readonly plannerParams?: Readonly<Record<string, unknown>>;
  readonly materializerParams?: Readonly<Record<string, unknown>>;
  /** Bytes on storage; null = no limit (default). */
  readonly budgetBytes?: number | null;
  /** Default `uniform`. */
  readonly accounting?: Accounting;
  /** Default `last`. */
  readonly estimates?: EstimateMode;
  /** Memory of KeystoneML's greedy in-run cache in bytes; default Infinity. */
  readonly memoryBytes?: number;
  /** Charge recorded segments as wholes (a trace whose barrier tax is above `barrierTaxLimit`); default false. */
  readonly chargeSegments?: boolean;
  readonly executor: Executor;
  /** What is known of the iterations' signatures beforehand: a run over many remembers nothing of what never comes again. */
  readonly uses?: SignatureUses;
  /** Vertices of the experiment graph before it is shortened for the first time. */
  readonly retireAt?: number;
  /** Versions prepared by earlier runs over the same iterations. */
  readonly versions?: VersionCache;
  /** What earlier runs left, for a batch materializer; the run adds to it. Default: an empty graph. */
  readonly graph?: UnionGraph;
  /** A run that goes on where one was cut off: versions that were run before (`iterations` are the rest), and Σ runUs of them. */
  readonly resumed?: { readonly earlier: readonly Iteration[]; readonly cumulativeUs: number };
  readonly signal?: AbortSignal;
  /** Measures planning, apart from the rows; without it plans are not timed. */
  readonly clock?: Clock;
  /** Called after each iteration. */
  readonly onRow?: (row: IterationRow) => void;
  /** Called after each iteration with its plan, what is stored and what each node cost. */
  readonly onIteration?: (report: IterationReport) => void | Promise<void>;
}

/** What a run gave. Rows of finished iterations are kept whatever happened after them. */
export interface RunOutcome {
  readonly rows: readonly IterationRow[];
  /** The budget turned away at least one result that the materializer would have stored. */
  readonly budgetBound: boolean;
  /** Set when the system cannot run the trace, or stops before its end. */
  readonly exclusion?: Exclusion;
  /** Set when a plug-in or the executor failed; what was stored stays stored. */
  readonly failure?: ReuseError;
  /** The signal stopped the run between two steps. */
  readonly aborted: boolean;
}

/**
 * The iteration loop, for simulated and real executors alike: it looks at switches and capabilities, never at who it runs.
 *
 * Per iteration: merge and slice, purge, plan, execute in listed order, decide what to store, one row. With a simulated
 * executor nothing is awaited but the iterations themselves. Coded errors end the run and come back in the outcome; others
 * are bugs and are thrown.
 */
export async function runLoop(options: LoopOptions): Promise<RunOutcome> {
  const { system, trace, requires = [] } = options;
  const rows: IterationRow[] = [];
  const lacking = requires.filter((need) => system.lacks?.includes(need) === true);
  const unmet =
    lacking.length > 0
      ? `lacks ${lacking.join(", ")}`
      : options.offers && unmetNeeds([options.planner, options.materializer], options.offers);
  if (unmet !== undefined)
    return { rows, budgetBound: false, aborted: false, exclusion: { trace, system: system.id, reason: unmet } };

  const exclude = (reason: string, iteration: number): Exclusion =>
    rows.length === 0
      ? { trace, system: system.id, reason }
      : { trace, system: system.id, reason, fromIteration: iteration };
  const end = (rest: Partial<RunOutcome> = {}): RunOutcome => ({
    rows,
    budgetBound: context.budgetBound,
    aborted: false,
    ...rest,
  });
  const context = openRun(options);
  const plannerParams = resolveParams(options.planner, options.plannerParams);
  const purger = new Purger(system.switches.purge);
  let at = 0;
  let cumulativeUs = options.resumed?.cumulativeUs ?? 0;
  try {
    for (const iteration of options.resumed?.earlier ?? []) {
      const signatures = Int32Array.from(iteration.nodes, ({ signature }) => context.numbers.number(signature));
      purger.toDelete(iteration, signatures, context.catalog, options.versions?.idsOf(iteration));
    }
    await takeOver(context);
    for await (const iteration of iterate(options.iterations)) {
      at = iteration.iteration;
      if (options.signal?.aborted === true) return end({ aborted: true });
      const stop = reasonToStop(options, iteration);
      if (stop !== undefined) return end({ exclusion: exclude(stop, at) });
      const wait = options.executor.beginIteration?.(iteration);
      if (isPromise(wait)) await wait;
      const outcome = await runIteration(options, context, purger, plannerParams, iteration);
      cumulativeUs = sumExact("the cumulative run time", cumulativeUs, outcome.row.runUs);
      const row: IterationRow = { ...outcome.row, cumulativeUs };
      rows.push(row);
      options.onRow?.(row);
      if (options.onIteration !== undefined) await options.onIteration(outcome.report(row));
    }
    return end();
  } catch (error) {
    if (error instanceof Interrupted || (options.signal?.aborted === true && error instanceof ReuseError))
      return end({ aborted: true });
    if (error instanceof Uncountable) return end({ exclusion: exclude(error.message, at) });
    if (error instanceof ReuseError) return end({ failure: error });
    throw error;
  } finally {
    await context.session?.close();
  }
}

async function* iterate(iterations: LoopOptions["iterations"]): AsyncGenerator<Iteration, void, undefined> {
  yield* iterations;
}

function openRun(options: LoopOptions): RunContext {
  const { system, materializer, executor } = options;
  const numbers = new SignatureNumbers(options.versions?.index, options.uses);
  const catalog = new Catalog(numbers);
  const viewState: ViewState = { iteration: 0, pending: new Set() };
  const isUnlimited = system.switches.noBudget === true || materializer.ignoresBudget === true;
  const budgetBytes = isUnlimited ? null : (options.budgetBytes ?? null);
  const sharedColumns = executor.columnsIn === undefined ? options.versions?.columns : undefined;
  const unlimitedView = new CatalogView(catalog, Number.POSITIVE_INFINITY, viewState);
  return {
    executor,
    switches: system.switches,
    accounting: options.accounting ?? "uniform",
    materializer,
    materializerParams: resolveParams(materializer, options.materializerParams),
    signal: options.signal,
    numbers,
    observations: new Observations(options.estimates ?? "last"),
    catalog,
    viewState,
    view: budgetBytes === null ? unlimitedView : new CatalogView(catalog, budgetBytes, viewState),
    unlimitedView,
    graph: materializer.kind === "batch" ? (options.graph ?? new UnionGraph(sharedColumns)) : undefined,
    dedup: materializer.kind === "batch" && materializer.dedup === true && executor.capabilities.storesColumns === true,
    growth: { retireAt: options.retireAt ?? firstRetirement },
    compression: new Map(),
    costByOp: new Map(),
    session: system.switches.localPruning === true ? new Session(executor) : undefined,
    budgetBound: false,
  };
}

/** Takes over what a persistent store holds already. */
async function takeOver(context: RunContext): Promise<void> {
  const { executor, numbers, catalog, observations } = context;
  const reply = executor.stored();
  const stored = isPromise(reply) ? await reply : reply;
  for (const [key, { bytes, computeUs, loadUs }] of stored) {
    const signature = numbers.number(key);
    if (computeUs !== undefined) observations.observeCompute(signature, computeUs);
    if (loadUs !== undefined) observations.observeLoad(signature, loadUs);
    const parts = measuresColumns(context) ? await measuredParts(context, key) : undefined;
    catalog.add({
      signature,
      key,
      bytes,
      ...(parts === undefined ? {} : { parts }),
      outside: false,
      writtenAt: -1,
      vertex: noVertex,
      computeUs: computeUs ?? 0,
      loadUs: loadUs ?? 0,
      loadedAt: -1,
      loads: 0,
    });
  }
}

function reasonToStop({ system, executor }: LoopOptions, iteration: Iteration): string | undefined {
  const { endsBefore, fusedWhole } = system.switches;
  if (endsBefore.includes(iteration.changeType)) return `ends before the first ${endsBefore.join("/")} iteration`;
  if (fusedWhole && !executor.capabilities.measured && iteration.fusedUs === undefined)
    return `iteration ${iteration.iteration} has no fusedUs, the engine's own time for the whole version`;
  return undefined;
}
