/** Models that are sums of trees: how they are kept, applied and judged. */
import { WorkflowError } from "../../core/errors.ts";
import type { LearnOp } from "../../core/operators.ts";
import { type Tree, valuesOf } from "./histogram-trees.ts";
import type { ExampleFeature, TrainedModel } from "./learner.ts";

/** A sum of trees. */
export interface TreeModel extends TrainedModel {
  readonly model: "gradient-boosting" | "random-forest";
  /** Features it was trained on. */
  readonly featureCount: number;
  /** First node of each tree, and the end; shape (trees + 1). Children are numbered within their tree. */
  readonly treeOffsets: Int32Array;
  /** All trees' nodes, one after the other; see {@link Tree}. */
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly value: Float64Array;
  /** Added to the sum of the trees. */
  readonly base: number;
  /** How a sum becomes a probability. */
  readonly link: "logistic" | "identity";
  /** Σ of split gains by feature; shape (featureCount). */
  readonly importance: Float64Array;
  /** Area under the ROC curve on the rows that were held out, 0.5 unless they have both labels; null if none were to be. */
  readonly validationAuc: number | null;
}

/** Trees in one set of arrays; every leaf's value times `scale`. */
export function packTrees(
  trees: readonly Tree[],
  scale: number,
): Pick<TreeModel, "treeOffsets" | "feature" | "threshold" | "left" | "right" | "value"> {
  const treeOffsets = new Int32Array(trees.length + 1);
  for (const [t, { feature }] of trees.entries()) treeOffsets[t + 1] = treeOffsets[t]! + feature.length;
  const size = treeOffsets[trees.length]!;
  const packed = {
    treeOffsets,
    feature: new Int32Array(size),
    threshold: new Float64Array(size),
    left: new Int32Array(size),
    right: new Int32Array(size),
    value: new Float64Array(size),
  };
  for (const [t, tree] of trees.entries()) {
    const at = treeOffsets[t]!;
    packed.feature.set(tree.feature, at);
    packed.threshold.set(tree.threshold, at);
    packed.left.set(tree.left, at);
    packed.right.set(tree.right, at);
    packed.value.set(
      tree.value.map((value) => value * scale),
      at,
    );
  }
  return packed;
}

/** Value of a tree for one row. */
export function treeValue(tree: Tree, columns: readonly ArrayLike<number>[], row: number): number {
  let node = 0;
  for (let f = tree.feature[0]!; f >= 0; f = tree.feature[node]!)
    node = columns[f]![row]! <= tree.threshold[node]! ? tree.left[node]! : tree.right[node]!;
  return tree.value[node]!;
}

/**
 * Probability of the positive label by row: trees are summed in their order. O(rows · trees · depth).
 *
 * @throws {WorkflowError} when the number of features is not the model's
 */
export function scoreTrees(model: TreeModel, features: readonly ExampleFeature[], rows: number): Float64Array {
  if (features.length !== model.featureCount)
    throw new WorkflowError(
      `${model.model}: is applied to ${features.length} features; it was trained on ${model.featureCount}; pass examples assembled alike`,
    );
  const columns = features.map(valuesOf);
  const scores = new Float64Array(rows).fill(model.base);
  for (let t = 0; t + 1 < model.treeOffsets.length; t++) {
    const [from, to] = [model.treeOffsets[t]!, model.treeOffsets[t + 1]!];
    const tree: Tree = {
      feature: model.feature.subarray(from, to),
      threshold: model.threshold.subarray(from, to),
      left: model.left.subarray(from, to),
      right: model.right.subarray(from, to),
      value: model.value.subarray(from, to),
    };
    for (let i = 0; i < rows; i++) scores[i]! += treeValue(tree, columns, i);
  }
  if (model.link === "logistic") for (let i = 0; i < rows; i++) scores[i] = 1 / (1 + Math.exp(-scores[i]!));
  return scores;
}

/** Area under the ROC curve of some rows, ties half; null if one of the two labels is missing. O(rows log rows). */
export function areaUnderRoc(rows: Int32Array, labels: ArrayLike<number>, scores: Float64Array): number | null {
  const order = rows.toSorted((a, b) => scores[a]! - scores[b]! || a - b);
  let [below, pairs, positives] = [0, 0, 0];
  for (let from = 0; from < order.length;) {
    let to = from;
    let ones = 0;
    for (; to < order.length && scores[order[to]!] === scores[order[from]!]; to++) if (labels[order[to]!]! > 0) ones++;
    const zeros = to - from - ones;
    pairs += ones * (below + zeros / 2);
    below += zeros;
    positives += ones;
    from = to;
  }
  return positives === 0 || below === 0 ? null : pairs / (positives * below);
}

/** Splits rows 0 … rows−1: every `every`-th one is held out, none if that is 0. */
export function holdOut(rows: number, every: number): { readonly train: Int32Array; readonly held: Int32Array } {
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const isHeld = (i: number): boolean => every > 0 && i % every === every - 1;
  return { train: all.filter((i) => !isHeld(i)), held: all.filter(isHeld) };
}

/**
 * A number among a learner's parameters.
 *
 * @param low least value, included
 * @param high largest value, included
 * @throws {WorkflowError} for anything else
 */
export function numberOf(
  op: LearnOp,
  name: string,
  usual: number,
  { low, high, integer = false }: { readonly low: number; readonly high: number; readonly integer?: boolean },
): number {
  const value = op[name] ?? usual;
  if (typeof value === "number" && value >= low && value <= high && (!integer || Number.isInteger(value))) return value;
  throw new WorkflowError(
    `${op.model}: parameter "${name}" is ${JSON.stringify(value)}; expected ${integer ? "an integer" : "a number"} from ${low} to ${high}`,
  );
}
