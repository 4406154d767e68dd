import { existsSync } from "node:fs";
import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { parseBytes } from "../core/units.ts";
import type { Workload } from "../core/workload.ts";
import type { RecordedTrace, TraceRequest } from "../harness/recording/record-trace.ts";
import type { Command, OptionValues } from "./command.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";

/** `reuselab record WORKLOAD`: a policy-free recording on an engine, as a trace. */
export const command: Command = {
  name: "record",
  summary: "record a trace of a workload on an engine",
  arguments: "<workload>",
  options: [
    { flags: "--executor <id>", description: "engine: duckdb, spark", default: "duckdb" },
    { flags: "--scale <n>", description: "times the rows of the original data", default: "1" },
    { flags: "--data <dir>", description: "folder with the real files; without it, data are generated" },
    { flags: "--arm <id>", description: "how real files are scaled: replicate (default) or jitter" },
    { flags: "--repetitions <n>", description: "at least 9 for a published trace", default: "9" },
    { flags: "--whole-repetitions <n>", description: "repetitions that also run each version whole; default all" },
    { flags: "--warm-ups <n>", description: "runs of the warm-up of a fresh engine; default 1 on DuckDB, 3 on Spark" },
    { flags: "--memory <size>", description: "memory limit of the engine, for example 8GiB" },
    { flags: "--spark-master <master>", description: "of the Spark servers that are started; default local[2]" },
    { flags: "--seed <n>", description: "of the workload and of the order of runs", default: "1" },
    { flags: "--name <name>", description: "name in the trace; default from workload, scale and arm" },
    { flags: "--out <file>", description: "trace to write, gzip if it ends in .gz; default out/NAME.jsonl.gz" },
    { flags: "--quick", description: "3 repetitions, versions whole in the first only" },
    { flags: "--dry-run", description: "prepare the data and say what would be recorded" },
    {
      flags: "--small <trace>",
      description:
        "with --dry-run, twice: recordings at two small scales, from which the scale for claims is estimated",
      repeatable: true,
    },
    { flags: "--force", description: "replace an existing trace" },
  ],
  async run({ values, positionals }, effects) {
    const workload = await workloadOf(positionals[0]);
    const { recordTrace, recordingVersions, traceName } = await import("../harness/recording/record-trace.ts");
    const { checkRecordingExecutor } = await import("../harness/recording/recording-engines.ts");
    checkRecordingExecutor(text(values, "executor") ?? "");
    const { cacheFolder } = await import("../harness/datasets/folder.ts");
    const request = {
      ...requestOf(values, workload, traceName),
      cacheDir: cacheFolder(effects.env),
      env: effects.env,
    };
    if (values["dryRun"] === true) {
      const { preparePlan } = await import("../harness/recording/repetition.ts");
      const { versions, title, rows } = await recordingVersions({ ...request, signal: effects.signal });
      const { repetitions, seed } = request;
      const { calls } = preparePlan({ versions, repetitions, seed, openEngine: () => Promise.reject(new Error()) });
      const row = {
        ...(await estimate(values)),
        trace: request.name,
        dataset: title,
        rows,
        iterations: versions.length,
        repetitions,
        callsPerRepetition: calls.withWholes,
      };
      effects.stdout(renderRecords([row], Object.keys(row), values["format"]));
      return 0;
    }
    if (existsSync(request.out) && values["force"] !== true)
      throw new UsageError(`record: ${request.out} exists; name another file by --out, or replace it by --force`);
    const progress = openProgress(effects, values, `record ${request.name}`, 1);
    let recorded: RecordedTrace;
    try {
      recorded = await recordTrace({
        ...request,
        signal: effects.signal,
        onProgress(done, total, note) {
          progress.setTotal(total);
          progress.update(done, note);
        },
      });
    } finally {
      progress.stop();
    }
    const row = summary(recorded, request.out);
    effects.stdout(renderRecords([row], Object.keys(row), values["format"]));
    return 0;
  },
};

