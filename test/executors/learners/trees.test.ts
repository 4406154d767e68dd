import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { LearnOp } from "../../../src/core/operators.ts";
import { type Rng, rngStream } from "../../../src/core/rng.ts";
import { WorkflowError } from "../../../src/core/errors.ts";
import { trainGradientBoosting } from "../../../src/executors/learners/gradient-boosting.ts";
import { binColumns, growTree } from "../../../src/executors/learners/histogram-trees.ts";
import { learners } from "../../../src/executors/learners/index.ts";
import type { ExampleFeature, Examples } from "../../../src/executors/learners/learner.ts";
import { trainRandomForest } from "../../../src/executors/learners/random-forest.ts";
import { areaUnderRoc, scoreTrees, type TreeModel } from "../../../src/executors/learners/tree-models.ts";

interface Answers {
  readonly auc: number;
  readonly logLoss: number;
  readonly first?: readonly number[];
}
const golden = JSON.parse(readFileSync("test/golden/learners/trees.json", "utf8")) as {
  readonly train: number;
  readonly features: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly boosting: { readonly usual: Answers; readonly shallow: Answers };
  readonly forest: Answers;
};

function examples(
  features: readonly (readonly number[])[],
  labels: readonly number[],
  from = 0,
  to = labels.length,
): Examples {
  return {
    rows: to - from,
    labels: Uint16Array.from(labels.slice(from, to)),
    labelValues: ["", "1"],
    features: features.map((values): ExampleFeature => ({
      kind: "numbers",
      values: Float64Array.from(values.slice(from, to)),
    })),
    keys: new Map(),
  };
}
const fit = examples(golden.features, golden.labels, 0, golden.train);
const check = examples(golden.features, golden.labels, golden.train);

function judged(model: TreeModel): Answers & { readonly scores: Float64Array } {
  const scores = scoreTrees(model, check.features, check.rows);
  let sum = 0;
  for (const [i, p] of scores.entries()) {
    const right = check.labels[i]! > 0 ? p : 1 - p;
    sum -= Math.log(Math.max(right, 1e-15));
  }
  const all = Int32Array.from({ length: check.rows }, (_, i) => i);
  return { auc: areaUnderRoc(all, check.labels, scores) ?? Number.NaN, logLoss: sum / check.rows, scores };
}
const boosting = (params: Partial<LearnOp>, data = fit): Promise<TreeModel> =>
  trainGradientBoosting({ op: "learn", model: "gradient-boosting", ...params }, data);
const forest = (params: Partial<LearnOp>, data = fit): Promise<TreeModel> =>
  trainRandomForest({ op: "learn", model: "random-forest", ...params }, data);

describe("beside scikit-learn on fixed data", () => {
  it.each([
    ["usual", { trees: 100, learningRate: 0.1, maxLeaves: 31, minLeafRows: 20 }],
    ["shallow", { trees: 60, learningRate: 0.2, maxDepth: 3, minLeafRows: 5, l2: 2 }],
  ] as const)("gradient boosting (%s) is within 0.01 in AUC and log-loss", async (name, params) => {
    const got = judged(await boosting(params));
    expect(Math.abs(got.auc - golden.boosting[name].auc)).toBeLessThan(0.01);
    expect(Math.abs(got.logLoss - golden.boosting[name].logLoss)).toBeLessThan(0.01);
    const apart = (golden.boosting[name].first ?? []).map((p, i) => Math.abs(p - got.scores[i]!));
    expect(apart.reduce((a, b) => a + b, 0) / apart.length).toBeLessThan(0.02);
  });

  it("a random forest is within 0.01 in AUC of five forests' mean", async () => {
    const got = judged(await forest({ trees: 300, minLeafRows: 3, featuresPerSplit: 2 }));
    expect(Math.abs(got.auc - golden.forest.auc)).toBeLessThan(0.01);
    expect(Math.abs(got.logLoss - golden.forest.logLoss)).toBeLessThan(0.02);
  });
});

/** The best split of all rows, tried one by one on the values themselves. */
function bestByHand(
  features: readonly (readonly number[])[],
  g: readonly number[],
  h: readonly number[],
  l2: number,
  minRows: number,
): number {
  const score = (rows: readonly number[]): number => {
    const sumG = rows.reduce((sum, i) => sum + g[i]!, 0);
    const sumH = rows.reduce((sum, i) => sum + h[i]!, 0);
    return (sumG * sumG) / (sumH + l2);
  };
  const all = g.map((_, i) => i);
  let best = 0;
  for (const values of features)
    for (const at of new Set(values)) {
      const left = all.filter((i) => values[i]! <= at);
      const right = all.filter((i) => values[i]! > at);
      if (left.length < minRows || right.length < minRows) continue;
      best = Math.max(best, score(left) + score(right) - score(all));
    }
  return best;
}

