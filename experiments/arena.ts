/**
 * All systems on all traces at budgets as shares of their intermediate bytes, under uniform accounting: the comparison a new
 * heuristic enters with `--plugin`. Bounds stand beside every comparison: never, none-fused, always, no limit, the optimum.
 */
import { materializerById } from "../src/algorithms/materialize/index.ts";
import { defaultSystems, pairSystem, systems } from "../src/baselines/index.ts";
import type { SystemSpec } from "../src/core/system.ts";
import { parseBudget } from "../src/core/units.ts";
import { defineExperiment, type Grid, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import type { LoadedPlugIns } from "../src/harness/plug-ins/loaded.ts";
import { boundOf } from "../src/harness/run-bounds.ts";
import { helixKeep } from "../src/harness/run-compare-standings.ts";
import { knownSystem, simulatedTrace, traceFacts } from "../src/harness/run-replay.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
import { simulateCell } from "../src/simulator/simulate.ts";
import { boundLine } from "./iteration-figure.ts";

/** One cell of the arena: a whole run. */
export interface ArenaRow {
  readonly executor: string;
  readonly accounting: string;
  readonly budgetBytes: number | null;
  readonly iterations: number;
  /** The system ran every iteration. */
  readonly whole: boolean;
  readonly totalUs: number;
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  /** Largest over the iterations. */
  readonly storedBytes: number;
  readonly peakBytes: number;
  readonly computed: number;
  readonly loaded: number;
  readonly budgetBound: boolean;
  /** The system runs without a budget whatever is asked for: a bound, not a competitor. */
  readonly ignoresBudget: boolean;
}

type ArenaView = ResultView<Grid, ArenaRow>;

const shiftUs = 10_000;

/** Systems that plug-ins bring: a planner with HELIX's materializer, a materializer with the exact planner. */
export function plugInSystems(plugIns: LoadedPlugIns): readonly SystemSpec[] {
  return [
    ...[...plugIns.planners.keys()].map((planner) => pairSystem(planner, "helix-online")),
    ...[...plugIns.materializers.keys()].map((materializer) => pairSystem(systems.helix.planner, materializer)),
  ];
}

function systemOf(id: string, plugIns: LoadedPlugIns): SystemSpec {
  if (id === helixKeep.id) return helixKeep;
  return plugInSystems(plugIns).find((system) => system.id === id) ?? knownSystem(id);
}

/** The arena. */
export const arena = defineExperiment({
  id: "arena",
  title: "Arena: all systems, all traces, budgets as shares of intermediate bytes",
  reproduces: "a fair comparison under uniform accounting",
  params: {
    trace: ["census@judged"] as string[],
    system: [...defaultSystems.map(({ id }) => id), helixKeep.id, boundLine] as string[],
    budget: ["1%", "5%", "10%", "25%", "50%", "100%", "none"],
  },
  quick: { budget: ["10%", "50%"] },
  estimate: { secondsPerCell: 0.1, memoryMegabytes: 300 },
  extend: (grid, { traces, plugIns }) => ({
    ...grid,
    trace: traces
      .families()
      .filter((family) => !family.endsWith("-cover"))
      .map((family) => (traces.family(family).length > 0 ? `${family}@judged` : family)),
    system: [...(grid["system"] ?? []), ...plugInSystems(plugIns).map(({ id }) => id)],
  }),
  inputs: ({ trace }) => [trace],
  async *run({ trace: reference, system, budget }, context): AsyncGenerator<ArenaRow, void, undefined> {
    const trace = await context.trace(reference);
    const facts = traceFacts(trace);
    context.fact("trace", trace.header.name);
    context.fact("intermediateBytes", facts.intermediateBytes);
    const spec = parseBudget(budget);
    if (system === boundLine) {
      const budgetBytes = spec.kind === "share" ? Math.floor((facts.intermediateBytes * spec.percent) / 100) : null;
      const bound = await boundOf(trace, budgetBytes);
      context.fact("boundIs", bound.is);
      yield {
        ...emptyRow,
        executor: "bound",
        budgetBytes,
        iterations: facts.iterationCount,
        whole: true,
        totalUs: bound.us,
      };
      return;
    }
    const outcome = await simulateCell({
      trace: simulatedTrace(trace),
      system: systemOf(system, context.plugIns),
      budget: spec,
      signal: context.signal,
      ...plugInParts(systemOf(system, context.plugIns), context.plugIns),
    });
    if (outcome.failure !== undefined) throw outcome.failure;
    if (outcome.exclusion !== undefined) context.exclude(outcome.exclusion);
    const { rows, budgetBytes, budgetBound } = outcome;
    if (rows.length === 0) return;
    const sum = (pick: (row: (typeof rows)[number]) => number): number =>
      rows.reduce((total, row) => total + pick(row), 0);
    yield {
      ...emptyRow,
      budgetBytes,
      iterations: rows.length,
      whole: rows.length === facts.iterationCount,
      totalUs: rows.at(-1)?.cumulativeUs ?? 0,
      computeUs: sum(({ computeUs }) => computeUs),
      loadUs: sum(({ loadUs }) => loadUs),
      writeUs: sum(({ writeUs }) => writeUs),
      storedBytes: Math.max(...rows.map(({ storedBytes }) => storedBytes)),
      peakBytes: Math.max(...rows.map(({ peakBytes }) => peakBytes)),
      computed: sum(({ computed }) => computed),
      loaded: sum(({ loaded }) => loaded),
      budgetBound,
      ignoresBudget: spec.kind !== "none" && ignoresBudget(systemOf(system, context.plugIns)),
    };
  },
  tables: (view) => [ranking(view)],
  chart: (view) => {
    const budgets = [...new Set(view.cells.map(({ point }) => point["budget"]))];
    const ratios = ratiosOf(view).filter(({ bound }) => bound !== undefined);
    const named = [...new Set(ratios.map(({ system }) => system))];
    const points = named.flatMap((system) =>
      budgets.flatMap((budget) => {
        const own = ratios.filter((one) => one.system === system && one.budget === budget);
        if (own.length === 0) return [];
        return [
          {
            system,
            executor: "simulated",
            x: label(budget),
            y: geometricMean(own.map(({ us, bound }) => (us + shiftUs) / (bound! + shiftUs))),
          },
        ];
      }),
    );
    if (points.length === 0) return undefined;
    return linesChart(points, budgets.map(label), {
      title: "Arena: run time against the optimum",
      conditions: [
        `${new Set(ratios.map(({ trace }) => trace)).size} traces, geometric mean of run time ÷ clairvoyant optimum (or proven lower bound) at the same budget`,
        "accounting uniform: sources never stored, every write charged · whole runs only",
      ],
      xTitle: "Storage budget (share of all distinct intermediate bytes)",
      yTitle: "Run time ÷ optimum (geometric mean, log scale)",
      logScale: true,
    });
  },
});

const emptyRow: ArenaRow = {
  executor: "simulated",
  accounting: "uniform",
  budgetBytes: null,
  iterations: 0,
  whole: false,
  totalUs: 0,
  computeUs: 0,
  loadUs: 0,
  writeUs: 0,
  storedBytes: 0,
  peakBytes: 0,
  computed: 0,
  loaded: 0,
  budgetBound: false,
  ignoresBudget: false,
};

function ignoresBudget({ switches, materializer }: SystemSpec): boolean {
  return switches.noBudget === true || materializerById(materializer)?.ignoresBudget === true;
}

const label = (budget: string): string => (budget === "none" ? "no limit" : budget.replace("%", " %"));

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** Planner and materializer of a system where a plug-in brought them. */
export function plugInParts(
  system: SystemSpec,
  plugIns: LoadedPlugIns,
): Pick<Parameters<typeof simulateCell>[0], "planner" | "materializer"> {
  const planner = plugIns.planners.get(system.planner);
  const materializer = plugIns.materializers.get(system.materializer);
  return { ...(planner === undefined ? {} : { planner }), ...(materializer === undefined ? {} : { materializer }) };
}

interface Ratio {
  readonly trace: string;
  readonly budget: string;
  readonly system: string;
  readonly us: number;
  readonly best: number;
  readonly worst: number;
  readonly never: number | undefined;
  readonly bound: number | undefined;
}

/** Whole runs with the best, the worst, the never-storing run and the bound of their trace and budget. */
function ratiosOf(view: ArenaView): readonly Ratio[] {
  const groups = new Map<string, { system: string; trace: string; budget: string; us: number }[]>();
  for (const { point, rows } of view.cells) {
    const row = rows[0];
    if (row === undefined || !row.whole || row.ignoresBudget) continue;
    const { trace, budget, system } = {
      trace: String(point["trace"]),
      budget: String(point["budget"]),
      system: String(point["system"]),
    };
    const key = `${trace}\u0000${budget}`;
    const group = groups.get(key) ?? [];
    group.push({ system, trace, budget, us: row.totalUs });
    groups.set(key, group);
  }
  return [...groups.values()].flatMap((group) => {
    const real = group.filter(({ system }) => system !== boundLine);
    const bound = group.find(({ system }) => system === boundLine)?.us;
    const never = real.find(({ system }) => system === "helix-nm")?.us;
    const best = Math.min(...real.map(({ us }) => us));
    const worst = Math.max(...real.map(({ us }) => us));
    return real.map((one) => Object.assign({}, one, { best, worst, never, bound }));
  });
}

/** The ranking: score = geometric mean of (run time + 10 ms) ÷ (best + 10 ms); a missing run counts twice the worst ratio. */
function ranking(view: ArenaView): ResultTable {
  const ratios = ratiosOf(view);
  const comparisons = new Map(ratios.map((one) => [`${one.trace}\u0000${one.budget}`, one]));
  const outside = new Set(
    view.cells.filter(({ rows }) => rows[0]?.ignoresBudget).map(({ point }) => String(point["system"])),
  );
  const names = [...new Set(view.cells.map(({ point }) => String(point["system"])))].filter(
    (name) => name !== boundLine && !outside.has(name),
  );
  const scored = names.map((system) => {
    const own = new Map(
      ratios.filter((one) => one.system === system).map((one) => [`${one.trace}\u0000${one.budget}`, one]),
    );
    const scores = [...comparisons.entries()].map(([key, { best, worst }]) => {
      const run = own.get(key);
      return run === undefined ? (2 * (worst + shiftUs)) / (best + shiftUs) : (run.us + shiftUs) / (best + shiftUs);
    });
    const attained = [...own.values()].flatMap(({ us, never, bound }) =>
      never === undefined || bound === undefined || never <= bound ? [] : [(never - us) / (never - bound)],
    );
    return {
      system,
      score: geometricMean(scores),
      wins: [...own.values()].filter(({ us, best }) => us === best).length,
      missing: comparisons.size - own.size,
      attained: attained.length === 0 ? undefined : attained.reduce((sum, share) => sum + share, 0) / attained.length,
    };
  });
  scored.sort((a, b) => a.score - b.score || (a.system < b.system ? -1 : 1));
  return {
    title: "Ranking",
    note: `Score: geometric mean over ${comparisons.size} comparisons (trace × budget) of (run time + 10 ms) ÷ (best run time + 10 ms); a missing run counts twice the worst ratio of its comparison. Attained: mean share of the saving between never storing and the optimum.${outside.size === 0 ? "" : ` Not ranked, because they ignore the budget: ${[...outside].join(", ")}.`}`,
    header: ["system", "score", "best in", "missing", "attained"],
    rows: scored.map(({ system, score, wins, missing, attained }) => [
      system,
      formatNumber(score),
      String(wins),
      String(missing),
      attained === undefined ? "–" : formatShare(attained),
    ]),
  };
}
