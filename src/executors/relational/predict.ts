import { WorkflowError } from "../../core/errors.ts";
import type { LearnOp, PredictOp } from "../../core/operators.ts";
import type { LogisticModel } from "../learners/logistic.ts";
import { examplesOf } from "./learn.ts";
import { type LocalRelation, type OperatorCompiler, type OperatorContext, columnOf } from "./registry.ts";
import type { ExamplesShape, ModelRecord } from "./shape.ts";
import type { SpaceColumn } from "./space.ts";
import { double } from "./sql.ts";
import { answered, type Steps } from "./steps.ts";
import { predictTags } from "./spans.ts";
import { predictTrees } from "./predict-trees.ts";

/** Applies a model to examples: columns `label`, `prediction` (codes) and `score` beside the keys, same rows. */
export type Predictor = (
  op: PredictOp,
  model: ModelRecord,
  examples: LocalRelation & { readonly examples: ExamplesShape },
  context: OperatorContext,
) => LocalRelation | Steps<LocalRelation>;

/** Predictors by model; a model without one cannot be applied. */
export const predictors: Readonly<Partial<Record<LearnOp["model"], Predictor>>> = {
  "logistic-regression": predictLogistic,
  "chain-perceptron": predictTags,
  "chain-crf": predictTags,
  "token-perceptron": predictTags,
  "gradient-boosting": predictTrees,
  "random-forest": predictTrees,
};

/** Compiles `predict`: parent 0 is the model, parent 1 the examples. */
export const compilePredict: OperatorCompiler<PredictOp> = function* (op, context) {
  const { model } = context.model(0);
  const predictor = (predictors as Readonly<Record<string, Predictor | undefined>>)[model.model];
  if (predictor === undefined)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" applies model "${model.model}", which is not supported`,
    );
  return yield* answered(predictor(op, model, examplesOf(context, 1), context));
};

/** A sum of looked-up weights in the engine: a row's score does not depend on other rows or threads. */
function predictLogistic(
  op: PredictOp,
  record: ModelRecord,
  relation: LocalRelation & { readonly examples: ExamplesShape },
  context: OperatorContext,
): LocalRelation {
  const model = record as unknown as LogisticModel;
  const { features } = relation.examples;
  if (features.length !== model.weights.length)
    throw new WorkflowError(
      `${context.dialect.engine}: node "${context.node.id}" applies a model of ${model.weights.length} features to examples with ${features.length}`,
    );
  const columns = features.map((name) => columnOf(context, relation, name));
  const terms = columns.map(({ shape, at }, f) => {
    const weights = model.weights[f] ?? new Float64Array(1);
    if (shape.levels === undefined) return `${double(weights[0] ?? 0)} * ${at.alias}`;
    return context.dialect.itemOf(weights, at.alias);
  });
  const from = columns.map(({ at }) => at);
  const { space } = relation;
  const { id: owner } = context.node;
  const sum = [double(model.intercept), ...terms].join(" + ");
  const logit = space.derived(sum, from, `${owner}_logit`, { owner, weight: 15 * terms.length, isDear: true });
  const score = space.derived(`1e0 / (1e0 + exp(-${logit.alias}))`, [logit], `${owner}_score`, { owner });
  return scoredExamples(op, relation, score, context);
}

/** Predictions of scores: columns `label`, `prediction` (1 where the score reaches `threshold`, default 0.5) and `score`. */
export function scoredExamples(
  op: PredictOp,
  relation: LocalRelation & { readonly examples: ExamplesShape },
  score: SpaceColumn,
  context: OperatorContext,
): LocalRelation {
  const { space } = relation;
  const { id: owner } = context.node;
  const { flagType } = context.dialect;
  const sides = `CAST(${score.alias} >= ${double(op.threshold ?? 0.5)} AS ${flagType})`;
  const prediction = space.derived(sides, [score], `${owner}_prediction`, { owner });
  return {
    kind: "relation",
    space,
    keys: relation.keys,
    columns: [
      columnOf(context, relation, "label"),
      {
        shape: { name: "prediction", type: "integer", sqlType: flagType, role: "categorical", levels: 2 },
        at: prediction,
      },
      { shape: { name: "score", type: "double", sqlType: "DOUBLE", role: "numeric" }, at: score },
    ],
    examples: { labels: relation.examples.labels, features: [] },
  };
}
