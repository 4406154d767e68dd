/** What the arena's cells say: the ranking, each policy paired against the best one, and how far from the best each stays. */
import { rngStream } from "../src/core/rng.ts";
import type { Grid, ResultTable, ResultView } from "../src/harness/experiment.ts";
import { holm, pairedRatio, performanceProfile, wilcoxonSignedRank } from "../src/harness/statistics.ts";
import { policyLabel } from "../src/harness/sweep.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import type { ChartSpec } from "../src/report/charts/spec.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
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

/** Added to run times before they are divided: ratios of very short runs say little. */
const shiftUs = 10_000;

/** Fewer traces give no interval and no test. */
const leastTraces = 6;

/** Factors of the performance profile. */
const factors = [1, 1.05, 1.1, 1.25, 1.5, 2, 3, 5, 10] as const;

/** A whole run beside the best, the worst, the never-storing run and the bound of its trace and budget. */
interface Run {
  readonly trace: string;
  readonly budget: string;
  /** System, tuning and swept parameters, as in legends. */
  readonly policy: string;
  readonly us: number;
  readonly best: number;
  readonly worst: number;
  readonly never: number | undefined;
  readonly bound: number | undefined;
}

const comparisonOf = ({ trace, budget }: { readonly trace: string; readonly budget: string }): string =>
  JSON.stringify([trace, budget]);

/** Run time ÷ best run time of its comparison, both shifted. */
const ratioOf = ({ us, best }: Run): number => (us + shiftUs) / (best + shiftUs);

const label = (budget: string): string => (budget === "none" ? "no limit" : budget.replace("%", " %"));

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

function runsOf(view: ArenaView): readonly Run[] {
  const groups = new Map<string, { trace: string; budget: string; policy: string; us: number }[]>();
  for (const { point, rows } of view.cells) {
    const row = rows[0];
    if (row === undefined || !row.whole || row.ignoresBudget) continue;
    const run = {
      trace: String(point["trace"]),
      budget: String(point["budget"]),
      policy: policyLabel(point),
      us: row.totalUs,
    };
    const group = groups.get(comparisonOf(run)) ?? [];
    groups.set(comparisonOf(run), group);
    group.push(run);
  }
  return [...groups.values()].flatMap((group) => {
    const real = group.filter(({ policy }) => policy !== boundLine);
    const usOf = (policy: string): number | undefined => group.find((one) => one.policy === policy)?.us;
    const all = real.map(({ us }) => us);
    const beside = { best: Math.min(...all), worst: Math.max(...all), never: usOf("helix-nm"), bound: usOf(boundLine) };
    return real.map((one) => Object.assign({}, one, beside));
  });
}

interface Ranked {
  readonly policy: string;
  readonly score: number;
  readonly wins: number;
  readonly missing: number;
  readonly attained: number | undefined;
}

/** Policies by rising score; those that ignore the budget are not among them. */
function rankedPolicies(view: ArenaView, runs: readonly Run[]): readonly Ranked[] {
  const comparisons = new Map(runs.map((run) => [comparisonOf(run), run]));
  const outside = new Set(ignoringBudget(view));
  const policies = [...new Set(view.cells.map(({ point }) => policyLabel(point)))].filter(
    (policy) => policy !== boundLine && !outside.has(policy),
  );
  const ranked = policies.map((policy): Ranked => {
    const own = new Map(runs.filter((run) => run.policy === policy).map((run) => [comparisonOf(run), run]));
    const scores = [...comparisons].map(([comparison, any]) => {
      const run = own.get(comparison);
      return run === undefined ? 2 * ratioOf({ ...any, us: any.worst }) : ratioOf(run);
    });
    const attained = [...own.values()].flatMap(({ us, never, bound }) =>
      never === undefined || bound === undefined || never <= bound ? [] : [(never - us) / (never - bound)],
    );
    return {
      policy,
      score: geometricMean(scores),
      wins: [...own.values()].filter(({ us, best }) => us === best).length,
      missing: comparisons.size - own.size,
      attained: attained.length === 0 ? undefined : attained.reduce((sum, share) => sum + share, 0) / attained.length,
    };
  });
  return ranked.sort((a, b) => a.score - b.score || (a.policy < b.policy ? -1 : 1));
}

