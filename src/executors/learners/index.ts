import type { LearnOp } from "../../core/operators.ts";
import { chainLearners } from "./chain-learner.ts";
import { gradientBoosting } from "./gradient-boosting.ts";
import { type Learner } from "./learner.ts";
import { logisticRegression } from "./logistic.ts";
import { randomForest } from "./random-forest.ts";

/** Learners that run outside the engine, by model. */
export const learners: Readonly<Partial<Record<LearnOp["model"], Learner>>> = {
  [logisticRegression.model]: logisticRegression,
  [gradientBoosting.model]: gradientBoosting,
  [randomForest.model]: randomForest,
  ...Object.fromEntries(chainLearners.map((learner) => [learner.model, learner])),
};
