/** Pieces that the Kaggle workloads are put together from: tables with their feature columns, and what data scientists do to them. */
import { WorkflowError } from "../../core/errors.ts";
import type { AggregateOp } from "../../core/operators.ts";
import type { WorkloadData } from "../../core/workload.ts";
import type { WorkflowBuilder } from "../dsl.ts";
import type { Feature, Handle } from "../ports.ts";
import { homeCreditColumns, type HomeCreditTable } from "./tables.ts";

/** A relation of a workflow and its columns that may become features: no keys, no label. */
export interface Table {
  readonly name: string;
  readonly relation: Handle<"relation">;
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
}

/** New columns from formulas, each a feature of its own, `table.NAME`. */
export function derive(w: WorkflowBuilder, table: Table, formulas: Readonly<Record<string, Formula>>): Table {
  const features = Object.entries(formulas).map(([column, { from, sql }]): readonly [string, Feature] => {
    const inputs = from.map((name) => columnOf(w, table, name));
    return [column, w.sqlUdf(`${table.name}.${column}`, inputs, sql, { name: column, type: "double" })];
  });
  return extended(w, table, `${table.name}.derived`, Object.fromEntries(features));
}

/** The table with further columns of numbers. */
export function extended(
  w: WorkflowBuilder,
  table: Table,
  node: string,
  features: Readonly<Record<string, Feature>>,
): Table {
  return {
    ...table,
    relation: w.extend(node, table.relation, features),
    numbers: [...table.numbers, ...Object.keys(features)],
  };
}

/** One-hot columns (1 or 0) of a text column's values, each a feature of its own: `COLUMN=value`. */
export function indicators(
  w: WorkflowBuilder,
  table: Table,
  values: Readonly<Record<string, readonly string[]>>,
): Table {
  const features: Record<string, Feature> = {};
  for (const [column, ofColumn] of Object.entries(values)) {
    const text = columnOf(w, table, column);
    for (const value of ofColumn) {
      const sql = `CASE WHEN $1 = '${value}' THEN 1 ELSE 0 END`;
      const name = `${column}=${value}`;
      features[name] = w.sqlUdf(`${table.name}.${name}`, [text], sql, { name: "is", type: "integer" });
    }
  }
  const { relation } = extended(w, table, `${table.name}.onehot`, features);
  return { ...table, relation, numbers: Object.keys(features), texts: [] };
}

type Statistic = AggregateOp["measures"][number]["fn"];
/** What is taken of numbers, and of one-hot columns. */
export const numericStatistics = ["mean", "max", "min", "sum"] as const satisfies readonly Statistic[];
export const shareStatistics = ["mean", "sum"] as const satisfies readonly Statistic[];

/** A table grouped by keys: statistics of all its numbers as columns `COLUMN_statistic`, and with `count` the size of the groups. */
export function grouped(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  {
    keys,
    statistics,
    count,
  }: { readonly keys: readonly string[]; readonly statistics: readonly Statistic[]; readonly count?: string },
): Table {
  const measures = table.numbers.flatMap((column) => statistics.map((fn) => ({ fn, column, as: `${column}_${fn}` })));
  const size = count === undefined ? [] : [{ fn: "count", as: count } as const];
  return {
    name: node,
    relation: w.aggregate(node, table.relation, { keys, measures: [...size, ...measures] }),
    numbers: [...size, ...measures].map(({ as }) => as),
    texts: [],
  };
}

/** Left join; the right table's columns get a prefix. */
export function joined(
  w: WorkflowBuilder,
  node: string,
  left: Table,
  right: Table,
  { on, prefix }: { readonly on: readonly string[]; readonly prefix: string },
): Table {
  return {
    name: node,
    relation: w.join(node, left.relation, right.relation, on, prefix),
    numbers: [...left.numbers, ...right.numbers.map((column) => `${prefix}${column}`)],
    texts: [...left.texts, ...right.texts.map((column) => `${prefix}${column}`)],
  };
}
