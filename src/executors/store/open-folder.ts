import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";
import { ReuseError, StoreError } from "../../core/errors.ts";
import { diskFullError, errnoOf, hashText, isDiskFull, temporaryPrefix, writeTextDurably } from "./durable-files.ts";
import { isObjectId, isRecord, type Manifest, parseManifest, storeVersion } from "./manifest.ts";
import { lockPattern } from "./writer-lock.ts";

/** What an open store knows: manifests by signature, and objects with how often they are referred to. */
export class StoreState {
  readonly manifests = new Map<string, Manifest>();
  readonly objects = new Map<string, { readonly bytes: number; references: number }>();
  nextSequence = 0;
  usedBytes = 0;

  /** Counts one more reference to an object. */
  addObject(id: string, bytes: number): void {
    const known = this.objects.get(id);
    if (known !== undefined) {
      known.references++;
      return;
    }
    this.objects.set(id, { bytes, references: 1 });
    this.usedBytes += bytes;
  }

  /** Counts one reference less; @returns true if that was the last, so that the file may go. */
  dropObject(id: string): boolean {
    const known = this.objects.get(id);
    if (known === undefined || --known.references > 0) return false;
    this.objects.delete(id);
    this.usedBytes -= known.bytes;
    return true;
  }
}

/**
 * Checks that a folder is a store of a version we know; a writer makes it where there is none.
 *
 * @throws {StoreError}
 */
export async function prepareFolder(folder: string, isReader: boolean): Promise<void> {
  const versionPath = join(folder, "store.json");
  const found = await readVersion(versionPath);
  if (found !== undefined) {
    if (found > storeVersion)
      throw new StoreError(
        `store ${folder}: has format version ${found}; this program knows up to ${storeVersion}: update reuselab or use another folder`,
      );
    if (found === storeVersion) {
      if (!isReader) for (const name of ["objects", "results"]) makeFolder(join(folder, name));
      return;
    }
  }
  if (isReader) throw new StoreError(`store ${folder}: is not a store; expected a folder that a run wrote`);
  makeFolder(folder);
  const foreign = (await readdir(folder)).find((name) => !isOurs(name));
  if (foreign !== undefined)
    throw new StoreError(
      `store ${folder}: holds "${foreign}", which no store has; expected a store or an empty folder`,
    );
  for (const name of ["objects", "results"]) makeFolder(join(folder, name));
  await writeTextDurably(
    join(folder, `${temporaryPrefix}store-${process.pid}`),
    versionPath,
    `${JSON.stringify({ format: "reuselab.store", version: storeVersion })}\n`,
  );
}

/** An operating system's error while opening, as one that says what to do; others as they are. */
export function openingError(folder: string, isReader: boolean, error: unknown): unknown {
  if (error instanceof ReuseError) return error;
  if (isDiskFull(error)) return diskFullError(folder, error);
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  return new StoreError(
    `store ${folder}: cannot be opened (${errno}); expected a folder that can be read${isReader ? "" : " and written"}`,
    { cause: error },
  );
}

function isOurs(name: string): boolean {
  return (
    ["objects", "results", "store.json"].includes(name) || name.startsWith(temporaryPrefix) || lockPattern.test(name)
  );
}

/** @returns the version in `store.json`; undefined where there is none or it says nothing */
async function readVersion(path: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const raw: unknown = JSON.parse(text);
    if (isRecord(raw) && raw["format"] === "reuselab.store" && typeof raw["version"] === "number")
      return raw["version"];
  } catch {
    // said below
  }
  throw new StoreError(
    `store file ${path}: is no store's version file; expected {"format":"reuselab.store","version":${storeVersion}}`,
  );
}

/**
 * Reads every manifest and looks at every object. A writer also deletes what does not belong: temporary files, damaged manifests,
 * manifests with a missing object, objects without a manifest. O(files).
 *
 * @throws {StoreError} when a manifest was written by a newer version
 */
export async function loadManifests(
  folder: string,
  isReader: boolean,
  warn: (message: string) => void,
): Promise<StoreState> {
  const state = new StoreState();
  const sizes = await objectSizes(folder, isReader);
  for (const name of await readdir(join(folder, "results"))) {
    const path = join(folder, "results", name);
    if (name.startsWith(temporaryPrefix)) {
      if (!isReader) await rm(path, { force: true });
      continue;
    }
    const text = await readIfThere(path);
    if (text === undefined || !name.endsWith(".json")) continue;
    const parsed = parseManifest(text);
    if (typeof parsed === "object" && "newer" in parsed)
      throw new StoreError(
        `store ${folder}: manifest ${name} has version ${parsed.newer}; this program knows up to 1: update reuselab or use another folder`,
      );
    const problem = typeof parsed === "string" ? parsed : manifestProblem(parsed, name, sizes);
    if (problem !== undefined || typeof parsed === "string") {
      if (isReader) continue;
      warn(`store ${folder}: manifest ${name} ${problem ?? ""}; its result was dropped and will be recomputed`);
      await rm(path, { force: true });
      continue;
    }
    state.manifests.set(parsed.signature, parsed);
    state.nextSequence = Math.max(state.nextSequence, parsed.sequence + 1);
    for (const { id, bytes } of parsed.objects) state.addObject(id, bytes);
  }
  if (!isReader) {
    for (const id of sizes.keys()) if (!state.objects.has(id)) await rm(join(folder, "objects", id), { force: true });
    for (const name of await readdir(folder))
      if (name.startsWith(temporaryPrefix)) await rm(join(folder, name), { force: true });
  }
  return state;
}

function manifestProblem(manifest: Manifest, name: string, sizes: ReadonlyMap<string, number>): string | undefined {
  if (`${hashText(manifest.signature)}.json` !== name) return "is not named after its signature";
  for (const { id, bytes } of manifest.objects) {
    const size = sizes.get(id);
    if (size === undefined) return `names object ${id.slice(0, 12)}…, which is missing`;
    if (size !== bytes) return `names object ${id.slice(0, 12)}… of ${bytes} B, which has ${size} B`;
  }
  return undefined;
}

/** Sizes of the objects by id; a writer deletes temporary files on the way. */
async function objectSizes(folder: string, isReader: boolean): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const name of await readdir(join(folder, "objects"))) {
    const path = join(folder, "objects", name);
    if (name.startsWith(temporaryPrefix) && !isReader) await rm(path, { force: true, recursive: true });
    if (!isObjectId(name)) continue;
    try {
      sizes.set(name, (await stat(path)).size);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
  return sizes;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