const ignoringBudget = (view: ArenaView): readonly string[] => [
  ...new Set(view.cells.filter(({ rows }) => rows[0]?.ignoresBudget).map(({ point }) => policyLabel(point))),
];

/** The ranking: score = geometric mean of (run time + 10 ms) ÷ (best + 10 ms); a missing run counts twice the worst ratio. */
function ranking(view: ArenaView, runs: readonly Run[], ranked: readonly Ranked[]): ResultTable {
  const outside = ignoringBudget(view);
  const tuned = new Map(view.cells.map(({ point, facts }) => [policyLabel(point), facts["tunedTo"]]));
  const training = view.cells.find(({ facts }) => facts["tunedOn"] !== undefined)?.facts["tunedOn"];
  const count = new Set(runs.map(comparisonOf)).size;
  return {
    title: "Ranking",
    note: [
      `Score: geometric mean over ${count} comparisons (trace × budget) of (run time + 10 ms) ÷ (best run time + 10 ms); a missing run counts twice the worst ratio of its comparison. Attained: mean share of the saving between never storing and the optimum.`,
      ...(outside.length === 0 ? [] : [`Not ranked, because they ignore the budget: ${outside.join(", ")}.`]),
      ...(training === undefined
        ? []
        : [`Tuned rows: parameters chosen on ${String(training)}, which are not judged.`]),
    ].join(" "),
    header: ["system", "parameters", "score", "best in", "missing", "attained"],
    rows: ranked.map(({ policy, score, wins, missing, attained }) => [
      policy,
      String(tuned.get(policy) ?? "–"),
      formatNumber(score),
      String(wins),
      String(missing),
      attained === undefined ? "–" : formatShare(attained),
    ]),
  };
}

/** Every policy against the best-ranked one, each trace one observation; p-values are corrected for their number. */
function paired(view: ArenaView, runs: readonly Run[], [first, ...others]: readonly Ranked[]): ResultTable | undefined {
  if (first === undefined || others.length === 0) return undefined;
  const ofFirst = new Map(runs.filter(({ policy }) => policy === first.policy).map((run) => [comparisonOf(run), run]));
  const compared = others.map(({ policy }) => {
    const byTrace = new Map<string, number[]>();
    for (const run of runs) {
      const best = ofFirst.get(comparisonOf(run));
      if (run.policy !== policy || best === undefined) continue;
      const log = Math.log((run.us + shiftUs) / (best.us + shiftUs));
      byTrace.set(run.trace, [...(byTrace.get(run.trace) ?? []), log]);
    }
    const logs = [...byTrace.values()].map((all) => all.reduce((sum, log) => sum + log, 0) / all.length);
    return { policy, logs };
  });
  const tested = compared.filter(({ logs }) => logs.length >= leastTraces && logs.some((log) => log !== 0));
  const ps = holm(tested.map(({ logs }) => wilcoxonSignedRank(logs).p));
  const pOf = new Map(tested.map(({ policy }, i) => [policy, ps[i] ?? 1]));
  return {
    title: `Paired against ${first.policy}`,
    note: `Run time ÷ that of ${first.policy}, the best-ranked: geometric mean over traces (each the mean of its budgets) with 95 % paired bootstrap interval; Wilcoxon signed-rank p, two-sided, with Holm's correction for ${tested.length} tests. Below ${leastTraces} traces there is neither.`,
    header: ["system", "traces", "ratio", "interval", "corrected p"],
    rows: compared.map(({ policy, logs }) => {
      if (logs.length === 0) return [policy, "0", "–", "–", "–"];
      const pairs = logs.map((log): readonly [number, number] => [Math.exp(log), 1]);
      const isEnough = logs.length >= leastTraces;
      const { low, high } = isEnough
        ? pairedRatio(pairs, rngStream(view.seed, "arena/bootstrap"))
        : { low: 0, high: 0 };
      const p = pOf.get(policy);
      return [
        policy,
        String(logs.length),
        formatNumber(geometricMean(pairs.map(([ratio]) => ratio))),
        isEnough ? `${formatNumber(low)} to ${formatNumber(high)}` : `not enough traces: ${logs.length}`,
        p === undefined ? (isEnough ? "all equal" : "–") : formatNumber(p),
      ];
    }),
  };
}

