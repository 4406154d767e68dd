import { ExecutorError } from "../../core/errors.ts";
import type { FittedLinear, LinearFeature, Step } from "../relational/steps.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import type { Expression_Literal } from "./generated/expressions_pb.ts";
import type { MlCommandResult } from "./generated/ml_pb.ts";
import { MlOperator_OperatorType } from "./generated/ml_common_pb.ts";
import { ident } from "../relational/sql.ts";
import { type RelationInit, sql } from "./relations.ts";

type FitStep = Extract<Step, { kind: "fit-logistic" }>;
type LiteralInit = {
  readonly literalType: Extract<
    Expression_Literal["literalType"],
    { case: "integer" | "double" | "boolean" | "string" }
  >;
};

const integer = (value: number): LiteralInit => ({ literalType: { case: "integer", value } });
const real = (value: number): LiteralInit => ({ literalType: { case: "double", value } });
const flag = (value: boolean): LiteralInit => ({ literalType: { case: "boolean", value } });
const string = (value: string): LiteralInit => ({ literalType: { case: "string", value } });

/** A list of names: literals of arrays want the type of their elements. */
function strings(values: readonly string[]) {
  return {
    literalType: {
      case: "array" as const,
      value: {
        elementType: { kind: { case: "string" as const, value: { collation: "UTF8_BINARY" } } },
        elements: values.map(string),
      },
    },
  };
}

/**
 * Fits logistic regression by MLlib. Codes 1 … levels−1 become one-hot vectors on the server, code 0 a zero vector; features are
 * not standardised, so that penalties mean what the step says.
 */
export async function fitLogistic(
  session: SparkSession,
  step: FitStep,
  options: SparkCallOptions,
): Promise<{ readonly fitted: FittedLinear; readonly id: string }> {
  const { coded, numbers } = parted(step.features);
  // The encoder drops its last category, where invalid ones go: code 0 is moved there.
  const items = [
    '"label"',
    ...coded.map(
      ({ name, levels }) =>
        `CASE WHEN ${ident(name)} > 0 THEN ${ident(name)} - 1e0 ELSE ${levels - 1}e0 END AS ${ident(name)}`,
    ),
    ...numbers.map(({ name }) => ident(name)),
  ];
  let encoder: string | undefined;
  try {
    let rows: RelationInit = sql(`SELECT ${items.join(", ")} FROM (${step.sql})`);
    if (coded.length > 0) {
      // Fitted on one row of the largest codes: sizes are known, and the train rows need not hold every code.
      const largest = coded.map(({ name, levels }) => `${levels - 2}e0 AS ${ident(name)}`);
      const params = {
        inputCols: strings(coded.map(({ name }) => name)),
        outputCols: strings(coded.map(({ name }) => `${name}_hot`)),
        handleInvalid: string("keep"),
        dropLast: flag(true),
      };
      encoder = await fit(session, "feature.OneHotEncoder", params, sql(`SELECT ${largest.join(", ")}`), options);
      rows = {
        relType: {
          case: "mlRelation",
          value: {
            mlType: { case: "transform", value: { operator: { case: "objRef", value: { id: encoder } }, input: rows } },
          },
        },
      };
    }
    const used = [...coded.map(({ name }) => `${name}_hot`), ...numbers.map(({ name }) => name)];
    if (used.length === 0)
      throw new ExecutorError("spark: logistic regression without any feature; assemble at least one");
    const assembled: RelationInit = {
      relType: {
        case: "mlRelation",
        value: {
          mlType: {
            case: "transform",
            value: {
              operator: {
                case: "transformer",
                value: {
                  name: "org.apache.spark.ml.feature.VectorAssembler",
                  uid: "assembler",
                  type: MlOperator_OperatorType.TRANSFORMER,
                },
              },
              input: rows,
              params: { params: { inputCols: strings(used), outputCol: string("features") } },
            },
          },
        },
      },
    };
    const strength = step.l1 + step.l2;
    const params = {
      featuresCol: string("features"),
      labelCol: string("label"),
      family: string("binomial"),
      maxIter: integer(step.maxIterations),
      tol: real(step.tolerance),
      regParam: real(strength),
      elasticNetParam: real(strength > 0 ? step.l1 / strength : 0),
      standardization: flag(false),
    };
    const model = await fit(session, "classification.LogisticRegression", params, assembled, options);
    const { intercept, coefficients } = await coefficientsOf(session, model, options);
    const iterations = numberOf(await fetchParam(session, model, ["summary", "totalIterations"], options));
    const history = vectorOf(await fetchParam(session, model, ["summary", "objectiveHistory"], options));
    const fitted = {
      intercept,
      weights: weightsOf(step.features, coefficients),
      iterations,
      objective: history.at(-1) ?? Number.NaN,
    };
    return { fitted, id: model };
  } finally {
    if (encoder !== undefined)
      await session.ml({ command: { case: "delete", value: { objRefs: [{ id: encoder }] } } }).catch(() => undefined);
  }
}

