import type { StorageView, StoredResult } from "../core/materializer.ts";
import { firstSingle, type SignatureNumbers } from "./signature-numbers.ts";

/** Stands for a vertex where there is none. */
export const noVertex = -1;

/** A stored result as the loop keeps it. */
export interface CatalogEntry {
  /** Number of the signature in the run's `SignatureNumbers`. */
  readonly signature: number;
  readonly key: string;
  /** Bytes on storage, fixed when it was written. */
  readonly bytes: number;
  /** Kept outside the budget (sources under `collab` accounting). */
  readonly outside: boolean;
  /** What it consists of, where equal parts are stored once. */
  readonly parts?: StoredParts;
  readonly writtenAt: number;
  /** Its vertex in the experiment graph, {@link noVertex} while that is not known. */
  vertex: number;
  computeUs: number;
  loadUs: number;
  loadedAt: number;
  loads: number;
}

/** Parts of a result that others may have too, by number, and the bytes of each; bytes of what is its own. */
export interface StoredParts {
  readonly ownBytes: number;
  readonly ids: Int32Array;
  readonly bytes: Float64Array;
}

/** What is stored, and how much of the budget it takes. Parts that several entries share count once. */
export class Catalog {
  readonly #numbers: SignatureNumbers;
  readonly #entries = new Map<number, CatalogEntry>();
  /** Entries whose signatures are not remembered, by key. */
  readonly #singles = new Map<string, CatalogEntry>();
  /** Entries that hold a part. */
  readonly #holders = new Map<number, number>();
  #usedBytes = 0;

  constructor(numbers: SignatureNumbers) {
    this.#numbers = numbers;
  }

  /** Bytes of all entries inside the budget. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(signature: number): boolean {
    return this.#entries.has(signature);
  }

  get(signature: number): CatalogEntry | undefined {
    return this.#entries.get(signature);
  }

  /** By signature itself. */
  find(key: string): CatalogEntry | undefined {
    return this.#singles.get(key) ?? this.#entries.get(this.#numbers.find(key));
  }

  add(entry: CatalogEntry): void {
    this.#entries.set(entry.signature, entry);
    if (entry.signature >= firstSingle) this.#singles.set(entry.key, entry);
    if (entry.outside) return;
    this.#usedBytes += this.newBytes(entry.bytes, entry.parts);
    for (const part of entry.parts?.ids ?? []) this.#holders.set(part, (this.#holders.get(part) ?? 0) + 1);
  }

  /** @returns bytes of the budget that are free now: 0 for what was outside it, shared parts excepted */
  delete(entry: CatalogEntry): number {
    if (!this.#drop(entry) || entry.outside) return 0;
    for (const part of entry.parts?.ids ?? []) {
      const holders = this.#holders.get(part)! - 1;
      if (holders === 0) this.#holders.delete(part);
      else this.#holders.set(part, holders);
    }
    const freedBytes = this.newBytes(entry.bytes, entry.parts);
    this.#usedBytes -= freedBytes;
    return freedBytes;
  }

  /** Counts a stored result on without holding anything of it: for one that nobody will ask for again. */
  forget(entry: CatalogEntry): void {
    this.#drop(entry);
  }

  #drop(entry: CatalogEntry): boolean {
    if (entry.signature >= firstSingle) this.#singles.delete(entry.key);
    return this.#entries.delete(entry.signature);
  }

  /** Bytes that a result would add: those of its parts that no entry holds. O(parts). */
  newBytes(bytes: number, parts: StoredParts | undefined): number {
    if (parts === undefined) return bytes;
    let sum = parts.ownBytes;
    for (let k = 0; k < parts.ids.length; k++) if (!this.#holders.has(parts.ids[k]!)) sum += parts.bytes[k]!;
    return sum;
  }

  /** In order of writing. */
  entries(): IterableIterator<CatalogEntry> {
    return this.#entries.values();
  }
}

/** What all views of one run share. */
export interface ViewState {
  iteration: number;
  /** Signatures still to be loaded in the running iteration: they cannot be evicted, so they are not shown. */
  readonly pending: Set<number>;
}

/** The storage as a materializer sees it under a budget (bytes; Infinity = none). */
export class CatalogView implements StorageView {
  readonly #catalog: Catalog;
  readonly #state: ViewState;
  readonly budgetBytes: number;

  constructor(catalog: Catalog, budgetBytes: number, state: ViewState) {
    this.#catalog = catalog;
    this.#state = state;
    this.budgetBytes = budgetBytes;
    Object.freeze(this); // a materializer cannot give itself a larger budget
  }

  get iteration(): number {
    return this.#state.iteration;
  }

  get usedBytes(): number {
    return this.#catalog.usedBytes;
  }

  get freeBytes(): number {
    return this.budgetBytes - this.#catalog.usedBytes;
  }

  has(key: string): boolean {
    return this.#catalog.find(key) !== undefined;
  }

  *entries(): IterableIterator<StoredResult> {
    for (const entry of this.#catalog.entries()) {
      if (entry.outside || this.#state.pending.has(entry.signature)) continue;
      const { key, bytes, loadUs, computeUs, writtenAt, loadedAt, loads } = entry;
      yield { signature: key, bytes, loadUs, computeUs, writtenAt, loadedAt, loads };
    }
  }
}
