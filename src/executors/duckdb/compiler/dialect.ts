import type { ColumnSpec, ScalarType } from "../../../core/operators.ts";
import type { Dialect } from "../../relational/dialect.ts";
import { double, ident } from "../../relational/sql.ts";

const newline = "chr(10)";

/** Numbers the rows of a query from 0, in their order. */
const counter = "CAST(row_number() OVER () - 1 AS INTEGER)";

/** A text literal; backslashes are kept as they are, quotes doubled. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** SQL of DuckDB: the engine keeps the order of rows, windows without order follow it, tables meet by position. */
export const duckDbDialect: Dialect = {
  engine: "duckdb",
  hasRowColumn: false,
  textType: "VARCHAR",
  flagType: "UTINYINT",
  wideType: "HUGEINT",
  typeOf,
  codeType: (levels) => (levels <= 0x100 ? "UTINYINT" : levels <= 0x1_0000 ? "USMALLINT" : "UINTEGER"),
  splitType: (splits) => `ENUM(${splits.map(text).join(", ")})`,
  widthBytes,
  text,
  itemOf: (values, index) => `list_extract([${Array.from(values, double).join(", ")}], CAST(${index} AS BIGINT) + 1)`,
  createTable: (table, select) => `CREATE TEMP TABLE ${table} AS ${select}`,
  sideBySide: (tables) => tables.join(" POSITIONAL JOIN "),
  rowNumber: (table) => `${table}.rowid`,
  inOrder: ({ items, from, order }) =>
    `SELECT ${items.join(", ")} FROM ${from}${order.length === 0 ? "" : ` ORDER BY ${order.join(", ")}`}`,
  countIf: (condition) => `count(*) FILTER (${condition})`,
  sumInOrder: (value) => `sum(${value} ORDER BY "rid" NULLS LAST)`,
  deviationInOrder: (value) => `stddev_samp(${value} ORDER BY "rid" NULLS LAST)`,
  withoutEnding: (value, ending) =>
    `CASE WHEN suffix(${value}, ${text(ending)}) THEN left(${value}, length(${value}) - ${Array.from(ending).length}) ELSE ${value} END`,
  bucketOf: (value, buckets) => `CAST(CAST('0x' || substring(md5(${value}), 1, 8) AS BIGINT) % ${buckets} AS INTEGER)`,
  replaceAll: (value, pattern, by) => `regexp_replace(${value}, '${pattern}', '${by}', 'g')`,
  isFullMatch: (value, pattern) => `regexp_full_match(${value}, '${pattern}')`,
  hasMatch: (value, pattern) => `regexp_matches(${value}, '${pattern}')`,
  // A constant enumeration is a hash table that keeps rows in place; a join or a long IN list would not promise their order.
  isOneOf: (value, words) => `TRY_CAST(${value} AS ENUM(${words.map(text).join(", ")})) IS NOT NULL`,
  neighbour: (value, offset, sentence) => {
    const look = (what: string): string => `${offset < 0 ? "lag" : "lead"}(${what}, ${Math.abs(offset)}) OVER ()`;
    return `CASE WHEN ${look(sentence)} = ${sentence} THEN ${look(value)} END`;
  },
  readCsv: ({ path, split }, columns, splitType) =>
    `SELECT CAST(${text(split)} AS ${splitType}) AS "split", ${columns.map(clean).join(", ")} FROM ${csvOf(path, columns)}`,
  unite: (parts) => parts.join(" UNION ALL "),
  readDocuments: (files) => {
    const parts = files.map(
      ({ path, split }) =>
        `SELECT ${text(split)} AS "split", unnest(string_split(${newline} || replace(content, chr(13), ''), ${newline} || '-DOCSTART-')) AS part FROM read_text(${text(path)})`,
    );
    // What stands before a part's first line end belongs to the -DOCSTART- line (or is empty, before the first one).
    const trimmed = `SELECT "split", trim(substring(part, instr(part, ${newline}) + 1), ${newline}) AS "text" FROM (${parts.join(" UNION ALL ")})`;
    return `SELECT "split", ${counter} AS "doc", "text" FROM (${trimmed}) WHERE "text" <> ''`;
  },
  sentencesOf: (documents, keys) => {
    const parts = `SELECT ${keys.join(", ")}, unnest(string_split("text", ${newline} || ${newline})) AS "text" FROM (${documents})`;
    const whole = `SELECT ${keys.join(", ")}, trim("text", ${newline}) AS "text" FROM (${parts})`;
    return `SELECT ${keys.join(", ")}, ${counter} AS "sentence", "text" FROM (${whole}) WHERE "text" <> ''`;
  },
  tokensOf: (sentences, keys) => {
    const lines = `SELECT ${keys.join(", ")}, unnest(string_split("text", ${newline})) AS line FROM (${sentences})`;
    return `SELECT ${keys.join(", ")}, split_part(line, ' ', 1) AS "token", split_part(line, ' ', -1) AS "tag" FROM (${lines}) WHERE line <> ''`;
  },
  spansOf,
  // A join: EXISTS with these comparisons finds nothing in DuckDB 1.5.
  spanErrors: (spans) => {
    const wrong = `SELECT * FROM ${spans} WHERE "gold" <> "predicted"`;
    const met = `SELECT DISTINCT w."sentence", w."start", w."end" FROM wrong AS w JOIN wrong AS o ON o."sentence" = w."sentence" AND o."gold" <> w."gold" AND o."start" < w."end" AND w."start" < o."end"`;
    return `WITH wrong AS (${wrong}), met AS (${met}), judged AS (SELECT w."gold", w."predicted", m."sentence" IS NOT NULL AS meets FROM wrong AS w LEFT JOIN met AS m ON m."sentence" = w."sentence" AND m."start" = w."start" AND m."end" = w."end") SELECT count(*), count(*) FILTER ("gold" AND NOT meets), count(*) FILTER ("predicted" AND NOT meets), count(*) FILTER (meets) FROM judged`;
  },
};

