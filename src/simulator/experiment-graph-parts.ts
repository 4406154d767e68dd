import { WorkflowError } from "../core/errors.ts";
import type { ColumnBytes } from "../core/iteration.ts";
import { ColumnTable, type ListedColumns } from "./column-table.ts";

/**
 * What vertices consist of on a storage that keeps equal columns once. Columns are numbered 0, 1, 2 … by id; what a vertex
 * has beyond its columns is the part −1 − vertex. On an executor that stores columns for real, bytes are expectations until a
 * column is written, and a result is its columns and nothing else.
 */
export class ColumnParts {
  readonly #table: ColumnTable;
  /** Columns whose bytes nothing has measured yet. */
  readonly #expected = new Set<number>();
  /** Vertices that have nothing beyond their columns. */
  #complete = new Set<number>();
  /** Columns of a vertex; none for a vertex without. */
  #columns = new Map<number, ListedColumns>();
  /** Parts of vertices with columns, of those that were asked for. */
  readonly #parts = new Map<number, Int32Array>();
  /** By column: the last count it was part of. */
  #counted = new Int32Array(64);
  #count = 0;

  /** @param table shared with others over the same columns; only where no bytes are ever expected or measured */
  constructor(table = new ColumnTable()) {
    this.#table = table;
  }

  /** @throws {WorkflowError} when a column id is known, or listed before, with other bytes */
  check(signature: string, columns: readonly ColumnBytes[]): void {
    const table = this.#table;
    if (table.has(columns)) return;
    let listed: Map<string, number> | undefined;
    for (const { id, bytes } of columns) {
      const number = table.numberOf(id);
      if (number === undefined) listed ??= new Map();
      const before = number === undefined ? listed?.get(id) : table.bytes[number];
      if (before !== undefined && before !== bytes)
        throw new WorkflowError(
          `vertex ${signature}: column ${id} has ${bytes} bytes, but ${before} bytes elsewhere; one id is one content, so the ids collide or the sizes are wrong`,
        );
      if (number === undefined) listed?.set(id, bytes);
    }
  }

  /** Takes the columns a vertex will be stored as; expected bytes give way to later ones, known ones stay. */
  expect(vertex: number, columns: readonly ColumnBytes[]): void {
    this.#complete.add(vertex);
    for (const { id, bytes } of columns) {
      const number = this.#table.numberOf(id);
      if (number === undefined) this.#expected.add(this.#table.add(id, bytes));
      else if (this.#expected.has(number)) this.#table.bytes[number] = bytes;
    }
    this.set(vertex, columns);
  }

  /** Takes the bytes of columns as they were stored. */
  measure(vertex: number, columns: readonly ColumnBytes[]): void {
    this.#complete.add(vertex);
    for (const { id, bytes } of columns) {
      const number = this.#table.numberOf(id) ?? this.#table.add(id, bytes);
      this.#expected.delete(number);
      this.#table.bytes[number] = bytes;
    }
    this.set(vertex, columns);
  }

  /** True if the bytes of all columns of a vertex are known. */
  areMeasured(vertex: number): boolean {
    return this.#expected.size === 0 || this.of(vertex).every((part) => !this.#expected.has(part));
  }

  /** Takes the columns of a vertex unless it has some; they have passed {@link check}. O(columns · log). */
  set(vertex: number, columns: readonly ColumnBytes[]): void {
    if (columns.length === 0 || this.#columns.has(vertex)) return;
    this.#columns.set(vertex, this.#table.take(columns));
    this.#parts.delete(vertex);
  }

  /** Keeps some vertices only, under new ids. */
  retain(newIds: ReadonlyMap<number, number>): void {
    const columns = this.#columns;
    const complete = this.#complete;
    this.#columns = new Map();
    this.#complete = new Set();
    this.#parts.clear();
    for (const [before, now] of newIds) {
      const own = columns.get(before);
      if (own !== undefined) this.#columns.set(now, own);
      if (complete.has(before)) this.#complete.add(now);
    }
  }

  /** Columns of a vertex by number; undefined without any. */
  columns(vertex: number): readonly ColumnBytes[] | undefined {
    const found = this.#columns.get(vertex);
    const { ids, bytes } = this.#table;
    return found === undefined
      ? undefined
      : Array.from(found.numbers, (number) => ({ id: ids[number]!, bytes: bytes[number]! }));
  }

  /** Parts of a vertex, ascending. */
  of(vertex: number): Int32Array {
    const known = this.#parts.get(vertex);
    if (known !== undefined) return known;
    const numbers = this.#columns.get(vertex)?.numbers;
    if (numbers === undefined) return Int32Array.of(-1 - vertex);
    const parts = new Int32Array(1 + numbers.length);
    parts[0] = -1 - vertex;
    parts.set(numbers, 1);
    this.#parts.set(vertex, parts);
    return parts;
  }

  /** Bytes of a part; a vertex's own part is what its size exceeds its columns by. */
  bytes(part: number, sizeOf: (vertex: number) => number): number {
    if (part >= 0) return this.#table.bytes[part]!;
    const vertex = -1 - part;
    return this.#ownBytes(vertex, sizeOf(vertex));
  }

  /** Bytes of distinct vertices where each column counts once. O(parts). */
  distinctBytes(vertices: Iterable<number>, sizeOf: (vertex: number) => number): number {
    const known = this.#table.bytes;
    if (this.#counted.length < known.length) this.#counted = new Int32Array(2 * known.length);
    const stamp = ++this.#count;
    const counted = this.#counted;
    let sum = 0;
    for (const vertex of vertices) {
      sum += this.#ownBytes(vertex, sizeOf(vertex));
      const numbers = this.#columns.get(vertex)?.numbers;
      if (numbers === undefined) continue;
      for (let k = 0; k < numbers.length; k++) {
        const number = numbers[k]!;
        if (counted[number] === stamp) continue;
        counted[number] = stamp;
        sum += known[number]!;
      }
    }
    return sum;
  }

  #ownBytes(vertex: number, sizeBytes: number): number {
    if (this.#complete.has(vertex)) return 0;
    return Math.max(0, sizeBytes - (this.#columns.get(vertex)?.bytes ?? 0));
  }
}
