/** Recordings that predictions are calibrated by, kept beside the runs. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../core/errors.ts";
import type { LinearCost } from "../../core/cost-model.ts";
import type { Iteration, TraceHeader, TraceIteration } from "../../core/iteration.ts";
import type { Workload } from "../../core/workload.ts";
import { leastTransferUs, type StorageProfile } from "../../executors/store/storage-profile.ts";
import { surveyTrace } from "../../simulator/trace-facts.ts";
import { fitLinearCost } from "../../traces/least-squares.ts";
import { loadTrace } from "../../traces/read.ts";
import { workloadById } from "../../workloads/index.ts";
import { recordTrace } from "../recording/record-trace.ts";
import { costsOfLarger } from "./larger-scale.ts";
import {
  costsOfOther,
  costsOfSame,
  distinctNodes,
  type Split,
  withHotLoads,
  withLeastTransfers,
  withModelledLoads,
} from "./splits.ts";

/** What is recorded on one engine. */
export interface CalibrationPlan {
  readonly workload: Workload;
  readonly executor: string;
  readonly scale: number;
  readonly seed: number;
  /** Of each recording, in the end. */
  readonly recordingRepetitions: number;
  readonly warmUps?: number;
  readonly splits: readonly Split[];
  readonly memoryLimitBytes?: number;
  readonly sparkMaster?: string;
  readonly dataDir?: string;
  readonly cacheDir?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (trace: string, done: number, total: number, note: string) => void;
}

/** A recording in memory. */
interface Recorded {
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
}

/** All recordings of an engine; those that no split needs are missing. */
export interface Calibrations {
  readonly same: Recorded;
  readonly cover?: Recorded;
  readonly tenth?: Recorded;
  readonly hundredth?: Recorded;
}

/** A recording that is needed: of what, at which scale, in which file. */
export interface PlannedRecording {
  readonly role: keyof Calibrations;
  readonly workload: Workload;
  readonly scale: number;
  readonly file: string;
}

/** Recordings a plan needs. @throws {UsageError} when no workload covers the operators of this one */
export function plannedRecordings({
  workload,
  executor,
  scale,
  splits,
  folder,
}: Pick<CalibrationPlan, "workload" | "executor" | "scale" | "splits" | "folder">): readonly PlannedRecording[] {
  const planned = (role: keyof Calibrations, of: Workload, at: number): PlannedRecording => ({
    role,
    workload: of,
    scale: at,
    file: join(folder, `${executor}-${of.id}-${at}x.jsonl.gz`),
  });
  const needsSmaller = splits.includes("scale") || splits.includes("storage");
  return [
    planned("same", workload, scale),
    ...(splits.includes("sequence") ? [planned("cover", coverOf(workload), scale)] : []),
    ...(needsSmaller ? [planned("tenth", workload, scale / 10), planned("hundredth", workload, scale / 100)] : []),
  ];
}

function coverOf(workload: Workload): Workload {
  const family = workload.id.replace(/-(?:dist|branch)$/u, "");
  const cover = workloadById(`${family}-cover`);
  if (cover === undefined)
    throw new UsageError(
      `validate-sim: there is no workload "${family}-cover" that has every edit of ${workload.id} once; leave out --split sequence`,
    );
  return cover;
}

/**
 * Reads what was recorded before and records the rest, `upTo` repetitions of each.
 *
 * @throws as `recordTrace`
 */
export async function calibrations(plan: CalibrationPlan, upTo = plan.recordingRepetitions): Promise<Calibrations> {
  const found: Partial<Record<keyof Calibrations, Recorded>> = {};
  for (const recording of plannedRecordings(plan)) {
    const known = existsSync(recording.file) ? await loadTrace(recording.file) : undefined;
    if (known !== undefined) checkHeader(known.header, plan, recording.file);
    const isEnough = Number(known?.header.source?.["repetitions"] ?? 0) >= upTo;
    if (!isEnough) await record(plan, recording, upTo);
    found[recording.role] = known !== undefined && isEnough ? known : await loadTrace(recording.file);
  }
  return found as Calibrations;
}

