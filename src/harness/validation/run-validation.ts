/** Holds the simulator against real runs: recordings, real runs, predictions, comparison. */
import { join } from "node:path";
import type { Workload } from "../../core/workload.ts";
import type { StorageProfile } from "../../executors/store/storage-profile.ts";
import { openEngineHost } from "../execution/engines.ts";
import { recordingVersions } from "../recording/record-trace.ts";
import { openRecordingHost, type RecordingHost } from "../recording/recording-engines.ts";
import { analyse, type SplitAnalysis } from "./analysis.ts";
import { type ComparedCell, median, type ValidationCell, type ValidationRun } from "./compared-cells.ts";
import {
  budgetBasis,
  type CalibrationPlan,
  type Calibrations,
  calibrations,
  plannedRecordings,
  pricedFor,
} from "./calibrations.ts";
import { type Model, models, predict } from "./predict.ts";
import { type RealRun, realRuns } from "./real-runs.ts";
import { cellsOf, type RunnableCell, type Setting } from "./settings.ts";
import type { Split } from "./splits.ts";

/** What to validate, and how thoroughly. */
export interface ValidationPlan {
  readonly workload: Workload;
  readonly executors: readonly string[];
  readonly scale: number;
  readonly settings: readonly Setting[];
  readonly budgets: readonly string[];
  readonly splits: readonly Split[];
  readonly heldOutProfile: StorageProfile;
  /** Real runs of each cell. */
  readonly repetitions: number;
  /** Repetitions of each recording that calibrates predictions. */
  readonly recordingRepetitions: number;
  /** Runs of the warm-up of a fresh engine; default the engine's own number. */
  readonly warmUps?: number;
  readonly seed: number;
  /** Each run gets an engine of its own that is not warm: first uses of operator types are in its rows. */
  readonly coldEngine?: boolean;
  readonly memoryLimitBytes?: number;
  readonly sparkMaster?: string;
  readonly dataDir?: string;
  readonly cacheDir?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Recordings and runs are kept there. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onNote?: (note: string) => void;
  readonly onProgress?: (done: number, total: number, note: string) => void;
}

/** One split on one engine, by one model of what statements cost. */
export interface SplitResult {
  readonly executor: string;
  readonly split: Split;
  readonly model: Model;
  readonly cells: readonly ComparedCell[];
  readonly analysis: SplitAnalysis;
}

/** What was run on one engine. */
export interface EngineFacts {
  readonly executor: string;
  /** Engine and version, with settings that decide times. */
  readonly engine: string;
  readonly dataset: string;
  readonly rows: number;
  readonly cells: number;
  readonly iterations: number;
  /** Fixed cost ÷ first version, both with a barrier at every node; undefined if not recorded. */
  readonly fixedShare: number | undefined;
  /** Seconds of the whole sequence under `naive`, median; undefined if it was not run. */
  readonly naiveSeconds: number | undefined;
  /** What first executions of operator types took beyond the second, in all, in microseconds: outside all rows. */
  readonly firstUseUs: number;
  readonly excluded: readonly string[];
}

/** Everything a validation found. */
export interface Validation {
  readonly engines: readonly EngineFacts[];
  readonly results: readonly SplitResult[];
  readonly runs: readonly RealRun[];
}

/** Profile of the runs that calibrated predictions are held against. */
const usualProfile: StorageProfile = "hot";

/** What a validation would do, for `--dry-run`. */
export function validationSteps(
  plan: ValidationPlan,
): readonly Readonly<Record<"executor" | "recordings" | "cells" | "runs", string | number>>[] {
  return plan.executors.map((executor) => {
    const cells = cellsOn(plan, executor, 0).length;
    const recordings = plannedRecordings({ ...plan, executor, folder: recordingsFolder(plan) }).length;
    return { executor, recordings, cells, runs: cells * plan.repetitions };
  });
}

/**
 * Validates; what the folder holds already is not done again.
 *
 * @throws {MissingExecutorError} without an engine; {ReuseError} what ended a run
 */
export async function runValidation(plan: ValidationPlan): Promise<Validation> {
  const engines: EngineFacts[] = [];
  const results: SplitResult[] = [];
  const runs: RealRun[] = [];
  for (const executor of plan.executors) {
    const found = await validateOn(plan, executor);
    engines.push(found.facts);
    results.push(...found.results);
    runs.push(...found.runs);
  }
  return { engines, results, runs };
}

