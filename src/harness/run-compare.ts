/**
 * Compares two systems on the same traces, budgets and accounting: paired, exact per workload, uncertainty across workloads
 * only. Explains losses: the first iteration and node at which the two did something else, and what that cost.
 */
import type { SystemSpec } from "../core/system.ts";
import type { PartParams } from "./parameters.ts";
import { parseBudget } from "../core/units.ts";
import { systemClock } from "../core/clock.ts";
import { rngStream } from "../core/rng.ts";
import type { IterationReport } from "../simulator/iteration-report.ts";
import { simulateCell, type SimulationCell } from "../simulator/simulate.ts";
import { explainLoss, lossText, type Loss } from "./explain-loss.ts";
import { boundOf, floorOf } from "./run-bounds.ts";
import { Standings } from "./run-compare-standings.ts";
import { simulatedTrace, traceFacts, type ReplayTrace } from "./run-replay.ts";
import {
  interquartileMean,
  NotEnoughSamplesError,
  pairedRatio,
  probabilityOfImprovement,
  wilcoxonSignedRank,
  type Interval,
} from "./statistics.ts";

/** One side of a comparison: a system, with the parts a plug-in brought. */
export interface Contender {
  readonly system: SystemSpec;
  readonly parts: Pick<SimulationCell, "planner" | "materializer">;
  readonly params?: PartParams;
}

/** One workload (trace and budget) under both. */
export interface ComparedWorkload {
  readonly trace: string;
  readonly budget: string;
  /** Iterations both ran. */
  readonly iterations: number;
  readonly aUs: number;
  readonly bUs: number;
  /** aUs ÷ bUs: below 1, A is faster. */
  readonly ratio: number;
  /** Largest bytes stored. */
  readonly aBytes: number;
  readonly bBytes: number;
  /** Least any policy pays for these iterations at this budget. */
  readonly boundUs: number;
  /** Where A lost, why: in words, and as iterations, nodes and microseconds. */
  readonly explanation?: string;
  readonly loss?: Loss;
}

/** A workload that could not be compared. */
export interface LeftOut {
  readonly trace: string;
  readonly system: string;
  readonly reason: string;
}

/** A statistic, or why there is none. */
export type Said<T> = { readonly value: T } | { readonly missing: string };

/** Counts and statistics over pairs. */
export interface ComparisonSummary {
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** Geometric mean of aUs ÷ bUs with the 95 % paired bootstrap interval over traces. */
  readonly ratio: Said<Interval>;
  /** Mean of the middle half of the ratios. */
  readonly interquartileRatio: Said<number>;
  /** Wilcoxon signed-rank on log-ratios, two-sided. */
  readonly wilcoxonP: Said<number>;
  /** P(A faster than B) over traces, ties half. */
  readonly improvement: Said<number>;
}

/** A system beside the two: a bound of what can be had, or HELIX with its other purge setting. */
export interface Standing {
  readonly system: string;
  /** What it stands for: `A`, `B`, `A, tuned`, `B, tuned`, `never`, `none-fused`, `always`, `no limit`, `other purge setting`. */
  readonly role: string;
  /** Parameters other than the defaults, as text; empty without any. */
  readonly params: string;
  /** Workloads (trace × budget) it ran whole. */
  readonly workloads: number;
  /** Run time over those, microseconds. */
  readonly totalUs: number;
  /** 1 − its run time ÷ that of never storing, over those; null where never storing did not run. */
  readonly saved: number | null;
  /** Mean of the largest bytes stored. */
  readonly storedBytes: number;
  /** Time spent planning, microseconds of this machine. */
  readonly planUs: number;
  /** No other system here that ran as much is at least as good in run time, bytes and planning time, and better in one. */
  readonly pareto: boolean;
}

/** The comparison. */
export interface ComparisonOutcome extends ComparisonSummary {
  readonly a: string;
  readonly b: string;
  readonly workloads: readonly ComparedWorkload[];
  readonly leftOut: readonly LeftOut[];
  /** The two, the bounds, and HELIX's other purge setting. */
  readonly standings: readonly Standing[];
}

/** Fewer traces than this give no interval and no test. */
const leastTraces = 6;

interface Side {
  readonly reports: readonly IterationReport[];
  readonly exclusion: string | undefined;
}

async function play(
  trace: ReplayTrace,
  budget: string,
  { system, parts, params }: Contender,
  signal?: AbortSignal,
): Promise<Side> {
  const reports: IterationReport[] = [];
  const outcome = await simulateCell({
    trace: simulatedTrace(trace),
    system,
    budget: parseBudget(budget),
    ...parts,
    clock: systemClock,
    ...(params === undefined ? {} : { params }),
    ...(signal === undefined ? {} : { signal }),
    onIteration: (report) => void reports.push(report),
  });
  if (outcome.failure !== undefined) throw outcome.failure;
  return { reports, exclusion: outcome.exclusion?.reason };
}

const totalOf = (reports: readonly IterationReport[]): number => reports.at(-1)?.row.cumulativeUs ?? 0;
const bytesOf = (reports: readonly IterationReport[]): number =>
  Math.max(0, ...reports.map(({ row }) => row.storedBytes));

/**
 * Compares two systems over traces × budgets, on their common iterations. HELIX takes part with the better of its two purge
 * settings, as `helix` or `helix-keep`; the other one is among the standings.
 * @throws {ReuseError} what a plug-in's failure is
 */