/** Features in the order of the assembled vector: those with codes, then numbers; one with a single code has no place. */
function parted(features: readonly LinearFeature[]): Readonly<Record<"coded" | "numbers", readonly LinearFeature[]>> {
  return {
    coded: features.filter(({ levels }) => levels > 1),
    numbers: features.filter(({ levels }) => levels === 0),
  };
}

/** What a linear model on the server has learned; coefficients in the order they were assembled. */
export async function coefficientsOf(
  session: SparkSession,
  id: string,
  options: SparkCallOptions,
): Promise<{ readonly intercept: number; readonly coefficients: Float64Array }> {
  const coefficients = vectorOf(await fetchParam(session, id, ["coefficients"], options));
  const intercept = numberOf(await fetchParam(session, id, ["intercept"], options));
  return { intercept, coefficients };
}

async function fit(
  session: SparkSession,
  name: string,
  params: Readonly<Record<string, LiteralInit | ReturnType<typeof strings>>>,
  dataset: RelationInit,
  options: SparkCallOptions,
): Promise<string> {
  const made = await session.ml(
    {
      command: {
        case: "fit",
        value: {
          estimator: {
            name: `org.apache.spark.ml.${name}`,
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

/** The name the server gave to what a command made. @throws {ExecutorError} if it made nothing */
export function operatorIdOf({ resultType }: MlCommandResult, what: string): string {
  const id =
    resultType.case === "operatorInfo" && resultType.value.type.case === "objRef"
      ? resultType.value.type.value.id
      : undefined;
  if (id === undefined) throw new ExecutorError(`spark: ${what} returned no model`);
  return id;
}

async function fetchParam(
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

function numberOf({ literalType }: Expression_Literal): number {
  return Number(literalType.value);
}

/** A vector (struct of type, size, indices, values; sparse or dense) or an array of doubles. */
export function vectorOf(literal: Expression_Literal): Float64Array {
  const { literalType } = literal;
  if (literalType.case === "struct") {
    const [type, size, indices, values] = literalType.value.elements;
    const found = values === undefined ? new Float64Array(0) : vectorOf(values);
    if (type === undefined || numberOf(type) === 1) return found;
    const dense = new Float64Array(size === undefined ? 0 : numberOf(size));
    const at = indices === undefined ? new Float64Array(0) : vectorOf(indices);
    for (const [i, index] of at.entries()) dense[index] = found[i] ?? 0;
    return dense;
  }
  if (literalType.case === "array") return Float64Array.from(literalType.value.elements, numberOf);
  if (literalType.case === "specializedArray")
    return Float64Array.from((literalType.value.valueType.value?.values ?? []) as readonly (number | bigint)[], Number);
  throw new ExecutorError(`spark: a model's vector came as ${literalType.case ?? "nothing"}; expected a struct`);
}

/** Coefficients in the order they were assembled, by feature and code. */
export function weightsOf(features: readonly LinearFeature[], coefficients: Float64Array): readonly Float64Array[] {
  const { coded, numbers } = parted(features);
  const at = new Map<string, number>();
  let next = 0;
  for (const { name, levels } of coded) {
    at.set(name, next);
    next += levels - 1;
  }
  for (const { name } of numbers) at.set(name, next++);
  if (next !== coefficients.length)
    throw new ExecutorError(`spark: a model of ${coefficients.length} coefficients came for ${next}`);
  return features.map(({ name, levels }) => {
    const from = at.get(name);
    if (levels === 0) return Float64Array.of(coefficients[from ?? 0] ?? 0);
    const weights = new Float64Array(levels);
    if (from !== undefined) weights.set(coefficients.subarray(from, from + levels - 1), 1);
    return weights;
  });
}
