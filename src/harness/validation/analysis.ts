/**
 * How far predicted runs are from real ones. Pure: runs in, numbers out; times in microseconds.
 *
 * An error is (predicted − real) ÷ real, real being the median over repetitions. What a repetition differs from the median of
 * the others is the noise floor: nobody can predict better than that.
 */
import { linearQuantile } from "../statistics.ts";
import { type ComparedCell, mean, median, sum, type ValidationRun } from "./compared-cells.ts";
import { bucketsOf, type GapBucket, isComparable, pairsBeyond, type Regret, regretOf } from "./order-and-choice.ts";

/** Errors as shares of the real value. */
export interface ErrorSummary {
  readonly count: number;
  /** Mean of signed errors. */
  readonly bias: number;
  /** Median and 95th percentile of absolute errors. */
  readonly medianAbs: number;
  readonly p95Abs: number;
}

/** Σ over all cells and iterations of one part of the run time; real ones by medians over repetitions. */
export interface PartTotals {
  readonly part: "compute" | "load" | "write";
  readonly predictedUs: number;
  readonly realUs: number;
}

/** Everything about one split. */
export interface SplitAnalysis {
  readonly cells: number;
  readonly repetitions: number;
  readonly iteration: ErrorSummary;
  /** Of the total over a sequence. */
  readonly cumulative: ErrorSummary;
  /** Real against real; undefined with one repetition. */
  readonly noise: { readonly iteration: ErrorSummary; readonly cumulative: ErrorSummary } | undefined;
  /** An iteration predicted as the mean iteration of the other settings' real runs; undefined with one setting. */
  readonly nullModel: { readonly iteration: ErrorSummary; readonly cumulative: ErrorSummary } | undefined;
  /** Undefined where runs do not say what they loaded and wrote. */
  readonly parts: readonly PartTotals[] | undefined;
  /** Share of nodes in the same state, over iterations, cells and repetitions; and between repetitions. */
  readonly decisionAgreement: number;
  readonly realAgreement: number | undefined;
  readonly buckets: readonly GapBucket[];
  /** Pairs whose real gap is above the noise floor (95th percentile of the cumulative noise); undefined without one. */
  readonly beyondNoise: { readonly floor: number; readonly pairs: number; readonly right: number } | undefined;
  readonly regret: Regret | undefined;
}

/** @throws {RangeError} without errors */
export function summarise(errors: readonly number[]): ErrorSummary {
  if (errors.length === 0) throw new RangeError("no errors to summarise");
  const absolute = errors.map(Math.abs).sort((a, b) => a - b);
  return {
    count: errors.length,
    bias: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    medianAbs: linearQuantile(absolute, 0.5),
    p95Abs: linearQuantile(absolute, 0.95),
  };
}

/** Compares. @throws {RangeError} without cells, or when runs of a cell have different lengths */
export function analyse(cells: readonly ComparedCell[]): SplitAnalysis {
  for (const { cell, predicted, real } of cells)
    if (real.length === 0 || real.some(({ runUs }) => runUs.length !== predicted.runUs.length))
      throw new RangeError(`${cell.id}: predicted ${predicted.runUs.length} iterations; real runs have others`);
  const errors = errorsOf(cells.map((one) => ({ expected: one.predicted.runUs, real: medians(one.real) })));
  const repetitions = Math.min(...cells.map(({ real }) => real.length));
  const noise = repetitions < 2 ? undefined : errorsOf(cells.flatMap(leftOut));
  const beyond = noise === undefined ? undefined : pairsBeyond(cells, noise.cumulative.p95Abs);
  return {
    cells: cells.length,
    repetitions,
    ...errors,
    noise,
    nullModel: nullModel(cells),
    parts: partsOf(cells),
    decisionAgreement: mean(
      cells.flatMap(({ predicted, real }) => real.map((run) => agreement(predicted.states, run.states))),
    ),
    realAgreement: repetitions < 2 ? undefined : mean(cells.flatMap(({ real }) => betweenRepetitions(real))),
    buckets: bucketsOf(cells),
    beyondNoise: beyond,
    regret: regretOf(cells),
  };
}

interface Expectation {
  readonly expected: readonly number[];
  readonly real: readonly number[];
}

function errorsOf(runs: readonly Expectation[]): {
  readonly iteration: ErrorSummary;
  readonly cumulative: ErrorSummary;
} {
  return {
    iteration: summarise(
      runs.flatMap(({ expected, real }) => expected.map((us, i) => relative(us, real[i] as number))),
    ),
    cumulative: summarise(runs.map(({ expected, real }) => relative(sum(expected), sum(real)))),
  };
}

/** Iterations' medians over repetitions. */
function medians(real: readonly ValidationRun[]): readonly number[] {
  return (real[0]?.runUs ?? []).map((_, i) => median(real.map(({ runUs }) => runUs[i] as number)));
}

/** Each repetition as what the median of the others would have predicted. */
function leftOut({ real }: ComparedCell): readonly Expectation[] {
  return real.map((run, left) => ({ expected: medians(real.filter((_, i) => i !== left)), real: run.runUs }));
}

function nullModel(cells: readonly ComparedCell[]): SplitAnalysis["nullModel"] {
  const runs: Expectation[] = [];
  for (const { cell, real } of cells) {
    const others = cells.filter((other) => isComparable(other.cell, cell) && other.cell.setting !== cell.setting);
    if (others.length === 0) continue;
    const us = mean(others.flatMap((other) => medians(other.real)));
    const own = medians(real);
    runs.push({ expected: own.map(() => us), real: own });
  }
  return runs.length === 0 ? undefined : errorsOf(runs);
}

function partsOf(cells: readonly ComparedCell[]): SplitAnalysis["parts"] {
  const of = (runs: readonly ValidationRun[]): readonly number[] | undefined => {
    const parts = runs.map(({ runUs, loadUs, writeUs }) => {
      if (loadUs === undefined || writeUs === undefined) return undefined;
      const [all, load, write] = [sum(runUs), sum(loadUs), sum(writeUs)];
      return [all - load - write, load, write];
    });
    if (parts.some((part) => part === undefined)) return undefined;
    return [0, 1, 2].map((k) => median(parts.map((part) => part?.[k] ?? 0)));
  };
  const predicted = cells.map((one) => of([one.predicted]));
  const real = cells.map((one) => of(one.real));
  if ([...predicted, ...real].some((parts) => parts === undefined)) return undefined;
  return (["compute", "load", "write"] as const).map((part, k) => ({
    part,
    predictedUs: sum(predicted.map((parts) => parts?.[k] ?? 0)),
    realUs: sum(real.map((parts) => parts?.[k] ?? 0)),
  }));
}

/** Share of characters that are equal. */
function agreement(a: readonly string[], b: readonly string[]): number {
  let same = 0;
  let all = 0;
  for (const [i, states] of a.entries())
    for (let k = 0; k < states.length; k++) {
      all++;
      if (b[i]?.charAt(k) === states.charAt(k)) same++;
    }
  return all === 0 ? 1 : same / all;
}

function betweenRepetitions(real: readonly ValidationRun[]): readonly number[] {
  return real.flatMap((a, i) => real.slice(i + 1).map((b) => agreement(a.states, b.states)));
}

function relative(predicted: number, real: number): number {
  return (predicted - real) / real;
}
