import { clairvoyantOptimum } from "../bounds/clairvoyant.ts";
import { oracleSystem } from "../bounds/oracle-policy.ts";
import { reuseFloorUs } from "../bounds/reuse-floor.ts";
import type { SequenceOptions } from "../bounds/sequence.ts";
import { windowedBoundUs } from "../bounds/windows.ts";
import { UsageError } from "../core/errors.ts";
import type { TraceIteration } from "../core/iteration.ts";
import type { Exclusion } from "../core/result-row.ts";
import { accountings, type SystemSpec } from "../core/system.ts";
import { type BudgetSpec, budgetBytesOf, parseBudget } from "../core/units.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { simulateCell } from "../simulator/simulate.ts";
import { plugInParts } from "../harness/contenders.ts";
import type { Command, Effects, OptionValues } from "./command.ts";
import { plugInOption, plugInsOf } from "./plug-in-option.ts";
import { pairSystem } from "../baselines/index.ts";
import { listOption } from "./list-option.ts";
import { chooseSystems } from "./system-choice.ts";
import { type CellRecord, renderRecords } from "./print-records.ts";
import { openProgress } from "./progress.ts";
import { openTraces } from "./open-traces.ts";
import { type OpenedTrace, storageModelOf } from "./simulate-traces.ts";

/** Traces of more nodes in all are bounded without being held whole. */
const wholeNodes = 500_000;

const columns = [
  "trace",
  "budgetBytes",
  "system",
  "planner",
  "materializer",
  "costUs",
  "lowerBoundUs",
  "bound",
  "gap",
  "attainedShare",
];

/** A lower bound of every policy on a trace under a budget. */
interface Bound {
  readonly lowerBoundUs: number;
  /** How it was found: `optimum`, `bound`, `windows of K`, `floor`. */
  readonly bound: string;
  /** Cost of a schedule that is known, if any. */
  readonly costUs?: number;
  /** Why it is no optimum. */
  readonly reason?: string;
}

/** `reuselab bound TRACE…`: each policy's simulated cost beside what no policy can go below. */
export const command: Command = {
  name: "bound",
  summary: "print each policy's cost beside the proven bound",
  arguments: "<trace...>",
  endsAtOnce: true,
  options: [
    {
      flags: "--budget <sizes>",
      description: "storage budgets by commas: 1GiB, 50%, none (default)",
      repeatable: true,
    },
    {
      flags: "--look-ahead <k>",
      description: "iterations known ahead: the bound is put together from windows of k; default the whole sequence",
    },
    { flags: "--system <ids>", description: "systems, by commas; default every one", repeatable: true },
    { flags: "--planner <id>", description: "with --materializer: a pair instead of systems" },
    { flags: "--materializer <id>", description: "with --planner: a pair instead of systems" },
    { flags: "--accounting <name>", description: accountings.join(", "), default: "uniform" },
    { flags: "--storage-model <file>", description: "load and write costs from `calibrate` where a trace has none" },
    plugInOption,
  ],
  async run({ values, positionals }, effects) {
    if (positionals.length === 0) throw new UsageError("bound: no trace given; expected one or more trace files");
    const plugIns = await plugInsOf(values);
    const systems = chooseSystems(values, plugIns, [oracleSystem]);
    const budgets = listOption(values["budget"]).flatMap((text) => text.split(","));
    const lookAhead = lookAheadOf(values["lookAhead"]);
    const accounting = accountings.find((id) => id === values["accounting"]);
    if (accounting === undefined)
      throw new UsageError(`--accounting "${String(values["accounting"])}": expected one of ${accountings.join(", ")}`);
    const specs: readonly BudgetSpec[] = budgets.length === 0 ? [{ kind: "none" }] : budgets.map(parseBudget);
    const rows: CellRecord[] = [];
    const excluded: Exclusion[] = [];
    for (const trace of await openTraces(positionals, effects, values)) {
      const storageModel = await storageModelOf(values["storageModel"], trace);
      const options: SequenceOptions = {
        accounting,
        chargeSegments: trace.facts.chargeSegments,
        ...(storageModel === undefined ? {} : { storageModel }),
      };
      for (const spec of specs) {
        const part = await boundRows(trace, spec, systems, lookAhead, options, values, effects, plugIns);
        rows.push(...part.rows);
        excluded.push(...part.excluded);
      }
    }
    return finish(rows, excluded, values, effects);
  },
};

function finish(
  rows: readonly CellRecord[],
  excluded: readonly Exclusion[],
  values: OptionValues,
  effects: Effects,
): number {
  const left = [...new Map(excluded.map((one) => [JSON.stringify([one.trace, one.system, one.reason]), one])).values()];
  if (values["quiet"] !== true || rows.length === 0)
    for (const { system, reason } of left) effects.stderr(`excluded: ${system}: ${reason}\n`);
  if (rows.length === 0) return 2;
  effects.stdout(
    values["format"] === "json"
      ? `${JSON.stringify({ rows, excluded: left })}\n`
      : renderRecords(rows, columns, values["format"]),
  );
  return 0;
}

