/** How much an operator has to do, in units that grow with the data: what its cost is taken to be linear in. */
import type { LearnOp, Operator } from "../../core/operators.ts";

/** A node as far as its work depends on it; bytes are those in the engine's memory, at the scale asked about. */
export interface WorkInput {
  readonly op: string;
  readonly operator: Operator | undefined;
  /** Bytes on storage: tells how many trees a model has. */
  readonly sizeBytes: number;
  readonly memoryBytes: number;
  /** Σ over parents. */
  readonly inputBytes: number;
  /** Columns of the examples a learner reads; 0 elsewhere. */
  readonly features: number;
  /** At the scale lifted to boosting is taken to grow all of its trees; where it was recorded it may have stopped before. */
  readonly growsAll: boolean;
}

/** Work in two measures; costs of one `kind` are fitted together. */
export interface Work {
  readonly kind: string;
  readonly first: number;
  readonly second: number;
}

/** Bytes a tree model takes: two thirds more than its arrays, being text. */
const bytesPerNode = (4 * 28) / 3;
const bytesPerTree = 16 / 3;
const bytesPerFeature = 32 / 3;
const bytesPerValue = 8;
/** Share of the rows that is the train split. */
const trainShare = 19 / 22;

function numberIn(op: LearnOp, name: string, usual: number): number {
  const value = op[name];
  return typeof value === "number" ? value : usual;
}

/** Rows that are trained on, read off the size of the examples: the train split, less the rows that are held out. */
function trainedRows(op: LearnOp, inputBytes: number, features: number): number {
  const every = numberIn(op, "holdOutEvery", 0);
  const rows = inputBytes / (bytesPerValue * Math.max(1, features));
  return rows * trainShare * (every === 0 ? 1 : 1 - 1 / every);
}

/** Most leaves a tree of boosting has. */
function mostLeaves(op: LearnOp, inputBytes: number, features: number): number {
  const drawn = trainedRows(op, inputBytes, features) * numberIn(op, "rowShare", 1);
  return Math.max(2, Math.min(numberIn(op, "maxLeaves", 31), Math.floor(drawn / numberIn(op, "minLeafRows", 20))));
}

const treeBytes = (leaves: number): number => bytesPerTree + (2 * leaves - 1) * bytesPerNode;

/** Bytes of a boosted model that grew all its trees with all their leaves on examples of so many bytes in memory. */
export function boostedModelBytes(op: LearnOp, features: number, inputBytes: number): number {
  const perTree = treeBytes(mostLeaves(op, inputBytes, features));
  return Math.round(numberIn(op, "trees", 100) * perTree + features * bytesPerFeature);
}

/**
 * Trees that boosting grew and their leaves. What it stopped early kept trees with all their leaves, and grew `patience` more; else all
 * trees are there, and the model's size says how many leaves they have.
 */
function grownTrees(op: LearnOp, input: WorkInput): { readonly trees: number; readonly leaves: number } {
  const { growsAll, sizeBytes, features, inputBytes } = input;
  const trees = numberIn(op, "trees", 100);
  const leaves = mostLeaves(op, inputBytes, features);
  if (growsAll) return { trees, leaves };
  const bytes = sizeBytes - features * bytesPerFeature;
  const patience = numberIn(op, "patience", 0);
  if (patience > 0) return { trees: Math.min(trees, Math.max(1, bytes / treeBytes(leaves)) + patience), leaves };
  const found = ((bytes / trees - bytesPerTree) / bytesPerNode + 1) / 2;
  return { trees, leaves: Math.min(leaves, Math.max(1, found)) };
}

/**
 * The work of a node. Boosting: bytes read by all its trees, and leaves whose splits are searched; forests: bytes read by all
 * trees on all levels; regressions: bytes read by all steps; all else: bytes read, and bytes made.
 */
export function workOf(input: WorkInput): Work {
  const { op, operator, inputBytes, memoryBytes, features } = input;
  if (operator?.op !== "learn") return { kind: op, first: inputBytes, second: memoryBytes };
  const kind = `${op}/${operator.model}`;
  if (operator.model === "gradient-boosting") {
    const { trees, leaves } = grownTrees(operator, input);
    const looked = trees * numberIn(operator, "featureShare", 1);
    const first = looked * numberIn(operator, "rowShare", 1) * inputBytes;
    return { kind, first, second: looked * leaves * features };
  }
  if (operator.model === "random-forest") {
    const rows = trainedRows(operator, inputBytes, features);
    const levels = Math.log2(Math.max(2, rows / numberIn(operator, "minLeafRows", 1)));
    return { kind, first: numberIn(operator, "trees", 100) * inputBytes * levels, second: 0 };
  }
  return { kind, first: numberIn(operator, "maxIterations", 100) * inputBytes, second: 0 };
}
