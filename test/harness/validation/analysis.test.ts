import { describe, expect, test } from "vitest";
import { analyse, summarise } from "../../../src/harness/validation/analysis.ts";
import { type ComparedCell, type ValidationRun } from "../../../src/harness/validation/compared-cells.ts";

function run(runUs: readonly number[], states: readonly string[] = runUs.map(() => "c")): ValidationRun {
  return { runUs, states };
}

function cell(
  setting: string,
  predicted: ValidationRun,
  real: readonly ValidationRun[],
  where: { readonly budget?: string; readonly executor?: string } = {},
): ComparedCell {
  const { budget = "none", executor = "duckdb" } = where;
  return {
    cell: { id: `${executor} ${setting} ${budget}`, executor, profile: "hot", setting, budget },
    predicted,
    real,
  };
}

// Medians of A's repetitions are 100 and 50, as predicted; B takes 100 and 100 where 200 and 100 were predicted.
const a = cell("a", run([100, 50], ["cl", "pp"]), [run([110, 40], ["cl", "pp"]), run([90, 60], ["cl", "pc"])]);
const b = cell("b", run([200, 100], ["cc", "cc"]), [run([100, 100], ["cc", "lc"]), run([100, 100], ["cc", "lc"])]);

describe("errors, worked by hand,", () => {
  const found = analyse([a, b]);

  test("are shares of the median over repetitions, by iteration and over the sequence", () => {
    // By iteration 0, 0, +1, 0; in all 150 for 150 and 300 for 200.
    expect(found.iteration).toEqual({ count: 4, bias: 0.25, medianAbs: 0, p95Abs: expect.closeTo(0.85, 12) });
    expect(found.cumulative).toEqual({ count: 2, bias: 0.25, medianAbs: 0.25, p95Abs: expect.closeTo(0.475, 12) });
  });

  test("stand beside what repetitions differ from the others by", () => {
    // A: 90 for 110, 60 for 40, 110 for 90, 40 for 60; B: nothing. Totals are equal.
    expect(found.noise?.iteration.medianAbs).toBeCloseTo(20 / 110 / 2, 12);
    expect(found.noise?.iteration.p95Abs).toBeCloseTo(1 / 3 + 0.65 / 6, 12);
    expect(found.noise?.cumulative).toEqual({ count: 4, bias: 0, medianAbs: 0, p95Abs: 0 });
  });

  test("stand beside those of predicting the mean iteration of the other settings", () => {
    // A's iterations as 100, the mean of B's; B's as 75, the mean of A's.
    expect(found.nullModel?.iteration).toMatchObject({ count: 4, bias: 0.125, medianAbs: 0.25 });
    expect(found.nullModel?.cumulative.bias).toBeCloseTo((200 / 150 - 1 - 0.25) / 2, 12);
    expect(analyse([a]).nullModel).toBeUndefined();
  });

  test("have a part: what is predicted of loads and writes stands beside the medians of the real ones", () => {
    const timed = (runUs: number[], loadUs: number[], writeUs: number[]): ValidationRun => ({
      ...run(runUs),
      loadUs,
      writeUs,
    });
    const one = cell("p", timed([100, 50], [0, 20], [30, 0]), [
      timed([110, 60], [0, 30], [40, 0]),
      timed([90, 50], [0, 10], [20, 0]),
    ]);
    expect(analyse([one]).parts).toEqual([
      { part: "compute", predictedUs: 100, realUs: 105 },
      { part: "load", predictedUs: 20, realUs: 20 },
      { part: "write", predictedUs: 30, realUs: 30 },
    ]);
    expect(found.parts).toBeUndefined();
  });

  test("decisions agree by node; real runs among themselves too", () => {
    expect(found.decisionAgreement).toBe((1 + 0.75 + 0.75 + 0.75) / 4);
    expect(found.realAgreement).toBe((0.75 + 1) / 2);
  });
});

describe("order and choice", () => {
  // Predicted 100, 110, 112; real 100, 90, 150.
  const three = [
    cell("x", run([100]), [run([100])]),
    cell("y", run([110]), [run([90])]),
    cell("z", run([112]), [run([150])]),
  ];

  test("a pair is right if real totals stand as predicted, and counts in the bucket of its predicted gap", () => {
    // x–y: gap 10 %, wrong; x–z: 12 %, right; y–z: 1.8 %, right.
    const counts = analyse(three).buckets.map(({ from, pairs, right }) => [from, pairs, right]);
    expect(counts).toEqual([
      [0, 0, 0],
      [0.01, 1, 1],
      [0.05, 2, 1],
      [0.2, 0, 0],
      [0.5, 0, 0],
    ]);
  });

  test("trusting the prediction chooses x for 100 where y takes 90", () => {
    expect(analyse(three).regret).toMatchObject({ choices: 1, median: 100 / 90 - 1, max: 100 / 90 - 1 });
    expect(analyse(three).regret?.againstOthersChoice).toBeUndefined();
  });

  test("settings that differ by noise alone cost nothing to confuse, though the least of them looks better", () => {
    // x is chosen. By the other repetitions' medians y is best for the 1st and 3rd (100 against 110), x for the 2nd.
    const real = (totals: readonly number[]): ValidationRun[] => totals.map((us) => run([us]));
    const alike = [cell("x", run([90]), real([100, 120, 100])), cell("y", run([110]), real([110, 90, 110]))];
    const { median, againstOthersChoice } = analyse(alike).regret!;
    expect(median).toBe(0);
    expect(againstOthersChoice).toBeCloseTo((2 * (100 / 110 - 1)) / 3, 12);
  });

  test("pairs are of one engine, choices of one budget, equal predictions are no pair", () => {
    const apart = [
      cell("x", run([100]), [run([100])]),
      cell("y", run([110]), [run([90])], { executor: "spark" }),
      cell("z", run([100]), [run([70])], { budget: "10%" }),
    ];
    const found = analyse(apart);
    expect(found.buckets.every(({ pairs }) => pairs === 0)).toBe(true);
    expect(found.regret).toBeUndefined();
  });

  test("beyond the noise only pairs count whose real gap exceeds its 95th percentile", () => {
    const noisy = [
      cell("x", run([100]), [run([100]), run([120])]),
      cell("y", run([90]), [run([112]), run([112])]),
      cell("z", run([300]), [run([330]), run([330])]),
    ];
    const { beyondNoise } = analyse(noisy);
    // Noise: 120 for 100, 100 for 120, else none; x and y are 110 and 112, wrong, but within it.
    expect(beyondNoise?.floor).toBeCloseTo(1 / 6 + 0.75 * (0.2 - 1 / 6), 12);
    expect(beyondNoise).toMatchObject({ pairs: 2, right: 2 });
  });
});

test("without repetitions there is no floor, without errors nothing to summarise", () => {
  const one = analyse([cell("x", run([100]), [run([80])])]);
  expect([one.noise, one.realAgreement, one.beyondNoise]).toEqual([undefined, undefined, undefined]);
  expect(one.cumulative.bias).toBe(0.25);
  expect(() => summarise([])).toThrow(RangeError);
  expect(() => analyse([cell("x", run([100]), [run([80, 1])])])).toThrow(/x none: predicted 1 iterations/u);
});