/** Tables of the arena. */
export function arenaTables(view: ArenaView): readonly ResultTable[] {
  const runs = runsOf(view);
  const ranked = rankedPolicies(view, runs);
  const against = paired(view, runs, ranked);
  return [ranking(view, runs, ranked), ...(against === undefined ? [] : [against])];
}

/** Policies of a figure: tuned ones stand in the tables, a second line each would hide the others. */
function drawn(view: ArenaView): readonly Run[] {
  const untuned = view.cells.filter(({ point }) => point["tuning"] !== "tuned");
  const shown = new Set(untuned.map(({ point }) => policyLabel(point)));
  return runsOf(view).filter(({ policy }) => shown.has(policy));
}

const fairness =
  "accounting uniform: sources never stored, every write charged · whole runs only · policies with their defaults";

/** Run time ÷ optimum by budget. */
export function arenaChart(view: ArenaView): ChartSpec | undefined {
  const budgets = [...new Set(view.cells.map(({ point }) => String(point["budget"])))];
  const bounded = drawn(view).filter(({ bound }) => bound !== undefined);
  const all = [...new Set(bounded.map(({ policy }) => policy))].flatMap((policy) =>
    budgets.flatMap((budget) => {
      const own = bounded.filter((run) => run.policy === policy && run.budget === budget);
      if (own.length === 0) return [];
      const y = geometricMean(own.map(({ us, bound }) => (us + shiftUs) / (bound! + shiftUs)));
      return [{ system: policy, executor: "simulated", x: label(budget), y }];
    }),
  );
  const far = [...new Set(all.map(({ system }) => system))].filter((system) =>
    all.every((point) => point.system !== system || point.y > mostDrawn),
  );
  const points = all.filter(({ system }) => !far.includes(system));
  if (points.length === 0) return undefined;
  return linesChart(points, budgets.map(label), {
    title: "Arena: run time against the optimum",
    conditions: [
      `${new Set(bounded.map(({ trace }) => trace)).size} traces, geometric mean of run time ÷ clairvoyant optimum (or proven lower bound) at the same budget`,
      fairness,
      ...(far.length === 0
        ? []
        : [`not drawn, above ${mostDrawn} times the optimum at every budget: ${far.join(", ")}`]),
    ],
    xTitle: "Storage budget (share of all distinct intermediate bytes)",
    yTitle: "Run time ÷ optimum (geometric mean, log scale)",
    logScale: true,
  });
}

/** Lines that never come below are named instead of drawn, so that the others can be told apart. */
const mostDrawn = 4;

/** Performance profile: on which share of the comparisons each policy stays within a factor of the best one. */
export function profileChart(view: ArenaView): ChartSpec | undefined {
  const runs = drawn(view);
  const comparisons = new Set(runs.map(comparisonOf)).size;
  const points = [...new Set(runs.map(({ policy }) => policy))].flatMap((policy) => {
    const own = runs.filter((run) => run.policy === policy).map(ratioOf);
    const missing = Array.from({ length: comparisons - own.length }, () => Number.POSITIVE_INFINITY);
    return performanceProfile([...own, ...missing], factors).map((y, i) => ({
      system: policy,
      executor: "simulated",
      x: String(factors[i]),
      y,
    }));
  });
  if (points.length === 0) return undefined;
  return linesChart(points, factors.map(String), {
    title: "Arena: how often within a factor of the best",
    conditions: [`${comparisons} comparisons (trace × budget); a missing run is within no factor`, fairness],
    xTitle: "Factor of the best run time",
    yTitle: "Share of the comparisons",
  });
}
