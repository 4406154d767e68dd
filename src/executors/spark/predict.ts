import { WorkflowError } from "../../core/errors.ts";
import type { PredictOp } from "../../core/operators.ts";
import { examplesOf } from "../relational/learn.ts";
import { compilePredict, scoredExamples } from "../relational/predict.ts";
import { columnOf, type OperatorCompiler } from "../relational/registry.ts";
import type { ModelRecord } from "../relational/shape.ts";
import { answered } from "../relational/steps.ts";
import type { ServerTrees } from "./learn-trees.ts";
import { asDoubles, featureColumns } from "./train-rows.ts";

/** Compiles `predict`: trees that MLlib holds are applied by it, other models as on every engine. */
export const compileSparkPredict: OperatorCompiler<PredictOp> = function* (op, context) {
  const { model } = context.model(0);
  if (!isOfMllib(model)) return yield* answered(compilePredict(op, context));
  const relation = examplesOf(context, 1);
  const columns = relation.examples.features.map((name) => columnOf(context, relation, name));
  if (columns.length !== model.featureCount)
    throw new WorkflowError(
      `spark: node "${context.node.id}" applies a model of ${model.featureCount} features to examples with ${columns.length}; pass examples assembled alike`,
    );
  yield* context.settle(relation.space, columns, { numbered: true });
  const source = yield* context.select(relation.space, columns);
  const features = featureColumns(columns);
  const table = context.names.table();
  yield {
    kind: "score-trees",
    table,
    sql: `SELECT ${asDoubles(features).join(", ")}, rid FROM (${source})`,
    features,
    kept: ["rid"],
    model,
  };
  const [score] = context.tableColumns(relation, table, [
    { name: "score", type: "double", sqlType: "DOUBLE", role: "numeric" },
  ]);
  if (score === undefined) throw new Error("a table of scores has no column");
  return scoredExamples(op, relation, score.at, context);
};

function isOfMllib(model: ModelRecord): model is ServerTrees {
  return model["learnedBy"] === "mllib";
}
