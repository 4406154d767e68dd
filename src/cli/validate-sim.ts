import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { parseBudget, parseBytes } from "../core/units.ts";
import type { ValidationPlan } from "../harness/validation/run-validation.ts";
import { markdownTable, textTable } from "../report/text-table.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { integerOption, listOption, textOption } from "./experiment-choice.ts";
import { unknownId } from "./nearest.ts";
import { renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";

const usualRepetitions = 9;
const quickRepetitions = 3;

/** `reuselab validate-sim [WORKLOAD]`: how far simulated runs are from real ones. */
export const command: Command = {
  name: "validate-sim",
  summary: "hold the simulator against real runs",
  arguments: "[workload]",
  options: [
    { flags: "--executor <ids>", description: "engines: duckdb, spark", default: "duckdb" },
    { flags: "--scale <n>", description: "times the rows of the original data", default: "1" },
    { flags: "--setting <ids>", description: "only these systems and parameter settings", repeatable: true },
    { flags: "--budget <sizes>", description: "storage budgets by commas; default 2%,10%,40%,none", repeatable: true },
    {
      flags: "--split <ids>",
      description: "in-sample, sequence, scale, storage; default all",
      repeatable: true,
    },
    { flags: "--storage-profile <id>", description: "profile that is held out: cold, disk170", default: "cold" },
    { flags: "--cold-engine", description: "a fresh engine for each run, without warm-up; predictions add first uses" },
    { flags: "--repetitions <n>", description: `real runs of each cell; default ${usualRepetitions}` },
    {
      flags: "--recording-repetitions <n>",
      description: `repetitions of each recording that predicts; default ${usualRepetitions}`,
    },
    { flags: "--warm-ups <n>", description: "runs of the warm-up of a fresh engine; default 1 on DuckDB, 3 on Spark" },
    { flags: "--quick", description: `${quickRepetitions} repetitions: not enough to judge anything` },
    { flags: "--data <dir>", description: "folder with the real files; without it, data are generated" },
    { flags: "--memory <size>", description: "memory limit of the engine, for example 2GiB" },
    { flags: "--spark-master <master>", description: "of the Spark servers that are started; default local[2]" },
    { flags: "--seed <n>", description: "of the workload and of the order of runs", default: "1" },
    { flags: "--out <dir>", description: "recordings, runs and results; default out/validate-sim/WORKLOAD" },
    { flags: "--dry-run", description: "say how many recordings and runs there would be" },
  ],
  run,
};

async function run(
  { values, positionals }: { readonly values: OptionValues; readonly positionals: readonly string[] },
  effects: Effects,
): Promise<number> {
  const { runValidation, validationSteps } = await import("../harness/validation/run-validation.ts");
  const base = await planOf(values, positionals[0] ?? "census", effects);
  if (values["dryRun"] === true) {
    const steps = validationSteps(base);
    effects.stdout(renderRecords(steps, Object.keys(steps[0] ?? {}), values["format"]));
    return 0;
  }
  const progress = openProgress(effects, values, `validate-sim ${base.workload.id}`, 1);
  const plan: ValidationPlan = {
    ...base,
    onNote(text) {
      if (values["quiet"] !== true) effects.stderr(`${text}\n`);
    },
    onProgress(done, total, note) {
      progress.setTotal(total);
      progress.update(done, note);
    },
  };
  const validation = await runValidation(plan).finally(() => progress.stop());
  const { validationSummary, validationTables, writeValidation } =
    await import("../harness/validation/write-validation.ts");
  const { cellRecords, remarks } = await import("../harness/validation/validation-text.ts");
  await writeValidation(plan, validation);
  const format = values["format"] ?? "table";
  if (format === "json") effects.stdout(`${JSON.stringify(validationSummary(plan, validation), null, 1)}\n`);
  else if (format === "csv" || format === "ndjson") {
    const records = cellRecords(validation);
    effects.stdout(renderRecords(records, Object.keys(records[0] ?? {}), format));
  } else {
    const table = format === "md" ? markdownTable : textTable;
    for (const { title, header, rows } of validationTables(validation))
      effects.stdout(`${title}\n\n${table(header, rows)}\n`);
    for (const remark of remarks(validation)) effects.stdout(`${remark}\n`);
  }
  if (values["quiet"] !== true) effects.stderr(`results in ${plan.folder}\n`);
  return 0;
}

async function planOf(values: OptionValues, id: string, effects: Effects): Promise<ValidationPlan> {
  const { workloadById, workloads } = await import("../workloads/index.ts");
  const { checkRecordingExecutor } = await import("../harness/recording/recording-engines.ts");
  const { cacheFolder } = await import("../harness/datasets/folder.ts");
  const { settingsOf } = await import("../harness/validation/settings.ts");
  const { splits } = await import("../harness/validation/splits.ts");
  const workload = workloadById(id);
  if (workload === undefined) throw unknownId("workload", id, Object.keys(workloads));
  const executors = String(values["executor"]).split(",");
  for (const executor of executors) checkRecordingExecutor(executor);
  const sparkMaster = textOption(values, "sparkMaster");
  if (sparkMaster !== undefined && !executors.includes("spark"))
    throw new UsageError(`--spark-master: the executor is "${executors.join(",")}"; expected --executor spark`);
  const budgets = listOption(values, "budget", true);
  for (const budget of budgets) parseBudget(budget);
  const scale = Number(values["scale"]);
  if (!(Number.isFinite(scale) && scale > 0))
    throw new UsageError(`--scale "${String(values["scale"])}": expected a number above 0`);
  const profile = ["cold", "disk170"].find((known) => known === values["storageProfile"]);
  if (profile === undefined)
    throw new UsageError(`--storage-profile "${String(values["storageProfile"])}": expected cold or disk170`);
  const wanted = listOption(values, "split", true);
  for (const split of wanted)
    if (!splits.some((known) => known === split))
      throw new UsageError(`--split "${split}": is unknown; expected one of ${nearest(split, splits).join(", ")}`);
  const memory = textOption(values, "memory");
  const dataDir = textOption(values, "data");
  const warmUps = integerOption(values, "warmUps", 1);
  const few = values["quick"] === true ? quickRepetitions : usualRepetitions;
  return {
    workload,
    executors,
    scale,
    settings: settingsOf(listOption(values, "setting", true)),
    budgets: budgets.length === 0 ? ["2%", "10%", "40%", "none"] : budgets,
    splits: wanted.length === 0 ? splits : splits.filter((split) => wanted.includes(split)),
    heldOutProfile: profile as "cold" | "disk170",
    repetitions: integerOption(values, "repetitions", 1) ?? few,
    recordingRepetitions:
      integerOption(values, "recordingRepetitions", 1) ?? (values["quick"] === true ? 1 : usualRepetitions),
    coldEngine: values["coldEngine"] === true,
    seed: integerOption(values, "seed", 0) ?? 1,
    ...(warmUps === undefined ? {} : { warmUps }),
    ...(memory === undefined ? {} : { memoryLimitBytes: parseBytes(memory) }),
    ...(sparkMaster === undefined ? {} : { sparkMaster }),
    ...(dataDir === undefined ? {} : { dataDir }),
    cacheDir: cacheFolder(effects.env),
    env: effects.env,
    folder: textOption(values, "out") ?? join("out", "validate-sim", workload.id),
    signal: effects.signal,
  };
}
