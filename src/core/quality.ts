import type { Iteration } from "./iteration.ts";

/** What counts as a model's quality, best first: values in [0, 1], larger is better. */
const qualityMetrics = [".accuracy", ".f1", ".auc"];

/**
 * Quality of a model in a version: the accuracy, F1 or AUC on the test split that follows from it, the first reducer listed;
 * undefined if there is none. What follows from the best of several models says nothing about any one of them.
 */
export function modelQuality(
  version: Iteration,
  learner: string,
  metrics: Readonly<Record<string, number>>,
): number | undefined {
  const below = new Set([learner]);
  for (const { id, parents, op } of version.nodes)
    if (op !== "select" && parents.some((parent) => below.has(parent))) below.add(id);
  for (const metric of qualityMetrics)
    for (const { id, operator } of version.nodes) {
      const value = metrics[`${id}${metric}`];
      const isTrain = operator?.op === "reduce" && operator.split === "train";
      if (below.has(id) && !isTrain && value !== undefined && value >= 0 && value <= 1) return value;
    }
  return undefined;
}
