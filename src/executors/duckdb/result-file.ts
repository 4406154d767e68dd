import { readFile, writeFile } from "node:fs/promises";
import type { Payload, RelationPayload, RelationShape } from "../relational/shape.ts";
import { ident } from "../relational/sql.ts";
import { text } from "./compiler/dialect.ts";
import type { Database } from "./driver.ts";
import type { EngineLog } from "./engine-log.ts";
import { decodeModel, encodeModel } from "../relational/model-file.ts";

/** How results become files: relations parquet, models and metrics text. */
export interface ResultFormat {
  readonly compression: "zstd" | "snappy" | "uncompressed";
  readonly log: EngineLog | undefined;
}

/** Writes a result to a file, rows in order. @throws {ExecutorError} */
export async function writeResult(
  database: Database,
  payload: Payload,
  to: { readonly key: string; readonly path: string; readonly signal: AbortSignal | undefined },
  { compression, log }: ResultFormat,
): Promise<void> {
  const { key, path, signal } = to;
  if (payload.kind !== "relation") {
    const encoded = encodeModel(payload);
    log?.({ kind: "write-text", key, text: encoded });
    return writeFile(path, encoded);
  }
  const rows = selectAll(payload);
  const sql = (file: string): string => `COPY (${rows}) TO ${text(file)} (FORMAT parquet, COMPRESSION ${compression})`;
  log?.({ kind: "write", key, sql });
  return database.run(sql(path), signal);
}

/**
 * Reads a file that {@link writeResult} wrote; a relation becomes the table `table` with the column types it had.
 *
 * @param meta `kind`, `shape` and `rows` of the result
 * @throws {ExecutorError}
 */
export async function readResult(
  database: Database,
  table: string,
  meta: Readonly<Record<string, unknown>>,
  from: { readonly key: string; readonly path: string; readonly signal: AbortSignal | undefined },
  log: EngineLog | undefined,
): Promise<Payload> {
  const { key, path, signal } = from;
  if (meta["kind"] !== "relation") {
    log?.({ kind: "load-text", key });
    return decodeModel(await readFile(path, "utf8")) as Payload;
  }
  const shape = meta["shape"] as RelationShape;
  const columns = [...shape.keys, ...shape.columns];
  const items = columns.map(({ name, sqlType }) => `CAST(${ident(name)} AS ${sqlType}) AS ${ident(name)}`);
  const sql = (file: string): string =>
    `CREATE TEMP TABLE ${table} AS SELECT ${items.join(", ")} FROM read_parquet(${text(file)})`;
  log?.({ kind: "load", key, sql });
  await database.run(sql(path), signal);
  return {
    kind: "relation",
    shape,
    columns: new Map(columns.map(({ name }) => [name, { table, column: name }])),
    rows: Number(meta["rows"]),
  };
}

/** Row-aligned columns of a relation under their logical names; tables meet by position. */
function selectAll({ columns }: RelationPayload): string {
  const tables = new Set([...columns.values()].map(({ table }) => table));
  const items = [...columns].map(([name, { table, column }]) => `${table}.${ident(column)} AS ${ident(name)}`);
  return `SELECT ${items.join(", ")} FROM ${[...tables].join(" POSITIONAL JOIN ")}`;
}
