import type { ColumnBytes, TraceNode } from "../../core/iteration.ts";

/** What an engine that stores each column once expects of columns it has not stored yet. */
export interface ColumnExpectations {
  /** Share of its memory that a column is expected to take before one of its type was stored. */
  readonly usualCompression: number;
  /** Bytes of a column's file beyond its values. */
  readonly fileOverheadBytes: number;
}

interface StoredColumn {
  readonly bytes: number;
  references: number;
}

/**
 * Columns of results on the virtual clock, as an engine knows them: stored ones by their bytes, others by their memory and the
 * compression last seen of their type. Columns recorded without memory or type are known beforehand.
 */
export class PredictedColumns {
  readonly #expectations: ColumnExpectations;
  readonly #stored = new Map<string, StoredColumn>();
  /** Columns by key of the stored result. */
  readonly #results = new Map<string, readonly ColumnBytes[]>();
  readonly #ratios = new Map<string, number>();

  constructor(expectations: ColumnExpectations) {
    this.#expectations = expectations;
  }

  /** Distinct columns of a result with the bytes they have or are expected to have on storage. */
  in(node: TraceNode): readonly ColumnBytes[] {
    return filesOf(node).map((column) => ({ id: column.id, bytes: this.#known(column) ?? this.#expected(column) }));
  }

  /** Stores a result's columns; @returns the bytes of all of them on storage, and files and bytes of those that were not there */
  add(key: string, node: TraceNode): { readonly bytes: number; readonly newFiles: number; readonly newBytes: number } {
    this.remove(key);
    const columns = filesOf(node).map((column) => ({
      ...column,
      bytes: this.#known(column) ?? this.#fileBytes(column),
    }));
    const fresh = columns.filter(({ id }) => !this.#stored.has(id));
    this.#results.set(key, columns);
    for (const { id, bytes, memoryBytes = 0, type } of columns) {
      const stored = this.#stored.get(id);
      if (stored === undefined) this.#stored.set(id, { bytes, references: 1 });
      else stored.references++;
      if (type !== undefined && memoryBytes > 0)
        this.#ratios.set(type, Math.max(0, bytes - this.#expectations.fileOverheadBytes) / memoryBytes);
    }
    return { bytes: bytesOf(columns), newFiles: fresh.length, newBytes: bytesOf(fresh) };
  }

  /** Columns of a stored result with the bytes they have. */
  of(key: string): readonly ColumnBytes[] | undefined {
    return this.#results.get(key)?.map(({ id, bytes }) => ({ id, bytes }));
  }

  /** Deletes a result; columns that no other one has go with it. */
  remove(key: string): void {
    for (const { id } of this.#results.get(key) ?? []) {
      const stored = this.#stored.get(id);
      if (stored !== undefined && --stored.references === 0) this.#stored.delete(id);
    }
    this.#results.delete(key);
  }

  #known({ id }: ColumnBytes): number | undefined {
    return this.#stored.get(id)?.bytes;
  }

  #fileBytes({ bytes, type }: ColumnBytes): number {
    return type === undefined ? bytes : bytes + this.#expectations.fileOverheadBytes;
  }

  #expected(column: ColumnBytes): number {
    const { memoryBytes, type } = column;
    if (memoryBytes === undefined || type === undefined) return column.bytes;
    const { usualCompression, fileOverheadBytes } = this.#expectations;
    return fileOverheadBytes + Math.ceil(memoryBytes * (this.#ratios.get(type) ?? usualCompression));
  }
}

/** Files a result consists of, each once: its columns, or itself if it has none. */
function filesOf({ columns, signature, sizeBytes }: TraceNode): readonly ColumnBytes[] {
  if (columns === undefined) return [{ id: signature, bytes: sizeBytes }];
  return [...new Map(columns.map((column) => [column.id, column])).values()];
}

function bytesOf(columns: readonly ColumnBytes[]): number {
  return columns.reduce((sum, { bytes }) => sum + bytes, 0);
}
