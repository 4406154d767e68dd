import { UsageError } from "../../core/errors.ts";
import type { Executor } from "../../core/executor.ts";
import type { Iteration } from "../../core/iteration.ts";
import type { Materializer } from "../../core/materializer.ts";
import type { PlugIn, ReusePlanner } from "../../core/plug-in.ts";
import type { Workload } from "../../core/workload.ts";
import type { Experiment } from "../experiment.ts";

/** An executor as a plug-in: how to open it. */
export interface ExecutorPlugIn extends PlugIn {
  open(options: { readonly storeFolder: string; readonly signal?: AbortSignal }): Promise<Executor>;
  /** Versions that `conform` runs it on: at least two, deterministic. Without it, a hundredth of Census. */
  example?(): readonly Iteration[];
}

/** What plug-in files brought, by kind and id. */
export interface LoadedPlugIns {
  readonly planners: ReadonlyMap<string, ReusePlanner>;
  readonly materializers: ReadonlyMap<string, Materializer>;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly executors: ReadonlyMap<string, ExecutorPlugIn>;
  readonly experiments: ReadonlyMap<string, Experiment>;
}

type Kind = keyof LoadedPlugIns;

/** No plug-ins. */
export const noPlugIns: LoadedPlugIns = {
  planners: new Map(),
  materializers: new Map(),
  workloads: new Map(),
  executors: new Map(),
  experiments: new Map(),
};

const idPattern = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u;

/** Kind of a plug-in by what it can do; undefined if it is none. */
export function kindOf(value: object): Kind | undefined {
  const has = (name: string): boolean => typeof (value as Record<string, unknown>)[name] === "function";
  const kind = (value as { kind?: unknown }).kind;
  if (has("plan")) return "planners";
  if (kind === "online" && has("keep")) return "materializers";
  if (kind === "batch" && has("select")) return "materializers";
  if (has("versions")) return "workloads";
  if (has("open")) return "executors";
  if (has("run") && ("params" in value || "claims" in value)) return "experiments";
  return undefined;
}

/**
 * Sorts what a file exports by default into kinds.
 *
 * @param name of the file, for messages
 * @throws {UsageError} on anything that is not a plug-in, a missing or malformed id, or an id given twice
 */
export function sortPlugIns(name: string, exported: unknown): LoadedPlugIns {
  const values = Array.isArray(exported) ? (exported as unknown[]) : [exported];
  const sorted = {
    planners: new Map(),
    materializers: new Map(),
    workloads: new Map(),
    executors: new Map(),
    experiments: new Map(),
  };
  for (const value of values) {
    if (typeof value !== "object" || value === null)
      throw new UsageError(
        `--plugin ${name}: exports ${value === undefined ? "nothing" : typeof value} by default; expected a plug-in object`,
      );
    const kind = kindOf(value);
    if (kind === undefined)
      throw new UsageError(
        `--plugin ${name}: the default export is no plug-in; a planner has plan(), a materializer kind "online" and keep() or kind "batch" and select(), a workload versions(), an executor open(), an experiment run() and params`,
      );
    const { id } = value as { id?: unknown };
    if (typeof id !== "string" || !idPattern.test(id))
      throw new UsageError(`--plugin ${name}: id is ${JSON.stringify(id)}; expected kebab-case text`);
    if (sorted[kind].has(id)) throw new UsageError(`--plugin ${name}: two ${kind} have the id "${id}"; ids are unique`);
    sorted[kind].set(id, value);
  }
  return sorted;
}

/** Puts several files' plug-ins together. @throws {UsageError} when two bring the same id */
export function mergePlugIns(parts: readonly LoadedPlugIns[]): LoadedPlugIns {
  const merge = <T>(pick: (part: LoadedPlugIns) => ReadonlyMap<string, T>): ReadonlyMap<string, T> => {
    const all = new Map<string, T>();
    for (const part of parts)
      for (const [id, value] of pick(part)) {
        if (all.has(id)) throw new UsageError(`--plugin: the id "${id}" comes twice; ids are unique`);
        all.set(id, value);
      }
    return all;
  };
  return {
    planners: merge(({ planners }) => planners),
    materializers: merge(({ materializers }) => materializers),
    workloads: merge(({ workloads }) => workloads),
    executors: merge(({ executors }) => executors),
    experiments: merge(({ experiments }) => experiments),
  };
}
