/**
 * Decision trees over binned columns: what gradient boosting and random forests grow.
 *
 * Source: best-first growth over histograms as in Ke et al., "LightGBM" (NeurIPS 2017); split gain and leaf value from first and
 * second derivatives as in Chen & Guestrin, "XGBoost" (KDD 2016), eq. 5 and 7.
 * Departures: categorical codes are split as ordered numbers (label encoding); no gradient-based sampling and no feature bundling.
 */
import { randomInt, type Rng } from "../../core/rng.ts";
import type { ExampleFeature } from "./learner.ts";

/** Columns cut into at most 256 bins each. */
export interface BinnedColumns {
  readonly rows: number;
  /** Bin of every row, by feature; shape (rows) each. */
  readonly bins: readonly Uint8Array[];
  /** By feature, ascending, one less than it has bins: bin b holds thresholds[b−1] < x ≤ thresholds[b]. */
  readonly thresholds: readonly Float64Array[];
}

/** One tree in arrays by node; node 0 is the root, children stand behind their parent. */
export interface Tree {
  /** Feature a node splits on; −1 in a leaf. */
  readonly feature: Int32Array;
  /** x ≤ threshold goes left; unused in a leaf. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** −G ÷ (H + l2) of the node's rows. */
  readonly value: Float64Array;
}

/** How a tree grows. */
export interface TreeOptions {
  readonly maxLeaves: number;
  /** Splits on the way from the root to a leaf, at most. */
  readonly maxDepth: number;
  readonly minLeafRows: number;
  readonly l2: number;
  /** Features the tree may split on, ascending; absent: all. */
  readonly features?: readonly number[];
  /** So many of them, drawn anew for each split; absent: all of them. */
  readonly draw?: { readonly count: number; readonly rng: Rng };
}

/** A grown tree, and where its rows ended. */
export interface GrownTree {
  readonly tree: Tree;
  /** Rows by leaf: `rows[begin … end−1]` of each. */
  readonly leaves: readonly { readonly node: number; readonly begin: number; readonly end: number }[];
  /** Σ of split gains by feature. */
  readonly gains: Float64Array;
}

/** Least second derivative on each side of a split. */
const minHessian = 1e-3;
/** Rows that quantiles are taken from, evenly spaced. */
const sampleRows = 200_000;

/** A feature's values as numbers. */
export function valuesOf(feature: ExampleFeature): ArrayLike<number> {
  return feature.kind === "codes" ? feature.codes : feature.values;
}

/**
 * Cuts columns into bins: one per value where these are few, else by quantiles of the first 200,000 evenly spaced rows.
 * O(rows log rows) a feature. NaN falls into the last bin.
 *
 * @param maxBins 2 … 256
 */
export function binColumns(features: readonly ExampleFeature[], rows: number, maxBins: number): BinnedColumns {
  const thresholds = features.map((feature) => thresholdsOf(valuesOf(feature), rows, maxBins));
  const bins = features.map((feature, f) => {
    const values = valuesOf(feature);
    const edges = thresholds[f]!;
    return Uint8Array.from({ length: rows }, (_, i) => binOf(values[i]!, edges));
  });
  return { rows, bins, thresholds };
}

