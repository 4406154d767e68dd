import type { ColumnSpec, ScalarType } from "../../core/operators.ts";
import type { Dialect } from "../relational/dialect.ts";
import { ident } from "../relational/sql.ts";

/**
 * Settings a session needs so that the dialect's text means what it says; the order of rows is carried by `rid`, so nothing
 * else of the session matters.
 */
export const sessionSettings: Readonly<Record<string, string>> = {
  "spark.sql.ansi.enabled": "true",
  "spark.sql.ansi.doubleQuotedIdentifiers": "true",
  "spark.sql.parser.escapedStringLiterals": "false",
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
};

const newline = "char(10)";

/** A text literal: backslashes and quotes are escaped by a backslash, as Spark reads `'\d'` as `d`. */
export function text(value: string): string {
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** A file as a FROM item; the path is read as it stands, but for Spark's globs. */
function fileOf(format: string, path: string): string {
  return `${format}.${ident(path)}`;
}

/** Numbers rows from 0 by an order. */
function counter(order: string, type = "BIGINT"): string {
  return `CAST(row_number() OVER (ORDER BY ${order}) - 1 AS ${type})`;
}

/** SQL of Spark: rows carry their number `rid`, tables meet on it, windows follow it. */
export const sparkDialect: Dialect = {
  engine: "spark",
  hasRowColumn: true,
  textType: "STRING",
  flagType: "SMALLINT",
  wideType: "DECIMAL(38,0)",
  typeOf,
  codeType: (levels) => (levels <= 0x8000 ? "SMALLINT" : "INTEGER"),
  splitType: () => "STRING",
  widthBytes: (sqlType) => ({ BOOLEAN: 1, SMALLINT: 2, INTEGER: 4, BIGINT: 8, DOUBLE: 8, STRING: 20 })[sqlType] ?? 16,
  text,
  // One literal, cut by the optimizer once: thousands of literals would take the parser seconds.
  itemOf: (values, index) =>
    `element_at(CAST(split('${Array.from(values, javaDouble).join(",")}', ',') AS ARRAY<DOUBLE>), CAST(${index} AS INTEGER) + 1)`,
  createTable: (_table, select) => select,
  sideBySide: ([first = "", ...others]) => [first, ...others.map((table) => `JOIN ${table} USING (rid)`)].join(" "),
  rowNumber: (table) => `${table}.rid`,
  inOrder: ({ items, from, order }) =>
    `SELECT ${[...items, order.length === 0 ? "CAST(0 AS BIGINT) AS rid" : `${counter(order.join(", "))} AS rid`].join(", ")} FROM ${from}`,
  countIf: (condition) => `count_if(${condition})`,
  sumInOrder: (value) =>
    `aggregate(${inOrder(value)}, CAST(NULL AS DOUBLE), (s, x) -> CASE WHEN x IS NULL THEN s ELSE coalesce(s, 0e0) + x END)`,
  // Two passes over the values in order; null for fewer than two.
  deviationInOrder: (value) =>
    `CASE WHEN count(${value}) > 1 THEN aggregate(filter(${inOrder(value)}, x -> x IS NOT NULL), named_struct('n', 0e0, 'mean', 0e0, 'm2', 0e0), (s, x) -> named_struct('n', s.n + 1e0, 'mean', s.mean + (x - s.mean) / (s.n + 1e0), 'm2', s.m2 + (x - s.mean) * (x - s.mean - (x - s.mean) / (s.n + 1e0))), s -> sqrt(s.m2 / (s.n - 1e0))) END`,
  withoutEnding: (value, ending) =>
    `CASE WHEN endswith(${value}, ${text(ending)}) THEN left(${value}, length(${value}) - ${Array.from(ending).length}) ELSE ${value} END`,
  bucketOf: (value, buckets) =>
    `CAST(CAST(conv(substring(md5(${value}), 1, 8), 16, 10) AS BIGINT) % ${buckets} AS INTEGER)`,
  replaceAll: (value, pattern, by) => `regexp_replace(${value}, ${text(pattern)}, ${text(by)})`,
  isFullMatch: (value, pattern) => `${value} RLIKE ${text(`\\A(?:${pattern})\\z`)}`,
  hasMatch: (value, pattern) => `${value} RLIKE ${text(pattern)}`,
  isOneOf: (value, words) => `${value} IN (${words.map(text).join(", ")})`,
  neighbour: (value, offset, sentence) =>
    `${offset < 0 ? "lag" : "lead"}(${value}, ${Math.abs(offset)}) OVER (PARTITION BY ${sentence} ORDER BY rid)`,
  readCsv,
  // Within one file partitions are numbered in its order, and a union's are one after the other.
  unite: (parts) => `SELECT *, monotonically_increasing_id() AS rid FROM (${parts.join(" UNION ALL ")})`,
  readDocuments: (files) => {
    const parts = files.map(
      ({ path, split }, i) =>
        `SELECT ${text(split)} AS "split", ${i} AS f, posexplode(split(concat(${newline}, replace(decode(content, 'UTF-8'), char(13), '')), concat(${newline}, '-DOCSTART-'))) AS (p, part) FROM ${fileOf("binaryFile", path)}`,
    );
    // What stands before a part's first line end belongs to the -DOCSTART- line (or is empty, before the first one).
    const trimmed = `SELECT "split", f, p, trim(BOTH ${newline} FROM substring(part, instr(part, ${newline}) + 1)) AS "text" FROM (${parts.join(" UNION ALL ")})`;
    return `SELECT "split", ${counter("f, p", "INTEGER")} AS "doc", "text", ${counter("f, p")} AS rid FROM (${trimmed}) WHERE "text" <> ''`;
  },
  sentencesOf: (documents, keys) => {
    const parts = `SELECT ${keys.join(", ")}, rid, posexplode(split("text", concat(${newline}, ${newline}))) AS (p, "text") FROM (${documents})`;
    const whole = `SELECT ${keys.join(", ")}, rid AS r, p, trim(BOTH ${newline} FROM "text") AS "text" FROM (${parts})`;
    return `SELECT ${keys.join(", ")}, ${counter("r, p", "INTEGER")} AS "sentence", "text", ${counter("r, p")} AS rid FROM (${whole}) WHERE "text" <> ''`;
  },
  tokensOf: (sentences, keys) => {
    const lines = `SELECT ${keys.join(", ")}, rid AS r, posexplode(split("text", ${newline})) AS (p, line) FROM (${sentences})`;
    return `SELECT ${keys.join(", ")}, split_part(line, ' ', 1) AS "token", split_part(line, ' ', -1) AS "tag", ${counter("r, p")} AS rid FROM (${lines}) WHERE line <> ''`;
  },
  spansOf,
  spanErrors: (spans) => {
    const wrong = `SELECT * FROM ${spans} WHERE "gold" <> "predicted"`;
    const meets = `SELECT DISTINCT w.rid FROM wrong AS w JOIN wrong AS o ON o."sentence" = w."sentence" AND o."gold" <> w."gold" AND o."start" < w."end" AND w."start" < o."end"`;
    return `WITH wrong AS (${wrong}), judged AS (SELECT w."gold", w."predicted", m.rid IS NOT NULL AS meets FROM wrong AS w LEFT JOIN (${meets}) AS m ON m.rid = w.rid) SELECT count(*), count_if("gold" AND NOT meets), count_if("predicted" AND NOT meets), count_if(meets) FROM judged`;
  },
};

function inOrder(value: string): string {
  return `transform(array_sort(collect_list(named_struct('r', rid, 'x', ${value}))), p -> p.x)`;
}

/** A double as Java reads it back to the same bits. */
function javaDouble(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value)
    ? Object.is(value, -0)
      ? "-0.0"
      : String(value)
    : value > 0
      ? "Infinity"
      : "-Infinity";
}

