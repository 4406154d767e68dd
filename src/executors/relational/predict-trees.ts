/** Applies sums of trees: scored in this process, row by row, so that a score does not depend on the engine. */
import type { PredictOp } from "../../core/operators.ts";
import { scoreTrees, type TreeModel } from "../learners/tree-models.ts";
import { readExamples } from "./learn.ts";
import { columnOf, type LocalRelation, type OperatorContext } from "./registry.ts";
import type { ColumnShape, ExamplesShape, ModelRecord } from "./shape.ts";
import { type Steps, upload, work } from "./steps.ts";

/** Columns `label`, `prediction` (1 where the score reaches `threshold`, default 0.5) and `score` beside the keys, same rows. */
export function* predictTrees(
  op: PredictOp,
  record: ModelRecord,
  relation: LocalRelation & { readonly examples: ExamplesShape },
  context: OperatorContext,
): Steps<LocalRelation> {
  const model = record as unknown as TreeModel;
  const examples = yield* readExamples(context, relation, []);
  const threshold = op.threshold ?? 0.5;
  const scores = yield* work(`predict ${model.model}`, () => scoreTrees(model, examples.features, examples.rows));
  const prediction = Uint8Array.from(scores, (score) => (score >= threshold ? 1 : 0));
  const shapes: readonly ColumnShape[] = [
    { name: "prediction", type: "integer", sqlType: context.dialect.flagType, role: "categorical", levels: 2 },
    { name: "score", type: "double", sqlType: "DOUBLE", role: "numeric" },
  ];
  const table = context.names.table();
  const columns = [
    { name: "prediction", sqlType: context.dialect.flagType, values: prediction },
    { name: "score", sqlType: "DOUBLE", values: scores },
  ];
  yield* upload(table, columns, examples.rows);
  return {
    kind: "relation",
    space: relation.space,
    keys: relation.keys,
    columns: [columnOf(context, relation, "label"), ...context.tableColumns(relation, table, shapes)],
    examples: { labels: relation.examples.labels, features: [] },
  };
}
