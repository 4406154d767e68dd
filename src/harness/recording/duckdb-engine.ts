import { openDuckDb } from "../../executors/duckdb/executor.ts";
import type { RecordingEngine } from "./recording.ts";
import { withRecordingStore } from "./recording-store.ts";

/** How a recording opens DuckDB. */
export interface DuckDbEngineOptions {
  /** Store of the recording: emptied when opened, deleted when closed. */
  readonly storeFolder: string;
  readonly memoryLimitBytes: number;
  readonly threads?: number;
}

/**
 * Starts DuckDB with an empty store for one phase of a recording.
 *
 * @throws {MissingExecutorError} when DuckDB is not installed
 * @throws {StoreError} when another process records into the same folder
 */
export function openDuckDbEngine(options: DuckDbEngineOptions): Promise<RecordingEngine> {
  const { storeFolder, memoryLimitBytes, threads } = options;
  const more = threads === undefined ? {} : { threads };
  return withRecordingStore(storeFolder, (store) =>
    openDuckDb({ ...(store === undefined ? {} : { store }), profile: "hot", memoryLimitBytes, ...more }),
  );
}
