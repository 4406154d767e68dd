import { statSync } from "node:fs";
import { materializerById } from "../algorithms/materialize/index.ts";
import { oracleSystem } from "../bounds/oracle-policy.ts";
import type { StorageCostModel } from "../core/cost-model.ts";
import { type ReuseError, UsageError } from "../core/errors.ts";
import type { Exclusion } from "../core/result-row.ts";
import { accountings, estimateModes, type SystemSpec } from "../core/system.ts";
import { budgetBytesOf, parseBudget, parseBytes, parseDurationUs, type BudgetSpec } from "../core/units.ts";
import { plugInParts } from "../harness/contenders.ts";
import { paramsText, type PartParams } from "../harness/parameters.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { isBudgetFree, underBudgetOf } from "../simulator/budget-free.ts";
import { simulateCell, type CellOutcome, type SimulatedTrace, type SimulationCell } from "../simulator/simulate.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { listOption } from "./planner-choice.ts";
import { renderRecords } from "./print-records.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { openProgress } from "./progress.ts";
import { graphOption, openGraph } from "./simulate-graph.ts";
import { paramsOfSystem, sweptParams } from "./simulate-params.ts";
import { renderSimulation, type CellSummary } from "./simulate-output.ts";
import { chooseSystems } from "./system-choice.ts";
import { openTraces, storageModelOf, type OpenedTrace } from "./simulate-traces.ts";

/** `reuselab simulate TRACE…`: replays traces under systems and budgets on the virtual clock. */
export const command: Command = {
  name: "simulate",
  summary: "replay traces under systems and budgets",
  arguments: "<trace...>",
  options: [
    { flags: "--system <ids>", description: "systems, by commas; default every one", repeatable: true },
    { flags: "--planner <id>", description: "with --materializer: a pair instead of systems" },
    { flags: "--materializer <id>", description: "with --planner: a pair instead of systems" },
    {
      flags: "--budget <sizes>",
      description: "storage budgets by commas: 1GiB, 50% of all intermediate bytes, none (default)",
      repeatable: true,
    },
    {
      flags: "--param <id.name=values>",
      description: "parameter of a planner or materializer; several values by commas are tried one after the other",
      repeatable: true,
    },
    { flags: "--accounting <name>", description: accountings.join(", "), default: "uniform" },
    {
      flags: "--estimates <mode>",
      description: `what is known of costs: ${estimateModes.join(", ")}`,
      default: "last",
    },
    { flags: "--memory <size>", description: "memory of KeystoneML's greedy cache; default unlimited" },
    { flags: "--storage-model <file>", description: "load and write costs from `calibrate` where a trace has none" },
    graphOption,
    plugInOption,
    { flags: "--timeout <time>", description: "per cell, for example 30s; one that takes longer fails" },
    { flags: "--seed <n>", description: "echoed in the rows", default: "1" },
    { flags: "--dry-run", description: "say what would run, run nothing" },
  ],
  run,
};

