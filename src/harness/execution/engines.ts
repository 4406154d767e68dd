import { UsageError } from "../../core/errors.ts";
import type { Executor } from "../../core/executor.ts";
import { nearest } from "../../core/nearest.ts";
import type { StorageProfile } from "../../executors/duckdb/storage-profile.ts";
import type { ResultStore } from "../../executors/store/result-store.ts";

/** What an engine is opened with. */
export interface EngineOptions {
  readonly store?: ResultStore;
  readonly profile: StorageProfile;
  /** Memory limit of the engine in bytes; default its own. */
  readonly memoryLimitBytes?: number;
}

/** Opens an engine; it closes with the executor, the store stays open. */
export type EngineOpener = (options: EngineOptions) => Promise<Executor>;

/** Engines for real runs, by id; each is imported when it is asked for. */
const engines: ReadonlyMap<string, EngineOpener> = new Map([
  [
    "duckdb",
    async (options: EngineOptions) => (await import("../../executors/duckdb/executor.ts")).openDuckDb(options),
  ],
]);

/** @throws {UsageError} for an unknown engine */
export function engineById(id: string): EngineOpener {
  const found = engines.get(id);
  if (found === undefined)
    throw new UsageError(
      `executor "${id}": cannot run workloads; expected one of ${nearest(id, [...engines.keys()]).join(", ")}`,
    );
  return found;
}
