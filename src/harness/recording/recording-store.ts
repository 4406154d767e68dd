import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Executor } from "../../core/executor.ts";
import { dropFromPageCache } from "../../executors/store/page-cache.ts";
import { openStore, type ResultStore } from "../../executors/store/result-store.ts";
import type { RecordingEngine } from "./recording.ts";

/**
 * Opens an engine over an empty store in a folder that is deleted when the engine is closed.
 *
 * @param open opens the executor over the store, or one without
 * @param stop stops what the executor runs on; called after it, also when opening fails
 * @throws {StoreError} when another process records into the same folder
 */
export async function withRecordingStore(
  storeFolder: string,
  open: (store?: ResultStore) => Promise<Executor>,
  stop: () => Promise<void> = () => Promise.resolve(),
): Promise<RecordingEngine> {
  const store = await openStore(storeFolder);
  try {
    for (const { signature } of store.entries()) await store.delete(signature);
    const executor = await open(store);
    return {
      executor,
      openFresh: () => open(),
      async dropCaches(keys) {
        let isCold = true;
        const wanted = new Set(keys);
        const entries = store.entries().filter(({ signature }) => wanted.has(signature));
        const ids = new Set(entries.flatMap(({ objects }) => objects.map(({ id }) => id)));
        for (const id of ids) isCold = (await dropFromPageCache(join(storeFolder, "objects", id))) && isCold;
        return isCold;
      },
      async close() {
        try {
          for (const { signature } of store.entries()) await executor.evict(signature);
          await executor.close();
        } finally {
          await stop();
          await store.close();
        }
        await rm(storeFolder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stop();
    await store.close();
    throw error;
  }
}