/** Estimates the scale at which claims may be judged, if two small recordings are given. @throws {UsageError} for another number */
async function estimate(values: OptionValues): Promise<CellRecord> {
  const small = values["small"];
  if (!Array.isArray(small) || small.length === 0) return {};
  const [a, b, ...more] = small as readonly string[];
  if (a === undefined || b === undefined || more.length > 0)
    throw new UsageError(`--small: ${small.length} recordings are given; expected two`);
  const { smallestScale } = await import("../harness/recording/smallest-scale.ts");
  const { loadTrace } = await import("../traces/read.ts");
  const rounded = (value: number): number => Number(value.toPrecision(3));
  const found = smallestScale(await loadTrace(a), await loadTrace(b));
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, rounded(value)]));
}

/** One line about a recording. */
function summary(recorded: RecordedTrace, file: string): CellRecord {
  const { header, initialUs, fixedCostUs } = recorded;
  return {
    trace: header.name,
    file,
    rows: recorded.rows,
    iterations: recorded.iterations,
    results: recorded.results,
    repetitions: recorded.repetitions,
    resumed: recorded.resumed,
    initialUs,
    fixedCostUs,
    fixedShare: fixedCostUs === undefined || initialUs === 0 ? null : Math.round((1e4 * fixedCostUs) / initialUs) / 1e4,
    loads: recorded.isCold ? "cold" : "hot",
  };
}

async function workloadOf(id: string | undefined): Promise<Workload> {
  const { workloads } = await import("../workloads/index.ts");
  const found = id !== undefined && Object.hasOwn(workloads, id) ? workloads[id] : undefined;
  if (found === undefined)
    throw new UsageError(
      `record: workload "${id ?? ""}" is unknown; expected one of ${nearest(id ?? "", Object.keys(workloads)).join(", ")}`,
    );
  return found;
}

function requestOf(
  values: OptionValues,
  workload: Workload,
  traceName: (workload: string, scale: number, arm?: string, executor?: string) => string,
): TraceRequest & { readonly name: string } {
  const quick = values["quick"] === true;
  const scale = positive(values, "scale");
  const arm = text(values, "arm");
  const dataDir = text(values, "data");
  const memory = text(values, "memory");
  const executor = text(values, "executor") ?? "duckdb";
  const sparkMaster = text(values, "sparkMaster");
  if (sparkMaster !== undefined && executor !== "spark")
    throw new UsageError(`--spark-master: the executor is "${executor}"; expected --executor spark`);
  const repetitions = quick ? 3 : whole(values, "repetitions");
  const wholes = quick
    ? 1
    : text(values, "wholeRepetitions") === undefined
      ? undefined
      : whole(values, "wholeRepetitions");
  const name = text(values, "name") ?? traceName(workload.id, scale, arm, executor);
  return {
    workload,
    executor,
    ...(sparkMaster === undefined ? {} : { sparkMaster }),
    name,
    scale,
    seed: whole(values, "seed"),
    repetitions,
    out: text(values, "out") ?? `out/${name}.jsonl.gz`,
    ...(arm === undefined ? {} : { arm }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(wholes === undefined ? {} : { wholeRepetitions: wholes }),
    ...(text(values, "warmUps") === undefined ? {} : { warmUps: whole(values, "warmUps") }),
    ...(memory === undefined ? {} : { memoryLimitBytes: parseBytes(memory) }),
  };
}

function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

function positive(values: OptionValues, name: string): number {
  const value = Number(values[name]);
  if (!(Number.isFinite(value) && value > 0))
    throw new UsageError(`record: --${name} ${String(values[name])}: expected a number above 0`);
  return value;
}

function whole(values: OptionValues, name: string): number {
  const given = values[name];
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1 || given === "")
    throw new UsageError(
      `record: --${name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)} ${String(given)}: expected a whole number of at least 1`,
    );
  return value;
}
