import { WorkflowError } from "../../core/errors.ts";
import type { ReduceOp } from "../../core/operators.ts";
import { type LocalColumn, type OperatorCompiler, type OperatorContext, columnOf, keyOf, valueOf } from "./registry.ts";
import { type Dialect, withRid } from "./dialect.ts";
import { fetchColumns, query, type Steps } from "./steps.ts";
import { holdsSpans, spanCount, spanErrors, spanF1 } from "./spans.ts";

/** Metric values by name. */
export type Metrics = Readonly<Record<string, number>>;

/** Computes one metric of the rows of a split; parent 0 holds predictions (or what the metric reads). */
export type Reducer = (op: ReduceOp, context: OperatorContext) => Steps<Metrics>;

/** Reducers by metric. All sums are of integers, or run in the order of rows: values do not depend on threads. */
export const reducers: Readonly<Partial<Record<ReduceOp["metric"], Reducer>>> = {
  accuracy: (op, context) => fromConfusion(op, context, ({ tp, tn, n }) => ({ accuracy: ratio(tp + tn, n) })),
  "error-rate": (op, context) => fromConfusion(op, context, ({ fp, fn, n }) => ({ errorRate: ratio(fp + fn, n) })),
  confusion: (op, context) => fromConfusion(op, context, ({ tp, fp, fn, tn }) => ({ tp, fp, fn, tn })),
  "precision-recall-f1": (op, context) =>
    fromConfusion(op, context, ({ tp, fp, fn }) => ({
      precision: ratio(tp, tp + fp),
      recall: ratio(tp, tp + fn),
      f1: ratio(2 * tp, 2 * tp + fp + fn),
    })),
  "positive-rate": (op, context) =>
    fromConfusion(op, context, ({ tp, fp, n }) => ({ positiveRate: ratio(tp + fp, n) })),
  auc,
  "log-loss": logLoss,
  "accuracy-by": accuracyBy,
  "top-errors": (op, context) => (holdsSpans(context.relation(0)) ? spanErrors(op, context) : topErrors(op, context)),
  "span-f1": spanF1,
  "span-count": spanCount,
};

/** Compiles `reduce`: a query over the predictions, fused with them where they are not stored. */
export const compileReduce: OperatorCompiler<ReduceOp> = function* (op, context) {
  const reducer = reducers[op.metric];
  if (reducer === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: metric "${op.metric}" of node "${context.node.id}" is not supported`,
    );
  return { kind: "metrics", values: yield* reducer(op, context) };
};

interface Confusion {
  readonly n: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** 0 where nothing is counted. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** FROM item and WHERE of the reducer's split: named columns of parent 0, and `more`. */
function* rowsOf(
  op: ReduceOp,
  context: OperatorContext,
  names: readonly string[],
  more: readonly LocalColumn[] = [],
): Steps<string> {
  const relation = context.relation(0);
  const columns = [
    keyOf(context, relation, "split"),
    ...names.map((name) => columnOf(context, relation, name)),
    ...more,
  ];
  return `(${yield* context.select(relation.space, columns)}) WHERE "split" = ${context.dialect.text(op.split)}`;
}

function* fromConfusion(
  op: ReduceOp,
  context: OperatorContext,
  metrics: (counts: Confusion) => Metrics,
): Steps<Metrics> {
  const rows = yield* rowsOf(op, context, ["label", "prediction"]);
  const counts = ["label > 0 AND prediction > 0", "label = 0 AND prediction > 0", "label > 0 AND prediction = 0"];
  const [row] = yield* query(
    `SELECT count(*), ${counts.map((condition) => context.dialect.countIf(condition)).join(", ")} FROM ${rows}`,
  );
  const [n = 0, tp = 0, fp = 0, fn = 0] = (row ?? []).map(Number);
  return metrics({ n, tp, fp, fn, tn: n - tp - fp - fn });
}

function* auc(op: ReduceOp, context: OperatorContext): Steps<Metrics> {
  return { auc: (yield* areaUnderRocOf(context.dialect, yield* rowsOf(op, context, ["label", "score"]))) ?? 0 };
}

/**
 * Area under the ROC curve from counts by score: pairs in the right order, ties half; undefined if one of the labels is missing.
 * Exact integers below 2^53. `rows`: FROM item of `label` and `score`, perhaps with WHERE.
 */
export function* areaUnderRocOf(dialect: Dialect, rows: string): Steps<number | undefined> {
  const { textType, wideType } = dialect;
  const [row] = yield* query(
    `SELECT CAST(coalesce(sum(p * (2 * below + q)), 0) AS ${textType}), CAST(coalesce(sum(p), 0) AS ${textType}), CAST(coalesce(sum(q), 0) AS ${textType}) FROM (SELECT p, q, coalesce(sum(q) OVER (ORDER BY score ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS below FROM (SELECT score, CAST(${dialect.countIf("label > 0")} AS ${wideType}) AS p, CAST(${dialect.countIf("label = 0")} AS ${wideType}) AS q FROM ${rows} GROUP BY score))`,
  );
  const [pairs = 0, positives = 0, negatives = 0] = (row ?? []).map(Number);
  return positives === 0 || negatives === 0 ? undefined : pairs / (2 * positives * negatives);
}

function* logLoss(op: ReduceOp, context: OperatorContext): Steps<Metrics> {
  const rows = yield* rowsOf(op, context, ["label", "score"]);
  const [labels, scores] = (yield* fetchColumns(`SELECT ${withRid(context.dialect, "label, score")} FROM ${rows}`, [
    "u16",
    "f64",
  ])) as [Uint16Array, Float64Array];
  const least = 1e-15;
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const p = labels[i]! > 0 ? scores[i]! : 1 - scores[i]!;
    sum -= Math.log(p > least ? p : least);
  }
  return { logLoss: ratio(sum, labels.length) };
}

/** Accuracy by group: one value per group, its name in brackets, and the smallest of them. */
function* accuracyBy(op: ReduceOp, context: OperatorContext): Steps<Metrics> {
  if (op.by === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: accuracy-by of node "${context.node.id}" names no grouping parent; set "by"`,
    );
  const by = valueOf(context, op.by);
  const group: LocalColumn = { at: by.at, shape: { ...by.shape, name: "by" } };
  const rows = yield* rowsOf(op, context, ["label", "prediction"], [group]);
  const found = yield* query(
    `SELECT coalesce(CAST("by" AS ${context.dialect.textType}), 'null') AS g, count(*), ${context.dialect.countIf("(label > 0) = (prediction > 0)")} FROM ${rows} GROUP BY g ORDER BY g NULLS LAST`,
  );
  const values = found.map(
    ([name, n, right]) => [`accuracy[${String(name)}]`, ratio(Number(right), Number(n))] as const,
  );
  return {
    worstAccuracy: values.length === 0 ? 0 : Math.min(...values.map(([, value]) => value)),
    ...Object.fromEntries(values),
  };
}

/** The number of mistakes, and how far off the ten surest of them are in the mean. */
function* topErrors(op: ReduceOp, context: OperatorContext): Steps<Metrics> {
  const rows = yield* rowsOf(op, context, ["label", "prediction", "score"]);
  const found = yield* query(
    `SELECT e, count(*) OVER () FROM (SELECT abs(score - CAST(label > 0 AS DOUBLE)) AS e FROM ${rows} AND (label > 0) <> (prediction > 0)) ORDER BY e DESC NULLS LAST LIMIT 10`,
  );
  const sum = found.reduce((total, [distance]) => total + Number(distance), 0);
  return { errors: Number(found[0]?.[1] ?? 0), topErrorDistance: ratio(sum, found.length) };
}
