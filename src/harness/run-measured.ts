/** Real runs for figures: a workload under one system on an engine, in a store of its own that is removed afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { Iteration } from "../core/iteration.ts";
import type { Exclusion, RunRow } from "../core/result-row.ts";
import type { SystemSpec } from "../core/system.ts";
import { parseBytes } from "../core/units.ts";
import type { IterationReport } from "../simulator/iteration-report.ts";
import { workloadById, workloads } from "../workloads/index.ts";
import { prepareDataset } from "./datasets/index.ts";
import { openEngineHost } from "./execution/engines.ts";
import { executeCell } from "./execution/execute-cell.ts";
import { knownSystem } from "./run-replay.ts";

/** A real run as a figure asks for it. */
export interface MeasuredRun {
  readonly workload: string;
  /** Id of a system, or the system itself. */
  readonly system: string | SystemSpec;
  /** `10GB` or `none`. */
  readonly budget: string;
  readonly executor: string;
  /** Times the rows of the original data; the data are generated. */
  readonly scale: number;
  readonly seed: number;
  /** Chooses among the workload's versions, or repeats some; default all as they are. */
  readonly versions?: (all: readonly Iteration[]) => readonly Iteration[];
  readonly signal?: AbortSignal;
  onRow?(row: RunRow): void;
  onIteration?(report: IterationReport): void;
}

/** What it gave. */
export interface MeasuredOutcome {
  readonly rows: readonly RunRow[];
  readonly exclusion: Exclusion | undefined;
  readonly budgetBound: boolean;
  /** What the data are, for people. */
  readonly dataTitle: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Engines without a server, workloads and scales whose first version this process has run before. */
const warm = new Set<string>();

/**
 * Runs a workload for real, page cache hot. The first run of an engine, workload and scale in a process is preceded by an
 * uncounted run of the first version, so that no system pays for reading files and compiling code the first time. An engine
 * with a server gets a server of its own for each run, warmed up likewise, so often as it needs.
 * @throws {MissingExecutorError} when the engine is not installed; {ReuseError} what ended the run
 */
export async function runMeasured(run: MeasuredRun): Promise<MeasuredOutcome> {
  const workload = workloadById(run.workload);
  if (workload === undefined)
    throw new UsageError(
      `workload "${run.workload}": is unknown; expected one of ${Object.keys(workloads).join(", ")}`,
    );
  const system = typeof run.system === "string" ? knownSystem(run.system) : run.system;
  const requires = workload.requires ?? [];
  const data = await prepareDataset(workload.dataset, {
    scale: run.scale,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  const out = mkdtempSync(join(tmpdir(), "reuselab-measured-"));
  const host = await openEngineHost(run.executor, run.signal === undefined ? {} : { signal: run.signal });
  try {
    const all = workload.versions(data, run.seed, {});
    const versions = run.versions?.(all) ?? all;
    const shared = {
      workload: workload.id,
      dataTitle: data.title,
      executor: run.executor,
      open: host.open,
      seed: run.seed,
      profile: "hot",
      ...(run.signal === undefined ? {} : { signal: run.signal }),
    } as const;
    const place = `${run.executor} ${workload.id} ${run.scale}`;
    if (host.identity !== undefined || !warm.has(place)) {
      const first = { versions: versions.slice(0, 1), system: knownSystem("naive"), budgetBytes: null };
      for (let time = 0; time < (host.warmUps ?? 1); time++) {
        const { failure } = await executeCell({ ...shared, ...first, out: join(out, `warm-up-${time}`) });
        if (failure !== undefined) throw failure;
      }
      warm.add(place);
    }
    const outcome = await executeCell({
      ...shared,
      requires,
      versions,
      system,
      budgetBytes: run.budget === "none" ? null : parseBytes(run.budget),
      out: join(out, "run"),
      onIteration({ row, report }) {
        run.onRow?.(row);
        run.onIteration?.(report);
      },
    });
    if (outcome.failure !== undefined) throw outcome.failure;
    return {
      rows: outcome.rows,
      exclusion: outcome.exclusion,
      budgetBound: outcome.budgetBound,
      dataTitle: data.title,
      metrics: outcome.metrics.at(-1) ?? {},
    };
  } finally {
    await host.close();
    rmSync(out, { recursive: true, force: true });
  }
}