export async function compareSystems(
  a: Contender,
  b: Contender,
  traces: readonly ReplayTrace[],
  budgets: readonly string[],
  options: {
    /** Print the clairvoyant optimum (slow on many traces) rather than a lower bound. */
    readonly optimum?: boolean;
    readonly signal?: AbortSignal;
    /** Parameters a side gets in a row of its own, tuned on training traces; undefined for what has none to tune. */
    tune?(side: Contender): Promise<PartParams | undefined>;
    onProgress?(done: number, total: number): void;
  } = {},
): Promise<ComparisonOutcome> {
  const workloads: ComparedWorkload[] = [];
  const leftOut: LeftOut[] = [];
  const others = new Standings(a, b);
  for (const side of new Set([a, b])) {
    const params = await options.tune?.(side);
    if (params !== undefined) others.addTuned(side, params);
  }
  let done = 0;
  for (const trace of traces)
    for (const budget of budgets) {
      const [left, right] = [
        await play(trace, budget, a, options.signal),
        await play(trace, budget, b, options.signal),
      ];
      others.add(trace, left.reports, right.reports);
      for (const bound of others.bounds)
        others.note(bound, trace, (await play(trace, budget, bound, options.signal)).reports);
      options.onProgress?.(++done, traces.length * budgets.length);
      const iterations = Math.min(left.reports.length, right.reports.length);
      if (iterations === 0) {
        const sides = [
          { side: left, system: a.system.id },
          { side: right, system: b.system.id },
        ];
        for (const { side, system } of sides)
          if (
            side.reports.length === 0 &&
            !leftOut.some((out) => out.trace === trace.header.name && out.system === system)
          )
            leftOut.push({ trace: trace.header.name, system, reason: side.exclusion ?? "ran no iteration" });
        continue;
      }
      workloads.push(
        await comparedWorkload(
          trace,
          budget,
          left.reports.slice(0, iterations),
          right.reports.slice(0, iterations),
          options.optimum === true,
        ),
      );
    }
  const standings = others.table();
  const better = others.betterPurge();
  if (better !== undefined) return compareSystems(better(a), better(b), traces, budgets, options);
  return {
    a: a.system.id,
    b: b.system.id,
    workloads,
    leftOut,
    standings,
    ...summaryOf(workloads, " (more come with --sequences)"),
  };
}

async function comparedWorkload(
  trace: ReplayTrace,
  budget: string,
  left: readonly IterationReport[],
  right: readonly IterationReport[],
  optimum: boolean,
): Promise<ComparedWorkload> {
  const [aUs, bUs] = [totalOf(left), totalOf(right)];
  const prefix =
    left.length === trace.iterations.length
      ? trace
      : { header: trace.header, iterations: trace.iterations.slice(0, left.length) };
  const spec = parseBudget(budget);
  const { intermediateBytes } = traceFacts(trace);
  const budgetBytes =
    spec.kind === "none"
      ? null
      : spec.kind === "bytes"
        ? spec.bytes
        : Math.floor((intermediateBytes * spec.percent) / 100);
  const loss = aUs > bUs ? explainLoss(left, right) : undefined;
  const explanation = loss === undefined ? undefined : lossText(loss);
  return {
    trace: trace.header.name,
    budget,
    iterations: left.length,
    aUs,
    bUs,
    ratio: aUs / bUs,
    aBytes: bytesOf(left),
    bBytes: bytesOf(right),
    boundUs: optimum ? (await boundOf(prefix, budgetBytes)).us : await floorOf(prefix),
    ...(loss === undefined || explanation === undefined ? {} : { explanation, loss }),
  };
}

/** Counts wins, and gives statistics over traces where there are enough. */
export function summaryOf(
  workloads: readonly Pick<ComparedWorkload, "trace" | "aUs" | "bUs" | "ratio">[],
  more = "",
): ComparisonSummary {
  // Budgets of one trace are no independent workloads: each trace is one observation, the geometric mean over its budgets.
  const byTrace = new Map<string, number[]>();
  for (const { trace, ratio } of workloads) byTrace.set(trace, [...(byTrace.get(trace) ?? []), Math.log(ratio)]);
  const logs = [...byTrace.values()].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  const pairs = logs.map((log): readonly [number, number] => [Math.exp(log), 1]);
  const few = `not enough traces: ${logs.length}; at least ${leastTraces} are needed${more}`;
  const said = <T>(make: () => T): Said<T> => {
    if (logs.length < leastTraces) return { missing: few };
    try {
      return { value: make() };
    } catch (error) {
      if (error instanceof NotEnoughSamplesError) return { missing: error.message };
      throw error;
    }
  };
  return {
    wins: workloads.filter(({ aUs, bUs }) => aUs < bUs).length,
    ties: workloads.filter(({ aUs, bUs }) => aUs === bUs).length,
    losses: workloads.filter(({ aUs, bUs }) => aUs > bUs).length,
    ratio: said(() => pairedRatio(pairs, rngStream(1, "compare/bootstrap"))),
    interquartileRatio: said(() => interquartileMean(pairs.map(([ratio]) => ratio))),
    wilcoxonP: said(() => wilcoxonSignedRank(logs).p),
    improvement: said(() => probabilityOfImprovement(pairs)),
  };
}
