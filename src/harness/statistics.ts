/**
 * Statistics for fair comparison. Two regimes, never mixed (DESIGN §9): simulated numbers are exact, uncertainty lies
 * across traces and seeds and is *paired*; measured numbers are noisy samples.
 *
 * Source: Efron and Tibshirani 1993 (percentile bootstrap); Wilcoxon 1945; Mann and Whitney 1947; Holm 1979; Agarwal et al.,
 * NeurIPS 2021 (interquartile mean, probability of improvement); Dolan and Moré 2002 (performance profiles).
 * Departures: none; answers of SciPy are goldens.
 */
import { errorFunction } from "simple-statistics";
import type { Rng } from "../core/rng.ts";

/** An estimate with its interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Percentile bootstrap interval of a statistic; deterministic under the stream.
 * @param level coverage, default 0.95
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  rng: Rng,
  resamples = 2000,
  level = 0.95,
): Interval {
  const n = values.length;
  const estimates = new Float64Array(resamples);
  const draw = Array.from({ length: n }, () => 0);
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < n; i++) draw[i] = values[Math.floor(rng() * n)]!;
    estimates[r] = statistic(draw);
  }
  estimates.sort();
  const tail = (1 - level) / 2;
  return {
    estimate: statistic(values),
    low: linearQuantile(estimates, tail),
    high: linearQuantile(estimates, 1 - tail),
  };
}

/** Quantile by linear interpolation between order statistics (type 7, as NumPy's default) of ascending values. */
export function linearQuantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

/** Standard normal distribution function; absolute error below 1.5e-7 (error function by rational approximation). */
export function normalCdf(z: number): number {
  return 0.5 * (1 + errorFunction(z / Math.SQRT2));
}

/** A hypothesis test's answer. */
export interface TestResult {
  /** Wilcoxon: the smaller rank sum; Mann–Whitney: U of the first sample. */
  readonly statistic: number;
  /** Two-sided. */
  readonly p: number;
  readonly method: "exact" | "normal approximation";
}

/** Why a statistic is absent: said aloud instead of printing a number that means nothing. */
export class NotEnoughSamplesError extends Error {
  override get name(): string {
    return "NotEnoughSamplesError";
  }
}

/** Ranks from 1, ties share their mean, and Σ (t³ − t) over groups of ties. O(n log n). */
function ranksOf(values: readonly number[]): { readonly ranks: Float64Array; readonly tieSum: number } {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  let tieSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + 1 + to) / 2;
    const ties = to - from;
    tieSum += ties * ties * ties - ties;
    from = to;
  }
  return { ranks, tieSum };
}

/**
 * Wilcoxon signed-rank test of paired differences, two-sided. Zero differences are dropped (Wilcoxon's rule); exact up to 50
 * untied differences, else the normal approximation with tie correction, without continuity correction.
 * @throws {NotEnoughSamplesError} when no difference is other than zero
 */
