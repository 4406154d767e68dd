/**
 * Cells: one finished (or failed) point of an experiment each, one line of `cells.jsonl` each. A line of a simulated cell
 * holds no time and no machine, so the same configuration gives the same bytes everywhere.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { StoreError } from "../core/errors.ts";
import type { Exclusion } from "../core/result-row.ts";

/** A value that a cell may hold. */
export type Scalar = string | number | boolean | null;

/** One row of results: flat, units in the names. */
export type Row = Readonly<Record<string, Scalar>>;

/** Version of the line format; older ones stay readable. */
export const cellVersion = 1;

/** How a cell ended. */
export const cellStatuses = ["done", "failed", "timeout"] as const;
export type CellStatus = (typeof cellStatuses)[number];

/** What identifies a cell: the key is a hash of all of it. */
export interface CellConfiguration {
  readonly experiment: string;
  /** The experiment's own version: raised when the meaning of its cells changes. */
  readonly experimentVersion: number;
  readonly params: Readonly<Record<string, Scalar>>;
  readonly seed: number;
  readonly executor: string;
  /** SHA-256 of each input by reference. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Version of the loop, planners and materializers (and hashes of plug-ins), see `policyVersion`. */
  readonly policy: string;
}

/** One cell. */
export interface Cell {
  readonly key: string;
  readonly configuration: CellConfiguration;
  readonly status: CellStatus;
  readonly rows: readonly Row[];
  /** Single values that belong to the cell as a whole: bounds, sizes, names. */
  readonly facts: Readonly<Record<string, Scalar>>;
  readonly exclusions: readonly Exclusion[];
  readonly error?: { readonly code: string; readonly message: string };
}

/** JSON with keys sorted by code point and without spaces: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** Key of a cell: SHA-256 of its configuration as canonical JSON, lower-case hex. */
export function cellKey(configuration: CellConfiguration): string {
  return createHash("sha256").update(canonicalJson(configuration)).digest("hex");
}

interface PackedRows {
  readonly count: number;
  /** Columns with one value throughout. */
  readonly constant: Record<string, Scalar>;
  readonly columns: string[];
  readonly values: Scalar[][];
}

/** Packs rows with equal columns: constants once, the rest as one array per row. */
function packRows(rows: readonly Row[]): PackedRows {
  const first = rows[0];
  if (first === undefined) return { count: 0, constant: {}, columns: [], values: [] };
  const names = Object.keys(first);
  for (const row of rows)
    if (Object.keys(row).length !== names.length || names.some((name) => !(name in row)))
      throw new StoreError(`rows of one cell differ in their columns: ${names.join()} and ${Object.keys(row).join()}`);
  const isConstant = (name: string): boolean => rows.length > 1 && rows.every((row) => row[name] === first[name]);
  const columns = names.filter((name) => !isConstant(name));
  return {
    count: rows.length,
    constant: Object.fromEntries(names.filter(isConstant).map((name) => [name, first[name] ?? null])),
    columns,
    values: rows.map((row) => columns.map((name) => row[name] ?? null)),
  };
}

function unpackRows({ count, constant, columns, values }: PackedRows): readonly Row[] {
  return Array.from({ length: count }, (_, i) => ({
    ...constant,
    ...Object.fromEntries(columns.map((name, c) => [name, values[i]?.[c] ?? null])),
  }));
}

/** One line of `cells.jsonl`, without the line break. */
export function cellLine(cell: Cell): string {
  const { key, configuration, status, rows, facts, exclusions, error } = cell;
  return JSON.stringify({
    version: cellVersion,
    key,
    status,
    configuration: JSON.parse(canonicalJson(configuration)) as unknown,
    facts,
    exclusions,
    ...(error === undefined ? {} : { error }),
    rows: packRows(rows),
  });
}

/** @throws {StoreError} naming file and line */
export function parseCellLine(text: string, file: string, line: number): Cell {
  const fail = (what: string): never => {
    throw new StoreError(`${file}:${line}: ${what}; remove the line to have its cell run again`);
  };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return fail("is not JSON");
  }
  if (typeof raw !== "object" || raw === null) return fail("is not a cell");
  const cell = raw as Partial<Omit<Cell, "rows">> & { readonly version?: number; readonly rows?: PackedRows };
  if (typeof cell.version !== "number" || cell.version < 1) return fail("has no version; expected a cell");
  if (cell.version > cellVersion)
    return fail(`has version ${cell.version}; this reuselab reads up to ${cellVersion}: update it`);
  if (typeof cell.key !== "string" || cell.configuration === undefined || cell.rows === undefined)
    return fail("lacks key, configuration or rows; expected a cell");
  const status = cell.status;
  if (status === undefined || !cellStatuses.includes(status)) return fail(`has status ${String(status)}`);
  const packed = cell.rows;
  let rows: readonly Row[] | undefined;
  return {
    key: cell.key,
    configuration: cell.configuration,
    status,
    // Most cells of a resumed run are never looked into.
    get rows() {
      return (rows ??= unpackRows(packed));
    },
    facts: cell.facts ?? {},
    exclusions: cell.exclusions ?? [],
    ...(cell.error === undefined ? {} : { error: cell.error }),
  };
}

/** What a `cells.jsonl` holds: the last line of each key; a half-written last line is ignored. */
export interface StoredCells {
  readonly cells: ReadonlyMap<string, Cell>;
  /** The file ended in the middle of a line (the writer was killed). */
  readonly truncated: boolean;
  /** Sorted by key, each key once, no half line: as a finished run leaves it. */
  readonly isFinished: boolean;
}

/** Reads a `cells.jsonl`; one that does not exist is empty. @throws {StoreError} at a bad line other than a half-written last one */
export function readCells(file: string): StoredCells {
  if (!existsSync(file)) return { cells: new Map(), truncated: false, isFinished: false };
  const lines = readFileSync(file, "utf8").split("\n");
  const rest = lines.pop();
  const cells = new Map<string, Cell>();
  let lastKey = "";
  let isSorted = true;
  for (const [i, text] of lines.entries()) {
    if (text === "") continue;
    const cell = parseCellLine(text, file, i + 1);
    isSorted &&= cell.key > lastKey;
    lastKey = cell.key;
    if (!(cells.get(cell.key)?.status === "done" && cell.status !== "done")) cells.set(cell.key, cell);
  }
  const truncated = rest !== "" && rest !== undefined;
  return { cells, truncated, isFinished: isSorted && !truncated };
}

const byKey = (a: Cell, b: Cell): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** Writes a file so that readers see the old or the new one, never half of it. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.tmp`;
  writeFileSync(temporary, content);
  const handle = openSync(temporary, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}

/** Rewrites `cells.jsonl` sorted by key. */
export function writeCells(file: string, cells: Iterable<Cell>): void {
  const sorted = [...cells].sort(byKey);
  replaceFile(file, sorted.map((cell) => `${cellLine(cell)}\n`).join(""));
}

/** Appends cells as they finish, each synced to disk before `append` returns. */
export class CellWriter {
  readonly #handle: number;
  constructor(folder: string) {
    this.#handle = openSync(join(folder, "cells.jsonl"), "a");
  }
  append(cells: readonly Cell[]): void {
    writeSync(this.#handle, cells.map((cell) => `${cellLine(cell)}\n`).join(""));
    fsyncSync(this.#handle);
  }
  close(): void {
    closeSync(this.#handle);
  }
}