/** A repetition's costs are the same in whichever call it is recorded: those of earlier calls are kept until all are there. */
async function record(
  plan: CalibrationPlan,
  { role, workload, scale, file }: PlannedRecording,
  repetitions: number,
): Promise<void> {
  const { executor, seed, warmUps, memoryLimitBytes, sparkMaster, dataDir, cacheDir, env, signal } = plan;
  await recordTrace({
    workload,
    executor,
    scale,
    seed,
    repetitions,
    wholeRepetitions: role === "same" ? repetitions : 1,
    keepsRepetitions: repetitions < plan.recordingRepetitions,
    out: file,
    ...(warmUps === undefined ? {} : { warmUps }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    ...(sparkMaster === undefined ? {} : { sparkMaster }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(env === undefined ? {} : { env }),
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done, total, note) => plan.onProgress?.(`${workload.id}-${scale}x`, done, total, note),
  });
}

/**
 * Bytes of which a budget in per cent is a share: all distinct intermediate results, as first recorded. Kept, so that a
 * repetition recorded later does not make other cells of the same budgets.
 */
export async function budgetBasis(
  { executor, folder }: Pick<CalibrationPlan, "executor" | "folder">,
  { same }: Calibrations,
): Promise<number> {
  const file = join(folder, `${executor}-intermediate-bytes.json`);
  if (existsSync(file)) return Number(JSON.parse(await readFile(file, "utf8")));
  const { intermediateBytes } = surveyTrace(same.iterations);
  await writeFile(file, `${intermediateBytes}\n`);
  return intermediateBytes;
}

function checkHeader({ source }: TraceHeader, { executor, seed }: CalibrationPlan, file: string): void {
  const recordedOn = source?.executor?.split(" ")[0];
  if (recordedOn !== executor || source?.["seed"] !== seed)
    throw new UsageError(
      `${file}: was recorded on ${recordedOn ?? "?"} with seed ${String(source?.["seed"])}; expected ${executor} and ${seed}; name another --out`,
    );
}

/** Costs of the versions under a split, loads as under the profile its cells run with. */
export function pricedFor(
  split: Split,
  versions: readonly Iteration[],
  scale: number,
  { same, cover, tenth, hundredth }: Calibrations,
  heldOutProfile: StorageProfile,
): readonly TraceIteration[] {
  const missing = (): never => {
    throw new UsageError(`validate-sim: split ${split} lacks its recordings`);
  };
  if (split === "sequence") return withHotLoads(costsOfOther(versions, (cover ?? missing()).iterations));
  if (split === "scale")
    return withHotLoads(
      costsOfLarger(versions, scale, {
        few: (tenth ?? missing()).iterations,
        fewScale: scale / 10,
        fewer: (hundredth ?? missing()).iterations,
        fewerScale: scale / 100,
      }),
    );
  const own = costsOfSame(versions, same.iterations);
  if (split === "in-sample") return withHotLoads(own);
  if (heldOutProfile === "disk170") return withLeastTransfers(own, (bytes) => leastTransferUs("disk170", bytes));
  return withModelledLoads(own, coldLoads([tenth ?? missing(), hundredth ?? missing()]));
}

/** Fits cold loads of smaller recordings, each distinct result once. */
function coldLoads(recordings: readonly Recorded[]): LinearCost {
  const samples = recordings.flatMap(({ iterations }) =>
    distinctNodes(iterations).flatMap(({ loadUs, sizeBytes, memoryBytes }) =>
      loadUs === undefined ? [] : [{ us: loadUs, sizeBytes, memoryBytes }],
    ),
  );
  return fitLinearCost(samples) ?? { baseUs: 0, usPerByte: 0, usPerMemoryByte: 0 };
}
