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
