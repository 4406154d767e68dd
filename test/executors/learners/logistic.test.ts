import { describe, expect, it } from "vitest";
import { rngStream } from "../../../src/core/rng.ts";
import type { LearnOp } from "../../../src/core/operators.ts";
import type { Examples } from "../../../src/executors/learners/learner.ts";
import { type LogisticModel, trainLogistic } from "../../../src/executors/learners/logistic.ts";

/** Examples with one number and one code of five levels, labels drawn from a known model. */
function drawn(rows: number, seed: number): Examples {
  const rng = rngStream(seed, "logistic");
  const values = new Float64Array(rows);
  const codes = new Uint16Array(rows);
  const labels = new Uint16Array(rows);
  const effect = [0, 1, -2, 0.5, 0];
  for (let i = 0; i < rows; i++) {
    values[i] = 4 * rng() - 2;
    codes[i] = Math.floor(5 * rng());
    const logit = -0.3 + 0.8 * values[i]! + effect[codes[i]!]!;
    labels[i] = rng() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return {
    rows,
    labels,
    labelValues: ["", "yes"],
    features: [
      { kind: "numbers", values },
      { kind: "codes", codes, levels: 5 },
    ],
    keys: new Map(),
  };
}

/** Weights as one vector: intercept, number, codes 1 … 4; the design matrix beside it. */
function dense(examples: Examples): number[][] {
  const [numbers, codes] = examples.features;
  return Array.from({ length: examples.rows }, (_, i) => {
    const code = codes?.kind === "codes" ? codes.codes[i]! : 0;
    return [1, numbers?.kind === "numbers" ? numbers.values[i]! : 0, ...[1, 2, 3, 4].map((k) => (k === code ? 1 : 0))];
  });
}
const vector = ({ intercept, weights }: LogisticModel): number[] => [
  intercept,
  weights[0]![0]!,
  ...weights[1]!.slice(1),
];

/** Gradient of the summed log-loss, computed the plain way. */
function gradientAt(w: readonly number[], x: readonly number[][], labels: Uint16Array): number[] {
  const gradient = w.map(() => 0);
  x.forEach((row, i) => {
    const z = row.reduce((sum, value, j) => sum + value * w[j]!, 0);
    const residual = 1 / (1 + Math.exp(-z)) - labels[i]!;
    row.forEach((value, j) => (gradient[j]! += value * residual));
  });
  return gradient;
}

/** Newton's method on the dense problem: another algorithm, the same optimum. */
function newton(x: readonly number[][], labels: Uint16Array, l2: number): number[] {
  const p = x[0]!.length;
  let w = Array.from({ length: p }, () => 0);
  for (let round = 0; round < 30; round++) {
    const gradient = gradientAt(w, x, labels).map((g, j) => g + (j === 0 ? 0 : l2 * w[j]!));
    const a = Array.from({ length: p }, (_, j) =>
      Array.from({ length: p + 1 }, (_, k) => (k === p ? gradient[j]! : j === k && j > 0 ? l2 : 0)),
    );
    for (const row of x) {
      const z = row.reduce((sum, value, j) => sum + value * w[j]!, 0);
      const s = 1 / (1 + Math.exp(-z));
      for (let j = 0; j < p; j++) for (let k = 0; k < p; k++) a[j]![k]! += s * (1 - s) * row[j]! * row[k]!;
    }
    for (let j = 0; j < p; j++) {
      for (let k = p; k >= j; k--) a[j]![k]! /= a[j]![j]!;
      for (let i = 0; i < p; i++) if (i !== j) for (let k = p; k >= j; k--) a[i]![k]! -= a[i]![j]! * a[j]![k]!;
    }
    w = w.map((value, j) => value - a[j]![p]!);
  }
  return w;
}

const train = (examples: Examples, params: Partial<LearnOp>): Promise<LogisticModel> =>
  trainLogistic(
    { op: "learn", model: "logistic-regression", maxIterations: 500, tolerance: 1e-9, ...params },
    examples,
  );

describe("logistic regression", () => {
  it("finds the optimum that Newton's method finds", async () => {
    for (const l2 of [0.1, 1, 50]) {
      const examples = drawn(600, 1);
      const expected = newton(dense(examples), examples.labels, l2);
      vector(await train(examples, { l2 })).forEach((w, j) => expect(w).toBeCloseTo(expected[j]!, 5));
    }
  });

  it("meets the optimality conditions of L1: a weight is 0 where the slope is below the penalty, else they balance", async () => {
    const examples = drawn(800, 2);
    const l1 = 12;
    const w = vector(await train(examples, { l1 }));
    const gradient = gradientAt(w, dense(examples), examples.labels);
    expect(w.slice(1).filter((value) => value === 0).length).toBeGreaterThan(0);
    expect(w.slice(1).filter((value) => value !== 0).length).toBeGreaterThan(0);
    expect(Math.abs(gradient[0]!)).toBeLessThan(1e-4);
    w.slice(1).forEach((value, k) => {
      const slope = gradient[k + 1]!;
      if (value === 0) expect(Math.abs(slope)).toBeLessThanOrEqual(l1 + 1e-4);
      else expect(slope + l1 * Math.sign(value)).toBeCloseTo(0, 3);
    });
  });

  it("gives no weight to code 0, which stands for values the train split lacks", async () => {
    const { weights } = await train(drawn(300, 3), { l2: 0.1 });
    expect(weights[1]![0]).toBe(0);
  });

  it("gives the same bits for the same examples", async () => {
    const [a, b] = [await train(drawn(3000, 4), { l2: 0.1 }), await train(drawn(3000, 4), { l2: 0.1 })];
    expect(a).toEqual(b);
  });

  it("stays finite on separable data and after its last iteration", async () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? -1e6 : 1e6));
    const labels = Uint16Array.from({ length: 100 }, (_, i) => (i < 50 ? 0 : 1));
    const examples: Examples = {
      rows: 100,
      labels,
      labelValues: [],
      features: [{ kind: "numbers", values }],
      keys: new Map(),
    };
    const model = await train(examples, { maxIterations: 3 });
    expect(model.iterations).toBeLessThanOrEqual(3);
    expect(Number.isFinite(model.weights[0]![0]!)).toBe(true);
    expect(model.weights[0]![0]!).toBeGreaterThan(0);
  });

  it("learns from no rows without failing", async () => {
    const examples: Examples = { rows: 0, labels: new Uint16Array(0), labelValues: [], features: [], keys: new Map() };
    expect((await train(examples, {})).intercept).toBe(0);
  });

  it("stops between two passes when told to", async () => {
    const abort = new AbortController();
    const running = trainLogistic(
      { op: "learn", model: "logistic-regression", tolerance: 0, maxIterations: 1e6 },
      drawn(200_000, 5),
      abort.signal,
    );
    setTimeout(() => abort.abort(new Error("enough")), 1);
    await expect(running).rejects.toThrow("enough");
  });
});
