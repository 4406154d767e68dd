import type { NodeKind } from "./iteration.ts";

/**
 * The engine-independent operator language (IR). Workflows are written in it by the DSL, executors compile it.
 * An operator is plain data (functions excepted): its canonical JSON, without `files`, `fn` and names, enters the signature.
 *
 * Relations: `scan` and `explode` define a *row identity* `rid` (0 … n−1, dense, in input order). Row-aligned operators (see
 * {@link operatorTraits}) add columns to the relation of their parents and keep `rid`; an engine computes a group of them as
 * columns of one relation and never joins tables back.
 */
export type Operator =
  | SourceOp
  | ScanOp
  | FieldOp
  | BucketiseOp
  | InteractionOp
  | ExpressionOp
  | AssembleOp
  | FilterOp
  | ProjectOp
  | ExtendOp
  | JoinOp
  | AggregateOp
  | HashFeatureOp
  | TextOp
  | WindowOp
  | LearnOp
  | SelectOp
  | PredictOp
  | DecodeOp
  | ReduceOp
  | UdfOp
  | SqlUdfOp;

export type ScalarType = "integer" | "double" | "text" | "boolean";

/** A column of a relation. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: ScalarType;
}

/** Data from outside; `files` are local paths and no part of the signature, `fingerprint` (hash of the content) is. */
export interface SourceOp {
  readonly op: "source";
  readonly dataset: string;
  readonly fingerprint: string;
  readonly files: readonly SourceFile[];
}
export interface SourceFile {
  readonly path: string;
  /** Which part of the data the file is, for example `train` or `test`; becomes the text column `split`. */
  readonly split: string;
}

/**
 * Parses the source's files into typed columns plus `rid` and `split`.
 * `csv`: comma-separated, spaces trimmed, no header, `?` and empty are null, lines starting with `|` and empty lines skipped.
 * `conll`: `token TAG` lines, blank line between sentences, `-DOCSTART-` between documents → row keys doc and sentence (integers
 * counted from 0 over the whole source, so that a sentence number is unique) and the columns token and tag.
 * `documents`: the same file, one row a document: row key doc, column text (its lines; empty documents are left out).
 */
export interface ScanOp {
  readonly op: "scan";
  readonly format: "csv" | "conll" | "documents";
  readonly columns: readonly ColumnSpec[];
  /** `conll` and `documents`: documents with doc modulo `every` = `at` are the split `test`, whatever their file is; the rest keeps its file's. */
  readonly holdOut?: { readonly every: number; readonly at: number };
}

/** A field extractor: one column of the scanned relation as a feature; `trimSuffix` removes that ending (Adult's `.`). */
export interface FieldOp {
  readonly op: "field";
  readonly column: string;
  readonly as: "categorical" | "numeric";
  readonly trimSuffix?: string;
}

/** Numeric → categorical by ascending edges: bucket k holds edges[k−1] ≤ x < edges[k]; null stays null. */
export interface BucketiseOp {
  readonly op: "bucketise";
  readonly edges: readonly number[];
}

/** Cross product of two or more categorical parents: values joined by U+001F; null if any is null. */
export interface InteractionOp {
  readonly op: "interaction";
}

/** Arithmetic on one numeric parent: `log1p`, `square`, `standardise` (mean 0, sd 1 over the train split), `isPositive`. */
export interface ExpressionOp {
  readonly op: "expression";
  readonly fn: "log1p" | "square" | "standardise" | "is-positive";
}

/**
 * Examples: first parent is the relation, the others feature extractors in the order of `features` (ids are not part of the
 * signature, order is). `label` names a parent index whose value is the target; `positive` the value counted as 1.
 * Numeric features are standardised when `standardise` is set; categorical ones are one-hot encoded over the train split's values.
 */
export interface AssembleOp {
  readonly op: "assemble";
  /** Index into the parents of the label extractor (≥ 1). */
  readonly label: number;
  readonly positive: string;
  readonly standardise: boolean;
  /** Columns of the relation that are features as they are, before the extractors: text categorical, numbers numeric. */
  readonly columns?: readonly string[];
}

/** Rows of the parent that satisfy a comparison with a constant; renumbers `rid`. */
export interface FilterOp {
  readonly op: "filter";
  readonly column: string;
  readonly compare: "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "not-null";
  readonly value?: string | number;
}

/** Named columns of the parent. */
export interface ProjectOp {
  readonly op: "project";
  readonly columns: readonly string[];
}

/** The first parent's columns and, under the names of `columns`, one feature of the same rows for each further parent, in order. */
export interface ExtendOp {
  readonly op: "extend";
  readonly columns: readonly string[];
}

/** Left join of two parents on equal columns; rows in the order of the left parent. */
export interface JoinOp {
  readonly op: "join";
  readonly on: readonly string[];
  /** Prefix of the right parent's columns in the result. */
  readonly prefix: string;
}

/** Group-by of the parent; result sorted by the keys, `rid` renumbered. */
export interface AggregateOp {
  readonly op: "aggregate";
  readonly keys: readonly string[];
  readonly measures: readonly {
    readonly fn: "count" | "sum" | "mean" | "min" | "max" | "stddev";
    readonly column?: string;
    readonly as: string;
  }[];
}

/** Text column → bucket in [0, buckets) by md5, the same on every engine. */
export interface HashFeatureOp {
  readonly op: "hash-feature";
  readonly buckets: number;
}

