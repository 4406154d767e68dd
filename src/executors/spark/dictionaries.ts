/** Codes of values: 1 + rank among the values of the train split, in code-point order. */
import type { Dialect } from "../relational/dialect.ts";
import { type Moments, summaryOf } from "../relational/moments.ts";
import { keyOf, type LocalColumn, type LocalRelation, type OperatorContext } from "../relational/registry.ts";
import { ident } from "../relational/sql.ts";
import { query, type Row, run, type Steps } from "../relational/steps.ts";

/** Up to so many values are looked up in a literal, by comparing them one after the other; more of them in a table. */
const fewValues = 256;

/** Of so many rows all values may be fetched before it is known how many there are. */
const fewRows = 1_000_000;

/** Rows from the start that tell whether a column may have few values. */
const glanceRows = 5000;

/** How values of one column become codes. */
export interface Dictionary {
  readonly size: number;
  /** The code as SQL over the row `s`; null or 0 for a value that has none. */
  readonly code: string;
}

/** What is looked up where. */
export interface Dictionaries {
  /** By input column. */
  readonly codes: ReadonlyMap<string, Dictionary>;
  /** Values of a label that has many. */
  readonly labels: readonly string[];
  /** Joins that the codes read, and the hint that goes with them; both empty without a table. */
  readonly joins: string;
  readonly hint: string;
}

/** Columns to look up, the keys that tell the train split, and which column is a label. */
export interface Looked {
  readonly base: LocalRelation;
  readonly columns: readonly LocalColumn[];
  readonly label: LocalColumn;
}

/**
 * Moments of numeric columns and dictionaries of others. Values of a column with few of them come with the pass over the train
 * split that sums numbers, and stand in the statement that encodes; those of the others are a table, which that statement meets
 * by joins with its one broadcast. Neither moves a row. A label that only the test split has must not pass for another one, so all
 * rows of a label count.
 */
export function* summarise(
  context: OperatorContext,
  source: string,
  numeric: readonly LocalColumn[],
  { base, columns, label }: Looked,
): Steps<{ readonly moments: readonly Moments[]; readonly dictionaries: Dictionaries }> {
  const { dialect } = context;
  const candidates = columns.filter((column) => column !== label);
  const isBounded = (context.rowsOf(base.space) ?? Number.POSITIVE_INFINITY) <= fewRows;
  const sizes = yield* glance(source, isBounded ? [] : candidates.map((column) => asText(dialect.textType, column)));
  const asked = candidates.filter((_, i) => (sizes[i] ?? 0) <= fewValues);
  const items = asked.map(({ shape }, i) => valuesOf(asText(dialect.textType, named(shape, `y${i}`), "")));
  const { moments, also } = yield* summaryOf(context, base, numeric, { columns: asked, items });
  const found = new Map(asked.map((column, i) => [column, parsed(also[i])]));
  if (columns.includes(label)) {
    const [row] = yield* query(`SELECT ${valuesOf(asText(dialect.textType, label))} FROM (${source}) AS s`);
    found.set(label, parsed(row?.[0]));
  }
  const few = columns.filter((column) => (found.get(column)?.length ?? Number.POSITIVE_INFINITY) <= fewValues);
  const many = columns.filter((column) => !few.includes(column));
  const split = keyOf(context, base, "split");
  const inTable = yield* tabled(
    context,
    source,
    many,
    many.map((column) => {
      const value = asText(dialect.textType, column);
      return column === label ? value : `CASE WHEN s.${ident(split.shape.name)} = 'train' THEN ${value} END`;
    }),
  );
  const codes = new Map<string, Dictionary>(inTable.codes);
  for (const column of few) {
    const values = found.get(column) ?? [];
    codes.set(column.shape.name, {
      size: values.length,
      code:
        values.length === 0 ? "0" : `array_position(${listOf(dialect, values)}, ${asText(dialect.textType, column)})`,
    });
  }
  const { joins, hint } = inTable;
  return { moments, dictionaries: { codes, labels: found.get(label) ?? [], joins, hint } };
}

/** How many values columns have in the first rows. */
function* glance(source: string, values: readonly string[]): Steps<readonly number[]> {
  if (values.length === 0) return [];
  const items = values.map((value) => `size(collect_set(${value}))`);
  const [row] = yield* query(`SELECT ${items.join(", ")} FROM (${source}) AS s WHERE s.rid < ${glanceRows}`);
  return values.map((_, i) => Number(row?.[i] ?? 0));
}

function named(shape: LocalColumn["shape"], name: string): Pick<LocalColumn, "shape"> {
  return { shape: { ...shape, name } };
}

/** All values, in code-point order. */
function valuesOf(value: string): string {
  return `to_json(array_sort(collect_set(${value})))`;
}

function parsed(values: Row[number] | undefined): readonly string[] {
  return JSON.parse(String(values ?? "[]")) as readonly string[];
}

/** A column of the row `s`, or of another FROM item, as text. */
export function asText(textType: string, { shape }: Pick<LocalColumn, "shape">, row = "s."): string {
  const column = `${row}${ident(shape.name)}`;
  return shape.type === "text" ? column : `CAST(${column} AS ${textType})`;
}

/** One literal, cut by the optimizer once: a literal a value would take the parser long. */
function listOf(dialect: Dialect, values: readonly string[]): string {
  let code = 1;
  // A character that no value has, and that means itself in a regular expression.
  while (values.some((value) => value.includes(String.fromCharCode(code)))) code += code === 31 ? 0xe000 - 31 : 1;
  const separator = String.fromCharCode(code);
  return `split(${dialect.text(values.join(separator))}, ${dialect.text(separator)})`;
}

/** One table for all columns with many values, by one pass. */
function* tabled(
  { names, dialect }: OperatorContext,
  source: string,
  columns: readonly LocalColumn[],
  values: readonly string[],
): Steps<{
  readonly joins: string;
  readonly hint: string;
  readonly codes: readonly (readonly [string, Dictionary])[];
}> {
  if (columns.length === 0) return { joins: "", hint: "", codes: [] };
  const table = names.table();
  const stacked = `SELECT stack(${columns.length}, ${values.map((value, i) => `${i}, ${value}`).join(", ")}) AS (c, v) FROM (${source}) AS s`;
  const distinct = `SELECT DISTINCT c, v FROM (${stacked}) WHERE v IS NOT NULL`;
  yield* run(
    dialect.createTable(
      table,
      `SELECT c, v, c || ' ' || v AS k, row_number() OVER (PARTITION BY c ORDER BY v) AS code, 0 AS rid FROM (${distinct})`,
    ),
    table,
  );
  const sizes = new Map(
    (yield* query(`SELECT c, count(*) FROM ${table} GROUP BY c`)).map(([c, n]) => [Number(c), Number(n)] as const),
  );
  // Every join has the same right side, so that Spark broadcasts it once and not once per feature.
  const joins = columns.map(
    (column, i) =>
      ` LEFT JOIN (SELECT k, code FROM ${table}) AS d${i} ON d${i}.k = '${i} ' || ${asText(dialect.textType, column)}`,
  );
  return {
    joins: joins.join(""),
    hint: `/*+ BROADCAST(${columns.map((_, i) => `d${i}`).join(", ")}) */ `,
    codes: columns.map(({ shape }, i) => [shape.name, { size: sizes.get(i) ?? 0, code: `d${i}.code` }] as const),
  };
}
