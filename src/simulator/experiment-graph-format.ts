/**
 * Experiment graphs as text: `reuselab.experiment-graph` version 1, JSON Lines.
 *
 *     {"format":"reuselab.experiment-graph","version":1,"vertices":2,"columns":1}
 *     {"column":"c1","bytes":12}
 *     {"signature":"a","parents":[],"frequency":3,"executions":1,"computeUs":9,"loadUs":4,"sizeBytes":20,"columns":[0],"stored":true}
 *     {"signature":"b","parents":[0],"frequency":2,…,"quality":0.8}
 *
 * All columns first, then all vertices in order, parents and columns by number. The counts tell a file that was cut off.
 */
import { DataFormatError } from "../core/errors.ts";
import type { ColumnBytes } from "../core/iteration.ts";
import { isExact } from "../core/units.ts";
import { UnionGraph, type VertexRecord } from "./experiment-graph.ts";

/** Name of the format in the first line. */
export const experimentGraphFormat = "reuselab.experiment-graph";
/** Version of the format that is read and written. */
export const experimentGraphVersion = 1;

/** A graph as lines without line breaks, one at a time; the same graph always gives the same lines. */
export function* experimentGraphLines(graph: UnionGraph): Generator<string, void, undefined> {
  const numbers = new Map<string, number>();
  const columns: ColumnBytes[] = [];
  for (let v = 0; v < graph.vertexCount; v++)
    for (const column of graph.columns(v) ?? []) {
      if (numbers.has(column.id)) continue;
      numbers.set(column.id, columns.length);
      columns.push(column);
    }
  const header = { format: experimentGraphFormat, version: experimentGraphVersion };
  yield JSON.stringify({ ...header, vertices: graph.vertexCount, columns: columns.length });
  for (const { id, bytes } of columns) yield JSON.stringify({ column: id, bytes });
  for (let v = 0; v < graph.vertexCount; v++) {
    const { columns: own, stored, ...record } = graph.record(v);
    yield JSON.stringify({
      ...record,
      ...(own === undefined ? {} : { columns: own.map(({ id }) => numbers.get(id)) }),
      ...(stored ? { stored } : {}),
    });
  }
}

/** Reads a graph line by line; the graph is there once {@link ExperimentGraphParser.end} has seen that it is whole. */
export class ExperimentGraphParser {
  readonly #file: string;
  readonly #graph = new UnionGraph();
  readonly #columns: ColumnBytes[] = [];
  readonly #stored = new Set<number>();
  #expected: { readonly vertices: number; readonly columns: number } | undefined;

  /** @param file name for messages */
  constructor(file: string) {
    this.#file = file;
  }

