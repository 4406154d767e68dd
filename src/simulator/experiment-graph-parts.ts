import { WorkflowError } from "../core/errors.ts";
import type { ColumnBytes } from "../core/iteration.ts";

/**
 * What vertices consist of on a storage that keeps equal columns once. Columns are numbered 0, 1, 2 … by id; what a vertex
 * has beyond its columns is the part −1 − vertex. On an executor that stores columns for real, bytes are expectations until a
 * column is written, and a result is its columns and nothing else.
 */
export class ColumnParts {
  readonly #numbers = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #bytes: number[] = [];
  /** Columns whose bytes nothing has measured yet. */
  readonly #expected = new Set<number>();
  /** Vertices that have nothing beyond their columns. */
  readonly #complete = new Set<number>();
  /** Columns of a vertex, ascending, and the sum of their bytes; none for a vertex without. */
  readonly #columns = new Map<number, { readonly parts: Int32Array; readonly bytes: number }>();

  /** @throws {WorkflowError} when a column id is known, or listed before, with other bytes */
  check(signature: string, columns: readonly ColumnBytes[]): void {
    let listed: Map<string, number> | undefined;
    for (const { id, bytes } of columns) {
      const number = this.#numbers.get(id);
      if (number === undefined) listed ??= new Map();
      const before = number === undefined ? listed?.get(id) : this.#bytes[number];
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
      const number = this.#numbers.get(id);
      if (number === undefined) this.#expected.add(this.#add(id, bytes));
      else if (this.#expected.has(number)) this.#bytes[number] = bytes;
    }
    this.set(vertex, columns);
  }

  /** Takes the bytes of columns as they were stored. */
  measure(vertex: number, columns: readonly ColumnBytes[]): void {
    this.#complete.add(vertex);
    for (const { id, bytes } of columns) {
      const number = this.#numbers.get(id) ?? this.#add(id, bytes);
      this.#expected.delete(number);
      this.#bytes[number] = bytes;
    }
    this.set(vertex, columns);
  }

  /** True if the bytes of all columns of a vertex are known. */
  areMeasured(vertex: number): boolean {
    return this.#expected.size === 0 || this.of(vertex).every((part) => !this.#expected.has(part));
  }

  /** Takes the columns of a vertex unless it has some; they have passed {@link check}. O(columns · log). */
  set(vertex: number, columns: readonly ColumnBytes[]): void {
    if (this.#columns.has(vertex) || columns.length === 0) return;
    const numbers = new Set<number>();
    let sum = 0;
    for (const { id, bytes } of columns) {
      const number = this.#numbers.get(id) ?? this.#add(id, bytes);
      if (numbers.has(number)) continue;
      numbers.add(number);
      sum += bytes;
    }
    const parts = new Int32Array(numbers.size + 1);
    let i = 0;
    for (const number of numbers) parts[i++] = number;
    parts[i] = -1 - vertex;
    this.#columns.set(vertex, { parts: parts.sort(), bytes: sum });
  }

  /** Columns of a vertex by number; undefined without any. */
  columns(vertex: number): readonly ColumnBytes[] | undefined {
    const found = this.#columns.get(vertex);
    return found === undefined
      ? undefined
      : Array.from(found.parts.subarray(1), (number) => ({ id: this.#ids[number]!, bytes: this.#bytes[number]! }));
  }

  #add(id: string, bytes: number): number {
    const number = this.#ids.length;
    this.#numbers.set(id, number);
    this.#ids.push(id);
    this.#bytes.push(bytes);
    return number;
  }

  /** Parts of a vertex, ascending. */
  of(vertex: number): Int32Array {
    return this.#columns.get(vertex)?.parts ?? Int32Array.of(-1 - vertex);
  }

  /** Bytes of a part; a vertex's own part is what its size exceeds its columns by. */
  bytes(part: number, sizeOf: (vertex: number) => number): number {
    if (part >= 0) return this.#bytes[part]!;
    const vertex = -1 - part;
    if (this.#complete.has(vertex)) return 0;
    return Math.max(0, sizeOf(vertex) - (this.#columns.get(vertex)?.bytes ?? 0));
  }
}
