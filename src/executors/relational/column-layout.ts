/**
 * Relations stored column by column, each column once: an object of the store per column id, which all results that have the
 * column refer to. Models and metrics are one object each, found by their content.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §5.3 (columns by id with reference counts).
 */
import { ExecutorError } from "../../core/errors.ts";
import type { ColumnBytes, IterationNode } from "../../core/iteration.ts";
import { hashText } from "../store/durable-files.ts";
import type { ResultPart, ResultStore, StoredEntry } from "../store/result-store.ts";
import type { ColumnIds } from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import { usualCompression } from "./engine.ts";
import { encodeModel } from "./model-file.ts";
import type { ColumnShape, Payload, RelationPayload } from "./shape.ts";

/** A column of a relation that is to be written: its logical name, and the id its file carries. */
export interface ColumnToWrite {
  readonly name: string;
  readonly id: string;
}

/** Bytes of a column's file beyond its values. */
export const fileOverheadBytes = 400;

interface StoredColumn {
  readonly object: string;
  readonly bytes: number;
  /** Rows of the result that wrote it. */
  readonly rows: number;
  references: number;
}

/** What a store holds column by column, and what results would add to it. */
export class ColumnLayout {
  readonly #store: ResultStore;
  readonly #ids: ColumnIds;
  readonly #dialect: Dialect;
  /** Bytes on storage ÷ bytes in memory of the column last written, by engine type. */
  readonly #ratios = new Map<string, number>();
  #stored: Map<string, StoredColumn> | undefined;

  constructor(store: ResultStore, ids: ColumnIds, dialect: Dialect) {
    this.#store = store;
    this.#ids = ids;
    this.#dialect = dialect;
  }

  /** Distinct columns of a result: exact bytes of what is stored, expected ones of the rest. */
  columns(node: IterationNode, payload: Payload): readonly ColumnBytes[] {
    if (payload.kind !== "relation") return [contentColumn(payload)];
    const stored = this.#columns();
    const { shape, rows } = payload;
    const found = new Map<string, ColumnBytes>();
    const ids = this.#ids.of(node, shape);
    for (const [i, column] of [...shape.keys, ...shape.columns].entries()) {
      const id = ids[i] ?? "";
      found.set(id, { id, bytes: stored.get(id)?.bytes ?? this.#expectedBytes(column, rows) });
    }
    return [...found.values()];
  }

  /**
   * What a put needs to store a result: its files, those of stored columns by reference, and its columns' ids in the order of
   * its shape.
   *
   * @throws {ExecutorError} when a stored column of another number of rows has the id of one of these
   */
  parts(
    node: IterationNode,
    payload: Payload,
    write: { readonly column: (column: ColumnToWrite, path: string) => Promise<void>; readonly whole?: ResultPart },
  ): { readonly parts: readonly ResultPart[]; readonly columns: readonly string[] } {
    if (payload.kind !== "relation") {
      const { id } = contentColumn(payload);
      const known = this.#columns().get(id);
      if (known !== undefined) return { parts: [{ name: id, object: known.object }], columns: [id] };
      return { parts: write.whole === undefined ? [] : [{ ...write.whole, name: id }], columns: [id] };
    }
    const { shape } = payload;
    const columns = this.#ids.of(node, shape);
    const parts = new Map<string, ResultPart>();
    for (const [i, { name }] of [...shape.keys, ...shape.columns].entries()) {
      const id = columns[i] ?? "";
      if (!parts.has(id)) parts.set(id, this.#part(node, payload, { name, id }, write.column));
    }
    return { parts: [...parts.values()], columns };
  }

  /** Takes note of a result that was just stored. */
  added(key: string, payload: Payload): void {
    const entry = this.#store.entry(key);
    if (entry === undefined || this.#stored === undefined) return;
    count(this.#stored, entry);
    if (payload.kind !== "relation") return;
    const ids = columnsOfEntry(entry) ?? [];
    for (const [i, column] of [...payload.shape.keys, ...payload.shape.columns].entries()) {
      const bytes = this.#stored.get(ids[i] ?? "")?.bytes ?? 0;
      const memoryBytes = this.#memoryBytes(column, payload.rows);
      if (memoryBytes > 0) this.#ratios.set(column.sqlType, Math.max(0, bytes - fileOverheadBytes) / memoryBytes);
    }
  }

  /** Takes note that a result is about to be deleted. */
  removing(key: string): void {
    const entry = this.#store.entry(key);
    if (entry === undefined || this.#stored === undefined || columnsOfEntry(entry) === undefined) return;
    for (const { name } of entry.objects) {
      const column = this.#stored.get(name);
      if (column !== undefined && --column.references === 0) this.#stored.delete(name);
    }
  }

  /** Takes note that the store dropped something by itself. */
  forget(): void {
    this.#stored = undefined;
  }

  #part(
    node: IterationNode,
    { rows }: RelationPayload,
    column: ColumnToWrite,
    write: (column: ColumnToWrite, path: string) => Promise<void>,
  ): ResultPart {
    const { name, id } = column;
    const known = this.#columns().get(id);
    if (known === undefined) return { name: id, write: (path) => write(column, path) };
    if (known.rows !== rows)
      throw new ExecutorError(
        `store ${this.#store.folder}: column "${name}" of node "${node.id}" has ${rows} rows, but the stored column of its id ${id} has ${known.rows}; one id is one content, so the ids collide: use another store folder`,
      );
    return { name: id, object: known.object };
  }

  #columns(): Map<string, StoredColumn> {
    if (this.#stored !== undefined) return this.#stored;
    const stored = new Map<string, StoredColumn>();
    for (const entry of this.#store.entries()) count(stored, entry);
    this.#stored = stored;
    return stored;
  }

  #expectedBytes(column: ColumnShape, rows: number): number {
    const ratio = this.#ratios.get(column.sqlType) ?? usualCompression;
    return fileOverheadBytes + Math.ceil(this.#memoryBytes(column, rows) * ratio);
  }

  #memoryBytes({ sqlType }: ColumnShape, rows: number): number {
    return rows * this.#dialect.widthBytes(sqlType);
  }
}

/** Ids of a stored result's columns in the order of its shape; undefined for one that was stored whole. */
export function columnsOfEntry({ meta }: StoredEntry): readonly string[] | undefined {
  return meta["columns"] as readonly string[] | undefined;
}

function count(stored: Map<string, StoredColumn>, entry: StoredEntry): void {
  if (columnsOfEntry(entry) === undefined) return;
  for (const { name, id, bytes } of entry.objects) {
    const known = stored.get(name);
    if (known === undefined) stored.set(name, { object: id, bytes, rows: Number(entry.meta.rows), references: 1 });
    else known.references++;
  }
}

function contentColumn(payload: Exclude<Payload, RelationPayload>): ColumnBytes {
  const text = encodeModel(payload);
  return { id: hashText(text).slice(0, 32), bytes: Buffer.byteLength(text) };
}
