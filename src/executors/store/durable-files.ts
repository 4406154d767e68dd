import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { ExecutorError } from "../../core/errors.ts";

/** Names of unfinished files start so; they are deleted by the next writer and never count. */
export const temporaryPrefix = "tmp-";

/** SHA-256 of a file's bytes as lower-case hex; reads it once, in O(1) memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** SHA-256 of a text's UTF-8 bytes as lower-case hex. */
export function hashText(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** Waits until a file's bytes, or a folder's names, are on the device. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a text under `temporaryPath`, syncs it and renames it to `path`: afterwards `path` is whole or as before. */
export async function writeTextDurably(temporaryPath: string, path: string, text: string): Promise<void> {
  try {
    const handle = await open(temporaryPath, "w");
    try {
      await handle.writeFile(text, "utf8");
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The operating system's error code, if `error` has one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** True if an error, of Node or of an engine that passes the system's message on, says that the disk or quota is full. */
export function isDiskFull(error: unknown): boolean {
  const errno = errnoOf(error);
  if (errno === "ENOSPC" || errno === "EDQUOT") return true;
  return error instanceof Error && /no space left on device|disk quota exceeded/iu.test(error.message);
}

/** The error a full disk becomes: exit code 3, the system's own error as its cause. */
export function diskFullError(folder: string, cause: unknown): ExecutorError {
  return new ExecutorError(
    `store ${folder}: the disk is full; nothing was stored and what was stored before is whole; free some space or use a smaller budget`,
    { cause },
  );
}
