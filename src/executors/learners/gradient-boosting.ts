/**
 * Gradient boosting of trees for a binary label.
 *
 * Source: Friedman, "Greedy function approximation" (Annals of Statistics 2001), with second-order leaf values; early stopping on
 * held-out rows as in LightGBM.
 * Departures: as in `histogram-trees.ts`; held-out rows are every n-th one, not drawn.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Rng, rngStream } from "../../core/rng.ts";
import type { LearnOp } from "../../core/operators.ts";
import { binColumns, growTree, type Tree, valuesOf } from "./histogram-trees.ts";
import type { Examples, Learner } from "./learner.ts";
import { areaUnderRoc, holdOut, numberOf, packTrees, scoreTrees, type TreeModel, treeValue } from "./tree-models.ts";

/** Trees grown between two looks at the signal. */
const treesPerBreath = 8;

/**
 * Parameters of the `learn` operator: `trees` (100), `learningRate` (0.1), `maxLeaves` (31), `maxDepth` (none), `minLeafRows` (20),
 * `l2` (0), `maxBins` (255), `rowShare` and `featureShare` (1; drawn for each tree), `holdOutEvery` (0 = no rows held out),
 * `patience` (0; with held-out rows, stop after that many trees without a smaller log-loss on them), `seed` (1).
 *
 * O(trees · rows · features · depth) time; 1 byte a row and feature beside the data. The same data and parameters give the same bits.
 */
export const gradientBoosting: Learner = {
  model: "gradient-boosting",
  keys: [],
  train: (op, examples, signal) => trainGradientBoosting(op, examples, signal),
};

/** Parameters of {@link gradientBoosting}. @throws {WorkflowError} for one out of its range */
export function boostingParameters(op: LearnOp) {
  return {
    trees: numberOf(op, "trees", 100, { low: 1, high: 100_000, integer: true }),
    learningRate: numberOf(op, "learningRate", 0.1, { low: 1e-6, high: 1 }),
    maxLeaves: numberOf(op, "maxLeaves", 31, { low: 2, high: 65_536, integer: true }),
    maxDepth: numberOf(op, "maxDepth", 64, { low: 1, high: 64, integer: true }),
    minLeafRows: numberOf(op, "minLeafRows", 20, { low: 1, high: 1e9, integer: true }),
    l2: numberOf(op, "l2", 0, { low: 0, high: 1e9 }),
    maxBins: numberOf(op, "maxBins", 255, { low: 2, high: 256, integer: true }),
    rowShare: numberOf(op, "rowShare", 1, { low: 0.01, high: 1 }),
    featureShare: numberOf(op, "featureShare", 1, { low: 0.01, high: 1 }),
    holdOutEvery: numberOf(op, "holdOutEvery", 0, { low: 0, high: 1e9, integer: true }),
    patience: numberOf(op, "patience", 0, { low: 0, high: 100_000, integer: true }),
    seed: numberOf(op, "seed", 1, { low: 0, high: Number.MAX_SAFE_INTEGER, integer: true }),
  } as const;
}

/** See {@link gradientBoosting}. @throws {WorkflowError} for a parameter out of its range */
export async function trainGradientBoosting(op: LearnOp, examples: Examples, signal?: AbortSignal): Promise<TreeModel> {
  const { rows, labels, features } = examples;
  const { trees, learningRate, rowShare, featureShare, maxBins, holdOutEvery, patience, seed, ...shape } =
    boostingParameters(op);
  const columns = binColumns(features, rows, maxBins);
  const { train, held } = holdOut(rows, holdOutEvery);
  const values = features.map(valuesOf);
  const rng = rngStream(seed, "gradient-boosting");

  const positives = train.reduce((sum, i) => sum + (labels[i]! > 0 ? 1 : 0), 0);
  const rate = Math.min(Math.max(positives / Math.max(1, train.length), 1e-9), 1 - 1e-9);
  const base = Math.log(rate / (1 - rate));
  const scores = new Float64Array(rows).fill(base);
  const gradients = new Float64Array(rows);
  const hessians = new Float64Array(rows);
  const importance = new Float64Array(features.length);
  const grown: Tree[] = [];
  let best = { loss: Number.POSITIVE_INFINITY, trees: 0 };

  for (let t = 0; t < trees; t++) {
    if (t % treesPerBreath === 0) await nextTurn();
    signal?.throwIfAborted();
    for (const i of train) {
      const p = 1 / (1 + Math.exp(-scores[i]!));
      gradients[i] = p - (labels[i]! > 0 ? 1 : 0);
      hessians[i] = Math.max(p * (1 - p), 1e-16);
    }
    const sample = rowShare < 1 ? train.filter(() => rng() < rowShare) : train.slice();
    const use = featureShare < 1 ? shareOf(rng, featureShare, features.length) : {};
    const { tree, leaves, gains } = growTree(columns, sample, gradients, hessians, { ...shape, ...use });
    grown.push(tree);
    for (const [f, gain] of gains.entries()) importance[f]! += gain;
    if (rowShare < 1) for (const i of train) scores[i]! += learningRate * treeValue(tree, values, i);
    else
      for (const { node, begin, end } of leaves)
        for (let k = begin; k < end; k++) scores[sample[k]!]! += learningRate * tree.value[node]!;
    if (held.length === 0) continue;
    for (const i of held) scores[i]! += learningRate * treeValue(tree, values, i);
    const loss = logLoss(held, labels, scores);
    if (loss < best.loss) best = { loss, trees: t + 1 };
    else if (patience > 0 && t + 1 - best.trees >= patience) break;
  }

  const used = held.length > 0 && patience > 0 ? grown.slice(0, best.trees) : grown;
  const model: TreeModel = {
    model: "gradient-boosting",
    featureCount: features.length,
    ...packTrees(used, learningRate),
    base,
    link: "logistic",
    importance,
    validationAuc: null,
  };
  if (holdOutEvery === 0) return model;
  return { ...model, validationAuc: areaUnderRoc(held, labels, scoreTrees(model, features, rows)) ?? 0.5 };
}

/** About `share` of the features; one at least, so that a tree has something to split on. */
function shareOf(rng: Rng, share: number, count: number): { readonly features: readonly number[] } {
  const features = Array.from({ length: count }, (_, f) => f).filter(() => rng() < share);
  return { features: features.length === 0 ? [0] : features };
}

function logLoss(rows: Int32Array, labels: Uint16Array, scores: Float64Array): number {
  let sum = 0;
  for (const i of rows) {
    const z = labels[i]! > 0 ? scores[i]! : -scores[i]!;
    sum += z > 0 ? Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)) - z;
  }
  return sum / rows.length;
}
