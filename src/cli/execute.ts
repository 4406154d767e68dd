import { join } from "node:path";
import { type ReuseError, UsageError } from "../core/errors.ts";
import type { Exclusion, RunRow } from "../core/result-row.ts";
import type { SystemSpec } from "../core/system.ts";
import { parseBudget, parseBytes } from "../core/units.ts";
import type { Workload } from "../core/workload.ts";
import { plugInParts } from "../harness/contenders.ts";
import type { EngineHost, HostOptions } from "../harness/execution/engines.ts";
import type { ExecutedIteration, ExecutionCell, ExecutionOutcome } from "../harness/execution/execute-cell.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { idTaken, type PlugInSet } from "../harness/run-plug-ins.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { renderExecution, type ExecutionSummary } from "./execute-output.ts";
import { unknownId } from "./nearest.ts";
import { listOption } from "./list-option.ts";
import { openedPlugIns, plugInOption } from "./plug-in-option.ts";
import { renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";
import { pairParams } from "./simulate-params.ts";
import { sparkOptions } from "./spark-options.ts";
import { chooseSystems } from "./system-choice.ts";

const profiles = ["hot", "cold", "disk170"] as const;

/** `reuselab execute WORKLOAD`: runs a workload for real on an engine under systems and budgets. */
export const command: Command = {
  name: "execute",
  summary: "run a workload for real on an engine",
  arguments: "<workload>",
  options: [
    { flags: "--executor <id>", description: "engine: duckdb, spark, or a plug-in's", default: "duckdb" },
    { flags: "--system <ids>", description: "systems or pairs P+M, by commas; default every one", repeatable: true },
    { flags: "--planner <id>", description: "with --materializer: a pair instead of systems" },
    { flags: "--materializer <id>", description: "with --planner: a pair instead of systems" },
    plugInOption,
    {
      flags: "--budget <sizes>",
      description: "storage budgets by commas: 1GiB, none (default)",
      repeatable: true,
    },
    { flags: "--param <id.name=value>", description: "parameter of a planner or materializer", repeatable: true },
    { flags: "--out <dir>", description: "rows and stored results; default out/execute/WORKLOAD" },
    { flags: "--scale <n>", description: "times the rows of the original data", default: "1" },
    { flags: "--data <dir>", description: "folder with the real files; without it, data are generated" },
    { flags: "--storage-profile <id>", description: profiles.join(", "), default: "hot" },
    { flags: "--memory <size>", description: "memory limit of the engine; default 4GB" },
    { flags: "--spark <url>", description: "running Spark server, sc://host:port[/;token=…]; default one is started" },
    {
      flags: "--spark-master <master>",
      description: "of the server that is started: local[2] (default), local-cluster[2,1,1024], spark://host:port",
    },
    { flags: "--spark-wait <seconds>", description: "how long a cluster may have no room for any task; default 120" },
    { flags: "--seed <n>", description: "of the workload's drawn edits", default: "1" },
    { flags: "--twin", description: "run every version a second time without optimization, and show both" },
    { flags: "--quick", description: "a tenth of the rows" },
    { flags: "--force", description: "start over where --out holds a run already" },
    { flags: "--dry-run", description: "prepare the data and say what would run" },
  ],
  run,
};

async function run(
  { values, positionals }: { readonly values: OptionValues; readonly positionals: readonly string[] },
  effects: Effects,
): Promise<number> {
  const plugIns = await openedPlugIns(values);
  const workload = await workloadOf(positionals[0] ?? "", plugIns.loaded);
  const executor = String(values["executor"]);
  const openHost = await hostOf(executor, plugIns.loaded);
  const spark = sparkOptions(values, executor);
  const systems = chooseSystems(values, plugIns.loaded);
  const budgets = budgetsOf(values);
  const profile = profileOf(values);
  const seed = wholeOf(values, "seed");
  const params = pairParams(listOption(values["param"]), systems, plugIns.loaded);
  const memory = textOf(values, "memory");
  const memoryLimitBytes = memory === undefined ? undefined : parseBytes(memory);

  const { prepareDataset } = await import("../harness/datasets/index.ts");
  const dataDir = textOf(values, "data");
  const scale = scaleOf(values);
  const data = await prepareDataset(workload.dataset, {
    scale,
    signal: effects.signal,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const versions = workload.versions(data, seed, {});
  const cells = systems.flatMap((system) => budgets.map((budgetBytes) => ({ system, budgetBytes })));
  if (values["dryRun"] === true) {
    const planned = cells.map(({ system, budgetBytes }) => ({
      workload: workload.id,
      data: data.title,
      system: system.id,
      planner: system.planner,
      materializer: system.materializer,
      budgetBytes,
      iterations: versions.length,
    }));
    effects.stdout(renderRecords(planned, Object.keys(planned[0] ?? {}), values["format"]));
    return 0;
  }

  const { warmUp } = await import("../harness/execution/warm-up.ts");
  const note = (text: string): void => {
    if (values["quiet"] !== true) effects.stderr(`${text}\n`);
  };
  const host = await openHost({
    ...spark,
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    env: effects.env,
    signal: effects.signal,
    onNote: note,
  });
  try {
    const warmUpUs = await warmUp(workload, host, profile, effects.signal);
    if (host.identity !== undefined) note(`warm-up, outside all rows: ${(warmUpUs / 1e6).toFixed(1)} s`);
    return await executeAll(
      cells,
      plugIns,
      {
        workload: workload.id,
        requires: workload.requires ?? [],
        dataTitle: data.title,
        versions,
        executor,
        open: host.open,
        ...(host.identity === undefined ? {} : { host: host.identity }),
        seed,
        profile,
        params,
        out: textOf(values, "out") ?? join("out", "execute", workload.id),
        fresh: values["force"] === true,
        twin: values["twin"] === true,
        signal: effects.signal,
        ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
        onWarning: (message) => effects.stderr(`${message}\n`),
      },
      values,
      effects,
    );
  } finally {
    await host.close();
  }
}

type Cell = { readonly system: SystemSpec; readonly budgetBytes: number | null };

/** Runs the cells one after the other; one that fails leaves the others to run. */
async function executeAll(
  cells: readonly Cell[],
  plugIns: PlugInSet,
  common: Omit<ExecutionCell, "system" | "budgetBytes">,
  values: OptionValues,
  effects: Effects,
): Promise<number> {
  const { executeCell } = await import("../harness/execution/execute-cell.ts");
  const { workload, versions, executor, dataTitle, profile } = common;
  const progress = openProgress(effects, values, `execute ${workload}`, cells.length * versions.length);
  const summaries: ExecutionSummary[] = [];
  const failures: string[] = [];
  let done = 0;
  try {
    for (const [i, { system, budgetBytes }] of cells.entries()) {
      const outcome: ExecutionOutcome = await executeCell({
        ...common,
        system,
        budgetBytes,
        ...plugInParts(system, plugIns.loaded),
        plugInHashes: hashesFor(plugIns, { workload, executor, system }),
        onIteration: ({ row }: ExecutedIteration) => progress.update(++done, `${system.id} ${row.iteration}`),
      });
      done = (i + 1) * versions.length;
      if (outcome.aborted) throw new Error("interrupted");
      if (outcome.failure !== undefined) failures.push(failureText(workload, system, outcome.failure));
      summaries.push({ system, budgetBytes, outcome });
    }
  } finally {
    progress.stop();
  }
  return finish(
    summaries,
    failures,
    { values, title: `${workload} on ${executor}, ${dataTitle}, ${profile} reads` },
    effects,
  );
}

function finish(
  summaries: readonly ExecutionSummary[],
  failures: readonly string[],
  { values, title }: { readonly values: OptionValues; readonly title: string },
  effects: Effects,
): number {
  const rows: readonly RunRow[] = summaries.flatMap(({ outcome }) => outcome.rows);
  const excluded = summaries.flatMap(({ outcome }): readonly Exclusion[] =>
    outcome.exclusion === undefined ? [] : [outcome.exclusion],
  );
  const isEmpty = rows.length === 0 && failures.length === 0;
  if (isEmpty || values["quiet"] !== true)
    for (const { system, reason, fromIteration } of excluded)
      effects.stderr(
        `excluded: ${system}: ${reason}${fromIteration === undefined ? "" : ` (from iteration ${fromIteration})`}\n`,
      );
  for (const failure of failures) effects.stderr(failure);
  if (isEmpty) return 2;
  effects.stdout(renderExecution(summaries, excluded, title, values["format"]));
  return failures.length > 0 ? 3 : 0;
}

function failureText(workload: string, system: SystemSpec, failure: ReuseError): string {
  return `reuselab: ${workload} under ${system.id} failed: ${failure.message}\n`;
}

async function workloadOf(id: string, plugIns: LoadedPlugIns): Promise<Workload> {
  const { workloadById, workloads } = await import("../workloads/index.ts");
  const [builtIn, own] = [workloadById(id), plugIns.workloads.get(id)];
  if (builtIn !== undefined && own !== undefined) throw idTaken(id);
  const workload = builtIn ?? own;
  if (workload === undefined) throw unknownId("workload", id, [...Object.keys(workloads), ...plugIns.workloads.keys()]);
  return workload;
}

/** How an engine, built in or a plug-in's, is made ready. @throws {UsageError} for an unknown one */
async function hostOf(id: string, plugIns: LoadedPlugIns): Promise<(options: HostOptions) => Promise<EngineHost>> {
  const { engineIds, openEngineHost } = await import("../harness/execution/engines.ts");
  const own = plugIns.executors.get(id);
  if (own === undefined) {
    if (!engineIds.includes(id)) throw unknownId("executor", id, [...engineIds, ...plugIns.executors.keys()]);
    return (options) => openEngineHost(id, options);
  }
  if (engineIds.includes(id)) throw idTaken(id);
  const { openPlugInHost } = await import("../harness/execution/plug-in-host.ts");
  return (options) => openPlugInHost(own, options);
}

/** Hashes of the plug-in files that decide what this run does. */
function hashesFor(
  { hashes, brought }: PlugInSet,
  { workload, executor, system }: { readonly workload: string; readonly executor: string; readonly system: SystemSpec },
): readonly string[] {
  return hashes.filter((_, i) => {
    const { planners, materializers, workloads, executors } = brought[i]!;
    const isPart = planners.has(system.planner) || materializers.has(system.materializer);
    return isPart || workloads.has(workload) || executors.has(executor);
  });
}

/** Shares are refused: what all results take is not known before a real run. */
function budgetsOf(values: OptionValues): readonly (number | null)[] {
  const texts = listOption(values["budget"]).flatMap((text) => text.split(","));
  if (texts.length === 0) return [null];
  return texts.map((text) => {
    const budget = parseBudget(text);
    if (budget.kind === "share")
      throw new UsageError(
        `--budget ${text}: a real run does not know all intermediate bytes beforehand; give bytes, for example 100MB`,
      );
    return budget.kind === "none" ? null : budget.bytes;
  });
}

function profileOf(values: OptionValues): (typeof profiles)[number] {
  const found = profiles.find((id) => id === values["storageProfile"]);
  if (found === undefined)
    throw new UsageError(
      `--storage-profile "${String(values["storageProfile"])}": expected one of ${profiles.join(", ")}`,
    );
  return found;
}

function scaleOf(values: OptionValues): number {
  const scale = Number(values["scale"]);
  if (!(Number.isFinite(scale) && scale > 0))
    throw new UsageError(`--scale "${String(values["scale"])}": expected a number above 0`);
  return values["quick"] === true ? scale / 10 : scale;
}

function wholeOf(values: OptionValues, name: string): number {
  const text = String(values[name]);
  if (!/^-?\d+$/u.test(text) || !Number.isSafeInteger(Number(text)))
    throw new UsageError(`--${name} "${text}": expected an integer`);
  return Number(text);
}

function textOf(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}