async function boundRows(
  trace: OpenedTrace,
  budget: BudgetSpec,
  systems: readonly SystemSpec[],
  lookAhead: number | undefined,
  options: SequenceOptions,
  values: OptionValues,
  effects: Effects,
  plugIns: LoadedPlugIns,
): Promise<{ rows: CellRecord[]; excluded: Exclusion[] }> {
  const budgetBytes = budgetBytesOf(budget, trace.facts.intermediateBytes);
  const progress = openProgress(effects, values, `bound ${trace.name}`, systems.length + 2);
  const rows: CellRecord[] = [];
  const excluded: Exclusion[] = [];
  try {
    const simulate = async (system: SystemSpec): Promise<number | Exclusion> => {
      effects.signal.throwIfAborted();
      const { accounting, storageModel } = options;
      const outcome = await simulateCell({
        ...plugInParts(system, plugIns),
        trace,
        system,
        budget,
        ...(accounting === undefined ? {} : { accounting }),
        ...(storageModel === undefined ? {} : { storageModel }),
        signal: effects.signal,
      });
      if (outcome.failure !== undefined) throw outcome.failure;
      return outcome.exclusion ?? outcome.rows.at(-1)?.cumulativeUs ?? 0;
    };
    const none = await simulate(pairSystem("compute-all", "never"));
    const noneUs = typeof none === "number" ? none : undefined;
    const found = new Map<number | null, Bound>();
    const boundUnder = async (bytes: number | null): Promise<Bound> => {
      const known = found.get(bytes);
      if (known !== undefined) return known;
      const fresh = await findBound(trace, bytes, lookAhead, options);
      found.set(bytes, fresh);
      return fresh;
    };
    const own = await boundUnder(budgetBytes);
    if (own.reason !== undefined && values["quiet"] !== true)
      effects.stderr(`${trace.name}: bound instead of the optimum: ${own.reason}\n`);
    const row = (names: CellRecord, costUs: number, bound: Bound): CellRecord => ({
      trace: trace.name,
      budgetBytes,
      ...names,
      costUs,
      lowerBoundUs: bound.lowerBoundUs,
      bound: bound.bound,
      gap: bound.lowerBoundUs === 0 ? null : rounded(costUs / bound.lowerBoundUs - 1),
      attainedShare:
        noneUs === undefined || noneUs === bound.lowerBoundUs
          ? null
          : rounded((noneUs - costUs) / (noneUs - bound.lowerBoundUs)),
    });
    for (const [i, system] of systems.entries()) {
      progress.update(i + 1, system.id);
      const { id, planner, materializer, switches } = system;
      if (id === oracleSystem.id) {
        if (own.costUs === undefined)
          excluded.push({ trace: trace.name, system: id, reason: `no schedule is known, only a bound (${own.bound})` });
        continue; // its row is the last one
      }
      if (switches.fusedWhole) {
        excluded.push({
          trace: trace.name,
          system: id,
          reason: "runs versions fused as wholes, which the bound leaves out",
        });
        continue;
      }
      const cost = await simulate(system);
      if (typeof cost !== "number") excluded.push(cost);
      else
        rows.push(row({ system: id, planner, materializer }, cost, switches.noBudget ? await boundUnder(null) : own));
    }
    if (own.costUs !== undefined)
      rows.push(row({ system: "oracle", planner: "clairvoyant", materializer: "clairvoyant" }, own.costUs, own));
  } finally {
    progress.stop();
  }
  return { rows, excluded };
}

async function findBound(
  trace: OpenedTrace,
  budgetBytes: number | null,
  lookAhead: number | undefined,
  options: SequenceOptions,
): Promise<Bound> {
  // Traces are checked when opened: their nodes have costs and sizes.
  const iterations = trace.iterations as Iterable<TraceIteration> | AsyncIterable<TraceIteration>;
  if (lookAhead !== undefined && lookAhead < trace.facts.iterationCount) {
    const { lowerBoundUs } = await windowedBoundUs(iterations, lookAhead, budgetBytes, options);
    return { lowerBoundUs, bound: `windows of ${lookAhead}` };
  }
  if (trace.facts.nodeCount > wholeNodes)
    return {
      lowerBoundUs: await reuseFloorUs(iterations, options),
      bound: "floor",
      reason: `${trace.facts.nodeCount} nodes over all iterations, the limit is ${wholeNodes}; --look-ahead gives a better one`,
    };
  const whole: TraceIteration[] = [];
  for await (const iteration of iterations) whole.push(iteration);
  const { status, lowerBoundUs, costUs, reason } = await clairvoyantOptimum(whole, budgetBytes, options);
  return {
    lowerBoundUs,
    bound: status === "optimal" ? "optimum" : "bound",
    ...(costUs === undefined ? {} : { costUs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function lookAheadOf(text: OptionValues[string]): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/u.test(String(text)) || !Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--look-ahead "${String(text)}": expected a number of iterations, an integer ≥ 1`);
  return value;
}