  /** Takes the next line. @throws {DataFormatError} naming file, line and field */
  line(text: string, line: number): void {
    const record = this.#object(text, line);
    if (this.#expected === undefined) this.#expected = this.#header(record, line);
    else if (this.#columns.length < this.#expected.columns) this.#column(record, line);
    else this.#vertex(record, line, this.#expected.vertices);
  }

  /** The graph that was read. @throws {DataFormatError} when lines are missing */
  end(): UnionGraph {
    if (this.#expected === undefined)
      throw new DataFormatError({ file: this.#file }, `is empty; expected an experiment graph`);
    const { vertices, columns } = this.#expected;
    const { vertexCount } = this.#graph;
    if (this.#columns.length < columns || vertexCount < vertices)
      throw new DataFormatError(
        { file: this.#file },
        `ends after ${this.#columns.length} of ${columns} columns and ${vertexCount} of ${vertices} vertices; the file was cut off, take an earlier copy`,
      );
    this.#graph.settle(this.#stored, []);
    return this.#graph;
  }

  #object(text: string, line: number): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const error = this.#bad(line, undefined, "is not a line of JSON; the file is damaged, take an earlier copy");
      error.cause = cause;
      throw error;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.#bad(line, undefined, "is not an object; the file is damaged, take an earlier copy");
    return value as Readonly<Record<string, unknown>>;
  }

  #header(record: Readonly<Record<string, unknown>>, line: number): { vertices: number; columns: number } {
    const { format, version, vertices, columns } = record as Readonly<
      Record<"format" | "version" | "vertices" | "columns", unknown>
    >;
    if (format !== experimentGraphFormat)
      throw this.#bad(line, "format", `is ${shown(format)}; expected "${experimentGraphFormat}"`);
    if (version !== experimentGraphVersion)
      throw this.#bad(
        line,
        "version",
        `is ${shown(version)}; this program reads version ${experimentGraphVersion}, a newer file needs a newer program`,
      );
    return { vertices: this.#count(vertices, line, "vertices"), columns: this.#count(columns, line, "columns") };
  }

  #column(record: Readonly<Record<string, unknown>>, line: number): void {
    const id = record["column"];
    if (typeof id !== "string") throw this.#bad(line, "column", `is ${shown(id)}; expected the id of a column`);
    this.#columns.push({ id, bytes: this.#count(record["bytes"], line, "bytes") });
  }

  #vertex(record: Readonly<Record<string, unknown>>, line: number, expected: number): void {
    const vertex = this.#graph.vertexCount;
    if (vertex >= expected) throw this.#bad(line, undefined, `comes after the last of ${expected} vertices`);
    const { signature, quality, model, stored } = record as Readonly<
      Record<"signature" | "quality" | "model" | "stored", unknown>
    >;
    if (typeof signature !== "string" || signature === "")
      throw this.#bad(line, "signature", `is ${shown(signature)}; expected a text that is not empty`);
    if (this.#graph.idOf(signature) !== undefined) throw this.#bad(line, "signature", "comes twice");
    if (quality !== undefined && typeof quality !== "number")
      throw this.#bad(line, "quality", `is ${shown(quality)}; expected a number from 0 to 1`);
    if (model !== undefined && typeof model !== "string")
      throw this.#bad(line, "model", `is ${shown(model)}; expected the type of a model`);
    if (stored !== undefined && typeof stored !== "boolean")
      throw this.#bad(line, "stored", `is ${shown(stored)}; expected true or false`);
    const count = (field: string): number => this.#count(record[field], line, field);
    const columns =
      record["columns"] === undefined ? undefined : this.#numbers(record, "columns", this.#columns.length, line);
    const vertexRecord: VertexRecord = {
      signature,
      parents: this.#numbers(record, "parents", vertex, line),
      frequency: count("frequency"),
      executions: count("executions"),
      computeUs: count("computeUs"),
      loadUs: count("loadUs"),
      sizeBytes: count("sizeBytes"),
      quality,
      model,
      columns: columns?.map((column) => this.#columns[column]!),
      stored: stored === true,
    };
    try {
      this.#graph.restore(vertexRecord);
    } catch (cause) {
      const error = this.#bad(line, undefined, cause instanceof Error ? cause.message : String(cause));
      error.cause = cause;
      throw error;
    }
    if (stored === true) this.#stored.add(vertex);
  }

  /** A list of distinct numbers below `end`. */
  #numbers(record: Readonly<Record<string, unknown>>, field: string, end: number, line: number): readonly number[] {
    const list = record[field];
    const isGood =
      Array.isArray(list) && new Set(list).size === list.length && list.every((item) => isExact(item) && item < end);
    if (!isGood) throw this.#bad(line, field, `is ${shown(list)}; expected a list of distinct numbers below ${end}`);
    return list as readonly number[];
  }

  #count(value: unknown, line: number, field: string): number {
    if (!isExact(value)) throw this.#bad(line, field, `is ${shown(value)}; expected an integer from 0 to 2^53 − 1`);
    return value;
  }

  #bad(line: number, field: string | undefined, message: string): DataFormatError {
    return new DataFormatError({ file: this.#file, line, ...(field === undefined ? {} : { field }) }, message);
  }
}

function shown(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
