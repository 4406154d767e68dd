/** Pieces that the Kaggle workloads are put together from: tables with their feature columns, and what data scientists do to them. */
import { WorkflowError } from "../../core/errors.ts";
import type { AggregateOp } from "../../core/operators.ts";
import type { WorkloadData } from "../../core/workload.ts";
import type { WorkflowBuilder } from "../dsl.ts";
import type { Feature, Handle } from "../ports.ts";
import { homeCreditColumns, type HomeCreditTable } from "./tables.ts";

/** A relation of a workflow and its columns: ids and the label, and those that may become features. */
export interface Table {
  readonly name: string;
  readonly relation: Handle<"relation">;
  readonly ids: readonly string[];
  readonly numbers: readonly string[];
  readonly texts: readonly string[];
}

const notFeatures: ReadonlySet<string> = new Set(["SK_ID_CURR", "SK_ID_PREV", "SK_ID_BUREAU", "TARGET"]);

/** Reads a table. @throws {WorkflowError} when the data lack it */
export function tableOf(w: WorkflowBuilder, data: WorkloadData, table: HomeCreditTable): Table {
  const source = data.sources[table];
  if (source === undefined)
    throw new WorkflowError(
      `kaggle: its data have no source "${table}"; expected the tables of prepareDataset("home-credit", …)`,
    );
  const columns = homeCreditColumns[table];
  const features = columns.filter(({ name }) => !notFeatures.has(name));
  return {
    name: table,
    relation: w.scan(table, w.source(`${table}.csv`, source), { format: "csv", columns }),
    ids: columns.filter(({ name }) => notFeatures.has(name)).map(({ name }) => name),
    numbers: features.filter(({ type }) => type !== "text").map(({ name }) => name),
    texts: features.filter(({ type }) => type === "text").map(({ name }) => name),
  };
}

/** Extracts a column once, as `table.COLUMN`. */
export function columnOf(w: WorkflowBuilder, { name, relation, texts }: Table, column: string): Feature {
  const id = `${name}.${column}`;
  const as = texts.includes(column) ? "categorical" : "numeric";
  return w.has(id) ? w.get(id, as) : w.field(id, relation, column, as);
}

/** A number computed from columns: `$1 … $n` stand for them in the SQL expression. */
export interface Formula {
  readonly from: readonly string[];
  readonly sql: string;
  readonly type?: "integer" | "double";
}

/** A formula over a table's columns as a feature, `table.NAME`. */
export function computed(
  w: WorkflowBuilder,
  table: Table,
  name: string,
  { from, sql, type = "double" }: Formula,
): Feature {
  const inputs = from.map((column) => columnOf(w, table, column));
  return w.sqlUdf(`${table.name}.${name}`, inputs, sql, { name: "value", type });
}

/** The table with further columns of numbers. */
export function extended(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  features: Readonly<Record<string, Feature>>,
): Table {
  return {
    ...table,
    name: node,
    relation: w.extend(node, table.relation, features),
    numbers: [...table.numbers, ...Object.keys(features)],
  };
}

/** The table with these columns only, in its own order. */
function projected(w: WorkflowBuilder, node: string, table: Table, keeps: (column: string) => boolean): Table {
  const ids = table.ids.filter(keeps);
  const numbers = table.numbers.filter(keeps);
  const texts = table.texts.filter(keeps);
  return {
    name: node,
    relation: w.project(node, table.relation, [...ids, ...numbers, ...texts]),
    ids,
    numbers,
    texts,
  };
}

/** The table without some of its columns. */
export function without(w: WorkflowBuilder, node: string, table: Table, columns: readonly string[]): Table {
  const dropped = new Set(columns);
  return projected(w, node, table, (column) => !dropped.has(column));
}

/** A key and the columns that hold numbers, or those that hold text. */
export function selected(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  key: string,
  type: "numbers" | "texts",
): Table {
  const kept = new Set([key, ...table[type]]);
  return projected(w, node, table, (column) => kept.has(column));
}

/** Ids only. */
export function idsOf(w: WorkflowBuilder, node: string, table: Table, ids: readonly string[]): Table {
  return projected(w, node, table, (column) => ids.includes(column));
}

/** The table with another column in place of one, as a data frame has it: dropped, then added anew. */
export function replaced(w: WorkflowBuilder, node: string, table: Table, column: string, formula: Formula): Table {
  const feature = computed(w, table, `${column}.new`, formula);
  return extended(w, node, without(w, `${node}.dropped`, table, [column]), { [column]: feature });
}

/** Rows with or without a value of a column. */
export function filtered(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  column: string,
  compare: "eq" | "ne",
  value: number,
): Table {
  return { ...table, name: node, relation: w.filter(node, table.relation, { column, compare, value }) };
}

/** One-hot columns (1 or 0) of the texts' values, each a feature of its own, beside the ids: `COLUMN=value`. */
export function indicators(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  values: Readonly<Record<string, readonly string[]>>,
): Table {
  const features: Record<string, Feature> = {};
  for (const [column, ofColumn] of Object.entries(values))
    for (const value of ofColumn) {
      const sql = `CASE WHEN $1 = '${value}' THEN 1 ELSE 0 END`;
      features[`${column}=${value}`] = computed(w, table, `${column}=${value}`, {
        from: [column],
        sql,
        type: "integer",
      });
    }
  const wide = extended(w, `${node}.texts`, table, features);
  return without(w, node, wide, table.texts);
}

type Statistic = AggregateOp["measures"][number]["fn"];
/** What the scripts take of numbers, and of one-hot columns. */
export const numericStatistics = ["count", "mean", "max", "min", "sum"] as const satisfies readonly Statistic[];
export const shareStatistics = ["sum", "mean"] as const satisfies readonly Statistic[];

/** A table grouped by a key: statistics of all its numbers as columns `COLUMN_statistic`. */
export function grouped(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  key: string,
  statistics: readonly Statistic[],
): Table {
  const measures = table.numbers.flatMap((column) => statistics.map((fn) => ({ fn, column, as: `${column}_${fn}` })));
  return {
    name: node,
    relation: w.aggregate(node, table.relation, { keys: [key], measures }),
    ids: [key],
    numbers: measures.map(({ as }) => as),
    texts: [],
  };
}

/** Left join; the right table's columns get a prefix. */
export function joined(
  w: WorkflowBuilder,
  node: string,
  left: Table,
  right: Table,
  { on, prefix }: { readonly on: string; readonly prefix: string },
): Table {
  const others = right.ids.filter((id) => id !== on);
  return {
    name: node,
    relation: w.join(node, left.relation, right.relation, [on], prefix),
    ids: [...left.ids, ...others.map((id) => `${prefix}${id}`)],
    numbers: [...left.numbers, ...right.numbers.map((column) => `${prefix}${column}`)],
    texts: [...left.texts, ...right.texts.map((column) => `${prefix}${column}`)],
  };
}
