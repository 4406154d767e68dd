import { traceOffers } from "../core/capabilities.ts";
import { materializerById } from "../algorithms/materialize/index.ts";
import { reusePlannerById } from "../algorithms/reuse/index.ts";
import type { Clock } from "../core/clock.ts";
import type { StorageCostModel } from "../core/cost-model.ts";
import { UsageError } from "../core/errors.ts";
import type { Iteration, TraceSource } from "../core/iteration.ts";
import type { Materializer } from "../core/materializer.ts";
import type { ReusePlanner } from "../core/plug-in.ts";
import type { RunRow } from "../core/result-row.ts";
import type { Accounting, EstimateMode, SystemSpec } from "../core/system.ts";
import { budgetBytesOf, type BudgetSpec } from "../core/units.ts";
import { simulatedExecutor } from "../executors/simulated/simulated-executor.ts";
import { runLoop, type LoopOptions, type RunOutcome } from "./loop.ts";
import type { TraceFacts } from "./trace-facts.ts";
import type { SignatureUses } from "./signature-uses.ts";
import type { VersionCache } from "./version-cache.ts";

/** A trace as the simulator replays it; `iterations` can be gone through again and again. */
export interface SimulatedTrace {
  readonly name: string;
  readonly requires?: readonly string[];
  /** Where costs come from, for what the trace offers. */
  readonly source?: TraceSource;
  readonly iterations: Iterable<Iteration> | AsyncIterable<Iteration>;
  readonly facts: TraceFacts;
  /** Where the iterations are read from a file again and again: what is known of their signatures. */
  readonly uses?: SignatureUses;
  /** Where the iterations are held in memory: what cells with built-in parts prepare once for all of them. */
  readonly versions?: VersionCache;
}

/** One cell: a trace under a system and a budget. */
export interface SimulationCell {
  readonly trace: SimulatedTrace;
  readonly system: SystemSpec;
  readonly budget: BudgetSpec;
  /** Default `uniform`. */
  readonly accounting?: Accounting;
  /** Default `last`. */
  readonly estimates?: EstimateMode;
  /** Echoed in the rows; a simulation draws nothing. Default 1. */
  readonly seed?: number;
  /** Memory of KeystoneML's greedy cache in bytes; default Infinity. */
  readonly memoryBytes?: number;
  readonly storageModel?: StorageCostModel;
  /** Parameters by plug-in id. */
  readonly params?: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Overrule the registry: for plug-ins. */
  readonly planner?: ReusePlanner;
  readonly materializer?: Materializer;
  /** What earlier runs left, for a batch materializer; the run adds to it. */
  readonly graph?: LoopOptions["graph"];
  readonly signal?: AbortSignal;
  /** Measures planning; the reports of `onIteration` then have `planUs`. */
  readonly clock?: Clock;
  readonly onRow?: LoopOptions["onRow"];
  readonly onIteration?: LoopOptions["onIteration"];
}

/** Result of a cell; rows say which cell they belong to. */
export interface CellOutcome extends Omit<RunOutcome, "rows"> {
  readonly rows: readonly RunRow[];
  /** null = no limit. */
  readonly budgetBytes: number | null;
}

/** Label of the estimates `current`, which no real system has. */
export const clairvoyantCosts = "clairvoyant costs";

/**
 * Replays a trace under one system and budget on the virtual clock.
 *
 * Rows carry the budget that was asked for, also where the system ignores it, and `estimates` unless those are the default.
 *
 * @throws {UsageError} on an unknown planner or materializer, or bad parameters
 */
export async function simulateCell(cell: SimulationCell): Promise<CellOutcome> {
  const { trace, system, accounting = "uniform", estimates = "last", seed = 1 } = cell;
  const planner = cell.planner ?? reusePlannerById(system.planner);
  if (planner === undefined) throw new UsageError(`system ${system.id}: planner "${system.planner}" is unknown`);
  const materializer = cell.materializer ?? materializerById(system.materializer);
  if (materializer === undefined)
    throw new UsageError(`system ${system.id}: materializer "${system.materializer}" is unknown`);
  const budgetBytes = budgetBytesOf(cell.budget, trace.facts.intermediateBytes);
  const executor = simulatedExecutor(cell.storageModel === undefined ? {} : { storageModel: cell.storageModel });
  const outcome = await runLoop({
    iterations: trace.iterations,
    trace: trace.name,
    requires: trace.requires ?? [],
    offers: traceOffers(trace, trace.facts.seen),
    system,
    planner,
    materializer,
    plannerParams: cell.params?.get(planner.id) ?? {},
    materializerParams: cell.params?.get(materializer.id) ?? {},
    budgetBytes,
    accounting,
    estimates,
    memoryBytes: cell.memoryBytes ?? Number.POSITIVE_INFINITY,
    chargeSegments: trace.facts.chargeSegments,
    executor,
    ...(trace.uses === undefined ? {} : { uses: trace.uses }),
    // A plug-in might change what it is shown: it gets copies of its own.
    ...(trace.versions === undefined || cell.planner !== undefined || cell.materializer !== undefined
      ? {}
      : { versions: trace.versions }),
    ...(cell.graph === undefined ? {} : { graph: cell.graph }),
    ...(cell.signal === undefined ? {} : { signal: cell.signal }),
    ...(cell.clock === undefined ? {} : { clock: cell.clock }),
    ...(cell.onRow === undefined ? {} : { onRow: cell.onRow }),
    ...(cell.onIteration === undefined ? {} : { onIteration: cell.onIteration }),
  });
  const { name } = trace;
  const label =
    estimates === "last" ? undefined : { estimates: estimates === "current" ? clairvoyantCosts : estimates };
  const rows = outcome.rows.map((row): RunRow => {
    const {
      iteration,
      changeType,
      runUs,
      computeUs,
      loadUs,
      writeUs,
      storedBytes,
      evictedBytes,
      peakBytes,
      computed,
      loaded,
      pruned,
      cumulativeUs,
    } = row;
    const whole: RunRow = {
      trace: name,
      system: system.id,
      planner: planner.id,
      materializer: materializer.id,
      budgetBytes,
      accounting,
      seed,
      executor: executor.id,
      iteration,
      changeType,
      runUs,
      computeUs,
      loadUs,
      writeUs,
      storedBytes,
      evictedBytes,
      peakBytes,
      computed,
      loaded,
      pruned,
      cumulativeUs,
    };
    return label === undefined ? whole : Object.assign(whole, label);
  });
  return { ...outcome, rows, budgetBytes };
}
