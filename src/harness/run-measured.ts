/** Real runs for figures: a workload under one system on an engine, in a store of its own that is removed afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { Exclusion, RunRow } from "../core/result-row.ts";
import { parseBytes } from "../core/units.ts";
import { workloadById, workloads } from "../workloads/index.ts";
import { prepareDataset } from "./datasets/index.ts";
import { executeCell } from "./execution/execute-cell.ts";
import { knownSystem } from "./run-replay.ts";

/** A real run as a figure asks for it. */
export interface MeasuredRun {
  readonly workload: string;
  readonly system: string;
  /** `10GB` or `none`. */
  readonly budget: string;
  readonly executor: string;
  /** Times the rows of the original data; the data are generated. */
  readonly scale: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  onRow?(row: RunRow): void;
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

/**
 * Runs a workload for real, page cache hot.
 * @throws {MissingExecutorError} when the engine is not installed; {ReuseError} what ended the run
 */
export async function runMeasured(run: MeasuredRun): Promise<MeasuredOutcome> {
  const workload = workloadById(run.workload);
  if (workload === undefined)
    throw new UsageError(
      `workload "${run.workload}": is unknown; expected one of ${Object.keys(workloads).join(", ")}`,
    );
  const system = knownSystem(run.system);
  const requires = workload.requires ?? [];
  const data = await prepareDataset(workload.dataset, {
    scale: run.scale,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  const out = mkdtempSync(join(tmpdir(), "reuselab-measured-"));
  try {
    const outcome = await executeCell({
      workload: workload.id,
      requires,
      dataTitle: data.title,
      versions: workload.versions(data, run.seed, {}),
      executor: run.executor,
      system,
      budgetBytes: run.budget === "none" ? null : parseBytes(run.budget),
      seed: run.seed,
      profile: "hot",
      out,
      ...(run.signal === undefined ? {} : { signal: run.signal }),
      onIteration: ({ row }) => run.onRow?.(row),
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
    rmSync(out, { recursive: true, force: true });
  }
}
