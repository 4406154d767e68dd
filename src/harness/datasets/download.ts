import { createHash, randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import { DownloadError, UsageError } from "../../core/errors.ts";
import type { RemoteFile } from "./dataset.ts";
import { cacheFolder, sha256OfBytes } from "./folder.ts";
import { datasetById } from "./index.ts";

/** Nothing received for this long ends a download. */
const stallMs = 60_000;

/** How to download a data set's original. */
export interface DownloadOptions {
  /** Where the files go; default a folder of the cache. */
  readonly folder?: string;
  /** Replaces the data set's own address. */
  readonly baseUrl?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number, totalBytes: number, file: string) => void;
}

/** What is on disk after a download. */
export interface Downloaded {
  readonly dataset: string;
  /** To be named as `--data`. */
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly was: "downloaded" | "present" }[];
}

/**
 * Downloads the original files of a data set and checks each against its known SHA-256. A file is there in full and right, or not
 * at all; one that is already there and right is left alone.
 *
 * @throws {UsageError} for a data set without an address, or an address that is none
 * @throws {DownloadError} for an unreachable server, an HTTP error, a cut connection or other content than expected
 */
export async function downloadDataset(id: string, options: DownloadOptions = {}): Promise<Downloaded> {
  const { remote } = datasetById(id);
  if (remote === undefined)
    throw new UsageError(
      `data set "${id}": has no address to download from; generate it, or give a folder with --data`,
    );
  const env = options.env ?? {};
  const base = options.baseUrl ?? env[remote.baseUrlVariable] ?? remote.baseUrl;
  const folder = resolve(options.folder ?? join(cacheFolder(env), `${id}-original`));
  const totalBytes = remote.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const addresses = remote.files.map((file) => addressOf(base, file.name));
  makeFolder(folder);
  const files: Downloaded["files"][number][] = [];
  let before = 0;
  for (const [i, file] of remote.files.entries()) {
    const path = join(folder, file.name);
    const isPresent = await hasContent(path, file);
    if (!isPresent)
      await download(addresses[i] as URL, path, file, options.signal, (bytes) =>
        options.onProgress?.(before + bytes, totalBytes, file.name),
      );
    before += file.bytes;
    files.push({ name: file.name, bytes: file.bytes, was: isPresent ? "present" : "downloaded" });
  }
  return { dataset: id, folder, files };
}

function addressOf(base: string, name: string): URL {
  const address = URL.canParse(base) ? new URL(name, base.endsWith("/") ? base : `${base}/`) : undefined;
  if (address === undefined || !/^https?:$/u.test(address.protocol))
    throw new UsageError(`address "${base}": is no http or https address; expected the folder that holds ${name}`);
  return address;
}

async function hasContent(path: string, { sha256 }: RemoteFile): Promise<boolean> {
  try {
    return sha256OfBytes(await readFile(path)) === sha256;
  } catch {
    return false; // absent or unreadable: fetched anew, and writing it will say what is wrong
  }
}

async function download(
  address: URL,
  path: string,
  expected: RemoteFile,
  signal: AbortSignal | undefined,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const partial = `${path}.part-${process.pid}-${randomUUID().slice(0, 8)}`;
  const stall = new AbortController();
  const abort = signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]);
  let timer = setTimeout(() => stall.abort(), stallMs);
  const file = await open(partial, "wx");
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of bodyOf(address, abort)) {
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(), stallMs);
      bytes += chunk.byteLength;
      if (bytes > expected.bytes) break;
      hash.update(chunk);
      await file.writeFile(chunk);
      onBytes(bytes);
    }
    if (bytes !== expected.bytes)
      throw new DownloadError(
        `${address.href}: brought ${bytes > expected.bytes ? "more than" : "only"} ${Math.min(bytes, expected.bytes)} bytes; expected ${expected.bytes}; try again, or give a folder with --data`,
      );
    const sha256 = hash.digest("hex");
    if (sha256 !== expected.sha256)
      throw new DownloadError(
        `${address.href}: has SHA-256 ${sha256}; expected ${expected.sha256}; the file at that address is another one; give a folder with --data`,
      );
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    if (stall.signal.aborted)
      throw new DownloadError(`${address.href}: sent nothing for ${stallMs / 1000} s; try again later`, {
        cause: error,
      });
    throw error;
  } finally {
    clearTimeout(timer);
    await file.close().catch(() => {}); // closed already when all went well
    await rm(partial, { force: true });
  }
}

async function* bodyOf(address: URL, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const fail = (what: string, cause?: unknown): DownloadError =>
    new DownloadError(`${address.href}: ${what}; try again, or give a folder with --data`, { cause });
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw fail(`cannot be reached (${reasonOf(error)})`, error);
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw fail(`answered ${response.status} ${response.statusText}; expected 200 and a file`);
  }
  const reader = response.body.getReader();
  try {
    for (;;) {
      const part = await reader.read().catch((error: unknown) => {
        signal.throwIfAborted();
        throw fail(`connection was cut (${reasonOf(error)})`, error);
      });
      if (part.done) return;
      yield part.value as Uint8Array;
    }
  } finally {
    await reader.cancel().catch(() => {}); // a cut connection has nothing left to cancel
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