function typeOf(type: ScalarType): string {
  return { integer: "BIGINT", double: "DOUBLE", text: "VARCHAR", boolean: "BOOLEAN" }[type];
}

/** Spaces around text trimmed, `?` and empty are null; the reader does so for other types. */
function clean({ name, type }: ColumnSpec): string {
  return type === "text" ? `nullif(nullif(trim(${ident(name)}), '?'), '') AS ${ident(name)}` : ident(name);
}

function csvOf(path: string, columns: readonly ColumnSpec[]): string {
  const types = columns.map(({ name, type }) => `${text(name)}: ${text(typeOf(type))}`).join(", ");
  return `read_csv(${text(path)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', comment = '|', nullstr = ['', ' ', '?', ' ?'], columns = {${types}})`;
}

/** Bytes a value takes in an engine vector; text counts its 16-byte head and a guess for long values. */
export function widthBytes(sqlType: string): number {
  const widths: Readonly<Record<string, number>> = {
    BOOLEAN: 1,
    UTINYINT: 1,
    USMALLINT: 2,
    UINTEGER: 4,
    INTEGER: 4,
    BIGINT: 8,
    DOUBLE: 8,
    VARCHAR: 20,
  };
  if (sqlType.startsWith("ENUM")) return 1;
  return widths[sqlType] ?? 16;
}

/** `rows` in the order of the text; the neighbouring row counts if it is of the same sentence. Codes of −1 occur nowhere. */
function spansOf(rows: string, { first, inner }: { readonly first: number; readonly inner: number }): string {
  const inside = (tag: string): string => `${tag} IN (${first}, ${inner})`;
  const edges = ["label", "prediction"].map((tag) => {
    const goesOn = `coalesce(opens = 0 AND lag(${inside(tag)}) OVER (), false) AND ${tag} <> ${first}`;
    const followed = `coalesce(lead(opens = 0 AND ${inside(tag)} AND ${tag} <> ${first}) OVER (), false)`;
    return `${inside(tag)} AND NOT (${goesOn}) AS ${tag}_starts, ${inside(tag)} AND NOT ${followed} AS ${tag}_ends`;
  });
  const opened = `SELECT *, CAST(lag("sentence") OVER () IS DISTINCT FROM "sentence" AS INTEGER) AS opens FROM (${rows})`;
  const placed = `SELECT *, rid - max(CASE WHEN opens = 1 THEN rid END) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS place, ${edges.join(", ")} FROM (${opened})`;
  const marked = `SELECT * FROM (${placed}) WHERE label_starts OR label_ends OR prediction_starts OR prediction_ends`;
  const spans = ["label", "prediction"].map(
    (tag) =>
      `SELECT "split", "doc", "sentence", CAST(place AS INTEGER) AS "start", CAST(CASE WHEN ${tag}_ends THEN place ELSE lead(place) OVER (ORDER BY rid) END + 1 AS INTEGER) AS "end", ${tag}_starts AS is_first FROM marked WHERE ${tag}_starts OR ${tag}_ends`,
  );
  const [gold, predicted] = spans.map((sql) => `(SELECT * EXCLUDE (is_first) FROM (${sql}) WHERE is_first)`);
  return `WITH marked AS MATERIALIZED (${marked}) SELECT coalesce(g."split", p."split") AS "split", coalesce(g."doc", p."doc") AS "doc", coalesce(g."sentence", p."sentence") AS "sentence", coalesce(g."start", p."start") AS "start", coalesce(g."end", p."end") AS "end", g."start" IS NOT NULL AS "gold", p."start" IS NOT NULL AS "predicted" FROM ${gold ?? ""} AS g FULL JOIN ${predicted ?? ""} AS p ON g."sentence" = p."sentence" AND g."start" = p."start" AND g."end" = p."end" ORDER BY "sentence", "start", "end"`;
}
