import { readFileSync } from "node:fs";
import { join } from "node:path";
import { registryUrl } from "../../experiments/registry.ts";
import { UsageError } from "../core/errors.ts";
import { parseBytes, parseDurationUs } from "../core/units.ts";
import { openPlugIns } from "../harness/run-plug-ins.ts";
import { planRun, runExperiment, type RunOptions } from "../harness/run.ts";
import { TraceLibrary } from "../harness/run-traces.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { experimentOf, integerOption, listOption, textOption } from "./experiment-choice.ts";
import { renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";
import type { ResultMeta } from "../harness/run-derived.ts";
import { claimsText } from "../report/claims-table.ts";
import { markdownTable, textTable } from "../report/text-table.ts";

/** Options of a run that `run`, `reproduce` and `start` share. */
export async function runOptions(
  values: OptionValues,
  effects: Effects,
  folder: string,
  experiment: string,
): Promise<RunOptions> {
  const seed = integerOption(values, "seed", 0);
  const traces = textOption(values, "traces");
  return {
    folder,
    quick: values["quick"] === true,
    ...(seed === undefined ? {} : { seed }),
    filters: listOption(values, "filter"),
    params: listOption(values, "param"),
    force: values["force"] === true,
    engines: listOption(values, "executor", true),
    ...shardOf(values),
    ...workersOf(values, experiment),
    ...(traces === undefined ? {} : { traces: new TraceLibrary(traces) }),
    plugIns: await openPlugIns(listOption(values, "plugin")),
    signal: effects.signal,
  };
}

/** `--shard 2/5`. @throws {UsageError} */
function shardOf(values: OptionValues): Pick<RunOptions, "shard"> {
  const text = textOption(values, "shard");
  if (text === undefined) return {};
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/u.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw new UsageError(`--shard "${text}": expected I/N with I from 1 to N, for example 2/5`);
  return { shard: { index, count } };
}

/** A cell with plug-ins may take this long where `--timeout` says nothing. */
const plugInTimeout = "10min";

/** Worker threads, when `--jobs`, `--timeout` or `--memory` ask for them, or a plug-in might loop forever or end the process. */
function workersOf(values: OptionValues, id: string): Pick<RunOptions, "workers"> {
  const jobs = integerOption(values, "jobs", 1);
  const hasPlugIns = listOption(values, "plugin").length > 0;
  const timeout = textOption(values, "timeout") ?? (hasPlugIns ? plugInTimeout : undefined);
  const memory = textOption(values, "memory");
  if ((jobs === undefined || jobs === 1) && timeout === undefined && memory === undefined) return {};
  return {
    workers: {
      jobs: jobs ?? 1,
      module: { url: registryUrl, id },
      ...(timeout === undefined ? {} : { timeoutUs: parseDurationUs(timeout) }),
      ...(memory === undefined ? {} : { memoryBytes: parseBytes(memory) }),
    },
  };
}

/** Tables, claims and who was left out, for people. */
function outcomeText({ tables, claims, exclusions }: ResultMeta, markdown: boolean): string {
  const parts = tables.map(({ title, note, header, rows }) =>
    markdown
      ? `## ${title}\n\n${note}\n\n${markdownTable(header, rows)}\n`
      : `${title}\n\n${textTable(header, rows)}\n${note}\n`,
  );
  const left = exclusions.map(
    ({ trace, system, reason, fromIteration }) =>
      `${markdown ? "- " : ""}excluded: ${system} on ${trace}: ${reason}${fromIteration === undefined ? "" : ` (from iteration ${fromIteration})`}\n`,
  );
  return [...parts, claimsText(claims), ...(left.length === 0 ? [] : [left.join("")])].join("\n");
}

/** `reuselab run ID --out DIR`: runs an experiment into `DIR/ID`, resuming what is there. */
export const command: Command = {
  name: "run",
  summary: "run an experiment into a results folder; an interrupted run continues",
  arguments: "<id>",
  options: [
    { flags: "--out <dir>", description: "folder that holds the result folders", default: "results" },
    { flags: "--quick", description: "the experiment's small variant" },
    { flags: "--seed <n>", description: "seed of everything drawn (default: the experiment's)" },
    { flags: "--filter <name=values>", description: "only these values of a parameter", repeatable: true },
    {
      flags: "--param <name=values>",
      description: "other values of a parameter, or (id.name=a,b) values of a planner's or materializer's",
      repeatable: true,
    },
    { flags: "--executor <ids>", description: "also run cells on these engines (duckdb, spark)", repeatable: true },
    { flags: "--traces <dir>", description: "folder of recorded traces (default: the shipped ones)" },
    { flags: "--plugin <file>", description: "a planner, materializer or experiment of yours", repeatable: true },
    { flags: "--jobs <n>", description: "worker threads for simulated cells", default: "1" },
    {
      flags: "--timeout <time>",
      description: `per simulated cell, for example 30s; a cell that takes longer is recorded (with plug-ins: ${plugInTimeout})`,
    },
    { flags: "--memory <size>", description: "per worker, for example 1GiB" },
    { flags: "--shard <i/n>", description: "only every n-th cell, for example 2/5; put shards together with merge" },
    { flags: "--force", description: "run finished cells again" },
    { flags: "--dry-run", description: "say how many cells would run and how long that takes" },
  ],
  async run({ values, positionals }, effects) {
    const [id] = positionals;
    if (id === undefined)
      throw new UsageError("run: no experiment given; expected its id; see: reuselab list experiments");
    const folder = join(textOption(values, "out") ?? "results", id);
    const options = await runOptions(values, effects, folder, id);
    const experiment = experimentOf(id, options.plugIns?.loaded);
    if (values["dryRun"] === true) {
      const { grid: _grid, ...plan } = await planRun(experiment, options);
      effects.stdout(
        renderRecords([{ experiment: id, ...plan }], ["experiment", ...Object.keys(plan)], values["format"]),
      );
      return 0;
    }
    const progress = openProgress(effects, values, id, 0);
    let total = 0;
    const outcome = await runExperiment(experiment, {
      ...options,
      onProgress(done, all, note) {
        if (all !== total) progress.setTotal((total = all));
        progress.update(done, note);
      },
    }).finally(() => progress.stop());
    const { meta } = outcome;
    const format = values["format"] ?? "table";
    if (format === "json") effects.stdout(`${JSON.stringify(meta, null, 1)}\n`);
    else if (format === "ndjson") effects.stdout(`${JSON.stringify(meta)}\n`);
    else if (format === "csv") effects.stdout(readFileSync(join(folder, "rows.csv"), "utf8"));
    else {
      effects.stdout(outcomeText(meta, format === "md"));
      effects.stdout(
        `${meta.cells.done} of ${meta.cells.total} cells done (${outcome.ran} run now, ${outcome.resumed} kept), ` +
          `${meta.cells.failed} failed, ${meta.cells.notRun} not run (other engines or shards); results in ${folder}\n`,
      );
    }
    for (const { params, code, message } of meta.failures)
      effects.stderr(`failed: ${JSON.stringify(params)}: ${code} ${message}\n`);
    if (outcome.status === "interrupted") return 130;
    return meta.failures.length > 0 ? 3 : 0;
  },
};