function thresholdsOf(values: ArrayLike<number>, rows: number, maxBins: number): Float64Array {
  const step = Math.max(1, Math.ceil(rows / sampleRows));
  const sample = Float64Array.from({ length: Math.ceil(rows / step) }, (_, i) => values[i * step]!)
    .filter((x) => !Number.isNaN(x))
    .sort();
  const distinct = sample.filter((x, i) => i === 0 || x !== sample[i - 1]);
  const middle = (a: number, b: number): number => (a + (b - a) / 2 < b ? a + (b - a) / 2 : a);
  if (distinct.length <= maxBins) return distinct.subarray(1).map((x, i) => middle(distinct[i]!, x));
  const edges: number[] = [];
  for (let k = 1; k < maxBins; k++) {
    const at = Math.floor((k * (sample.length - 1)) / maxBins);
    const edge = middle(sample[at]!, sample[at + 1]!);
    if (edges.length === 0 || edge > edges[edges.length - 1]!) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Number of thresholds below x; the last bin for NaN. */
function binOf(x: number, thresholds: Float64Array): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x <= thresholds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A leaf that may be split: its rows, sums, histogram and best split. */
interface Leaf {
  readonly node: number;
  readonly depth: number;
  readonly begin: number;
  readonly end: number;
  readonly gradient: number;
  readonly hessian: number;
  histogram: Float64Array | undefined;
  split: Split | undefined;
}
interface Split {
  readonly gain: number;
  readonly feature: number;
  readonly bin: number;
  readonly gradient: number;
  readonly hessian: number;
}

/**
 * Grows one tree best-first: the leaf whose split gains most is split next, until `maxLeaves` or no split gains. Ties go to the
 * lower feature, then the lower bin, then the older leaf. O(rows · features · depth) time; 24 bytes a bin and open leaf.
 *
 * @param rows row numbers to learn from; reordered, so that every leaf's rows stand together
 * @param gradients first derivatives of the loss by row number
 * @param hessians second derivatives, positive
 */
export function growTree(
  columns: BinnedColumns,
  rows: Int32Array,
  gradients: Float64Array,
  hessians: Float64Array,
  options: TreeOptions,
): GrownTree {
  const { bins, thresholds } = columns;
  const offsets = [0];
  for (const edges of thresholds) offsets.push(offsets.at(-1)! + edges.length + 1);
  const all = options.features ?? Array.from(bins, (_, f) => f);
  const gains = new Float64Array(bins.length);
  const scratch = new Int32Array(rows.length);
  const nodes = { feature: [] as number[], threshold: [] as number[], left: [] as number[], right: [] as number[] };
  const value: number[] = [];

  const addNode = (gradient: number, hessian: number): number => {
    nodes.feature.push(-1);
    nodes.threshold.push(0);
    nodes.left.push(-1);
    nodes.right.push(-1);
    return value.push(hessian + options.l2 > 0 ? -gradient / (hessian + options.l2) : 0) - 1;
  };
  /** Sums by bin: gradient, hessian, rows. */
  const count = ({ begin, end }: Pick<Leaf, "begin" | "end">, features: readonly number[]): Float64Array => {
    const sums = new Float64Array(3 * offsets.at(-1)!);
    for (const f of features) {
      const column = bins[f]!;
      const from = offsets[f]!;
      for (let k = begin; k < end; k++) {
        const i = rows[k]!;
        const at = 3 * (from + column[i]!);
        sums[at]! += gradients[i]!;
        sums[at + 1]! += hessians[i]!;
        sums[at + 2]! += 1;
      }
    }
    return sums;
  };
  const findSplit = (leaf: Leaf): void => {
    if (leaf.depth >= options.maxDepth || leaf.end - leaf.begin < 2 * options.minLeafRows) return;
    const features = options.draw === undefined ? all : drawn(all, options.draw);
    const sums = leaf.histogram ?? count(leaf, features);
    if (options.draw === undefined) leaf.histogram = sums;
    for (const f of features) leaf.split = bestSplit(leaf, sums, f, offsets[f]!, offsets[f + 1]!, options);
  };
  const makeLeaf = (depth: number, begin: number, end: number, gradient: number, hessian: number): Leaf => ({
    node: addNode(gradient, hessian),
    depth,
    begin,
    end,
    gradient,
    hessian,
    histogram: undefined,
    split: undefined,
  });

  let [gradient, hessian] = [0, 0];
  for (const i of rows) {
    gradient += gradients[i]!;
    hessian += hessians[i]!;
  }
  const open: Leaf[] = [makeLeaf(0, 0, rows.length, gradient, hessian)];
  findSplit(open[0]!);
  while (open.length < options.maxLeaves) {
    let best = -1;
    for (const [i, { split }] of open.entries())
      if (split !== undefined && split.gain > (open[best]?.split?.gain ?? 0)) best = i;
    const leaf = open[best];
    if (leaf?.split === undefined) break;
    const { split } = leaf;
    const middle = partition(rows, scratch, leaf.begin, leaf.end, bins[split.feature]!, split.bin);
    const left = makeLeaf(leaf.depth + 1, leaf.begin, middle, split.gradient, split.hessian);
    const rest = [leaf.gradient - split.gradient, leaf.hessian - split.hessian] as const;
    const right = makeLeaf(leaf.depth + 1, middle, leaf.end, ...rest);
    nodes.feature[leaf.node] = split.feature;
    nodes.threshold[leaf.node] = thresholds[split.feature]![split.bin]!;
    nodes.left[leaf.node] = left.node;
    nodes.right[leaf.node] = right.node;
    gains[split.feature]! += split.gain;
    if (leaf.histogram !== undefined && leaf.depth + 1 < options.maxDepth) {
      const [small, large] = middle - leaf.begin < leaf.end - middle ? [left, right] : [right, left];
      small.histogram = count(small, all);
      large.histogram = leaf.histogram;
      for (let k = 0; k < large.histogram.length; k++) large.histogram[k]! -= small.histogram[k]!;
    }
    findSplit(left);
    findSplit(right);
    open.splice(best, 1);
    open.push(left, right);
  }
  const tree: Tree = {
    feature: Int32Array.from(nodes.feature),
    threshold: Float64Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    value: Float64Array.from(value),
  };
  return { tree, leaves: open.map(({ node, begin, end }) => ({ node, begin, end })), gains };
}

/** The better of the leaf's split so far and the best one of a feature (bins `from` … `to`−1). */
function bestSplit(
  leaf: Leaf,
  sums: Float64Array,
  feature: number,
  from: number,
  to: number,
  { l2, minLeafRows }: TreeOptions,
): Split | undefined {
  const { gradient: g, hessian: h, begin, end } = leaf;
  const before = (g * g) / (h + l2);
  let best = leaf.split;
  let [leftG, leftH, leftRows] = [0, 0, 0];
  for (let b = from; b < to - 1; b++) {
    leftG += sums[3 * b]!;
    leftH += sums[3 * b + 1]!;
    leftRows += sums[3 * b + 2]!;
    if (leftRows < minLeafRows || leftH < minHessian) continue;
    if (end - begin - leftRows < minLeafRows || h - leftH < minHessian) break;
    const rightG = g - leftG;
    const gain = (leftG * leftG) / (leftH + l2) + (rightG * rightG) / (h - leftH + l2) - before;
    if (gain > (best?.gain ?? 1e-12)) best = { gain, feature, bin: b - from, gradient: leftG, hessian: leftH };
  }
  return best;
}

/** Moves rows of bins ≤ `bin` to the front, both sides in their order. @returns where the right side begins */
function partition(
  rows: Int32Array,
  scratch: Int32Array,
  begin: number,
  end: number,
  column: Uint8Array,
  bin: number,
): number {
  let left = begin;
  let right = 0;
  for (let k = begin; k < end; k++) {
    const i = rows[k]!;
    if (column[i]! <= bin) rows[left++] = i;
    else scratch[right++] = i;
  }
  rows.set(scratch.subarray(0, right), left);
  return left;
}

/** Features without repeats, ascending. */
function drawn(
  features: readonly number[],
  { count, rng }: { readonly count: number; readonly rng: Rng },
): readonly number[] {
  const picked = new Set<number>();
  for (let k = Math.max(0, features.length - count); k < features.length; k++) {
    const candidate = randomInt(rng, 0, k);
    picked.add(picked.has(candidate) ? k : candidate);
  }
  return [...picked].sort((a, b) => a - b).map((k) => features[k]!);
}