async function validateOn(
  plan: ValidationPlan,
  executor: string,
): Promise<{
  readonly facts: EngineFacts;
  readonly results: readonly SplitResult[];
  readonly runs: readonly RealRun[];
}> {
  const { workload, scale, seed, repetitions, signal } = plan;
  const { engine, memoryLimitBytes, transferCosts, storesColumns } = await engineOf(plan, executor);
  const calibrated: CalibrationPlan = {
    ...plan,
    executor,
    memoryLimitBytes,
    folder: recordingsFolder(plan),
    onProgress: (trace, done, total, note) =>
      plan.onProgress?.(done, total, `${executor}: recording ${trace}, ${note}`),
  };
  const data = await recordingVersions({ ...plan, workload });
  const { versions, warmUp, title, rows } = data;
  // Repetitions of recordings and of runs take turns: both see the machine in the same states.
  const basis = await budgetBasis(calibrated, await calibrations(calibrated, 1));
  const cells = cellsOn(plan, executor, basis);
  const runs = await realRuns({
    workload: workload.id,
    requires: workload.requires ?? [],
    dataTitle: title,
    versions,
    warmUp: warmUp ?? versions,
    ...(plan.warmUps === undefined ? {} : { warmUps: plan.warmUps }),
    engine,
    executor,
    cells,
    repetitions,
    seed,
    memoryLimitBytes,
    coldEngine: plan.coldEngine === true,
    openHost: () =>
      openEngineHost(executor, {
        memoryLimitBytes,
        ...(plan.sparkMaster === undefined ? {} : { sparkMaster: plan.sparkMaster }),
        ...(plan.env === undefined ? {} : { env: plan.env }),
        ...(signal === undefined ? {} : { signal }),
        ...(plan.onNote === undefined ? {} : { onNote: plan.onNote }),
      }),
    beforeRepetition: async (repetition) =>
      void (await calibrations(calibrated, Math.min(repetition + 1, plan.recordingRepetitions))),
    file: join(plan.folder, "runs.jsonl"),
    ...(signal === undefined ? {} : { signal }),
    ...(plan.onNote === undefined ? {} : { onWarning: plan.onNote }),
    onRun: (done, total, note) => plan.onProgress?.(done, total, `${executor}: ${note}`),
  });
  const recorded = await calibrations(calibrated);
  const byCell = new Map<string, RealRun[]>();
  for (const run of runs) byCell.set(run.cell, [...(byCell.get(run.cell) ?? []), run]);
  const firstUses = (recorded.same.header.source?.["firstUseUs"] ?? {}) as Readonly<Record<string, number>>;
  const results: SplitResult[] = [];
  for (const split of plan.splits) {
    const priced = pricedFor(split, versions, scale, recorded, plan.heldOutProfile);
    const input = {
      workload: workload.id,
      requires: workload.requires ?? [],
      versions,
      priced,
      transferCosts,
      storesColumns,
      ...freshSessionOf(split, recorded),
      ...(plan.coldEngine === true ? { firstUseUs: firstUses } : {}),
    };
    const profile = split === "storage" ? plan.heldOutProfile : usualProfile;
    for (const model of models) {
      const compared: ComparedCell[] = [];
      for (const cell of cells.filter((one) => one.profile === profile)) {
        const real = (byCell.get(cell.id) ?? []).filter(({ excluded }) => excluded === undefined);
        const predicted = real.length === 0 ? undefined : await predict(model, cell, input);
        if (predicted !== undefined) compared.push({ cell: described(cell), predicted, real: real.map(timesOf) });
      }
      if (compared.length > 0) results.push({ executor, split, model, cells: compared, analysis: analyse(compared) });
    }
  }
  return { facts: factsOf(), results, runs };

  function factsOf(): EngineFacts {
    const { source } = recorded.same.header;
    const [fixedUs, initialUs] = [source?.["fixedCostUs"], source?.["initialUs"]];
    const naive = cells.find(({ setting, profile }) => setting === "naive" && profile === usualProfile);
    const naiveUs = (byCell.get(naive?.id ?? "") ?? []).map(({ runUs }) => runUs.reduce((sum, us) => sum + us, 0));
    return {
      executor,
      engine,
      dataset: title,
      rows,
      cells: cells.length,
      iterations: versions.length,
      fixedShare: typeof fixedUs === "number" && typeof initialUs === "number" ? fixedUs / initialUs : undefined,
      naiveSeconds: naiveUs.length === 0 ? undefined : median(naiveUs) / 1e6,
      firstUseUs: Object.values(firstUses).reduce((sum, us) => sum + us, 0),
      excluded: [...byCell].flatMap(([id, [first]]) =>
        first?.excluded === undefined ? [] : [`${id}: ${first.excluded}`],
      ),
    };
  }
}

/** As the recording that calibrates the split has it. */
function freshSessionOf(split: Split, { same, cover, tenth }: Calibrations): { readonly freshSessionShare?: number } {
  const recorded = split === "sequence" ? cover : split === "scale" ? tenth : same;
  const share = recorded?.header.source?.["freshSessionShare"];
  return typeof share === "number" ? { freshSessionShare: share } : {};
}

function recordingsFolder({ folder }: ValidationPlan): string {
  return join(folder, "recordings");
}

function cellsOn(plan: ValidationPlan, executor: string, intermediateBytes: number): readonly RunnableCell[] {
  const { settings, budgets, splits, heldOutProfile } = plan;
  return cellsOf({
    executor,
    settings,
    budgets,
    intermediateBytes,
    profile: usualProfile,
    heldOutProfile: splits.includes("storage") ? heldOutProfile : undefined,
  });
}

/** Name of the engine with all that decides times, and its memory. */
async function engineOf(
  plan: ValidationPlan,
  executor: string,
): Promise<Pick<RecordingHost, "memoryLimitBytes" | "transferCosts" | "storesColumns"> & { readonly engine: string }> {
  const host = await openRecordingHost(executor, {
    ...(plan.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: plan.memoryLimitBytes }),
    ...(plan.sparkMaster === undefined ? {} : { sparkMaster: plan.sparkMaster }),
    ...(plan.env === undefined ? {} : { env: plan.env }),
  });
  const { memoryLimitBytes, facts, transferCosts, storesColumns } = host;
  const engine = [host.executor, ...Object.values(facts)].join(", ");
  return { engine, memoryLimitBytes, transferCosts, storesColumns };
}

function described({ id, executor, profile, setting, budget }: RunnableCell): ValidationCell {
  return { id, executor, profile, setting, budget };
}

function timesOf({ runUs, loadUs, writeUs, states }: RealRun): ValidationRun {
  return {
    runUs,
    states,
    ...(loadUs === undefined ? {} : { loadUs }),
    ...(writeUs === undefined ? {} : { writeUs }),
  };
}
