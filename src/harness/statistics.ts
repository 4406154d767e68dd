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
