import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rngStream } from "../../src/core/rng.ts";
import {
  bootstrapInterval,
  holm,
  interquartileMean,
  linearQuantile,
  mannWhitney,
  normalCdf,
  NotEnoughSamplesError,
  pairedRatio,
  performanceProfile,
  probabilityOfImprovement,
  wilcoxonSignedRank,
} from "../../src/harness/statistics.ts";
import { summariseTimes, timeUs } from "../../src/harness/timing.ts";

interface Goldens {
  readonly wilcoxon: { differences: number[]; statistic: number; p: number; method: string }[];
  readonly mannwhitney: { a: number[]; b: number[]; statistic: number; p: number; method: string }[];
  readonly quantile: { values: number[]; p: number; quantile: number }[];
  readonly normal: { z: number; cdf: number }[];
  readonly trim: { values: number[]; mean: number }[];
}

/** Made by test/golden/scipy-statistics.py. */
const goldens = JSON.parse(readFileSync("test/golden/scipy-statistics.json", "utf8")) as Goldens;

describe("answers of SciPy", () => {
  test.each(goldens.wilcoxon)("Wilcoxon signed-rank, case %#, is the same", ({ differences, statistic, p, method }) => {
    const ours = wilcoxonSignedRank(differences);
    expect(ours.statistic).toBeCloseTo(statistic, 9);
    expect(ours.p).toBeCloseTo(p, 6);
    expect(ours.method).toBe(method === "exact" ? "exact" : "normal approximation");
  });

  test.each(goldens.mannwhitney)("Mann–Whitney, case %#, is the same", ({ a, b, statistic, p, method }) => {
    const ours = mannWhitney(a, b);
    expect(ours.statistic).toBeCloseTo(statistic, 9);
    expect(ours.p).toBeCloseTo(p, 6);
    expect(ours.method).toBe(method === "exact" ? "exact" : "normal approximation");
  });

  test.each(goldens.quantile)("quantile $p is NumPy's", ({ values, p, quantile }) => {
    expect(
      linearQuantile(
        [...values].sort((a, b) => a - b),
        p,
      ),
    ).toBeCloseTo(quantile, 12);
  });

  test.each(goldens.normal)("normal distribution at $z", ({ z, cdf }) => {
    expect(Math.abs(normalCdf(z) - cdf)).toBeLessThan(1.5e-7);
  });

  test.each(goldens.trim)("interquartile mean, case %#, is the 25 % trimmed mean", ({ values, mean }) => {
    expect(interquartileMean(values)).toBeCloseTo(mean, 12);
  });
});

describe("worked examples", () => {
  test("Holm: 0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02", () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries()) expect(adjusted[i]).toBeCloseTo(expected, 12);
  });

  test("Wilcoxon on Darwin's fifteen pairs of maize (eighths of an inch): 24, p = 0.0413", () => {
    const { statistic, p, method } = wilcoxonSignedRank([6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75]);
    expect([statistic, p, method]).toEqual([24, 0.041259765625, "exact"]);
  });

  test("Mann–Whitney on ages at diagnosis of five men and four women: U = 17, p = 1/9", () => {
    const { statistic, p, method } = mannWhitney([19, 22, 16, 29, 24], [20, 11, 17, 12]);
    expect([statistic, method]).toEqual([17, "exact"]);
    expect(p).toBeCloseTo(1 / 9, 12);
  });

  test("probability of improvement counts ties half", () => {
    expect(
      probabilityOfImprovement([
        [1, 2],
        [2, 2],
        [3, 2],
        [1, 5],
      ]),
    ).toBe(2.5 / 4);
  });

  test("a performance profile never falls and ends at the share of runs that exist", () => {
    expect(performanceProfile([1, 1.5, 4, Infinity], [1, 2, 10])).toEqual([0.25, 0.5, 0.75]);
  });

  test("a performance profile is scipy.stats.ecdf of the ratios (SciPy 1.17)", () => {
    const ratios = [1, 1.25, 1.1, 3.7, 2.2, 1, 5.5, 1.6, 2, 1.3];
    expect(performanceProfile(ratios, [1, 1.1, 1.5, 2, 4, 8])).toEqual([0.2, 0.3, 0.5, 0.7, 0.9, 1]);
  });

  test("probability of improvement is scipy.stats.mannwhitneyu of b − a against 0, over n (SciPy 1.17)", () => {
    const a = [3.1, 2.2, 5, 4.4, 1, 2];
    const b = [3.5, 2.2, 4.1, 4.9, 1.6, 2.9];
    expect(probabilityOfImprovement(a.map((value, i) => [value, b[i]!]))).toBe(0.75);
  });

  test("all differences zero, or an empty sample: said aloud", () => {
    expect(() => wilcoxonSignedRank([0, 0])).toThrow(NotEnoughSamplesError);
    expect(() => mannWhitney([], [1])).toThrow(NotEnoughSamplesError);
    expect(() => summariseTimes([1, 2, 3])).toThrow(/not enough samples: 3/u);
  });
});

describe("the bootstrap", () => {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  test("covers the true mean in about 95 % of samples", () => {
    const rng = rngStream(1, "coverage");
    let covered = 0;
    const rounds = 300;
    for (let round = 0; round < rounds; round++) {
      const sample = Array.from({ length: 40 }, () => rng() + rng() + rng());
      const { low, high } = bootstrapInterval(sample, mean, rng, 300);
      if (low <= 1.5 && 1.5 <= high) covered++;
    }
    expect(covered / rounds).toBeGreaterThan(0.89);
    expect(covered / rounds).toBeLessThan(0.99);
  });

  test("on the seven treated mice of Efron and Tibshirani: ends as over all 7^7 resamples", () => {
    const mice = [94, 197, 16, 38, 99, 141, 23];
    const { estimate, low, high } = bootstrapInterval(mice, mean, rngStream(1, "mice"), 20_000);
    expect(estimate).toBeCloseTo(86.857, 3);
    // Quantiles of all 823,543 means, by NumPy; resampling 20,000 times is within a unit of them.
    expect(Math.abs(low - 43.42857143)).toBeLessThan(1.5);
    expect(Math.abs(high - 134.42857143)).toBeLessThan(1.5);
  });

  test("is the same for the same stream", () => {
    const sample = [3, 1, 4, 1, 5, 9, 2, 6];
    const once = bootstrapInterval(sample, mean, rngStream(1, "b"));
    expect(bootstrapInterval(sample, mean, rngStream(1, "b"))).toEqual(once);
  });

  test("of a paired ratio: twice as fast everywhere is exactly 0.5 with no spread", () => {
    const ratio = pairedRatio(
      [
        [1, 2],
        [10, 20],
        [3, 6],
      ],
      rngStream(1, "p"),
    );
    expect(ratio.estimate).toBeCloseTo(0.5, 12);
    expect(ratio.high - ratio.low).toBeLessThan(1e-12);
  });
});

test("timing gives a median inside its interval from at least nine repetitions", async () => {
  const summary = await timeUs(() => {
    let x = 0;
    for (let i = 0; i < 1000; i++) x += i;
    if (x < 0) throw new Error("never");
  });
  expect(summary.repetitions).toBeGreaterThanOrEqual(9);
  expect(summary.lowUs).toBeLessThanOrEqual(summary.medianUs);
  expect(summary.highUs).toBeGreaterThanOrEqual(summary.medianUs);
});