async function run(
  { values, positionals }: { readonly values: OptionValues; readonly positionals: readonly string[] },
  effects: Effects,
): Promise<number> {
  const plugIns = await plugInsOf(values);
  const systems = chooseSystems(values, plugIns, [oracleSystem]);
  const budgets = budgetsOf(values);
  const common = {
    accounting: oneOf(values, "accounting", accountings),
    estimates: oneOf(values, "estimates", estimateModes),
    seed: seedOf(values),
    memoryBytes: typeof values["memory"] === "string" ? parseBytes(values["memory"]) : Number.POSITIVE_INFINITY,
    signal: effects.signal,
  };
  const given = listOption(values["param"]);
  const swept = sweptParams(given, systems, plugIns);
  const timeoutUs = typeof values["timeout"] === "string" ? parseDurationUs(values["timeout"]) : undefined;
  const traces = await openTraces(positionals, effects, values);
  const unseekable = timeoutUs === undefined ? undefined : traces.find(({ path }) => !statSync(path).isFile());
  if (unseekable !== undefined)
    throw new UsageError(`--timeout: ${unseekable.path} cannot be read again; expected a trace file`);
  const models = new Map<OpenedTrace, StorageCostModel | undefined>();
  for (const trace of traces) models.set(trace, await storageModelOf(values["storageModel"], trace));

  const cells = traces.flatMap((trace) =>
    systems.flatMap((system) =>
      paramsOfSystem(swept, system, plugIns).flatMap((params) =>
        budgets.map((budget) => ({ trace, system, params, budget })),
      ),
    ),
  );
  if (values["dryRun"] === true) {
    const planned = cells.map(({ trace, system, params, budget }) => ({
      trace: trace.name,
      system: system.id,
      planner: system.planner,
      materializer: system.materializer,
      ...(given.length === 0 ? {} : { params: paramsText(params) }),
      budgetBytes: budgetBytesOf(budget, trace.facts.intermediateBytes),
      iterations: trace.facts.iterationCount,
    }));
    effects.stdout(renderRecords(planned, Object.keys(planned[0] ?? {}), values["format"]));
    return 0;
  }

  const shared = await openGraph(
    values,
    cells.map(({ system }) => plugInParts(system, plugIns).materializer ?? materializerById(system.materializer)),
  );
  const iterations = cells.reduce((sum, { trace }) => sum + trace.facts.iterationCount, 0);
  const progress = openProgress(effects, values, "simulate", iterations);
  const summaries: CellSummary[] = [];
  const failures: string[] = [];
  let done = 0;
  const runOne = onceForAllBudgets(cellRunner(values, plugIns, effects, timeoutUs), plugIns);
  try {
    for (const { trace, system, params, budget } of cells) {
      const storageModel = models.get(trace);
      const cell: SimulationCell = {
        ...common,
        trace,
        system,
        params,
        budget,
        ...(storageModel === undefined ? {} : { storageModel }),
        ...(shared === undefined ? {} : { graph: shared.graph }),
        onRow: () => progress.update(++done, `${trace.name} ${system.id}`),
      };
      const outcome = labelled(await runOne.run(cell, trace), given.length > 0 ? params : undefined);
      if (outcome.aborted) throw new Error("interrupted");
      if (outcome.failure !== undefined) failures.push(failureText(trace, system, outcome.failure));
      shared?.finish(outcome);
      if (keptNothing(outcome) && values["quiet"] !== true)
        effects.stderr(
          `${trace.name} under ${system.id}: nothing was stored: no result it would keep fits the budget of ${outcome.budgetBytes} bytes\n`,
        );
      const says = given.length > 0 ? { params: paramsText(params) } : {};
      summaries.push({ trace: trace.name, system, budget, ...says, estimates: common.estimates, outcome });
    }
  } finally {
    progress.stop();
    shared?.close();
    await runOne.close();
  }
  return finish(summaries, failures, values, effects);
}

interface CellRunner {
  run(cell: SimulationCell, trace: OpenedTrace): Promise<CellOutcome>;
  close(): Promise<void>;
}

/** Runs cells in this thread or, with a time-out, in one that can be ended. */
function cellRunner(
  values: OptionValues,
  plugIns: LoadedPlugIns,
  { signal }: Effects,
  timeoutUs: number | undefined,
): CellRunner {
  if (timeoutUs === undefined)
    return {
      async run(cell) {
        const isOracle = cell.system === oracleSystem;
        const simulateOne = isOracle ? (await import("./simulate-oracle.ts")).simulateOracleCell : simulateCell;
        return simulateOne({ ...cell, ...plugInParts(cell.system, plugIns) });
      },
      close: () => Promise.resolve(),
    };
  const { storageModel } = values;
  const setup = {
    plugIns: listOption(values["plugin"]),
    ...(typeof storageModel === "string" ? { storageModel } : {}),
  };
  const thread = import("./simulate-thread.ts").then(({ CellThread }) => new CellThread(setup, timeoutUs));
  return {
    async run({ trace: _trace, storageModel: _model, signal: _signal, graph: _graph, onRow, ...cell }, { path }) {
      const outcome = await (await thread).run({ ...cell, path }, signal);
      for (const row of outcome.rows) onRow?.(row);
      return outcome;
    },
    close: async () => (await thread).close(),
  };
}

