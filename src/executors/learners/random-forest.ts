/**
 * Random forest for a binary label.
 *
 * Source: Breiman, "Random Forests" (Machine Learning 2001).
 * Departures: splits at bin edges (`histogram-trees.ts`); a split's gain is the decrease in variance of the label, which for two
 * labels is that of Gini impurity; trees vote with their leaves' shares, as in scikit-learn.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LearnOp } from "../../core/operators.ts";
import { randomInt, rngStream } from "../../core/rng.ts";
import { binColumns, growTree, type Tree } from "./histogram-trees.ts";
import type { Examples, Learner } from "./learner.ts";
import { areaUnderRoc, holdOut, numberOf, packTrees, scoreTrees, type TreeModel } from "./tree-models.ts";

/**
 * Parameters of the `learn` operator: `trees` (100), `maxDepth` (64), `minLeafRows` (1), `maxLeaves` (65,536), `maxBins` (255),
 * `featuresPerSplit` (square root of their number), `holdOutEvery` (0 = no rows held out), `seed` (1). Every tree sees as many rows
 * as there are, drawn with replacement from a stream of its own.
 *
 * O(trees · rows · featuresPerSplit · depth) time. The same data and parameters give the same bits.
 */
export const randomForest: Learner = {
  model: "random-forest",
  keys: [],
  train: (op, examples, signal) => trainRandomForest(op, examples, signal),
};

/** Parameters of {@link randomForest} for so many features. @throws {WorkflowError} for one out of its range */
export function forestParameters(op: LearnOp, featureCount: number) {
  const usual = Math.max(1, Math.floor(Math.sqrt(featureCount)));
  return {
    trees: numberOf(op, "trees", 100, { low: 1, high: 100_000, integer: true }),
    maxLeaves: numberOf(op, "maxLeaves", 65_536, { low: 2, high: 65_536, integer: true }),
    maxDepth: numberOf(op, "maxDepth", 64, { low: 1, high: 64, integer: true }),
    minLeafRows: numberOf(op, "minLeafRows", 1, { low: 1, high: 1e9, integer: true }),
    maxBins: numberOf(op, "maxBins", 255, { low: 2, high: 256, integer: true }),
    featuresPerSplit: numberOf(op, "featuresPerSplit", usual, { low: 1, high: 1e9, integer: true }),
    holdOutEvery: numberOf(op, "holdOutEvery", 0, { low: 0, high: 1e9, integer: true }),
    seed: numberOf(op, "seed", 1, { low: 0, high: Number.MAX_SAFE_INTEGER, integer: true }),
  } as const;
}

/** See {@link randomForest}. @throws {WorkflowError} for a parameter out of its range */
export async function trainRandomForest(op: LearnOp, examples: Examples, signal?: AbortSignal): Promise<TreeModel> {
  const { rows, labels, features } = examples;
  const { trees, seed, maxLeaves, maxDepth, minLeafRows, maxBins, featuresPerSplit, holdOutEvery } = forestParameters(
    op,
    features.length,
  );
  const shape = { maxLeaves, maxDepth, minLeafRows, l2: 0 };
  const columns = binColumns(features, rows, maxBins);
  const { train, held } = holdOut(rows, holdOutEvery);

  const importance = new Float64Array(features.length);
  const grown: Tree[] = [];
  for (let t = 0; t < trees; t++) {
    await nextTurn();
    signal?.throwIfAborted();
    const rng = rngStream(seed, `random-forest/${t}`);
    const weights = new Float64Array(rows);
    for (let k = 0; k < train.length; k++) weights[train[randomInt(rng, 0, train.length - 1)]!]! += 1;
    const sample = train.filter((i) => weights[i]! > 0);
    const gradients = weights.map((weight, i) => (labels[i]! > 0 ? -weight : 0));
    const { tree, gains } = growTree(columns, sample, gradients, weights, {
      ...shape,
      draw: { count: featuresPerSplit, rng },
    });
    grown.push(tree);
    for (const [f, gain] of gains.entries()) importance[f]! += gain;
  }
  const model: TreeModel = {
    model: "random-forest",
    featureCount: features.length,
    ...packTrees(grown, 1 / trees),
    base: 0,
    link: "identity",
    importance,
    validationAuc: null,
  };
  if (holdOutEvery === 0) return model;
  return { ...model, validationAuc: areaUnderRoc(held, labels, scoreTrees(model, features, rows)) ?? 0.5 };
}
