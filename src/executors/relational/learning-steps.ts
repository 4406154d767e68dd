/** Steps of engines that learn and apply models themselves; only compilers of such engines ask for them. */
import type { ModelRecord } from "./shape.ts";

/** A feature as an engine learns from it: a column of codes 0 … levels−1, 0 = no known value, or of numbers (levels 0). */
export interface FeatureColumn {
  readonly name: string;
  readonly levels: number;
}

/** A linear model: weights by feature and code (one for numbers), code 0 has 0. */
export interface FittedLinear {
  readonly intercept: number;
  readonly weights: readonly Float64Array[];
  readonly iterations: number;
  readonly objective: number;
}

/** What trees are to be like. */
export interface TreesAsked {
  readonly trees: number;
  /** Splits on the way from the root to a leaf, at most. */
  readonly depth: number;
  /** Bins of a feature, at most. */
  readonly bins: number;
  /** Rows in a leaf, at least. */
  readonly leafRows: number;
  /** Features that each split chooses among, drawn anew for it. */
  readonly featuresPerSplit: number;
  readonly seed: number;
  /** Boosting: factor of every tree but the first, and share of the rows drawn for each tree. Absent: a forest. */
  readonly boosting?: { readonly learningRate: number; readonly rowShare: number };
}

/** Trees that stay in the engine. */
export interface FittedTrees {
  /** Split gains by feature, which sum to 1 if there is any split. */
  readonly importance: Float64Array;
  /** Nodes of all trees. */
  readonly nodes: number;
}

/** What an engine that learns is asked. */
export type LearningRequest =
  /** Learns on rows of `sql` whose column `label` is 0 or 1; answer: {@link FittedLinear}. */
  | {
      readonly kind: "fit-logistic";
      readonly sql: string;
      readonly features: readonly FeatureColumn[];
      /** Whose model it is, for messages. */
      readonly node: string;
      /** Objective: sum of log-losses + `l2`/2·|w|² + `l1`·|w|₁, the intercept free. */
      readonly l1: number;
      readonly l2: number;
      readonly maxIterations: number;
      readonly tolerance: number;
    }
  /** The same with trees; answer: {@link FittedTrees}. */
  | {
      readonly kind: "fit-trees";
      readonly sql: string;
      readonly features: readonly FeatureColumn[];
      readonly asked: TreesAsked;
    }
  /**
   * Makes a table of the rows of `sql`: the columns `kept` and `score`, the probability of label 1 under trees that the engine
   * holds; answer: none.
   */
  | {
      readonly kind: "score-trees";
      readonly table: string;
      readonly sql: string;
      readonly features: readonly FeatureColumn[];
      readonly kept: readonly string[];
      readonly model: ModelRecord;
    };
