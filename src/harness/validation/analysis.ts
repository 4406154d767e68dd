/**
 * How far predicted runs are from real ones. Pure: runs in, numbers out; times in microseconds.
 *
 * An error is (predicted − real) ÷ real, real being the median over repetitions. What a repetition differs from the median of
 * the others is the noise floor: nobody can predict better than that.
 */
import { linearQuantile } from "../statistics.ts";

/** What was run: an engine, a storage profile, a setting (system and parameters), a budget. */
export interface ValidationCell {
  readonly id: string;
  readonly executor: string;
  readonly profile: string;
  readonly setting: string;
  /** As asked for: `10%` or `none`. */
  readonly budget: string;
}

/** One run of a cell, real or predicted. */
export interface ValidationRun {
  /** By iteration. */
  readonly runUs: readonly number[];
  /** What of it were loads and writes, by iteration; runs of earlier versions of this program do not say. */
  readonly loadUs?: readonly number[];
  readonly writeUs?: readonly number[];
  /** By iteration one character per listed node: `c` computed, `l` loaded, `p` pruned, `s` sliced, `=` equal to another one. */
  readonly states: readonly string[];
}

/** A cell with its prediction and its real repetitions, all of the same length. */
export interface ComparedCell {
  readonly cell: ValidationCell;
  readonly predicted: ValidationRun;
  readonly real: readonly ValidationRun[];
}

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

/** Pairs of cells of one engine and profile whose predicted totals differ by `from` ≤ gap < `to` of the smaller one. */
export interface GapBucket {
  readonly from: number;
  readonly to: number;
  readonly pairs: number;
  /** Pairs whose real totals stand in the predicted order. */
  readonly right: number;
}

/** What trusting the prediction costs where one setting must be chosen per engine, profile and budget. */
export interface Regret {
  readonly choices: number;
  /** Real total of the setting chosen ÷ that of the best one − 1. */
  readonly median: number;
  readonly max: number;
  /**
   * The same against the setting that is best by the medians of the other repetitions, within each repetition, their mean; median over
   * the choices. The least of many noisy medians is too low, this is not. Undefined with one repetition.
   */
  readonly againstOthersChoice: number | undefined;
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

/** Lower ends of the buckets; a gap of 0 is no pair. */
const bucketEdges = [0, 0.01, 0.05, 0.2, 0.5, Number.POSITIVE_INFINITY];

/** Middle value, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  return linearQuantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
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

/** Totals, predicted and real. */
interface Totals {
  readonly cell: ValidationCell;
  readonly predictedUs: number;
  readonly realUs: number;
  readonly repetitionsUs: readonly number[];
}

function totalsOf(cells: readonly ComparedCell[]): readonly Totals[] {
  return cells.map(({ cell, predicted, real }) => {
    const repetitionsUs = real.map(({ runUs }) => sum(runUs));
    return { cell, predictedUs: sum(predicted.runUs), realUs: median(repetitionsUs), repetitionsUs };
  });
}

/** Pairs of one engine and profile with different predictions. */
function pairsOf(cells: readonly ComparedCell[]): readonly (readonly [Totals, Totals])[] {
  const totals = totalsOf(cells);
  return totals.flatMap((a, i) =>
    totals
      .slice(i + 1)
      .filter((b) => isComparable(a.cell, b.cell) && a.predictedUs !== b.predictedUs)
      .map((b) => [a, b] as const),
  );
}

function bucketsOf(cells: readonly ComparedCell[]): readonly GapBucket[] {
  const pairs = pairsOf(cells).map((pair) => ({
    gap: gapOf(pair[0].predictedUs, pair[1].predictedUs),
    right: inOrder(pair),
  }));
  return bucketEdges.slice(0, -1).map((from, i) => {
    const to = bucketEdges[i + 1] as number;
    const inside = pairs.filter(({ gap }) => gap >= from && gap < to);
    return { from, to, pairs: inside.length, right: inside.filter(({ right }) => right).length };
  });
}

function pairsBeyond(
  cells: readonly ComparedCell[],
  floor: number,
): { readonly floor: number; readonly pairs: number; readonly right: number } {
  const apart = pairsOf(cells).filter(([a, b]) => gapOf(a.realUs, b.realUs) > floor);
  return { floor, pairs: apart.length, right: apart.filter(inOrder).length };
}

function regretOf(cells: readonly ComparedCell[]): Regret | undefined {
  const groups = new Map<string, Totals[]>();
  for (const totals of totalsOf(cells)) {
    const { executor, profile, budget } = totals.cell;
    const key = `${executor} ${profile} ${budget}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [totals]);
    else group.push(totals);
  }
  const choices = [...groups.values()].filter(({ length }) => length > 1);
  if (choices.length === 0) return undefined;
  const regrets = choices.map((group) => chosenOf(group).realUs / Math.min(...group.map(({ realUs }) => realUs)) - 1);
  const paired = choices.flatMap((group) => againstOthersChoice(group) ?? []);
  return {
    choices: regrets.length,
    median: median(regrets),
    max: Math.max(...regrets),
    againstOthersChoice: paired.length === 0 ? undefined : median(paired),
  };
}

function chosenOf(group: readonly Totals[]): Totals {
  return group.reduce((best, one) => (one.predictedUs < best.predictedUs ? one : best));
}

function againstOthersChoice(group: readonly Totals[]): number | undefined {
  const repetitions = Math.min(...group.map(({ repetitionsUs }) => repetitionsUs.length));
  if (repetitions < 2) return undefined;
  const chosen = chosenOf(group);
  return mean(
    Array.from({ length: repetitions }, (_, r) => {
      const others = ({ repetitionsUs }: Totals): number => median(repetitionsUs.filter((_us, i) => i !== r));
      const best = group.reduce((least, one) => (others(one) < others(least) ? one : least));
      return (chosen.repetitionsUs[r] as number) / (best.repetitionsUs[r] as number) - 1;
    }),
  );
}

function isComparable(a: ValidationCell, b: ValidationCell): boolean {
  return a.executor === b.executor && a.profile === b.profile;
}

function inOrder([a, b]: readonly [Totals, Totals]): boolean {
  return (a.predictedUs - b.predictedUs) * (a.realUs - b.realUs) > 0;
}

function gapOf(a: number, b: number): number {
  return Math.abs(a - b) / Math.min(a, b);
}

function relative(predicted: number, real: number): number {
  return (predicted - real) / real;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
