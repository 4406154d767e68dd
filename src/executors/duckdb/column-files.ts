/** Relations as one parquet file per column; rows meet again by position. */
import type { ColumnToWrite } from "../relational/column-layout.ts";
import type { ResultPlace } from "../relational/engine.ts";
import type { RelationPayload, RelationShape, TableColumn } from "../relational/shape.ts";
import { ident } from "../relational/sql.ts";
import { text } from "./compiler/dialect.ts";
import type { Database } from "./driver.ts";
import type { ResultFormat } from "./result-file.ts";

/** Files a statement reads at once: a table of more columns is several. */
const filesAtOnce = 32;

/**
 * Writes a column, rows in order. The file carries the column's id, so that columns of equal values and other ids are other
 * objects, as they are counted.
 *
 * @throws {ExecutorError}
 */
export async function writeColumn(
  database: Database,
  payload: RelationPayload,
  { name, id }: ColumnToWrite,
  { key, path, signal }: ResultPlace & { readonly path: string },
  { compression, log }: ResultFormat,
): Promise<void> {
  const at = payload.columns.get(name);
  if (at === undefined) throw new Error(`the result lost its column ${name}`);
  const rows = `SELECT ${ident(at.column)} AS "value" FROM ${at.table}`;
  const sql = (file: string): string =>
    `COPY (${rows}) TO ${text(file)} (FORMAT parquet, COMPRESSION ${compression}, KV_METADATA {"column": ${text(id)}})`;
  log?.({ kind: "write", key, sql });
  return database.run(sql(path), signal);
}

/**
 * Reads columns that {@link writeColumn} wrote into as few tables as may be.
 *
 * @param columns ids in the order of the shape, row keys first
 * @param paths by column id
 * @throws {ExecutorError}; no table is left then
 */
export async function readColumns(
  database: Database,
  newTable: () => string,
  meta: { readonly shape: RelationShape; readonly rows: number; readonly columns: readonly string[] },
  { key, paths, signal }: ResultPlace & { readonly paths: ReadonlyMap<string, string> },
  log: ResultFormat["log"],
): Promise<RelationPayload> {
  const { shape, rows } = meta;
  const all = [...shape.keys, ...shape.columns];
  const typeOf = new Map(all.map(({ sqlType }, i) => [meta.columns[i] ?? "", sqlType]));
  const distinct = [...typeOf.keys()];
  const placeOf = new Map<string, TableColumn>();
  const tables: string[] = [];
  try {
    for (let from = 0; from < distinct.length; from += filesAtOnce) {
      const some = distinct.slice(from, from + filesAtOnce);
      const table = newTable();
      const items = some.map((id, i) => `CAST(x${i}."value" AS ${typeOf.get(id) ?? ""}) AS c${i}`);
      const files = some.map((id, i) => `read_parquet(${text(paths.get(id) ?? "")}) AS x${i}`);
      const sql = `CREATE TEMP TABLE ${table} AS SELECT ${items.join(", ")} FROM ${files.join(" POSITIONAL JOIN ")}`;
      log?.({ kind: "load", key, sql: () => sql });
      await database.run(sql, signal);
      tables.push(table);
      for (const [i, id] of some.entries()) placeOf.set(id, { table, column: `c${i}` });
    }
  } catch (error) {
    for (const table of tables) await database.run(`DROP TABLE IF EXISTS ${table}`);
    throw error;
  }
  return {
    kind: "relation",
    shape,
    columns: new Map(all.map(({ name }, i) => [name, placeOf.get(meta.columns[i] ?? "") as TableColumn])),
    rows,
  };
}
