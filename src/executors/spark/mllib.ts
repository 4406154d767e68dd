/** What MLlib is asked over Spark Connect: estimators are fitted, models applied, their attributes read. */
import { ExecutorError } from "../../core/errors.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import type { Expression_Literal } from "./generated/expressions_pb.ts";
import type { MlCommandResult } from "./generated/ml_pb.ts";
import { MlOperator_OperatorType } from "./generated/ml_common_pb.ts";
import { type LiteralInit, string, strings } from "./ml-literals.ts";
import { cached, type RelationInit, selected } from "./relations.ts";

type Parameters = Readonly<Record<string, LiteralInit>>;

/** Full name of a class of MLlib. */
export function classNamed(name: string): string {
  return `org.apache.spark.ml.${name}`;
}

/** Fits an estimator, `classification.GBTClassifier` for one. @returns the model's name in the session's cache of models */
export async function fit(
  session: SparkSession,
  name: string,
  params: Parameters,
  dataset: RelationInit,
  options: SparkCallOptions,
): Promise<string> {
  const made = await session.ml(
    {
      command: {
        case: "fit",
        value: {
          estimator: {
            name: classNamed(name),
            uid: name.replace(".", "-"),
            type: MlOperator_OperatorType.ESTIMATOR,
          },
          params: { params: { ...params } },
          dataset,
        },
      },
    },
    { what: `fit ${name}`, ...options },
  );
  return operatorIdOf(made, `fitting ${name}`);
}

/**
 * Fits an estimator that passes over its rows many times. Each pass is a job whose closure is sent with the history of its rows;
 * checkpointed first, they have none.
 *
 * @param params given how many rows there are
 * @returns the model's name in the session's cache of models
 */
export async function fitByPasses(
  session: SparkSession,
  name: string,
  params: (rows: number) => Parameters,
  dataset: RelationInit,
  options: SparkCallOptions,
): Promise<string> {
  const { id, rows } = await session.checkpointCounted(selected(dataset, ["label", "features"]), options);
  try {
    return await fit(session, name, params(rows), cached(id), options);
  } finally {
    // A server that is gone holds no rows; the fit says so.
    await session.release(id).catch(() => undefined);
  }
}

/** The rows of a relation under a fitted model: its columns beside theirs. */
export function transformed(id: string, input: RelationInit): RelationInit {
  return {
    relType: {
      case: "mlRelation",
      value: { mlType: { case: "transform", value: { operator: { case: "objRef", value: { id } }, input } } },
    },
  };
}

/** The rows of a relation with a vector `features` of some of its columns. */
export function assembled(input: RelationInit, columns: readonly string[]): RelationInit {
  const transformer = {
    name: classNamed("feature.VectorAssembler"),
    uid: "assembler",
    type: MlOperator_OperatorType.TRANSFORMER,
  };
  const params = { params: { inputCols: strings(columns), outputCol: string("features") } };
  return {
    relType: {
      case: "mlRelation",
      value: {
        mlType: { case: "transform", value: { operator: { case: "transformer", value: transformer }, input, params } },
      },
    },
  };
}

/** An attribute of a model; `methods` are called one on the other's value. */
export async function attributeOf(
  session: SparkSession,
  id: string,
  methods: readonly string[],
  options: SparkCallOptions,
): Promise<Expression_Literal> {
  const { resultType }: MlCommandResult = await session.ml(
    { command: { case: "fetch", value: { objRef: { id }, methods: methods.map((method) => ({ method })) } } },
    { what: `fetch ${methods.join(".")}`, ...options },
  );
  if (resultType.case !== "param") throw new ExecutorError(`spark: ${methods.join(".")} of a model is no value`);
  return resultType.value;
}

/** Saves a model as a folder, overwriting. */
export async function saveModel(
  session: SparkSession,
  id: string,
  path: string,
  options: SparkCallOptions,
): Promise<void> {
  await session.ml(
    { command: { case: "write", value: { type: { case: "objRef", value: { id } }, path, shouldOverwrite: true } } },
    { what: "save model", ...options },
  );
}

/** Reverse of it. @returns the model's name in the session's cache of models */
export async function loadModel(
  session: SparkSession,
  name: string,
  path: string,
  options: SparkCallOptions,
): Promise<string> {
  const operator = { name: classNamed(name), uid: "model", type: MlOperator_OperatorType.MODEL };
  const loaded = await session.ml(
    { command: { case: "read", value: { operator, path } } },
    { what: "load model", ...options },
  );
  return operatorIdOf(loaded, "loading a model");
}

/** Drops a model from the session's cache, if the server still can. */
export async function forgetModel(session: SparkSession, id: string): Promise<void> {
  await session.ml({ command: { case: "delete", value: { objRefs: [{ id }] } } }).catch(() => undefined);
}

function operatorIdOf({ resultType }: MlCommandResult, what: string): string {
  const id =
    resultType.case === "operatorInfo" && resultType.value.type.case === "objRef"
      ? resultType.value.type.value.id
      : undefined;
  if (id === undefined) throw new ExecutorError(`spark: ${what} returned no model`);
  return id;
}
