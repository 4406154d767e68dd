import type { ColumnBytes } from "../core/iteration.ts";

/** A list of columns by number, each once and ascending, and the sum of their bytes. */
export interface ListedColumns {
  readonly numbers: Int32Array;
  readonly bytes: number;
}

/** Columns numbered 0, 1, 2 … by id, with their bytes. */
export class ColumnTable {
  readonly ids: string[] = [];
  readonly bytes: number[] = [];
  readonly #numbers = new Map<string, number>();
  /** Lists that were taken in, by the list itself: nobody changes one. */
  readonly #lists = new WeakMap<readonly ColumnBytes[], ListedColumns>();

  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  add(id: string, bytes: number): number {
    const number = this.ids.length;
    this.#numbers.set(id, number);
    this.ids.push(id);
    this.bytes.push(bytes);
    return number;
  }

  /** True if the very list was taken in before: its columns agree with the table. */
  has(columns: readonly ColumnBytes[]): boolean {
    return this.#lists.has(columns);
  }

  /** Takes a list in; its columns agree with those known. O(columns · log), O(1) where the very list was taken in before. */
  take(columns: readonly ColumnBytes[]): ListedColumns {
    const known = this.#lists.get(columns);
    if (known !== undefined) return known;
    const distinct = new Set<number>();
    let sum = 0;
    for (const { id, bytes } of columns) {
      const number = this.#numbers.get(id) ?? this.add(id, bytes);
      if (distinct.has(number)) continue;
      distinct.add(number);
      sum += bytes;
    }
    const listed = { numbers: Int32Array.from(distinct).sort(), bytes: sum };
    this.#lists.set(columns, listed);
    return listed;
  }

  /** True if every id has the same bytes in all of the lists, and here. */
  agreesWith(lists: Iterable<readonly ColumnBytes[]>): boolean {
    const found = new Map<string, number>();
    for (const columns of lists)
      for (const { id, bytes } of columns) {
        const number = this.#numbers.get(id);
        const before = number === undefined ? found.get(id) : this.bytes[number];
        if (before === undefined) found.set(id, bytes);
        else if (before !== bytes) return false;
      }
    return true;
  }
}
