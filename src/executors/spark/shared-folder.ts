/** A folder that executors on other machines write to and this process reads: both must see the same files. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../../core/clock.ts";
import { ExecutorError } from "../../core/errors.ts";
import { rowsOf } from "./arrow-columns.ts";
import type { SparkCallOptions, SparkSession } from "./client.ts";
import { sql } from "./relations.ts";

/** How long a shared file system may take to show here what was written there. */
const patienceUs = 30e6;

/** Names of the parquet files in a folder. @throws {ExecutorError} if this process sees none */
export async function parquetFilesIn(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".parquet")).toSorted();
  if (files.length === 0)
    throw new ExecutorError(
      `spark: wrote no file this process can see under ${folder}; the store must lie in a folder that the server and this process share`,
    );
  return files;
}

/**
 * Waits until this process sees the files in the sizes the engine says they have, as network file systems may show them late
 * or cut off. Files without rows are in no answer of the engine.
 *
 * @throws {ExecutorError} naming the file that stays another one
 */
export async function untilSeenAlike(
  session: SparkSession,
  folder: string,
  options: SparkCallOptions & { readonly patienceUs?: number } = {},
): Promise<void> {
  const { patienceUs: patience = patienceUs, ...call } = options;
  const sizes = await session.collect(
    sql(
      `SELECT _metadata.file_name, max(_metadata.file_size) FROM parquet.\`${folder.replaceAll("`", "``")}\` GROUP BY 1 ORDER BY 1`,
    ),
    call,
  );
  const deadlineUs = systemClock.nowUs() + patience;
  for (const [name, size] of rowsOf(sizes)) {
    const path = join(folder, String(name));
    for (;;) {
      const seen = await stat(path).then(
        (found) => found.size,
        () => undefined,
      );
      if (seen === Number(size)) break;
      if (systemClock.nowUs() > deadlineUs)
        throw new ExecutorError(
          `spark: ${path} has ${String(size)} bytes for the engine, and ${seen === undefined ? "is not there" : `${seen}`} for this process; the store must lie in a folder that both share`,
        );
      await pause(100, undefined, call.signal === undefined ? {} : { signal: call.signal });
    }
  }
}
