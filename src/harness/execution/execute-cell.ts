import { createHash } from "node:crypto";
import { join } from "node:path";
import { materializerById } from "../../algorithms/materialize/index.ts";
import { reusePlannerById } from "../../algorithms/reuse/index.ts";
import { systemById } from "../../baselines/index.ts";
import { systemClock } from "../../core/clock.ts";
import { type ReuseError, UsageError } from "../../core/errors.ts";
import type { Executor } from "../../core/executor.ts";
import type { Capability, ReusePlanner } from "../../core/plug-in.ts";
import type { Iteration } from "../../core/iteration.ts";
import type { Materializer } from "../../core/materializer.ts";
import type { Exclusion, RunRow } from "../../core/result-row.ts";
import type { SystemSpec } from "../../core/system.ts";
import type { StorageProfile } from "../../executors/duckdb/storage-profile.ts";
import { openStore } from "../../executors/store/result-store.ts";
import type { IterationReport } from "../../simulator/iteration-report.ts";
import { runLoop } from "../../simulator/loop.ts";
import { engineById, type EngineOpener } from "./engines.ts";
import { openRunGraph } from "./run-graph.ts";
import { type FinishedIteration, openRunFolder } from "./run-folder.ts";

/** One real run: a workload's versions under one system. */
export interface ExecutionCell {
  readonly workload: string;
  readonly requires?: readonly string[];
  /** What the data are, for people; part of what identifies the run. */
  readonly dataTitle: string;
  readonly versions: readonly Iteration[];
  /** Id of the engine. */
  readonly executor: string;
  /** Opens it on a host that serves several runs; default one of this run's own. */
  readonly open?: EngineOpener;
  /** What of that host decides measured times; part of what identifies the run. */
  readonly host?: string;
  readonly system: SystemSpec;
  /** null = no limit. */
  readonly budgetBytes: number | null;
  readonly seed: number;
  readonly profile: StorageProfile;
  readonly memoryLimitBytes?: number;
  /** Parameters by plug-in id. */
  readonly params?: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Where plug-ins bring them. */
  readonly planner?: ReusePlanner;
  readonly materializer?: Materializer;
  /** Hashes of the plug-in files that decide what is done; part of what identifies the run. */
  readonly plugInHashes?: readonly string[];
  /** Folder of all runs; this one's is `system[-budget]` in it. */
  readonly out: string;
  /** Start over instead of going on where an earlier run was cut off. */
  readonly fresh?: boolean;
  /** Run every version a second time without optimization. */
  readonly twin?: boolean;
  readonly signal?: AbortSignal;
  readonly onIteration?: (finished: ExecutedIteration) => void;
  readonly onWarning?: (message: string) => void;
}

/** An iteration that has just been executed. */
export interface ExecutedIteration extends FinishedIteration {
  readonly report: IterationReport;
  /** The same version run without optimization, right after. */
  readonly twin?: IterationReport;
}

/** What a real run gave; rows of earlier, cut-off runs of the same folder come first. */
export interface ExecutionOutcome {
  readonly folder: string;
  readonly rows: readonly RunRow[];
  /** Metric values by iteration, in the order of rows. */
  readonly metrics: readonly Readonly<Record<string, number>>[];
  readonly executed: readonly ExecutedIteration[];
  readonly budgetBound: boolean;
  readonly exclusion?: Exclusion;
  readonly failure?: ReuseError;
  readonly aborted: boolean;
}

/**
 * Runs a cell on its engine, with a store of its own. What an earlier run of the same cell finished is kept and not run
 * again; what it stored is used.
 *
 * @throws {MissingExecutorError} when the engine is not installed
 * @throws {UsageError} for unknown parts, or a folder of another run
 */