/** Runs a cell that no budget matters to once, for all the budgets that follow each other. */
function onceForAllBudgets(runner: CellRunner, plugIns: LoadedPlugIns): CellRunner {
  let last: { readonly cell: SimulationCell; readonly outcome: CellOutcome } | undefined;
  return {
    async run(cell, trace) {
      const before = last;
      const { trace: same, system, params } = cell;
      const isAgain = before?.cell.trace === same && before.cell.system === system && before.cell.params === params;
      if (isAgain && isBudgetFree(system, plugInParts(system, plugIns).materializer)) {
        const outcome = underBudgetOf(cell, before.outcome);
        for (const row of outcome.rows) cell.onRow?.(row);
        return outcome;
      }
      const outcome = await runner.run(cell, trace);
      last = { cell, outcome };
      return outcome;
    },
    close: () => runner.close(),
  };
}

/** Rows say which parameters were set, where any were. */
function labelled(outcome: CellOutcome, params: PartParams | undefined): CellOutcome {
  if (params === undefined) return outcome;
  const text = paramsText(params);
  return { ...outcome, rows: outcome.rows.map((row) => Object.assign({}, row, { params: text })) };
}

function finish(
  summaries: readonly CellSummary[],
  failures: readonly string[],
  values: OptionValues,
  effects: Effects,
): number {
  const rows = summaries.flatMap(({ outcome }) => outcome.rows);
  const excluded = distinctExclusions(summaries.map(({ outcome }) => outcome));
  const isEmpty = rows.length === 0 && failures.length === 0;
  if (isEmpty || values["quiet"] !== true)
    for (const { system, reason, fromIteration } of excluded)
      effects.stderr(
        `excluded: ${system}: ${reason}${fromIteration === undefined ? "" : ` (from iteration ${fromIteration})`}\n`,
      );
  if (isEmpty) return 2;
  for (const failure of failures) effects.stderr(failure);
  effects.stdout(renderSimulation(summaries, rows, excluded, values["format"]));
  return failures.length > 0 ? 3 : 0;
}

/** The budget turned away whatever was to be stored. */
function keptNothing({ budgetBytes, budgetBound, rows }: CellOutcome): boolean {
  return budgetBytes !== null && budgetBytes > 0 && budgetBound && rows.every(({ storedBytes }) => storedBytes === 0);
}

function failureText(trace: SimulatedTrace, system: SystemSpec, failure: ReuseError): string {
  return `reuselab: ${trace.name} under ${system.id} failed: ${failure.message}\n`;
}

/** One per trace and system: budgets do not change why a system is left out. */
function distinctExclusions(outcomes: readonly CellOutcome[]): readonly Exclusion[] {
  const seen = new Map<string, Exclusion>();
  for (const { exclusion } of outcomes) {
    if (exclusion === undefined) continue;
    const key = JSON.stringify([exclusion.trace, exclusion.system, exclusion.reason, exclusion.fromIteration ?? null]);
    if (!seen.has(key)) seen.set(key, exclusion);
  }
  return [...seen.values()];
}

function budgetsOf(values: OptionValues): readonly BudgetSpec[] {
  const texts = listOption(values["budget"]).flatMap((text) => text.split(","));
  return texts.length === 0 ? [{ kind: "none" }] : texts.map(parseBudget);
}

function oneOf<T extends string>(values: OptionValues, name: string, valid: readonly T[]): T {
  const text = values[name] ?? valid[0];
  const found = valid.find((id) => id === text);
  if (found === undefined) throw new UsageError(`--${name} "${String(text)}": expected one of ${valid.join(", ")}`);
  return found;
}

function seedOf(values: OptionValues): number {
  const text = String(values["seed"] ?? "1");
  const seed = Number(text);
  if (!/^-?\d+$/u.test(text) || !Number.isSafeInteger(seed))
    throw new UsageError(`--seed "${text}": expected an integer`);
  return seed;
}
