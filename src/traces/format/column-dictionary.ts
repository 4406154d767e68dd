import type { ColumnBytes, TraceIteration, TraceNode } from "../../core/iteration.ts";
import { TraceFormatError } from "../../core/errors.ts";
import type { LinePosition } from "./fields.ts";

/**
 * Column ids of a trace by number: a line lists in `columns` those that no line before had, its nodes name them by position in
 * the list of all so far. One dictionary per pass over a trace, lines in order.
 */
export class ColumnDictionary {
  readonly #columns: ColumnBytes[] = [];
  readonly #numbers = new Map<string, number>();

  /**
   * Takes the new columns of a parsed line and puts columns where its nodes have numbers; nodes that list theirs in full stay
   * as they are. Changes the nodes in place. O(columns named).
   *
   * @throws {TraceFormatError} when a column comes twice in the dictionary or a number stands for none
   */
  decode(parsed: TraceIteration, at: LinePosition): TraceIteration {
    const { columns: listed, ...line } = parsed as TraceIteration & { columns?: readonly ColumnBytes[] | null };
    for (const [i, column] of (listed ?? []).entries()) {
      const before = this.#numbers.get(column.id);
      if (before !== undefined)
        throw new TraceFormatError(
          { ...at, field: `columns[${i}]` },
          `"${column.id}" is column ${before} already, with ${this.#columns[before]!.bytes} bytes; list each column once`,
        );
      this.#numbers.set(column.id, this.#columns.length);
      this.#columns.push(column);
    }
    for (const [i, node] of line.nodes.entries()) {
      const columns = node.columns as readonly (ColumnBytes | number)[] | undefined;
      if (columns?.some((column) => typeof column === "number") !== true) continue;
      const full = columns.map((column, k) => {
        if (typeof column !== "number") return column;
        const found = this.#columns[column];
        if (found === undefined)
          throw new TraceFormatError(
            { ...at, field: `nodes[${i}].columns[${k}]` },
            `is ${column}; the lines so far list ${this.#columns.length} columns, numbered from 0`,
          );
        return found;
      });
      (node as { columns: readonly ColumnBytes[] }).columns = full;
    }
    return line;
  }

  /** The line with numbers instead of columns, and the columns no line before had. A column whose bytes changed is written in full. */
  encode(iteration: TraceIteration): TraceIteration {
    if (iteration.nodes.every(({ columns }) => columns === undefined)) return iteration;
    const fresh: ColumnBytes[] = [];
    const nodes = iteration.nodes.map((node): TraceNode => {
      if (node.columns === undefined) return node;
      const columns = node.columns.map((column) => {
        let number = this.#numbers.get(column.id);
        if (number === undefined) {
          number = this.#columns.length;
          this.#numbers.set(column.id, number);
          this.#columns.push(column);
          fresh.push(column);
        }
        return this.#columns[number]!.bytes === column.bytes ? number : column;
      });
      return { ...node, columns: columns as unknown as readonly ColumnBytes[] };
    });
    return { ...iteration, ...(fresh.length === 0 ? {} : { columns: fresh }), nodes };
  }
}
