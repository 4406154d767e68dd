import type { LearnOp } from "../../core/operators.ts";
import { chainLearners } from "./chain-learner.ts";
import { type Learner } from "./learner.ts";
import { logisticRegression } from "./logistic.ts";

/** Learners that run outside the engine, by model. */
export const learners: Readonly<Partial<Record<LearnOp["model"], Learner>>> = {
  [logisticRegression.model]: logisticRegression,
  ...Object.fromEntries(chainLearners.map((learner) => [learner.model, learner])),
};
