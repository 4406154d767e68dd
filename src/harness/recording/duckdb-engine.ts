import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openDuckDb } from "../../executors/duckdb/executor.ts";
import { dropFromPageCache } from "../../executors/store/page-cache.ts";
import { openStore } from "../../executors/store/result-store.ts";
import type { RecordingEngine } from "./recording.ts";

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
export async function openDuckDbEngine(options: DuckDbEngineOptions): Promise<RecordingEngine> {
  const { storeFolder, memoryLimitBytes, threads } = options;
  const store = await openStore(storeFolder);
  try {
    for (const { signature } of store.entries()) await store.delete(signature);
    const executor = await openDuckDb({
      store,
      profile: "hot",
      memoryLimitBytes,
      ...(threads === undefined ? {} : { threads }),
    });
    return {
      executor,
      async dropCaches() {
        let isCold = true;
        const ids = new Set(store.entries().flatMap(({ objects }) => objects.map(({ id }) => id)));
        for (const id of ids) isCold = (await dropFromPageCache(join(storeFolder, "objects", id))) && isCold;
        return isCold;
      },
      async close() {
        for (const { signature } of store.entries()) await executor.evict(signature);
        await executor.close();
        await store.close();
        await rm(storeFolder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
