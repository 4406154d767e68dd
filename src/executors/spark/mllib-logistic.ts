/** Logistic regression by MLlib. */
import { ExecutorError, WorkflowError } from "../../core/errors.ts";
import type { FeatureColumn, FittedLinear, LearningRequest } from "../relational/learning-steps.ts";
import { ident } from "../relational/sql.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import { flag, integer, type LiteralInit, numberOf, real, string, strings, vectorOf } from "./ml-literals.ts";
import { assembled, attributeOf, fit, fitByPasses, forgetModel, transformed } from "./mllib.ts";
import { type RelationInit, sql } from "./relations.ts";

/**
 * Fits logistic regression. Codes 1 … levels−1 become one-hot vectors on the server, code 0 a zero vector; features are not
 * standardised, so that penalties mean what the step says.
 */
export async function fitLogistic(
  session: SparkSession,
  step: Extract<LearningRequest, { kind: "fit-logistic" }>,
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
      rows = transformed(encoder, rows);
    }
    const used = [...coded.map(({ name }) => `${name}_hot`), ...numbers.map(({ name }) => name)];
    const strength = step.l1 + step.l2;
    const params = (rows: number): Readonly<Record<string, LiteralInit>> => {
      if (rows === 0)
        throw new WorkflowError(
          `spark: node "${step.node}" learns from no row; its examples have none in the train split`,
        );
      return {
        featuresCol: string("features"),
        labelCol: string("label"),
        family: string("binomial"),
        maxIter: integer(step.maxIterations),
        tol: real(step.tolerance),
        regParam: real(strength / rows),
        elasticNetParam: real(strength > 0 ? step.l1 / strength : 0),
        standardization: flag(false),
      };
    };
    const id = await fitByPasses(session, "classification.LogisticRegression", params, assembled(rows, used), options);
    const { intercept, weights } = await linearOf(session, id, step.features, options);
    const iterations = numberOf(await attributeOf(session, id, ["summary", "totalIterations"], options));
    const history = vectorOf(await attributeOf(session, id, ["summary", "objectiveHistory"], options));
    return { fitted: { intercept, weights, iterations, objective: history.at(-1) ?? Number.NaN }, id };
  } finally {
    if (encoder !== undefined) await forgetModel(session, encoder);
  }
}

/** Features in the order of the assembled vector: those with codes, then numbers; one with a single code has no place. */
function parted(features: readonly FeatureColumn[]): Readonly<Record<"coded" | "numbers", readonly FeatureColumn[]>> {
  return {
    coded: features.filter(({ levels }) => levels > 1),
    numbers: features.filter(({ levels }) => levels === 0),
  };
}

/** What a linear model on the server has learned, by feature and code. */
export async function linearOf(
  session: SparkSession,
  id: string,
  features: readonly FeatureColumn[],
  options: SparkCallOptions,
): Promise<Pick<FittedLinear, "intercept" | "weights">> {
  const coefficients = vectorOf(await attributeOf(session, id, ["coefficients"], options));
  const intercept = numberOf(await attributeOf(session, id, ["intercept"], options));
  return { intercept, weights: weightsOf(features, coefficients) };
}

/** Coefficients in the order they were assembled, by feature and code. */
function weightsOf(features: readonly FeatureColumn[], coefficients: Float64Array): readonly Float64Array[] {
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
