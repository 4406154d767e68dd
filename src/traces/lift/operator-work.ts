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
  /** Rows of the data set. */
  readonly rows: number;
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
/** Share of the rows that is trained on: the train split, less every fifth row that is held out. */
const trainedShare = (19 / 22) * (4 / 5);

function numberIn(op: LearnOp, name: string, usual: number): number {
  const value = op[name];
  return typeof value === "number" ? value : usual;
}

/** Most leaves a tree of boosting has on so many rows. */
function leavesOf(op: LearnOp, rows: number): number {
  const trained = rows * trainedShare * numberIn(op, "rowShare", 1);
  return Math.max(2, Math.min(numberIn(op, "maxLeaves", 31), Math.floor(trained / numberIn(op, "minLeafRows", 20))));
}

/** Bytes of a boosted model that grew all its trees with all their leaves. */
export function boostedModelBytes(op: LearnOp, features: number): number {
  const nodes = 2 * numberIn(op, "maxLeaves", 31) - 1;
  return Math.round(numberIn(op, "trees", 100) * (bytesPerTree + nodes * bytesPerNode) + features * bytesPerFeature);
}

/** Trees that were grown, those thrown away after early stopping included; read off the model's size. */
function grownTrees(op: LearnOp, { growsAll, sizeBytes, features, rows }: WorkInput): number {
  const trees = numberIn(op, "trees", 100);
  if (growsAll) return trees;
  const perTree = bytesPerTree + (2 * leavesOf(op, rows) - 1) * bytesPerNode;
  const kept = Math.max(1, (sizeBytes - features * bytesPerFeature) / perTree);
  return Math.min(trees, kept + numberIn(op, "patience", 0));
}

/**
 * The work of a node. Boosting: bytes read by all its trees, and leaves whose splits are searched; forests: bytes read by all
 * trees on all levels; regressions: bytes read by all steps; all else: bytes read, and bytes made.
 */
export function workOf(input: WorkInput): Work {
  const { op, operator, inputBytes, memoryBytes, features, rows } = input;
  if (operator?.op !== "learn") return { kind: op, first: inputBytes, second: memoryBytes };
  const kind = `${op}/${operator.model}`;
  if (operator.model === "gradient-boosting") {
    const trees = grownTrees(operator, input) * numberIn(operator, "featureShare", 1);
    const first = trees * numberIn(operator, "rowShare", 1) * inputBytes;
    return { kind, first, second: trees * leavesOf(operator, rows) * features };
  }
  if (operator.model === "random-forest") {
    const levels = Math.log2(Math.max(2, (rows * trainedShare) / numberIn(operator, "minLeafRows", 1)));
    return { kind, first: numberIn(operator, "trees", 100) * inputBytes * levels, second: 0 };
  }
  return { kind, first: numberIn(operator, "maxIterations", 100) * inputBytes, second: 0 };
}
