import { oracleSystem } from "../bounds/oracle-policy.ts";
import type { StorageCostModel } from "../core/cost-model.ts";
import { type ReuseError, UsageError } from "../core/errors.ts";
import type { Exclusion } from "../core/result-row.ts";
import { accountings, estimateModes, type SystemSpec } from "../core/system.ts";
import { budgetBytesOf, parseBudget, parseBytes, type BudgetSpec } from "../core/units.ts";
import { simulateCell, type CellOutcome, type SimulatedTrace } from "../simulator/simulate.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { listOption } from "./planner-choice.ts";
import { renderRecords } from "./print-records.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { openProgress } from "./progress.ts";
import { pairParams } from "./simulate-params.ts";
import { renderSimulation, type CellSummary } from "./simulate-output.ts";
import { chooseSystems, plugInParts } from "./system-choice.ts";
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
    { flags: "--param <id.name=value>", description: "parameter of a planner or materializer", repeatable: true },
    { flags: "--accounting <name>", description: accountings.join(", "), default: "uniform" },
    {
      flags: "--estimates <mode>",
      description: `what is known of costs: ${estimateModes.join(", ")}`,
      default: "last",
    },
    { flags: "--memory <size>", description: "memory of KeystoneML's greedy cache; default unlimited" },
    { flags: "--storage-model <file>", description: "load and write costs from `calibrate` where a trace has none" },
    plugInOption,
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
    params: pairParams(listOption(values["param"]), systems, plugIns),
    memoryBytes: typeof values["memory"] === "string" ? parseBytes(values["memory"]) : Number.POSITIVE_INFINITY,
    signal: effects.signal,
  };
  const traces = await openTraces(positionals, effects, values);
  const models = new Map<OpenedTrace, StorageCostModel | undefined>();
  for (const trace of traces) models.set(trace, await storageModelOf(values["storageModel"], trace));

  const cells = traces.flatMap((trace) =>
    systems.flatMap((system) => budgets.map((budget) => ({ trace, system, budget }))),
  );
  if (values["dryRun"] === true) {
    const planned = cells.map(({ trace, system, budget }) => ({
      trace: trace.name,
      system: system.id,
      planner: system.planner,
      materializer: system.materializer,
      budgetBytes: budgetBytesOf(budget, trace.facts.intermediateBytes),
      iterations: trace.facts.iterationCount,
    }));
    effects.stdout(renderRecords(planned, Object.keys(planned[0] ?? {}), values["format"]));
    return 0;
  }

  const iterations = cells.reduce((sum, { trace }) => sum + trace.facts.iterationCount, 0);
  const progress = openProgress(effects, values, "simulate", iterations);
  const summaries: CellSummary[] = [];
  const failures: string[] = [];
  let done = 0;
  try {
    for (const { trace, system, budget } of cells) {
      const storageModel = models.get(trace);
      const simulateOne =
        system === oracleSystem ? (await import("./simulate-oracle.ts")).simulateOracleCell : simulateCell;
      const outcome: CellOutcome = await simulateOne({
        ...common,
        trace,
        system,
        budget,
        ...plugInParts(system, plugIns),
        ...(storageModel === undefined ? {} : { storageModel }),
        onRow: () => progress.update(++done, `${trace.name} ${system.id}`),
      });
      if (outcome.aborted) throw new Error("interrupted");
      if (outcome.failure !== undefined) failures.push(failureText(trace, system, outcome.failure));
      summaries.push({ trace: trace.name, system, budget, estimates: common.estimates, outcome });
    }
  } finally {
    progress.stop();
  }
  return finish(summaries, failures, values, effects);
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
