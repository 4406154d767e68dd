import { ExecutorError } from "../../core/errors.ts";
import type { Iteration } from "../../core/iteration.ts";
import type { NodeSample } from "./recording.ts";
import { resultKeys, type ResultKey } from "./result-keys.ts";

/** Metric values by name. */
export type MetricValues = Readonly<Record<string, number>>;

/** Metric names without the id of the node that computed them (`checked.accuracy` → `.accuracy`): another version may call it otherwise. */
export function withoutId(metrics: MetricValues, id: string): MetricValues {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name.startsWith(`${id}.`) ? name.slice(id.length) : name, value]),
  );
}

/** Metric values of a version under its own names; of equal nodes, under that of the first one listed. */
export function versionMetrics(
  version: Iteration,
  samples: { get(key: ResultKey): Pick<NodeSample, "metrics"> | undefined },
): MetricValues {
  const named = new Map<string, number>();
  const seen = new Set<ResultKey>();
  for (const [id, key] of resultKeys(version)) {
    if (seen.has(key)) continue;
    seen.add(key);
    for (const [name, value] of Object.entries(samples.get(key)?.metrics ?? {}))
      named.set(name.startsWith(".") ? `${id}${name}` : name, value);
  }
  return Object.fromEntries(named);
}

/** What counts as a model's quality, best first: values in [0, 1], larger is better. */
const qualityMetrics = [".accuracy", ".f1", ".auc"];

/**
 * Quality of a model in a version: the accuracy, F1 or AUC on the test split that follows from it, the first reducer listed;
 * undefined if there is none. What follows from the best of several models says nothing about any one of them.
 */
export function modelQuality(version: Iteration, learner: string, metrics: MetricValues): number | undefined {
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

/** What a recording takes for the same answer unless its engine says otherwise. */
const usualTolerance = 1e-9;

/** @throws {ExecutorError} when metric values both have differ by more than `tolerance` (relative above 1) */
export function compareMetrics(
  expected: MetricValues,
  got: MetricValues,
  where: string,
  tolerance = usualTolerance,
): void {
  for (const [name, value] of Object.entries(got)) {
    const other = expected[name];
    if (other === undefined || Object.is(value, other)) continue;
    if (!(Math.abs(value - other) <= tolerance * Math.max(1, Math.abs(other))))
      throw new ExecutorError(
        `recording: ${where}: metric "${name}" is ${value} in one run and ${other} in another; a recording needs an engine that gives the same answer each time`,
      );
  }
}