function typeOf(type: ScalarType): string {
  return { integer: "BIGINT", double: "DOUBLE", text: "STRING", boolean: "BOOLEAN" }[type];
}

/** Lines are records: quoted values hold no line ends. A value that cannot be read ends the statement (FAILFAST). */
function readCsv(
  file: { readonly path: string; readonly split: string },
  columns: readonly ColumnSpec[],
  splitType: string,
): string {
  const schema = columns.map(({ name, type }) => `\`${name.replaceAll("`", "``")}\` ${typeOf(type)}`).join(", ");
  const options = Object.entries({
    mode: "FAILFAST",
    sep: ",",
    quote: '"',
    escape: '"',
    nullValue: "?",
    ignoreLeadingWhiteSpace: "true",
    ignoreTrailingWhiteSpace: "true",
  });
  const record = `from_csv(value, ${text(schema)}, map(${options.flatMap((pair) => pair.map(text)).join(", ")})) AS r`;
  const items = columns.map(({ name, type }) =>
    type === "text" ? `nullif(nullif(trim(r.${ident(name)}), '?'), '') AS ${ident(name)}` : `r.${ident(name)}`,
  );
  const lines = `SELECT ${record} FROM ${fileOf("text", file.path)} WHERE trim(value) <> '' AND NOT startswith(value, '|')`;
  return `SELECT CAST(${text(file.split)} AS ${splitType}) AS "split", ${items.join(", ")} FROM (${lines})`;
}

/** The neighbouring row counts if it is of the same sentence. */
function spansOf(rows: string, { first, inner }: { readonly first: number; readonly inner: number }): string {
  const inside = (tag: string): string => `${tag} IN (${first}, ${inner})`;
  const over = 'OVER (PARTITION BY "sentence" ORDER BY rid)';
  const edges = ["label", "prediction"].map((tag) => {
    const goesOn = `coalesce(lag(${inside(tag)}) ${over}, false) AND ${tag} <> ${first}`;
    const followed = `coalesce(lead(${inside(tag)} AND ${tag} <> ${first}) ${over}, false)`;
    return `${inside(tag)} AND NOT (${goesOn}) AS ${tag}_starts, ${inside(tag)} AND NOT ${followed} AS ${tag}_ends`;
  });
  const placed = `SELECT "split", "doc", "sentence", rid, row_number() ${over} - 1 AS place, ${edges.join(", ")} FROM (${rows})`;
  const spans = ["label", "prediction"].map(
    (tag) =>
      `SELECT "split", "doc", "sentence", CAST(place AS INTEGER) AS "start", CAST(CASE WHEN ${tag}_ends THEN place ELSE lead(place) ${over} END + 1 AS INTEGER) AS "end", ${tag}_starts AS is_first FROM (${placed}) WHERE ${tag}_starts OR ${tag}_ends`,
  );
  const [gold, predicted] = spans.map((sql) => `(SELECT * EXCEPT (is_first) FROM (${sql}) WHERE is_first)`);
  const both = (name: string): string => `coalesce(g.${ident(name)}, p.${ident(name)}) AS ${ident(name)}`;
  const matched = `SELECT ${["split", "doc", "sentence", "start", "end"].map(both).join(", ")}, g."start" IS NOT NULL AS "gold", p."start" IS NOT NULL AS "predicted" FROM ${gold ?? ""} AS g FULL JOIN ${predicted ?? ""} AS p ON g."sentence" = p."sentence" AND g."start" = p."start" AND g."end" = p."end"`;
  return `SELECT *, ${counter('"sentence", "start", "end"')} AS rid FROM (${matched})`;
}
