/** Sequence models: tags by Viterbi decoding here, mentions (spans) and their metrics in the engine. */
import { WorkflowError } from "../../../core/errors.ts";
import type { DecodeOp, PredictOp, ReduceOp } from "../../../core/operators.ts";
import { type ChainRecord, predictChain } from "../../learners/chain-learner.ts";
import { encodeTags } from "../../learners/chain-tags.ts";
import { offsetsOfKeys } from "../../learners/features.ts";
import { readExamples } from "./learn.ts";
import {
  columnOf,
  keyOf,
  type LocalColumn,
  type LocalRelation,
  type OperatorCompiler,
  type OperatorContext,
} from "./registry.ts";
import type { ColumnShape, ExamplesShape, ModelRecord } from "./shape.ts";
import { text } from "./sql.ts";
import { query, type Steps, upload, work } from "./steps.ts";

/**
 * Tags all examples: columns `label` and `prediction`, codes of the model's tags (0 = `O`), which the result's
 * `examples.labels` names.
 */
export function* predictTags(
  _op: PredictOp,
  record: ModelRecord,
  relation: LocalRelation & { readonly examples: ExamplesShape },
  context: OperatorContext,
): Steps<LocalRelation> {
  const model = record as unknown as ChainRecord;
  const examples = yield* readExamples(context, relation, ["sentence"]);
  const sentence = examples.keys.get("sentence") ?? new Int32Array(0);
  const { tags, gold } = yield* work(`predict ${model.model}`, () => ({
    tags: predictChain(model, examples.features, sentence),
    gold: encodeTags(
      Array.from(examples.labels, (code) => examples.labelValues[code] ?? "O"),
      offsetsOfKeys(sentence),
      model,
    ),
  }));
  const shape = (name: string): ColumnShape => ({
    name,
    type: "integer",
    sqlType: "UTINYINT",
    role: "categorical",
    levels: model.labels.length,
  });
  const shapes = [shape("label"), shape("prediction")];
  const table = context.names.table();
  yield* upload(
    table,
    [
      { name: "label", sqlType: "UTINYINT", values: gold },
      { name: "prediction", sqlType: "UTINYINT", values: tags },
    ],
    examples.rows,
  );
  return {
    kind: "relation",
    space: relation.space,
    keys: relation.keys,
    columns: context.tableColumns(relation, table, shapes),
    examples: { labels: model.labels, features: [] },
  };
}

/** `decode`: where runs of one type's tags begin and end, for gold and predicted tags, matched by sentence, start and end. */
export const compileDecode: OperatorCompiler<DecodeOp> = function* (op, context) {
  const relation = context.relation(0);
  const labels = relation.examples?.labels;
  if (labels === undefined)
    throw new WorkflowError(
      `duckdb: node "${context.node.id}" decodes "${context.node.parents[0] ?? "?"}", which holds no tags; pass predictions of a chain model`,
    );
  const codes = { first: labels.indexOf(`B-${op.type}`), inner: labels.indexOf(`I-${op.type}`) };
  const keys = ["split", "doc", "sentence"].map((name) => keyOf(context, relation, name));
  const tags = ["label", "prediction"].map((name) => columnOf(context, relation, name));
  yield* context.settle(relation.space, [...keys, ...tags], { numbered: true });
  const rid: LocalColumn = { at: relation.space.rid(), shape: { name: "rid", type: "integer", sqlType: "BIGINT" } };
  const rows = yield* context.select(relation.space, [...keys, ...tags, rid]);
  const columns: readonly ColumnShape[] = [
    { name: "start", type: "integer", sqlType: "INTEGER" },
    { name: "end", type: "integer", sqlType: "INTEGER" },
    { name: "gold", type: "boolean", sqlType: "BOOLEAN" },
    { name: "predicted", type: "boolean", sqlType: "BOOLEAN" },
  ];
  return yield* context.newSpace(
    spansSql(rows, codes),
    keys.map(({ shape }) => shape),
    columns,
  );
};