export function wilcoxonSignedRank(differences: readonly number[]): TestResult {
  const kept = differences.filter((difference) => difference !== 0);
  const n = kept.length;
  if (n === 0) throw new NotEnoughSamplesError("Wilcoxon: all paired differences are zero; nothing to test");
  const { ranks, tieSum } = ranksOf(kept.map(Math.abs));
  let plus = 0;
  for (let i = 0; i < n; i++) if (kept[i]! > 0) plus += ranks[i]!;
  const minus = (n * (n + 1)) / 2 - plus;
  const statistic = Math.min(plus, minus);
  if (n <= 50 && tieSum === 0 && kept.length === differences.length)
    return { statistic, p: exactSignedRankP(statistic, n), method: "exact" };
  const mean = (n * (n + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieSum / 48;
  const z = (statistic - mean) / Math.sqrt(variance);
  return { statistic, p: Math.min(1, 2 * normalCdf(z)), method: "normal approximation" };
}

/** P(min rank sum ≤ w) by counting subsets of {1…n} with each sum. O(n³). */
function exactSignedRankP(w: number, n: number): number {
  const largest = (n * (n + 1)) / 2;
  let counts = new Float64Array(largest + 1);
  counts[0] = 1;
  for (let rank = 1; rank <= n; rank++) {
    const next = counts.slice();
    for (let sum = rank; sum <= largest; sum++) next[sum]! += counts[sum - rank]!;
    counts = next;
  }
  let below = 0;
  let all = 0;
  for (let sum = 0; sum <= largest; sum++) {
    all += counts[sum]!;
    if (sum <= w) below += counts[sum]!;
  }
  return Math.min(1, (2 * below) / all);
}

/**
 * Mann–Whitney U test of two independent samples, two-sided. Exact when one sample has at most 8 values and there are no ties,
 * else the normal approximation with tie and continuity correction.
 * @throws {NotEnoughSamplesError} when a sample is empty
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): TestResult {
  const [m, n] = [a.length, b.length];
  if (m === 0 || n === 0) throw new NotEnoughSamplesError("Mann–Whitney: a sample is empty");
  const { ranks, tieSum } = ranksOf([...a, ...b]);
  let rankSum = 0;
  for (let i = 0; i < m; i++) rankSum += ranks[i]!;
  const u = rankSum - (m * (m + 1)) / 2;
  const larger = Math.max(u, m * n - u);
  if (Math.min(m, n) <= 8 && tieSum === 0)
    return { statistic: u, p: Math.min(1, 2 * exactMannWhitneyTail(larger, m, n)), method: "exact" };
  const total = m + n;
  const variance = ((m * n) / 12) * (total + 1 - tieSum / (total * (total - 1)));
  if (variance === 0) return { statistic: u, p: 1, method: "normal approximation" };
  const z = (larger - (m * n) / 2 - 0.5) / Math.sqrt(variance);
  return { statistic: u, p: Math.min(1, 2 * normalCdf(-z)), method: "normal approximation" };
}

/** P(U ≥ u) without ties, by the recurrence of Mann and Whitney as a product of (1 − x^(m+i)) ÷ (1 − x^i). O(min·m·n). */
function exactMannWhitneyTail(u: number, m: number, n: number): number {
  const size = m * n + 1;
  const counts = new Float64Array(size);
  counts[0] = 1;
  const [few, many] = m < n ? [m, n] : [n, m];
  for (let i = 1; i <= few; i++) {
    for (let s = size - 1; s >= many + i; s--) counts[s]! -= counts[s - many - i]!;
    for (let s = i; s < size; s++) counts[s]! += counts[s - i]!;
  }
  let above = 0;
  let all = 0;
  for (let s = 0; s < size; s++) {
    all += counts[s]!;
    if (s >= u) above += counts[s]!;
  }
  return above / all;
}

/** Holm's step-down adjustment of p-values for many comparisons, in the order given. */
export function holm(ps: readonly number[]): readonly number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = Array.from({ length: ps.length }, () => 0);
  let running = 0;
  for (const [k, i] of order.entries()) {
    running = Math.max(running, Math.min(1, (ps.length - k) * ps[i]!));
    adjusted[i] = running;
  }
  return adjusted;
}

/** Mean of the middle half: a quarter of the values (by count, rounded down) is cut on each side. */
export function interquartileMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const middle = sorted.slice(cut, sorted.length - cut);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** P(a < b) + ½ P(a = b) over pairs of one workload each: how likely A is the faster one; 0.5 = no difference. */
export function probabilityOfImprovement(pairs: readonly (readonly [number, number])[]): number {
  let wins = 0;
  for (const [a, b] of pairs) wins += a < b ? 1 : a === b ? 0.5 : 0;
  return wins / pairs.length;
}

/** Paired comparison of two systems over workloads: geometric-mean ratio a ÷ b with its bootstrap interval. */
export function pairedRatio(pairs: readonly (readonly [number, number])[], rng: Rng, resamples = 2000): Interval {
  const logs = pairs.map(([a, b]) => Math.log(a / b));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const { estimate, low, high } = bootstrapInterval(logs, mean, rng, resamples);
  return { estimate: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high) };
}

/**
 * Performance profile: for each factor τ the share of workloads on which the system is within τ of the best one.
 * @param ratios cost ÷ best cost by workload; Infinity for a missing run
 */
export function performanceProfile(ratios: readonly number[], factors: readonly number[]): readonly number[] {
  return factors.map((factor) => ratios.filter((ratio) => ratio <= factor).length / ratios.length);
}