describe("growTree", () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))(
    "first split gains what the best of all splits does (seed %i)",
    (seed) => {
      const rng: Rng = rngStream(seed, "trees/split");
      const rows = 5 + Math.floor(rng() * 40);
      const features = Array.from({ length: 3 }, (_, f) =>
        Array.from({ length: rows }, () => Math.floor(rng() * (4 + 20 * f)) / 4),
      );
      const g = Array.from({ length: rows }, () => rng() - 0.5);
      const h = Array.from({ length: rows }, () => 0.1 + rng());
      const [l2, minLeafRows] = [seed % 3, 1 + (seed % 4)];
      const columns = binColumns(
        examples(
          features,
          g.map(() => 0),
        ).features,
        rows,
        255,
      );
      const { tree, gains, leaves } = growTree(
        columns,
        Int32Array.from(g, (_, i) => i),
        Float64Array.from(g),
        Float64Array.from(h),
        {
          maxLeaves: 2,
          maxDepth: 9,
          minLeafRows,
          l2,
        },
      );
      expect(gains.reduce((a, b) => a + b, 0)).toBeCloseTo(bestByHand(features, g, h, l2, minLeafRows), 9);
      if (leaves.length > 1)
        for (const { begin, end } of leaves) expect(end - begin).toBeGreaterThanOrEqual(minLeafRows);
      if (leaves.length > 1) {
        const left = g.flatMap((_, i) => (features[tree.feature[0]!]![i]! <= tree.threshold[0]! ? [i] : []));
        expect(left).toHaveLength(leaves[0]!.end - leaves[0]!.begin);
      }
    },
  );

  it("leaves hold −G ÷ (H + l2) of the rows that walk into them, at any depth and with few bins", () => {
    const rng = rngStream(5, "trees/leaves");
    const rows = 400;
    const features = Array.from({ length: 4 }, () => Array.from({ length: rows }, () => rng()));
    const g = Float64Array.from({ length: rows }, () => rng() - 0.5);
    const h = Float64Array.from({ length: rows }, () => 0.1 + rng());
    const columns = binColumns(
      examples(
        features,
        [...g].map(() => 0),
      ).features,
      rows,
      16,
    );
    expect(columns.thresholds.every((edges) => edges.length <= 15)).toBe(true);
    const order = Int32Array.from(g, (_, i) => i);
    const { tree, leaves } = growTree(columns, order, g, h, { maxLeaves: 20, maxDepth: 6, minLeafRows: 3, l2: 1 });
    expect(leaves.length).toBeGreaterThan(10);
    const sums = new Map<number, [number, number]>();
    for (let i = 0; i < rows; i++) {
      let node = 0;
      while (tree.feature[node]! >= 0)
        node = features[tree.feature[node]!]![i]! <= tree.threshold[node]! ? tree.left[node]! : tree.right[node]!;
      const [a, b] = sums.get(node) ?? [0, 0];
      sums.set(node, [a + g[i]!, b + h[i]!]);
    }
    expect(sums.size).toBe(leaves.length);
    for (const [node, [a, b]] of sums) expect(tree.value[node]).toBeCloseTo(-a / (b + 1), 9);
    expect([...order].sort((a, b) => a - b)).toEqual([...g].map((_, i) => i));
  });
});

describe("models", () => {
  it("the same data and seed give the same bits, another seed another forest", async () => {
    for (const [train, params] of [
      [forest, { trees: 5 }],
      [boosting, { trees: 5, rowShare: 0.7, featureShare: 0.6 }],
    ] as const) {
      const one = await train({ ...params, seed: 3 });
      expect(await train({ ...params, seed: 3 })).toEqual(one);
      expect((await train({ ...params, seed: 4 })).value).not.toEqual(one.value);
    }
  });

  it("a feature left out of a tree's share is not split on", async () => {
    const model = await boosting({ trees: 1, featureShare: 0.01 });
    expect([...model.feature].every((f) => f <= 0)).toBe(true);
  });

  it("held-out rows do not teach, give the validation AUC and stop the boosting early", async () => {
    const flipped = { ...fit, labels: fit.labels.map((label, i) => (i % 5 === 4 ? 1 - label : label)) };
    const plain = await boosting({ trees: 30, holdOutEvery: 5 });
    const spoilt = await boosting({ trees: 30, holdOutEvery: 5 }, flipped);
    expect(spoilt.value).toEqual(plain.value);
    expect(plain.validationAuc).toBeGreaterThan(0.75);
    expect(spoilt.validationAuc).toBeCloseTo(1 - (plain.validationAuc ?? 0), 9);
    const stopped = await boosting({ trees: 2000, holdOutEvery: 5, patience: 10, learningRate: 0.3 });
    expect(stopped.treeOffsets.length).toBeLessThan(200);
  });

  it("one label alone, one row and a constant feature are learned without failing", async () => {
    const constant = examples([[1, 1, 1]], [1, 1, 1]);
    for (const train of [forest, boosting]) {
      const scores = scoreTrees(await train({ trees: 2 }, constant), constant.features, 3);
      expect([...scores].every((score) => score > 0.99)).toBe(true);
    }
    const heldOut = examples([[1, 2, 3, 4, 5]], [0, 0, 0, 0, 0]);
    expect((await boosting({ trees: 2, holdOutEvery: 5 }, heldOut)).validationAuc).toBe(0.5);
    const tooFew = examples([[1, 2, 3]], [0, 1, 0]);
    for (const train of [forest, boosting]) {
      expect((await train({ trees: 2, holdOutEvery: 5 }, tooFew)).validationAuc).toBe(0.5);
      expect((await train({ trees: 2 }, tooFew)).validationAuc).toBeNull();
    }
    const single = examples([[2]], [0]);
    expect(scoreTrees(await boosting({ trees: 2 }, single), single.features, 1)[0]).toBeLessThan(0.01);
  });

  it("parameters out of range and examples of other features are refused", async () => {
    await expect(boosting({ trees: 0 })).rejects.toThrow(WorkflowError);
    await expect(boosting({ learningRate: "fast" })).rejects.toThrow(/learningRate.*expected a number from/u);
    await expect(forest({ featuresPerSplit: 1.5 })).rejects.toThrow(/expected an integer/u);
    const model = await forest({ trees: 1 });
    expect(() => scoreTrees(model, check.features.slice(1), 1)).toThrow(
      /is applied to 5 features; it was trained on 6/u,
    );
  });

  it("stop when they are told to", async () => {
    const abort = new AbortController();
    abort.abort(new Error("enough"));
    for (const model of ["gradient-boosting", "random-forest"] as const)
      await expect(learners[model]!.train({ op: "learn", model }, fit, abort.signal)).rejects.toThrow("enough");
  });
});
