/** Forests and boosted trees by MLlib; they stay on the server. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FeatureColumn, FittedTrees, LearningRequest, TreesAsked } from "../relational/learning-steps.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import type { ExpressionSchema } from "./generated/expressions_pb.ts";
import { integer, type LiteralInit, long, numberOf, real, string, vectorOf } from "./ml-literals.ts";
import { assembled, attributeOf, fitByPasses, transformed } from "./mllib.ts";
import { type RelationInit, sql } from "./relations.ts";

type Expression = MessageInitShape<typeof ExpressionSchema>;

/**
 * Fits trees for the label 0 or 1. A feature of codes is split by sets of them, if each can have a bin of its own.
 *
 * A forest is MLlib's of regression trees: for two labels their splits are those of Gini impurity, and their leaves hold the share
 * of label 1. Its classification trees merge leaves of the same majority, and with it what ranks rows of a rare label.
 */
export async function fitTrees(
  session: SparkSession,
  { sql: rows, features, asked }: Extract<LearningRequest, { kind: "fit-trees" }>,
  options: SparkCallOptions,
): Promise<{ readonly fitted: FittedTrees; readonly id: string }> {
  const typed = project(sql(rows), [
    named(column("label"), "label", categories(2)),
    ...features.map(({ name, levels }) =>
      named(column(name), name, levels > 1 && levels <= asked.bins ? categories(levels) : undefined),
    ),
  ]);
  const estimator = asked.boosting === undefined ? "regression.RandomForestRegressor" : "classification.GBTClassifier";
  const id = await fitByPasses(
    session,
    estimator,
    () => parametersOf(asked),
    assembled(typed, namesOf(features)),
    options,
  );
  const importance = vectorOf(await attributeOf(session, id, ["featureImportances"], options));
  const nodes = numberOf(await attributeOf(session, id, ["totalNumNodes"], options));
  return { fitted: { importance, nodes }, id };
}

/** Rows of SELECT text under the trees `id`: its columns `kept` and `score`, the probability of label 1. */
export function scoredByTrees(
  id: string,
  { sql: rows, features, kept, model }: Omit<Extract<LearningRequest, { kind: "score-trees" }>, "kind" | "table">,
): RelationInit {
  const score = model.model === "random-forest" ? column("prediction") : probabilityOfOne();
  return project(transformed(id, assembled(sql(rows), namesOf(features))), [
    ...kept.map((name) => column(name)),
    named(score, "score"),
  ]);
}

/** Out of a vector, by a function that SQL text cannot name. */
function probabilityOfOne(): Expression {
  return call("get", call("vector_to_array", column("probability"), literal(string("float64"))), literal(integer(1)));
}

function parametersOf({
  trees,
  depth,
  bins,
  leafRows,
  featuresPerSplit,
  seed,
  boosting,
}: TreesAsked): Readonly<Record<string, LiteralInit>> {
  return {
    featuresCol: string("features"),
    labelCol: string("label"),
    maxDepth: integer(depth),
    maxBins: integer(Math.max(2, bins)),
    minInstancesPerNode: integer(leafRows),
    featureSubsetStrategy: string(String(featuresPerSplit)),
    seed: long(seed),
    ...(boosting === undefined
      ? { numTrees: integer(trees) }
      : { maxIter: integer(trees), stepSize: real(boosting.learningRate), subsamplingRate: real(boosting.rowShare) }),
  };
}

function namesOf(features: readonly FeatureColumn[]): readonly string[] {
  return features.map(({ name }) => name);
}

/** What tells MLlib that a column holds categories 0 … count−1. */
function categories(count: number): object {
  return { ml_attr: { type: "nominal", num_vals: count } };
}

function project(input: RelationInit, expressions: readonly Expression[]): RelationInit {
  return { relType: { case: "project", value: { input, expressions: [...expressions] } } };
}

function column(name: string): Expression {
  return { exprType: { case: "unresolvedAttribute", value: { unparsedIdentifier: name } } };
}

function literal(value: LiteralInit): Expression {
  return { exprType: { case: "literal", value } };
}

function call(functionName: string, ...args: readonly Expression[]): Expression {
  return { exprType: { case: "unresolvedFunction", value: { functionName, arguments: [...args] } } };
}

function named(expr: Expression, name: string, metadata?: object): Expression {
  const about = metadata === undefined ? {} : { metadata: JSON.stringify(metadata) };
  return { exprType: { case: "alias", value: { expr, name: [name], ...about } } };
}
