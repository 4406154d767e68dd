/**
 * The result store: intermediate results on disk, whole or not there, whatever happens to the process.
 *
 *     objects/SHA-256 of the content     one column group as parquet, or a model
 *     results/SHA-256 of the signature.json     a result's manifest, written last
 *     store.json, lock-…     version; the one writer
 *
 * Files are written under temporary names in the same folder, checksummed, synced and renamed. What has no manifest does not
 * exist; what no manifest names is deleted when a writer opens the store. Reference counts are counted from the manifests.
 */
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { ReuseError, StoreError } from "../../core/errors.ts";
import {
  diskFullError,
  errnoOf,
  hashFile,
  hashText,
  isDiskFull,
  syncPath,
  temporaryPrefix,
  writeTextDurably,
} from "./durable-files.ts";
import { type Manifest, manifestText, type ResultMeta, type StoredObject } from "./manifest.ts";
import { loadManifests, openingError, prepareFolder, type StoreState } from "./open-folder.ts";
import type { FoundResult, PutOptions, PutOutcome, ResultPart, StoredEntry, StoreOptions } from "./store-types.ts";
import { acquireWriterLock, type WriterLock } from "./writer-lock.ts";

export type { FoundResult, PutOptions, PutOutcome, ResultPart, StoredEntry, StoreOptions } from "./store-types.ts";

/**
 * Opens a store folder, making it if need be. A writer deletes temporary files, objects without a manifest, and manifests whose
 * objects are missing or of another size (with a warning).
 *
 * @throws {StoreError} when another live process writes to it, when a newer version wrote it, when the folder holds other things
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<ResultStore> {
  const warn = options.onWarning ?? ((message: string) => void process.stderr.write(`${message}\n`));
  const isReader = options.readOnly === true;
  const budgetBytes = options.budgetBytes ?? Number.POSITIVE_INFINITY;
  let lock: WriterLock | undefined;
  try {
    await prepareFolder(folder, isReader);
    if (!isReader) lock = await acquireWriterLock(folder);
    const state = await loadManifests(folder, isReader, warn);
    const store = new ResultStore(folder, state, lock, budgetBytes, warn);
    if (!isReader) await dropNewestOverBudget(store, warn);
    return store;
  } catch (error) {
    lock?.release();
    throw openingError(folder, isReader, error);
  }
}

async function dropNewestOverBudget(store: ResultStore, warn: (message: string) => void): Promise<void> {
  for (const { signature } of store.entries().toReversed()) {
    if (store.usedBytes <= store.budgetBytes) return;
    const { freedBytes } = await store.delete(signature);
    warn(
      `store ${store.folder}: dropped result ${shortened(signature)} (${freedBytes} B) to keep the budget of ${store.budgetBytes} B`,
    );
  }
}

/** An open store. Changes run one after the other; looking is possible meanwhile. */
export class ResultStore {
  readonly folder: string;
  readonly budgetBytes: number;
  readonly #state: StoreState;
  readonly #lock: WriterLock | undefined;
  readonly #warn: (message: string) => void;
  /** Objects whose content was seen to match their name by this process. */
  readonly #verified = new Set<string>();
  #temporaryCount = 0;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  /** Use {@link openStore}. */
  constructor(
    folder: string,
    state: StoreState,
    lock: WriterLock | undefined,
    budgetBytes: number,
    warn: (message: string) => void,
  ) {
    this.folder = folder;
    this.budgetBytes = budgetBytes;
    this.#state = state;
    this.#lock = lock;
    this.#warn = warn;
  }

  /** Bytes of all files under `objects`, temporary ones excepted. */
  get usedBytes(): number {
    return this.#state.usedBytes;
  }

  /** True if a result is stored under this signature; its files are not checked. */
  has(key: string): boolean {
    return this.#state.manifests.has(key);
  }

  /** What is stored under a signature; its files are not checked. O(its objects). */
  entry(key: string): StoredEntry | undefined {
    const manifest = this.#state.manifests.get(key);
    return manifest === undefined ? undefined : entryOf(manifest);
  }

