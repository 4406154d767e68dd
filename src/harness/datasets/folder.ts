import { createHash, randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../executors/store/make-folder.ts";
import { DataFormatError } from "../../core/errors.ts";
import { canonicalJson, sha256Hex } from "../../core/signature.ts";
import type { DatasetFile, FileContent } from "./dataset.ts";

/** What is known of a file on disk. */
export interface StoredFile extends DatasetFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** `dataset.json` beside the files of a generated or scaled copy, written with them. */
export interface FolderManifest {
  readonly format: "reuselab.dataset";
  readonly version: 1;
  readonly dataset: string;
  readonly title: string;
  readonly rows: number;
  readonly files: readonly StoredFile[];
}

/** Folder for generated and downloaded data: `REUSELAB_CACHE`, else `XDG_CACHE_HOME/reuselab`, else `~/.cache/reuselab`. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env["REUSELAB_CACHE"];
  if (own !== undefined && own !== "") return own;
  const shared = env["XDG_CACHE_HOME"];
  return join(shared !== undefined && shared !== "" ? shared : join(homedir(), ".cache"), "reuselab");
}

/** Hash of a data set's content: its files' hashes and splits, never names or paths. */
export function fingerprintOf(files: readonly StoredFile[]): string {
  return sha256Hex(canonicalJson(files.map(({ split, sha256 }) => ({ split, sha256 }))));
}

/** SHA-256 of text or bytes, hexadecimal. */
export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Reads a UTF-8 text file whole. @throws {DataFormatError} for other bytes, or a file that is too large to hold */
export async function readText(path: string): Promise<{ readonly text: string; readonly bytes: Uint8Array }> {
  const { size } = await stat(path);
  if (size > 0x1fff_ffe8)
    throw new DataFormatError(
      { file: path },
      `has ${size} bytes; expected a file of at most 512 MiB; scale a smaller one`,
    );
  const bytes = await readFile(path);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), bytes };
  } catch (cause) {
    const error = new DataFormatError({ file: path }, "is not UTF-8 text; expected a plain text file");
    error.cause = cause;
    throw error;
  }
}

/** The manifest of a folder whose files are there in full, undefined if it has none. */
export async function readManifest(folder: string): Promise<FolderManifest | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, "dataset.json"), "utf8"));
    if (!isManifest(parsed)) return undefined;
    for (const { name, bytes } of parsed.files) if ((await stat(join(folder, name))).size !== bytes) return undefined;
    return parsed;
  } catch {
    return undefined; // absent, cut or foreign: made anew
  }
}

function isManifest(value: unknown): value is FolderManifest {
  const manifest = value as { readonly format?: unknown; readonly version?: unknown } | null;
  return manifest?.format === "reuselab.dataset" && manifest.version === 1;
}

/** What writing a folder needs to know. */
export interface FolderPlan {
  readonly dataset: string;
  readonly title: string;
  readonly rows: number;
  readonly files: readonly DatasetFile[];
  readonly contents: readonly FileContent[];
  /** The folder's name says what is in it: whole content found there, put by another process meanwhile, is kept. */
  readonly isShared: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Writes files and their manifest into a new folder beside the final one and renames it: the folder is there in full or not at
 * all. Files of these names in an existing folder are replaced one by one, the manifest last.
 */
export async function writeFolder(folder: string, plan: FolderPlan): Promise<FolderManifest> {
  const temporary = `${folder}.tmp-${process.pid}-${randomUUID().slice(0, 8)}`;
  makeFolder(temporary);
  try {
    const files: StoredFile[] = [];
    for (const { name, split } of plan.files) {
      const content = plan.contents.find((candidate) => candidate.name === name);
      files.push({ name, split, ...(await writeChunks(join(temporary, name), content?.chunks ?? [], plan)) });
    }
    const { dataset, title, rows } = plan;
    const manifest: FolderManifest = { format: "reuselab.dataset", version: 1, dataset, title, rows, files };
    await writeChunks(join(temporary, "dataset.json"), [`${JSON.stringify(manifest, null, 2)}\n`], {});
    return await moveInPlace(temporary, folder, manifest, plan.isShared);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function moveInPlace(
  temporary: string,
  folder: string,
  manifest: FolderManifest,
  isShared: boolean,
): Promise<FolderManifest> {
  try {
    await rename(temporary, folder);
    return manifest;
  } catch {
    const winner = isShared ? await readManifest(folder) : undefined;
    if (winner === undefined) {
      await rm(join(folder, "dataset.json"), { force: true });
      for (const { name } of manifest.files) await rename(join(temporary, name), join(folder, name));
      await rename(join(temporary, "dataset.json"), join(folder, "dataset.json"));
    }
    await rm(temporary, { recursive: true, force: true });
    return winner ?? manifest;
  }
}

async function writeChunks(
  path: string,
  chunks: Iterable<string>,
  { signal, onBytes }: Pick<FolderPlan, "signal" | "onBytes">,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  const file = await open(path, "wx");
  let bytes = 0;
  try {
    for (const chunk of chunks) {
      signal?.throwIfAborted();
      const data = Buffer.from(chunk, "utf8");
      hash.update(data);
      await file.writeFile(data);
      bytes += data.byteLength;
      onBytes?.(data.byteLength);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}
