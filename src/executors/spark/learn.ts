import type { LearnOp } from "../../core/operators.ts";
import { defaultMaxIterations, defaultTolerance, type LogisticModel } from "../learners/logistic.ts";
import { compileLearn } from "../relational/learn.ts";
import type { FittedLinear } from "../relational/learning-steps.ts";
import type { OperatorCompiler, OperatorContext } from "../relational/registry.ts";
import type { ModelPayload } from "../relational/shape.ts";
import { answered, type Steps } from "../relational/steps.ts";
import { isForMllib, learnTrees } from "./learn-trees.ts";
import { trainRows } from "./train-rows.ts";

/**
 * Compiles `learn`: logistic regression, forests and boosted trees by MLlib on the engine, other models by the project's
 * learners.
 */
export const compileSparkLearn: OperatorCompiler<LearnOp> = function* (op, context) {
  if (op.model === "logistic-regression") return yield* learnLogistic(op, context);
  if (isForMllib(op)) return yield* learnTrees(op, context);
  return yield* answered(compileLearn(op, context));
};

/**
 * The workflow's objective is (Σ log-loss + ½·l2·|w|² + l1·|w|₁) / n; MLlib's is the mean log-loss with
 * regParam·(½(1−α)|w|² + α|w|₁), so regParam = (l1 + l2) / n and α = l1 / (l1 + l2), without its own standardisation.
 */
function* learnLogistic(op: LearnOp, context: OperatorContext): Steps<ModelPayload> {
  const { from, items, features } = yield* trainRows(context);
  const fitted = (yield {
    kind: "fit-logistic",
    sql: `SELECT ${items} FROM ${from}`,
    features,
    node: context.node.id,
    l1: op.l1 ?? 0,
    l2: op.l2 ?? 0,
    maxIterations: op.maxIterations ?? defaultMaxIterations,
    tolerance: op.tolerance ?? defaultTolerance,
  }) as FittedLinear;
  const model: LogisticModel = { model: "logistic-regression", ...fitted };
  return { kind: "model", model };
}
