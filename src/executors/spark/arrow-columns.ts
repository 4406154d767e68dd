/** Columns in and out of Spark by Arrow: rows in the order of `rid`, whatever order their partitions come in. */
import {
  Bool,
  Float64,
  Int16,
  Int32,
  Int64,
  type DataType,
  type Table,
  tableFromIPC,
  tableToIPC,
  Table as ArrowTable,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { ExecutorError } from "../../core/errors.ts";
import type { Column, FetchType, Row } from "../relational/steps.ts";

type Typed = Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

const makers: Readonly<Record<Exclude<FetchType, "any">, (n: number) => Typed>> = {
  f64: (n) => new Float64Array(n),
  i32: (n) => new Int32Array(n),
  u8: (n) => new Uint8Array(n),
  u16: (n) => new Uint16Array(n),
  u32: (n) => new Uint32Array(n),
};

/** The rows of Arrow streams, in their order. @throws {ExecutorError} if they are not as many as the engine says it sent */
export function decodedRows(streams: readonly Uint8Array[], rowCount: number): Table {
  const table = new ArrowTable(streams.flatMap((stream) => tableFromIPC(stream).batches));
  if (streams.length > 0 && table.numRows !== rowCount)
    throw new ExecutorError(`spark: decoded ${table.numRows} rows of ${rowCount} sent; the result would be incomplete`);
  return table;
}

/** All rows of a small result. */
export function rowsOf(table: Table): readonly Row[] {
  const columns = table.schema.fields.map((_, i) => table.getChildAt(i));
  return Array.from({ length: table.numRows }, (_, k) => columns.map((column) => scalarOf(column?.get(k))));
}

function scalarOf(value: unknown): string | number | bigint | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/**
 * The first `types.length` columns of a table whose next one is `rid`, ordered by it. Nulls become NaN in `f64` and 0 in
 * integers; `any` gives plain arrays with `null`. O(rows · columns), sorting only where partitions came out of order.
 */
export function columnsOf(table: Table, types: readonly FetchType[]): readonly Column[] {
  if (table.numRows === 0 && table.numCols === 0) return types.map((type) => (type === "any" ? [] : makers[type](0)));
  const rids = table.getChildAt(types.length)?.toArray() as BigInt64Array | undefined;
  if (rids === undefined || table.numCols !== types.length + 1)
    throw new ExecutorError(
      `spark: a result of ${table.numCols} columns came for ${types.length} and their row number; this is a fault of the compiler`,
    );
  const order = orderOf(rids);
  return types.map((type, i) => columnOf(table.getChildAt(i), type, order));
}

/** Places of the rows in ascending order of their numbers; undefined if that is the order they are in. */
function orderOf(rids: BigInt64Array): Uint32Array | undefined {
  let isSorted = true;
  for (let i = 1; i < rids.length && isSorted; i++) isSorted = rids[i - 1]! < rids[i]!;
  if (isSorted) return undefined;
  const order = Uint32Array.from(rids, (_, i) => i);
  return order.sort((a, b) => Number(rids[a]! - rids[b]!));
}

function columnOf(vector: Vector | null, type: FetchType, order: Uint32Array | undefined): Column {
  const n = vector?.length ?? 0;
  const at = (k: number): unknown => vector?.get(order === undefined ? k : (order[k] ?? 0));
  if (type === "any") return Array.from({ length: n }, (_, k) => plain(at(k)));
  const column = makers[type](n);
  const values: unknown = vector?.nullCount === 0 ? vector.toArray() : undefined;
  if (values instanceof Float64Array || values instanceof Int32Array || values instanceof Int16Array) {
    if (order === undefined) column.set(values);
    else for (let k = 0; k < n; k++) column[k] = values[order[k]!]!;
    return column;
  }
  for (let k = 0; k < n; k++) {
    const value = at(k);
    column[k] = value === null || value === undefined ? (type === "f64" ? Number.NaN : 0) : Number(value);
  }
  return column;
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "bigint" ? Number(value) : JSON.stringify(value);
}

const arrowTypes: Readonly<Record<string, () => DataType>> = {
  SMALLINT: () => new Int16(),
  INTEGER: () => new Int32(),
  BIGINT: () => new Int64(),
  DOUBLE: () => new Float64(),
  BOOLEAN: () => new Bool(),
};

/**
 * Rows `from` … `to`−1 of some columns and their numbers `rid`, as an Arrow stream; `undefined`, and NaN in numbers, are null.
 */
export function arrowStream(
  columns: readonly { readonly name: string; readonly sqlType: string; readonly values: Column }[],
  from: number,
  to: number,
): Uint8Array {
  const vectors = columns.map(({ name, sqlType, values }): readonly [string, Vector] => {
    const convert = converterOf(sqlType);
    const part: unknown[] = Array.from({ length: to - from }, (_, k) => convert(values[from + k]));
    return [name, vectorFromArray(part, arrowTypes[sqlType]?.() ?? new Utf8())];
  });
  const numbers = Array.from({ length: to - from }, (_, k) => BigInt(from + k));
  const rid: Vector = vectorFromArray(numbers, new Int64());
  return tableToIPC(new ArrowTable(Object.fromEntries([...vectors, ["rid", rid]])), "stream");
}

function converterOf(sqlType: string): (value: unknown) => unknown {
  const isNull = (value: unknown): boolean => value === null || value === undefined || Number.isNaN(value);
  if (sqlType === "BIGINT") return (value) => (isNull(value) ? null : BigInt(Math.trunc(Number(value))));
  if (sqlType === "BOOLEAN") return (value) => (isNull(value) ? null : Boolean(value));
  if (sqlType === "STRING")
    return (value) => (isNull(value) ? null : typeof value === "string" ? value : String(value));
  return (value) => (isNull(value) ? null : Number(value));
}