  /** Stored results in the order they were written. */
  entries(): readonly StoredEntry[] {
    const all = [...this.#state.manifests.values()];
    all.sort((a, b) => a.sequence - b.sequence);
    return all.map(entryOf);
  }

  /**
   * Stores a result atomically under its signature; one stored under it before is replaced.
   *
   * @throws {ExecutorError} when the disk is full; whatever a part's `write` throws. Nothing is left behind then.
   */
  put(key: string, parts: readonly ResultPart[], meta: ResultMeta = {}, options: PutOptions = {}): Promise<PutOutcome> {
    return this.#inTurn("put", () => this.#put(key, parts, meta, options));
  }

  /**
   * Finds a result. Its objects' checksums are compared the first time this process uses them (what it wrote itself was
   * compared then); a result with a damaged one is dropped with a warning and is absent.
   */
  get(key: string): Promise<FoundResult | undefined> {
    this.#mustBeOpen("get");
    return this.#lock === undefined ? this.#get(key) : this.#inTurn("get", () => this.#get(key));
  }

  /** Deletes a result and those of its objects that no other result has; 0 if there is none. */
  delete(key: string): Promise<{ readonly freedBytes: number }> {
    return this.#inTurn("delete", async () => ({ freedBytes: await this.#delete(key) }));
  }

  /** Adds to or replaces fields of a stored result's meta, for example an observed `loadUs`; does nothing if it is absent. */
  update(key: string, meta: ResultMeta): Promise<void> {
    return this.#inTurn("update", async () => {
      const old = this.#state.manifests.get(key);
      if (old !== undefined) await this.#writeManifest({ ...old, meta: { ...old.meta, ...meta } });
    });
  }

  /** Waits for what is running and gives the lock back. Harmless when repeated. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last.catch(() => undefined);
    this.#lock?.release();
  }

  async #put(key: string, parts: readonly ResultPart[], meta: ResultMeta, options: PutOptions): Promise<PutOutcome> {
    const startUs = systemClock.nowUs();
    const names = new Set(parts.map(({ name }) => name));
    if (parts.length === 0 || names.size !== parts.length)
      throw new StoreError(
        `store: result ${shortened(key)} has ${parts.length} parts with ${names.size} names; expected at least one part, each with its own name`,
      );
    const fresh = new Map<string, { readonly path: string; readonly bytes: number }>();
    const renamed: string[] = [];
    try {
      const objects: StoredObject[] = [];
      for (const part of parts) objects.push(await this.#partObject(part, fresh));
      let bytes = 0;
      for (const file of fresh.values()) bytes += file.bytes;
      const elapsedUs = (): number => Math.round(systemClock.nowUs() - startUs);
      if (bytes > Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, this.budgetBytes - this.usedBytes)) {
        await removeAll(fresh.values());
        return { bytes, isStored: false, writeUs: elapsedUs() };
      }
      for (const [id, { path }] of fresh) {
        await rename(path, this.#objectPath(id));
        renamed.push(id);
      }
      if (fresh.size > 0) await syncPath(join(this.folder, "objects"));
      const old = this.#state.manifests.get(key);
      await this.#writeManifest({
        signature: key,
        objects,
        sequence: this.#state.nextSequence++,
        meta: { writeUs: elapsedUs(), ...meta },
      });
      for (const { id, bytes } of objects) this.#state.addObject(id, bytes);
      for (const id of fresh.keys()) this.#verified.add(id);
      if (old !== undefined) await this.#dropReferences(old);
      return { bytes, isStored: true, writeUs: elapsedUs() };
    } catch (error) {
      await removeAll(fresh.values());
      for (const id of renamed) if (!this.#state.objects.has(id)) await rm(this.#objectPath(id), { force: true });
      throw this.#translated(error);
    }
  }

  /** Makes a part's object: known content as it is; else a synced temporary file, entered in `fresh` unless its content is known. */
  async #partObject(part: ResultPart, fresh: Map<string, { path: string; bytes: number }>): Promise<StoredObject> {
    if (!("write" in part)) {
      const known = this.#state.objects.get(part.object);
      if (known === undefined)
        throw new StoreError(
          `store: part "${part.name}": object ${part.object} is not stored; write its content instead`,
        );
      return { name: part.name, id: part.object, bytes: known.bytes };
    }
    const path = join(this.folder, "objects", `${temporaryPrefix}${process.pid}-${this.#temporaryCount++}`);
    try {
      await part.write(path);
      // Both read what is written and wait for different things: the device, and the processor.
      const [id] = await Promise.all([hashFile(path), syncPath(path)]);
      const { size: bytes } = await stat(path);
      // An object that was damaged on disk since must not lend its name to this content: compare before sharing.
      const known = this.#state.objects.get(id);
      if (fresh.has(id) || (known !== undefined && (await this.#matches(id)))) await rm(path);
      else if (known === undefined) fresh.set(id, { path, bytes });
      else await rename(path, this.#objectPath(id));
      return { name: part.name, id, bytes };
    } catch (error) {
      await rm(path, { force: true, recursive: true }).catch(() => undefined);
      throw error;
    }
  }

  async #get(key: string): Promise<FoundResult | undefined> {
    const manifest = this.#state.manifests.get(key);
    if (manifest === undefined) return undefined;
    const paths = new Map<string, string>();
    for (const { name, id } of manifest.objects) {
      if (!(await this.#matches(id))) {
        this.#warn(
          `store ${this.folder}: result ${shortened(key)} is damaged (object ${id.slice(0, 12)}… does not match its checksum) and was dropped; it will be recomputed`,
        );
        if (this.#lock === undefined) this.#state.manifests.delete(key);
        else await this.#delete(key);
        return undefined;
      }
      paths.set(name, this.#objectPath(id));
    }
    return { ...entryOf(manifest), paths };
  }

  async #matches(id: string): Promise<boolean> {
    if (this.#verified.has(id)) return true;
    try {
      if ((await hashFile(this.#objectPath(id))) !== id) return false;
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return false;
      throw error;
    }
    this.#verified.add(id);
    return true;
  }

  async #delete(key: string): Promise<number> {
    const manifest = this.#state.manifests.get(key);
    if (manifest === undefined) return 0;
    await rm(this.#manifestPath(key), { force: true });
    this.#state.manifests.delete(key);
    return this.#dropReferences(manifest);
  }

  async #dropReferences(manifest: Manifest): Promise<number> {
    let freed = 0;
    for (const { id, bytes } of manifest.objects)
      if (this.#state.dropObject(id)) {
        this.#verified.delete(id);
        await rm(this.#objectPath(id), { force: true });
        freed += bytes;
      }
    return freed;
  }

  async #writeManifest(manifest: Manifest): Promise<void> {
    const temporary = join(this.folder, "results", `${temporaryPrefix}${process.pid}`);
    try {
      await writeTextDurably(temporary, this.#manifestPath(manifest.signature), manifestText(manifest));
      await syncPath(join(this.folder, "results"));
    } catch (error) {
      throw this.#translated(error);
    }
    this.#state.manifests.set(manifest.signature, manifest);
  }

  #objectPath(id: string): string {
    return join(this.folder, "objects", id);
  }

  #manifestPath(key: string): string {
    return join(this.folder, "results", `${hashText(key)}.json`);
  }

  #translated(error: unknown): unknown {
    return isDiskFull(error) && !(error instanceof ReuseError && error.cause !== undefined)
      ? diskFullError(this.folder, error)
      : error;
  }

  #mustBeOpen(what: string): void {
    if (this.#isClosed) throw new StoreError(`store ${this.folder}: ${what} after close; open it again`);
  }

  /** Runs one change after all before it, whether those failed or not. */
  async #inTurn<T>(what: string, act: () => Promise<T>): Promise<T> {
    this.#mustBeOpen(what);
    if (this.#lock === undefined)
      throw new StoreError(`store ${this.folder}: ${what} on a store opened read-only; open it for writing`);
    const turn = this.#last.then(act, act);
    this.#last = turn;
    return turn;
  }
}

function entryOf({ signature, objects, meta }: Manifest): StoredEntry {
  const seen = new Set<string>();
  let total = 0;
  for (const { id, bytes } of objects) {
    if (!seen.has(id)) total += bytes;
    seen.add(id);
  }
  return { signature, objects, bytes: total, meta };
}

async function removeAll(files: Iterable<{ readonly path: string }>): Promise<void> {
  for (const { path } of files) await rm(path, { force: true }).catch(() => undefined);
}

function shortened(signature: string): string {
  return signature.length > 24 ? `${signature.slice(0, 24)}…` : signature;
}