export async function executeCell(cell: ExecutionCell): Promise<ExecutionOutcome> {
  const { system } = cell;
  const planner = cell.planner ?? reusePlannerById(system.planner);
  if (planner === undefined) throw new UsageError(`system ${system.id}: planner "${system.planner}" is unknown`);
  const materializer = cell.materializer ?? materializerById(system.materializer);
  if (materializer === undefined)
    throw new UsageError(`system ${system.id}: materializer "${system.materializer}" is unknown`);
  const open = cell.open ?? engineById(cell.executor);
  const folder = await openRunFolder(folderOf(cell), identityOf(cell), cell.fresh === true);
  const rows = folder.finished.map(({ row }) => row);
  const metrics = folder.finished.map((finished) => finished.metrics);
  const executed: ExecutedIteration[] = [];
  // The store itself refuses what does not fit: the budget holds even if the process dies between a write and its removal.
  const store = await openStore(folder.storePath, {
    ...(cell.budgetBytes === null || materializer.ignoresBudget === true ? {} : { budgetBytes: cell.budgetBytes }),
    ...(cell.onWarning === undefined ? {} : { onWarning: cell.onWarning }),
  });
  try {
    const { profile, memoryLimitBytes } = cell;
    const isBatch = materializer.kind === "batch";
    const graph = isBatch ? await openRunGraph(folder.path, rows.length) : undefined;
    const executor = await open({
      store,
      storeFolder: join(folder.path, "own-store"),
      profile,
      storeColumns: isBatch && materializer.dedup === true,
      ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    });
    try {
      const outcome = await runLoop({
        iterations: cell.versions.slice(rows.length),
        trace: cell.workload,
        requires: cell.requires ?? [],
        offers: realOffers(cell, executor),
        system,
        planner,
        materializer,
        plannerParams: cell.params?.get(planner.id) ?? {},
        materializerParams: cell.params?.get(materializer.id) ?? {},
        budgetBytes: cell.budgetBytes,
        executor,
        ...(graph === undefined ? {} : { graph: graph.graph }),
        clock: systemClock,
        resumed: { earlier: cell.versions.slice(0, rows.length), cumulativeUs: rows.at(-1)?.cumulativeUs ?? 0 },
        ...(cell.signal === undefined ? {} : { signal: cell.signal }),
        onIteration: async (report) => {
          const row = rowOf(cell, planner.id, report);
          const twin = cell.twin === true ? await runTwin(cell, executor, report.iteration) : undefined;
          graph?.save(rows.length + 1);
          await folder.append({ row, metrics: report.metrics });
          rows.push(row);
          metrics.push(report.metrics);
          const done = { row, metrics: report.metrics, report, ...(twin === undefined ? {} : { twin }) };
          executed.push(done);
          cell.onIteration?.(done);
        },
      });
      return { ...outcome, folder: folder.path, rows, metrics, executed };
    } finally {
      await executor.close();
    }
  } finally {
    await store.close();
  }
}

function folderOf({ out, system, budgetBytes }: ExecutionCell): string {
  return join(out, budgetBytes === null ? system.id : `${system.id}-${budgetBytes}B`);
}

/** What a run on an engine offers: nothing is known ahead of time, so never `future`. */
function realOffers({ versions, requires = [] }: ExecutionCell, executor: Executor): readonly Capability[] {
  const hasQuality = versions.some(({ nodes }) => nodes.some(({ quality }) => quality !== undefined));
  return [
    ...(executor.capabilities.storesColumns === true ? (["columns"] as const) : []),
    ...(hasQuality ? (["quality"] as const) : []),
    "frequency",
    ...(executor.capabilities.measured ? (["measured-load"] as const) : []),
    ...(requires.includes("structured-prediction") ? (["structured-prediction"] as const) : []),
  ];
}

function identityOf(cell: ExecutionCell): object {
  const { workload, dataTitle, executor, host, system, budgetBytes, seed, profile, versions, plugInHashes = [] } = cell;
  const params = Object.fromEntries(cell.params ?? []);
  const hash = createHash("sha256");
  for (const { nodes } of versions)
    hash.update(`${nodes.map(({ id, signature }) => `${id} ${signature}`).join("\n")}\n\n`);
  const signatures = hash.digest("hex");
  const own = plugInHashes.length === 0 ? {} : { plugIns: plugInHashes };
  const where = host === undefined ? { executor } : { executor, host };
  return { workload, data: dataTitle, ...where, system, budgetBytes, seed, profile, params, signatures, ...own };
}

function rowOf(cell: ExecutionCell, planner: string, { row }: IterationReport): RunRow {
  return {
    trace: cell.workload,
    system: cell.system.id,
    planner,
    materializer: cell.system.materializer,
    budgetBytes: cell.budgetBytes,
    accounting: "uniform",
    seed: cell.seed,
    executor: cell.executor,
    ...row,
  };
}

/** The version once more, everything computed, nothing merged, sliced or stored. */
async function runTwin(cell: ExecutionCell, executor: Executor, iteration: Iteration): Promise<IterationReport> {
  const system = systemById("naive");
  const planner = reusePlannerById(system?.planner ?? "");
  const materializer = materializerById(system?.materializer ?? "");
  if (system === undefined || planner === undefined || materializer === undefined)
    throw new UsageError("the twin run needs the system naive");
  const reports: IterationReport[] = [];
  const { failure } = await runLoop({
    iterations: [iteration],
    trace: cell.workload,
    system,
    planner,
    materializer,
    executor,
    ...(cell.signal === undefined ? {} : { signal: cell.signal }),
    onIteration: (report) => void reports.push(report),
  });
  const [report] = reports;
  if (report === undefined) throw failure ?? new UsageError("the twin run was interrupted");
  return report;
}
