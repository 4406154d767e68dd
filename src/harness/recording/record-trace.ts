import { dirname } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import type { TraceHeader } from "../../core/iteration.ts";
import type { Workload } from "../../core/workload.ts";
import { writeTrace } from "../../traces/write.ts";
import { prepareDataset } from "../datasets/index.ts";
import { provenance } from "../provenance.ts";
import type { RecordingPlan, RecordingProgress } from "./recording.ts";
import { openRecordingHost } from "./recording-engines.ts";
import { forgetRepetitions, type Recording, recordWorkload } from "./record-workload.ts";

/** What to record where to. */
export interface TraceRequest {
  readonly workload: Workload;
  /** Id of the engine, default `duckdb`. */
  readonly executor?: string;
  /** Master of the Spark server, default `local[2]`. */
  readonly sparkMaster?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Name in the trace's header; default {@link traceName}. */
  readonly name?: string;
  /** Times the original's rows. */
  readonly scale: number;
  /** Folder with real files; without it the data are generated. */
  readonly dataDir?: string;
  /** How real files are scaled. */
  readonly arm?: string;
  readonly seed: number;
  readonly repetitions: number;
  readonly wholeRepetitions?: number;
  /** Runs of the warm-up before anything counts; default the engine's own number. */
  readonly warmUps?: number;
  /** Limit of the engine's memory; default two fifths of the machine's on DuckDB, 2 GiB on Spark. */
  readonly memoryLimitBytes?: number;
  /** Trace file, gzip when it ends in `.gz`; the store and finished repetitions lie beside it while the recording runs. */
  readonly out: string;
  /** Keeps finished repetitions beside the trace: asked for again with more of them, the recording goes on. */
  readonly keepsRepetitions?: boolean;
  readonly cacheDir?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: RecordingProgress;
}

/** A recording that was written. */
export interface RecordedTrace extends Omit<Recording, "iterations"> {
  readonly header: TraceHeader;
  readonly iterations: number;
  /** Distinct results of all versions. */
  readonly results: number;
  readonly rows: number;
}

/** `census-1x`, `census-jitter-10x`, `census-spark-10x`: family and scale, as the trace library reads names. */
export function traceName(workload: string, scale: number, arm?: string, executor = "duckdb"): string {
  const engine = executor === "duckdb" ? "" : `-${executor}`;
  return `${workload}${engine}${arm === undefined || arm === "replicate" || scale === 1 ? "" : `-${arm}`}-${scale}x`;
}

/** Prepares data (all rows, and 1 % of them) and versions of a request. @throws as `prepareDataset` */
export async function recordingVersions(
  request: Pick<TraceRequest, "workload" | "scale" | "dataDir" | "arm" | "seed" | "cacheDir" | "signal">,
): Promise<Pick<RecordingPlan, "versions" | "warmUp"> & { readonly title: string; readonly rows: number }> {
  const { workload, scale, dataDir, arm, seed, cacheDir, signal } = request;
  const options = {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(arm === undefined ? {} : { arm }),
    ...(cacheDir === undefined ? {} : { cacheDir }),
    ...(signal === undefined ? {} : { signal }),
  };
  const full = await prepareDataset(workload.dataset, { ...options, scale });
  const few = await prepareDataset(workload.dataset, { ...options, scale: scale / 100 });
  return {
    versions: workload.versions(full, seed, {}),
    warmUp: workload.versions(few, seed, {}),
    title: full.title,
    rows: full.rows,
  };
}

/**
 * Records a workload on an engine and writes the trace. An interrupted recording goes on when it is asked for again.
 *
 * @throws {MissingExecutorError} without the engine; {ExecutorError} when it fails; as `prepareDataset` for bad data
 */
export async function recordTrace(request: TraceRequest): Promise<RecordedTrace> {
  const { workload, scale, arm, seed, repetitions, wholeRepetitions, out } = request;
  const host = await openRecordingHost(request.executor ?? "duckdb", {
    ...(request.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: request.memoryLimitBytes }),
    ...(request.sparkMaster === undefined ? {} : { sparkMaster: request.sparkMaster }),
    ...(request.env === undefined ? {} : { env: request.env }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const { memoryLimitBytes, metricTolerance, executor, facts } = host;
  const { warmUps = host.warmUps } = request;
  const { versions, warmUp, title, rows } = await recordingVersions(request);
  makeFolder(dirname(out));
  const plan: RecordingPlan = {
    versions,
    ...(warmUp === undefined ? {} : { warmUp }),
    warmUps,
    repetitions,
    ...(wholeRepetitions === undefined ? {} : { wholeRepetitions }),
    seed,
    keepBytes: Math.floor(memoryLimitBytes / 4),
    metricTolerance,
    openEngine: () => host.open(`${out}.store`),
    ...(request.onProgress === undefined ? {} : { onProgress: request.onProgress }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  const { reuselab, commit, node, os, cpu, cores, memoryBytes } = provenance();
  const machine = { cpu, cores, memoryBytes, os, node };
  const engine = [executor, ...Object.values(facts)];
  const identity = [
    ...engine,
    JSON.stringify(machine),
    workload.id,
    String(scale),
    title,
    String(memoryLimitBytes),
    String(warmUps),
  ];
  const sideFile = `${out}.repetitions.jsonl`;
  const { iterations, ...recording } = await recordWorkload(plan, { path: sideFile, identity });
  const header: TraceHeader = {
    format: "reuselab.trace",
    version: 1,
    name: request.name ?? traceName(workload.id, scale, arm, request.executor),
    domain: workload.domain,
    ...(workload.requires === undefined ? {} : { requires: workload.requires }),
    source: {
      tool: "reuselab",
      version: reuselab,
      executor,
      ...facts,
      machine,
      recordedAt: new Date().toISOString(),
      dataset: title,
      rows,
      imputed: [],
      commit,
      workload: workload.id,
      scale,
      ...(arm === undefined ? {} : { arm }),
      seed,
      repetitions: recording.repetitions,
      wholeRepetitions: wholeRepetitions ?? repetitions,
      warmUps,
      storageProfile: recording.isCold ? "cold" : "hot",
      memoryLimitBytes,
      initialUs: recording.initialUs,
      ...(recording.fixedCostUs === undefined ? {} : { fixedCostUs: recording.fixedCostUs }),
      firstUseUs: recording.firstUseUs,
      ...(recording.freshSessionShare === undefined ? {} : { freshSessionShare: recording.freshSessionShare }),
      metricTolerance,
    },
  };
  await writeTrace(out, header, iterations);
  if (request.keepsRepetitions !== true) await forgetRepetitions(sideFile);
  return { ...recording, header, iterations: iterations.length, results: resultCount(plan), rows };
}

function resultCount(plan: RecordingPlan): number {
  return new Set(plan.versions.flatMap(({ nodes }) => nodes.map(({ signature }) => signature))).size;
}
