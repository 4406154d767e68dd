import { statSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import { oracleSystem } from "../bounds/oracle-policy.ts";
import type { StorageCostModel } from "../core/cost-model.ts";
import { type ReuseError, UsageError } from "../core/errors.ts";
import type { Exclusion } from "../core/result-row.ts";
import { accountings, estimateModes, type SystemSpec } from "../core/system.ts";
import { budgetBytesOf, parseBudget, parseBytes, parseDurationUs, type BudgetSpec } from "../core/units.ts";
import { paramsText, type PartParams } from "../harness/parameters.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { CellOutcome } from "../simulator/simulate.ts";
import type { Effects, OptionValues } from "./command.ts";
import { openTraces } from "./open-traces.ts";
import { listOption } from "./list-option.ts";
import { renderRecords } from "./print-records.ts";
import { plugInsOf } from "./plug-in-option.ts";
import { openProgress } from "./progress.ts";
import {
  cellInThread,
  materializerOfSystem,
  simulateTrace,
  type RunCell,
  type SimulationPlan,
} from "./simulate-cells.ts";
import { openGraph } from "./simulate-graph.ts";
import { paramsOfSystem, sweptParams } from "./simulate-params.ts";
import { renderSimulation, type CellSummary } from "./simulate-output.ts";
import { compileLess, threadCount } from "./simulate-threads.ts";
import { chooseSystems } from "./system-choice.ts";
import { storageModelOf, type OpenedTrace } from "./simulate-traces.ts";

/**
 * Runs the command.
 *
 * @param early threads that were started for it, to be used or not
 * @returns the exit code
 */
export async function runSimulate(
  { values, positionals }: { readonly values: OptionValues; readonly positionals: readonly string[] },
  effects: Effects,
  early: readonly Worker[] = [],
): Promise<number> {
  const plugIns = await plugInsOf(values);
  const systems = chooseSystems(values, plugIns, [oracleSystem]);
  const given = listOption(values["param"]);
  const budgets = budgetsOf(values);
  const common = {
    accounting: oneOf(values, "accounting", accountings),
    estimates: oneOf(values, "estimates", estimateModes),
    seed: seedOf(values),
    memoryBytes: typeof values["memory"] === "string" ? parseBytes(values["memory"]) : Number.POSITIVE_INFINITY,
  };
  const swept = sweptParams(given, systems, plugIns);
  const plan: SimulationPlan = {
    contenders: systems.map((system) => ({ system, params: paramsOfSystem(swept, system, plugIns) })),
    budgets,
    common,
    saysParams: given.length > 0,
  };
  const timeoutUs = typeof values["timeout"] === "string" ? parseDurationUs(values["timeout"]) : undefined;
  const isAlone = timeoutUs !== undefined || values["graph"] !== undefined || values["dryRun"] === true;
  const threads = threadCount(values, positionals, plan);
  if (!isAlone && threads > 1) {
    const found = await simulateInThreads(positionals, plan, values, { plugIns, threads, early }, effects);
    if (found !== undefined) return finish(summariesOf(plan, found), values, effects);
  }

  const traces = await openTraces(positionals, effects, values);
  const unseekable = timeoutUs === undefined ? undefined : traces.find(({ path }) => !statSync(path).isFile());
  if (unseekable !== undefined)
    throw new UsageError(`--timeout: ${unseekable.path} cannot be read again; expected a trace file`);
  const models = new Map<OpenedTrace, StorageCostModel | undefined>();
  for (const trace of traces) models.set(trace, await storageModelOf(values["storageModel"], trace));
  const cells = traces.flatMap((trace) => cellsOf(plan).map((cell) => Object.assign({ trace }, cell)));
  if (values["dryRun"] === true) {
    const planned = cells.map(({ trace, system, params, budget }) => ({
      trace: trace.name,
      system: system.id,
      planner: system.planner,
      materializer: system.materializer,
      ...(plan.saysParams ? { params: paramsText(params) } : {}),
      budgetBytes: budgetBytesOf(budget, trace.facts.intermediateBytes),
      iterations: trace.facts.iterationCount,
    }));
    effects.stdout(renderRecords(planned, Object.keys(planned[0] ?? {}), values["format"]));
    return 0;
  }

  const shared = await openGraph(
    values,
    cells.map(({ system }) => materializerOfSystem(system, plugIns)),
  );
  const iterations = cells.reduce((sum, { trace }) => sum + trace.facts.iterationCount, 0);
  const progress = openProgress(effects, values, "simulate", iterations);
  const limited = timeoutUs === undefined ? undefined : cellInLimits(values, timeoutUs, effects.signal);
  const runOne = limited?.run ?? cellInThread(plugIns);
  const shares: Share[] = [];
  let done = 0;
  try {
    for (const trace of traces) {
      const more = {
        signal: effects.signal,
        ...(shared === undefined ? {} : { graph: shared.graph }),
        onRow: () => progress.update(++done, trace.name),
      };
      const outcomes = await simulateTrace(plan, { trace, plugIns, storageModel: models.get(trace), more }, runOne);
      if (outcomes.some(({ aborted }) => aborted)) throw new Error("interrupted");
      for (const outcome of outcomes) shared?.finish(outcome);
      shares.push({ name: trace.name, outcomes });
    }
  } finally {
    progress.stop();
    shared?.close();
    await limited?.close();
  }
  return finish(summariesOf(plan, shares), values, effects);
}

/** Outcomes of a trace's cells, in the order of {@link cellsOf}. */
interface Share {
  readonly name: string;
  readonly outcomes: readonly CellOutcome[];
}

interface PlannedCell {
  readonly system: SystemSpec;
  readonly params: PartParams;
  readonly budget: BudgetSpec;
}

/** What runs on each trace, in order. */
function cellsOf({ contenders, budgets }: SimulationPlan): readonly PlannedCell[] {
  return contenders.flatMap(({ system, params: sets }) =>
    sets.flatMap((params) => budgets.map((budget) => ({ system, params, budget }))),
  );
}

/** Simulates on several threads; undefined where that did not work out, and doing it here says why. */
async function simulateInThreads(
  paths: readonly string[],
  plan: SimulationPlan,
  values: OptionValues,
  {
    plugIns,
    threads,
    early,
  }: { readonly plugIns: LoadedPlugIns; readonly threads: number; readonly early: readonly Worker[] },
  effects: Effects,
): Promise<readonly Share[] | undefined> {
  compileLess();
  const { simulateShares } = await import("./simulate-shares.ts");
  const progress = openProgress(effects, values, "simulate", paths.length);
  let done = 0;
  try {
    const shares = await simulateShares(paths, plan, values, plugIns, {
      threads,
      early,
      signal: effects.signal,
      onShare: ({ name }) => progress.update(++done, name),
    });
    if (effects.signal.aborted) throw new Error("interrupted");
    return shares;
  } finally {
    progress.stop();
  }
}

/** Runs cells in a thread that is ended when one takes too long. */
function cellInLimits(
  values: OptionValues,
  timeoutUs: number,
  signal: AbortSignal,
): { readonly run: RunCell; readonly close: () => Promise<void> } {
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

function summariesOf(plan: SimulationPlan, shares: readonly Share[]): readonly CellSummary[] {
  const cells = cellsOf(plan);
  const { estimates } = plan.common;
  return shares.flatMap(({ name, outcomes }) =>
    outcomes.map((outcome, i): CellSummary => {
      const { system, budget, params } = cells[i]!;
      const says = plan.saysParams ? { params: paramsText(params) } : {};
      return { trace: name, system, budget, ...says, estimates, outcome };
    }),
  );
}

function finish(summaries: readonly CellSummary[], values: OptionValues, effects: Effects): number {
  const failures: string[] = [];
  for (const { trace, system, outcome } of summaries) {
    if (outcome.failure !== undefined) failures.push(failureText(trace, system, outcome.failure));
    if (keptNothing(outcome) && values["quiet"] !== true)
      effects.stderr(
        `${trace} under ${system.id}: nothing was stored: no result it would keep fits the budget of ${outcome.budgetBytes} bytes\n`,
      );
  }
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

function failureText(trace: string, system: SystemSpec, failure: ReuseError): string {
  return `reuselab: ${trace} under ${system.id} failed: ${failure.message}\n`;
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
