import type { LearnOp } from "../../core/operators.ts";
import { defaultMaxIterations, defaultTolerance, type LogisticModel } from "../learners/logistic.ts";
import { compileLearn, examplesOf } from "../relational/learn.ts";
import { columnOf, keyOf, type OperatorCompiler } from "../relational/registry.ts";
import { ident } from "../relational/sql.ts";
import { type FittedLinear, query, type Steps } from "../relational/steps.ts";

/**
 * Compiles `learn`: logistic regression by MLlib on the engine, other models by the project's learners.
 *
 * The workflow's objective is (Σ log-loss + ½·l2·|w|² + l1·|w|₁) / n; MLlib's is the mean log-loss with
 * regParam·(½(1−α)|w|² + α|w|₁), so regParam = (l1 + l2) / n and α = l1 / (l1 + l2), without its own standardisation.
 */
export const compileSparkLearn: OperatorCompiler<LearnOp> = function* (op, context) {
  const relation = op.model === "logistic-regression" ? examplesOf(context, 0) : undefined;
  if (relation === undefined) return yield* compileLearn(op, context) as Steps<never>;
  const features = relation.examples.features.map((name) => columnOf(context, relation, name));
  const columns = [keyOf(context, relation, "split"), columnOf(context, relation, "label"), ...features];
  const source = yield* context.select(relation.space, columns);
  const train = `(${source}) WHERE "split" = 'train'`;
  const [counted] = yield* query(`SELECT count(*) FROM ${train}`);
  const rows = Math.max(1, Number(counted?.[0] ?? 0));
  const items = features.map(({ shape }) => `CAST(${ident(shape.name)} AS DOUBLE) AS ${ident(shape.name)}`);
  const fitted = (yield {
    kind: "fit-logistic",
    sql: `SELECT CAST("label" > 0 AS DOUBLE) AS "label", ${items.join(", ")} FROM ${train}`,
    features: features.map(({ shape }) => ({ name: shape.name, levels: shape.levels ?? 0 })),
    l1: (op.l1 ?? 0) / rows,
    l2: (op.l2 ?? 0) / rows,
    maxIterations: op.maxIterations ?? defaultMaxIterations,
    tolerance: op.tolerance ?? defaultTolerance,
  }) as FittedLinear;
  const model: LogisticModel = { model: "logistic-regression", ...fitted };
  return { kind: "model", model };
};
