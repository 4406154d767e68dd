/** Sequence models: tags by Viterbi decoding here, mentions (spans) and their metrics in the engine. */
import { WorkflowError } from "../../core/errors.ts";
import type { DecodeOp, PredictOp, ReduceOp } from "../../core/operators.ts";
import { type ChainRecord, predictChain } from "../learners/chain-learner.ts";
import { encodeTags } from "../learners/chain-tags.ts";
import { offsetsOfKeys } from "../learners/features.ts";
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
    sqlType: context.dialect.flagType,
    role: "categorical",
    levels: model.labels.length,
  });
  const shapes = [shape("label"), shape("prediction")];
  const table = context.names.table();
  yield* upload(
    table,
    [
      { name: "label", sqlType: context.dialect.flagType, values: gold },
      { name: "prediction", sqlType: context.dialect.flagType, values: tags },
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
      `${context.dialect.engine}: node "${context.node.id}" decodes "${context.node.parents[0] ?? "?"}", which holds no tags; pass predictions of a chain model`,
    );
  const codes = { first: labels.indexOf(`B-${op.type}`), inner: labels.indexOf(`I-${op.type}`) };
  const keys = ["split", "doc", "sentence"].map((name) => keyOf(context, relation, name));
  const tags = ["label", "prediction"].map((name) => columnOf(context, relation, name));
  yield* context.settle(relation.space, [...keys, ...tags], { numbered: true });
  const rid: LocalColumn = { at: relation.space.rid(), shape: { name: "rid", type: "integer", sqlType: "BIGINT" } };
  const read = context.dialect.hasRowColumn ? [] : [rid];
  const rows = yield* context.select(relation.space, [...keys, ...tags, ...read]);
  const columns: readonly ColumnShape[] = [
    { name: "start", type: "integer", sqlType: "INTEGER" },
    { name: "end", type: "integer", sqlType: "INTEGER" },
    { name: "gold", type: "boolean", sqlType: "BOOLEAN" },
    { name: "predicted", type: "boolean", sqlType: "BOOLEAN" },
  ];
  return yield* context.newSpace(
    context.dialect.spansOf(rows, codes),
    keys.map(({ shape }) => shape),
    columns,
  );
};

/** True for a result of `decode`. */
export function holdsSpans(relation: LocalRelation): boolean {
  return relation.columns.some(({ shape }) => shape.name === "predicted");
}

function* spansOfSplit(op: ReduceOp, context: OperatorContext): Steps<string> {
  const relation = context.relation(0);
  if (!holdsSpans(relation))
    throw new WorkflowError(
      `${context.dialect.engine}: metric "${op.metric}" of node "${context.node.id}" reads mentions; "${context.node.parents[0] ?? "?"}" has none; decode the predictions first`,
    );
  const read = [...["sentence", "split"].map((name) => keyOf(context, relation, name)), ...relation.columns];
  yield* context.settle(relation.space, read, { tables: context.outlives(0) });
  const rows = yield* context.select(relation.space, read);
  return `(SELECT * FROM (${rows}) WHERE "split" = ${context.dialect.text(op.split)})`;
}

function* counts(op: ReduceOp, context: OperatorContext): Steps<readonly [both: number, gold: number, found: number]> {
  const rows = yield* spansOfSplit(op, context);
  const [row] = yield* query(
    `SELECT ${['"gold" AND "predicted"', '"gold"', '"predicted"'].map((condition) => context.dialect.countIf(condition)).join(", ")} FROM ${rows}`,
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
  const [row] = yield* query(context.dialect.spanErrors(rows));
  const [errors = 0, missed = 0, invented = 0, otherBounds = 0] = (row ?? []).map(Number);
  return { errors, missed, invented, otherBounds };
}
