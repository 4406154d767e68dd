/** Columns in and out of the engine in bulk. The only place that touches the engine's vectors. */
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { Column, FetchType } from "../relational/steps.ts";
import { ident } from "../relational/sql.ts";
import type { DuckDbPackage } from "./driver.ts";

type Typed = Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

const targets = {
  f64: { sql: "DOUBLE", make: (n: number): Typed => new Float64Array(n) },
  i32: { sql: "INTEGER", make: (n: number): Typed => new Int32Array(n) },
  u8: { sql: "UTINYINT", make: (n: number): Typed => new Uint8Array(n) },
  u16: { sql: "USMALLINT", make: (n: number): Typed => new Uint16Array(n) },
  u32: { sql: "UINTEGER", make: (n: number): Typed => new Uint32Array(n) },
} as const;

/** A column that grows while chunks arrive. */
interface Sink {
  readonly type: FetchType;
  typed: Typed;
  readonly plain: (string | number | boolean | null)[];
}

/**
 * Reads all columns of a query in the order of its rows, chunk by chunk into typed arrays. Nulls become NaN in `f64` and 0 in
 * integers; `any` gives plain arrays with `null`. O(rows · columns); integers beyond 2^53 lose digits in `any`.
 */
export async function fetchBulk(
  connection: DuckDBConnection,
  sql: string,
  types: readonly FetchType[],
  signal?: AbortSignal,
): Promise<readonly Column[]> {
  const names = types.map((_, i) => `x${i}`);
  const items = types.map((type, i) => {
    if (type === "any") return `x${i}`;
    const empty = type === "f64" ? "CAST('nan' AS DOUBLE)" : "0";
    return `coalesce(CAST(x${i} AS ${targets[type].sql}), ${empty})`;
  });
  const result = await connection.stream(`SELECT ${items.join(", ")} FROM (${sql}) AS r(${names.join(", ")})`);
  const sinks = types.map((type): Sink => ({
    type,
    typed: type === "any" ? new Uint8Array(0) : targets[type].make(8192),
    plain: [],
  }));
  let rows = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    signal?.throwIfAborted();
    const count = chunk.rowCount;
    for (const [i, sink] of sinks.entries()) {
      if (sink.type === "any") {
        for (const value of chunk.getColumnValues(i)) sink.plain.push(plainValue(value));
        continue;
      }
      if (rows + count > sink.typed.length) {
        const grown = targets[sink.type].make(Math.max(2 * sink.typed.length, rows + count));
        grown.set(sink.typed);
        sink.typed = grown;
      }
      const items = (chunk.getColumnVector(i) as unknown as { readonly items?: unknown }).items;
      if (ArrayBuffer.isView(items) && items.constructor === sink.typed.constructor)
        sink.typed.set((items as Typed).subarray(0, count), rows);
      else for (const [k, value] of chunk.getColumnValues(i).entries()) sink.typed[rows + k] = Number(value);
    }
    rows += count;
  }
  return sinks.map((sink) => (sink.type === "any" ? sink.plain : sink.typed.subarray(0, rows)));
}

function plainValue(value: DuckDBValue): string | number | boolean | null {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  return typeof value === "number" ? value : typeof value === "bigint" ? Number(value) : String(value);
}

const chunkRows = 2048;

/** Makes a temporary table of columns, rows in order; `undefined`, and NaN in numbers, become null. */
export async function uploadBulk(
  duckdb: DuckDbPackage,
  connection: DuckDBConnection,
  table: string,
  columns: readonly { readonly name: string; readonly sqlType: string; readonly values: Column }[],
  rows: number,
): Promise<void> {
  await connection.run(
    `CREATE TEMP TABLE ${table} (${columns.map(({ name, sqlType }) => `${ident(name)} ${sqlType}`).join(", ")})`,
  );
  const appender = await connection.createAppender(table, "main", "temp");
  const converts = columns.map(({ sqlType }) => converterOf(duckdb, sqlType));
  for (let from = 0; from < rows; from += chunkRows) {
    const count = Math.min(chunkRows, rows - from);
    const chunk = duckdb.DuckDBDataChunk.create(
      converts.map(({ type }) => type),
      count,
    );
    chunk.setColumns(
      columns.map(({ values }, i) => {
        const convert = converts[i]?.convert ?? ((value) => value as DuckDBValue);
        return Array.from({ length: count }, (_, k) => convert(values[from + k]));
      }),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function converterOf(
  duckdb: DuckDbPackage,
  sqlType: string,
): { readonly type: DuckDBType; readonly convert: (value: unknown) => DuckDBValue } {
  const isNull = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);
  const number = (value: unknown): DuckDBValue => (isNull(value) ? null : Number(value));
  const { DOUBLE, BIGINT, INTEGER, UTINYINT, USMALLINT, UINTEGER, BOOLEAN, VARCHAR } = duckdb;
  switch (sqlType) {
    case "DOUBLE":
      return { type: DOUBLE, convert: number };
    case "INTEGER":
      return { type: INTEGER, convert: number };
    case "UTINYINT":
      return { type: UTINYINT, convert: number };
    case "USMALLINT":
      return { type: USMALLINT, convert: number };
    case "UINTEGER":
      return { type: UINTEGER, convert: number };
    case "BIGINT":
      return { type: BIGINT, convert: (value) => (isNull(value) ? null : BigInt(Math.trunc(Number(value)))) };
    case "BOOLEAN":
      return { type: BOOLEAN, convert: (value) => (isNull(value) ? null : Boolean(value)) };
    default:
      return {
        type: VARCHAR,
        convert: (value) => (isNull(value) ? null : typeof value === "string" ? value : String(value)),
      };
  }
}