/** `rows` in the order of the text; the neighbouring row counts if it is of the same sentence. Codes of −1 occur nowhere. */
function spansSql(rows: string, { first, inner }: { readonly first: number; readonly inner: number }): string {
  const inside = (tag: string): string => `${tag} IN (${first}, ${inner})`;
  const edges = ["label", "prediction"].map((tag) => {
    const goesOn = `coalesce(opens = 0 AND lag(${inside(tag)}) OVER (), false) AND ${tag} <> ${first}`;
    const followed = `coalesce(lead(opens = 0 AND ${inside(tag)} AND ${tag} <> ${first}) OVER (), false)`;
    return `${inside(tag)} AND NOT (${goesOn}) AS ${tag}_starts, ${inside(tag)} AND NOT ${followed} AS ${tag}_ends`;
  });
  const opened = `SELECT *, CAST(lag("sentence") OVER () IS DISTINCT FROM "sentence" AS INTEGER) AS opens FROM (${rows})`;
  const placed = `SELECT *, rid - max(CASE WHEN opens = 1 THEN rid END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place, ${edges.join(", ")} FROM (${opened})`;
  const marked = `SELECT * FROM (${placed}) WHERE label_starts OR label_ends OR prediction_starts OR prediction_ends`;
  const spans = ["label", "prediction"].map(
    (tag) =>
      `SELECT "split", "doc", "sentence", CAST(place AS INTEGER) AS "start", CAST(CASE WHEN ${tag}_ends THEN place ELSE lead(place) OVER (ORDER BY rid) END + 1 AS INTEGER) AS "end", ${tag}_starts AS is_first FROM marked WHERE ${tag}_starts OR ${tag}_ends`,
  );
  const [gold, predicted] = spans.map((sql) => `(SELECT * EXCLUDE (is_first) FROM (${sql}) WHERE is_first)`);
  return `WITH marked AS MATERIALIZED (${marked}) SELECT coalesce(g."split", p."split") AS "split", coalesce(g."doc", p."doc") AS "doc", coalesce(g."sentence", p."sentence") AS "sentence", coalesce(g."start", p."start") AS "start", coalesce(g."end", p."end") AS "end", g."start" IS NOT NULL AS "gold", p."start" IS NOT NULL AS "predicted" FROM ${gold ?? ""} AS g FULL JOIN ${predicted ?? ""} AS p ON g."sentence" = p."sentence" AND g."start" = p."start" AND g."end" = p."end" ORDER BY "sentence", "start", "end"`;
}

/** True for a result of `decode`. */
export function holdsSpans(relation: LocalRelation): boolean {
  return relation.columns.some(({ shape }) => shape.name === "predicted");
}

function* spansOfSplit(op: ReduceOp, context: OperatorContext): Steps<string> {
  const relation = context.relation(0);
  if (!holdsSpans(relation))
    throw new WorkflowError(
      `duckdb: metric "${op.metric}" of node "${context.node.id}" reads mentions; "${context.node.parents[0] ?? "?"}" has none; decode the predictions first`,
    );
  const read = [...["sentence", "split"].map((name) => keyOf(context, relation, name)), ...relation.columns];
  yield* context.settle(relation.space, read, { tables: context.outlives(0) });
  const rows = yield* context.select(relation.space, read);
  return `(SELECT * FROM (${rows}) WHERE "split" = ${text(op.split)})`;
}

function* counts(op: ReduceOp, context: OperatorContext): Steps<readonly [both: number, gold: number, found: number]> {
  const rows = yield* spansOfSplit(op, context);
  const [row] = yield* query(
    `SELECT count(*) FILTER ("gold" AND "predicted"), count(*) FILTER ("gold"), count(*) FILTER ("predicted") FROM ${rows}`,
  );
  const [both = 0, gold = 0, found = 0] = (row ?? []).map(Number);
  return [both, gold, found];
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Exact-match precision, recall and F1 of mentions. */
export function* spanF1(op: ReduceOp, context: OperatorContext): Steps<Readonly<Record<string, number>>> {
  const [both, gold, found] = yield* counts(op, context);
  return { precision: ratio(both, found), recall: ratio(both, gold), f1: ratio(2 * both, gold + found) };
}

/** How many mentions there are and how many were found. */
export function* spanCount(op: ReduceOp, context: OperatorContext): Steps<Readonly<Record<string, number>>> {
  const [both, gold, found] = yield* counts(op, context);
  return { goldSpans: gold, predictedSpans: found, matchedSpans: both };
}

/** What is wrong: mentions missed, invented, and found with other bounds (those that overlap; counted on both sides). */
export function* spanErrors(op: ReduceOp, context: OperatorContext): Steps<Readonly<Record<string, number>>> {
  const rows = yield* spansOfSplit(op, context);
  const [row] = yield* query(
    `WITH wrong AS (SELECT * FROM ${rows} WHERE "gold" <> "predicted"), judged AS (SELECT w.*, EXISTS (SELECT 1 FROM wrong AS o WHERE o."sentence" = w."sentence" AND o."gold" <> w."gold" AND o."start" < w."end" AND w."start" < o."end") AS meets FROM wrong AS w) SELECT count(*), count(*) FILTER ("gold" AND NOT meets), count(*) FILTER ("predicted" AND NOT meets), count(*) FILTER (meets) FROM judged`,
  );
  const [errors = 0, missed = 0, invented = 0, otherBounds = 0] = (row ?? []).map(Number);
  return { errors, missed, invented, otherBounds };
}
