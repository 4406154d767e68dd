import type { StorageView, StoredResult } from "../core/materializer.ts";

/** A stored result as the loop keeps it. */
export interface CatalogEntry {
  /** Number of the signature in the run's `TextIndex`. */
  readonly signature: number;
  readonly key: string;
  /** Bytes on storage, fixed when it was written. */
  readonly bytes: number;
  /** Kept outside the budget (sources under `collab` accounting). */
  readonly outside: boolean;
  readonly writtenAt: number;
  computeUs: number;
  loadUs: number;
  loadedAt: number;
  loads: number;
}

/** What is stored, and how much of the budget it takes. */
export class Catalog {
  readonly #entries = new Map<number, CatalogEntry>();
  #usedBytes = 0;

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

  add(entry: CatalogEntry): void {
    this.#entries.set(entry.signature, entry);
    if (!entry.outside) this.#usedBytes += entry.bytes;
  }

  delete(entry: CatalogEntry): void {
    if (this.#entries.delete(entry.signature) && !entry.outside) this.#usedBytes -= entry.bytes;
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
  signatureOf(key: string): number;
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
    return this.#catalog.has(this.#state.signatureOf(key));
  }

  *entries(): IterableIterator<StoredResult> {
    for (const entry of this.#catalog.entries()) {
      if (entry.outside || this.#state.pending.has(entry.signature)) continue;
      const { key, bytes, loadUs, computeUs, writtenAt, loadedAt, loads } = entry;
      yield { signature: key, bytes, loadUs, computeUs, writtenAt, loadedAt, loads };
    }
  }
}