/**
 * Row-wise text features of a token relation: `lower`, `shape` (A–Z → X, a–z → x, 0–9 → 0), `shape-short` (runs of one of these
 * collapsed), `prefix`/`suffix` of `length` characters (null for shorter tokens), `is-title` (A–Z then a–z only), `has-digit`,
 * `gazetteer` (lower-cased token in `words`); the last three are code 0 where true, else null, so that only a match is a feature.
 * Two make new rows: `sentences` (a document's text at blank lines → row key sentence, column text) and `tokens` (a sentence's
 * text at line ends → columns token and tag: first and last word of the line).
 */
export interface TextOp {
  readonly op: "text";
  readonly fn:
    | "lower"
    | "shape"
    | "shape-short"
    | "prefix"
    | "suffix"
    | "is-title"
    | "has-digit"
    | "gazetteer"
    | "sentences"
    | "tokens";
  readonly length?: number;
  readonly words?: readonly string[];
}

/** A feature's value `offset` tokens away in the same sentence (null beyond its ends). */
export interface WindowOp {
  readonly op: "window";
  readonly offset: number;
}

/** A learner over examples of the train split; deterministic given its parameters. `weight` in the trace = passes over the input. */
export interface LearnOp {
  readonly op: "learn";
  readonly model:
    | "logistic-regression"
    | "chain-perceptron"
    | "chain-crf"
    | "token-perceptron"
    | "random-forest"
    | "gradient-boosting";
  readonly l1?: number;
  readonly l2?: number;
  readonly maxIterations?: number;
  readonly tolerance?: number;
  readonly [parameter: string]: string | number | boolean | undefined;
}

/** The best of two or more models: largest AUC on the rows that each held out of its training; of equal ones the first. */
export interface SelectOp {
  readonly op: "select";
  readonly by: "validation-auc";
}

/** Applies a model (parent 0) to examples (parent 1): rid, split, label, prediction, score. */
export interface PredictOp {
  readonly op: "predict";
  readonly threshold?: number;
  readonly [parameter: string]: string | number | boolean | undefined;
}

/**
 * Tag sequences → mentions of one type, gold and predicted: row keys split, doc, sentence; columns start, end (positions in the
 * sentence, end exclusive), gold and predicted (booleans, one of them true), by sentence, start, end.
 */
export interface DecodeOp {
  readonly op: "decode";
  readonly type: string;
}

/** Predictions or spans → one row of named metric values over one split. */
export interface ReduceOp {
  readonly op: "reduce";
  readonly metric:
    | "accuracy"
    | "error-rate"
    | "precision-recall-f1"
    | "confusion"
    | "auc"
    | "log-loss"
    | "accuracy-by"
    | "positive-rate"
    | "span-f1"
    | "span-count"
    | "top-errors";
  readonly split: "train" | "test";
  /** Index into the parents of a grouping extractor, for `accuracy-by`. */
  readonly by?: number;
}

/**
 * A TypeScript function over Arrow columns, run in Node. `source` is the normalized text of `fn` and enters the signature;
 * `with` holds its free variables as plain data. `columns` are names in the parent relation; where the parents are features,
 * they are the names under which the function sees these, one each, in order.
 */
export interface UdfOp {
  readonly op: "udf";
  readonly columns: readonly string[];
  readonly returns: ColumnSpec;
  readonly source: string;
  readonly with: Readonly<Record<string, unknown>>;
  readonly fn: UdfFunction;
}
/** Columns in, one value per row out; `env` is what came through `with`. */
export type UdfFunction = (
  columns: Readonly<Record<string, readonly unknown[]>>,
  env: Readonly<Record<string, unknown>>,
) => readonly unknown[];

/** Text pushed down to the engine: a scalar expression over the columns of its parents, `$1 … $n` standing for them. */
export interface SqlUdfOp {
  readonly op: "sql-udf";
  readonly text: string;
  readonly returns: ColumnSpec;
}

/** What the loop and the compilers need to know of an operator type. */
export interface OperatorTraits {
  readonly kind: NodeKind;
  /** Result is columns of the parents' relation, same `rid`. */
  readonly rowAligned: boolean;
  /** Engine must materialize this node's result before its children run. */
  readonly barrier: boolean;
}

/** Traits by operator type. */
export const operatorTraits: Readonly<Record<Operator["op"], OperatorTraits>> = {
  source: { kind: "dpr", rowAligned: false, barrier: false },
  scan: { kind: "dpr", rowAligned: false, barrier: false },
  field: { kind: "dpr", rowAligned: true, barrier: false },
  bucketise: { kind: "dpr", rowAligned: true, barrier: false },
  interaction: { kind: "dpr", rowAligned: true, barrier: false },
  expression: { kind: "dpr", rowAligned: true, barrier: false },
  assemble: { kind: "dpr", rowAligned: true, barrier: false },
  filter: { kind: "dpr", rowAligned: false, barrier: false },
  project: { kind: "dpr", rowAligned: true, barrier: false },
  extend: { kind: "dpr", rowAligned: true, barrier: false },
  join: { kind: "dpr", rowAligned: false, barrier: false },
  aggregate: { kind: "dpr", rowAligned: false, barrier: false },
  "hash-feature": { kind: "dpr", rowAligned: true, barrier: false },
  text: { kind: "dpr", rowAligned: true, barrier: false },
  window: { kind: "dpr", rowAligned: true, barrier: false },
  learn: { kind: "li", rowAligned: false, barrier: true },
  select: { kind: "li", rowAligned: false, barrier: true },
  predict: { kind: "li", rowAligned: false, barrier: false },
  decode: { kind: "ppr", rowAligned: false, barrier: false },
  reduce: { kind: "ppr", rowAligned: false, barrier: true },
  udf: { kind: "dpr", rowAligned: true, barrier: true },
  "sql-udf": { kind: "dpr", rowAligned: true, barrier: false },
};
