/**
 * Feature engineering of the three original scripts, frame by frame: what a script assigns to a data frame is a node. Here that of
 * the applications (script 1), in `histories.ts` that of the other tables (scripts 2 and 3); workloads 4 to 8 take theirs from both.
 *
 * Source: the scripts published with the code of the Collaborative Optimizer (workloads 1 to 3): order and kind of their statements.
 * Departures: written anew; train and test part are one relation; statements that leave a frame as it is are left out; one-hot
 * encoding and imputation of the applications are inside `assemble`; which columns are hardly ever there or nearly equal to others
 * is decided once, where the scripts look at the data; density plots and correlations are groups and means.
 */
import type { WorkflowBuilder } from "../dsl.ts";
import type { Feature, Handle } from "../ports.ts";
import { columnOf, computed, extended, filtered, type Formula, replaced, type Table, without } from "./table.ts";

/** Key of the clients. */
export const client = "SK_ID_CURR";
const noDay = 365_243;

/** The label of a table of applications: 1 = had difficulties to pay. */
export function labelOf(w: WorkflowBuilder, { name, relation }: Table): Handle<"categorical"> {
  const id = `${name}.TARGET`;
  return w.has(id) ? w.get(id, "categorical") : w.field(id, relation, "TARGET", "categorical");
}

/** Texts with two values, which script 1 codes as 0 and 1, by the value that becomes 1. */
const twoValued: Readonly<Record<string, string>> = {
  NAME_CONTRACT_TYPE: "Revolving loans",
  FLAG_OWN_CAR: "Y",
  FLAG_OWN_REALTY: "Y",
};
const polynomialColumns = ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "DAYS_BIRTH"] as const;
const domainFormulas: Readonly<Record<string, Formula>> = {
  CREDIT_INCOME_PERCENT: { from: ["AMT_CREDIT", "AMT_INCOME_TOTAL"], sql: "$1 / nullif($2, 0)" },
  ANNUITY_INCOME_PERCENT: { from: ["AMT_ANNUITY", "AMT_INCOME_TOTAL"], sql: "$1 / nullif($2, 0)" },
  CREDIT_TERM: { from: ["AMT_ANNUITY", "AMT_CREDIT"], sql: "$1 / nullif($2, 0)" },
  DAYS_EMPLOYED_PERCENT: { from: ["DAYS_EMPLOYED", "DAYS_BIRTH"], sql: "CAST($1 AS DOUBLE) / nullif($2, 0)" },
};

/** Script 1: two-valued texts coded, the error in the days of employment flagged and removed, ages positive. */
export function cleanedApplications(w: WorkflowBuilder, application: Table): Table {
  let table = application;
  for (const [column, one] of Object.entries(twoValued)) {
    const sql = `CASE WHEN $1 = '${one}' THEN 1 ELSE 0 END`;
    table = replaced(w, `application.${column}.coded`, table, column, { from: [column], sql, type: "integer" });
  }
  const anomaly = computed(w, table, "DAYS_EMPLOYED_ANOM", {
    from: ["DAYS_EMPLOYED"],
    sql: `CASE WHEN $1 = ${noDay} THEN 1 ELSE 0 END`,
    type: "integer",
  });
  table = extended(w, "application.flagged", table, { DAYS_EMPLOYED_ANOM: anomaly });
  table = replaced(w, "application.employed", table, "DAYS_EMPLOYED", {
    from: ["DAYS_EMPLOYED"],
    sql: `CASE WHEN $1 = ${noDay} THEN NULL ELSE $1 END`,
    type: "integer",
  });
  return replaced(w, "application.cleaned", table, "DAYS_BIRTH", {
    from: ["DAYS_BIRTH"],
    sql: "abs($1)",
    type: "integer",
  });
}

/** Products of the agencies' scores and the age, of degree 2 and 3, by name. */
function polynomialFeatures(w: WorkflowBuilder, table: Table): Readonly<Record<string, Feature>> {
  const features: Record<string, Feature> = {};
  for (const factors of productsOf(polynomialColumns.length)) {
    const name = factors.map((factor) => polynomialColumns[factor] ?? "").join("*");
    const parents = [...new Set(factors)];
    const sql = factors.map((factor) => `CAST($${parents.indexOf(factor) + 1} AS DOUBLE)`).join(" * ");
    features[name] = computed(w, table, name, {
      from: parents.flatMap((factor) => polynomialColumns[factor] ?? []),
      sql,
    });
  }
  return features;
}

/** Ascending pairs and triples of the first `count` integers, repeats allowed. */
function productsOf(count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const pairs = all.flatMap((i) => all.slice(i).map((j) => [i, j]));
  return [...pairs, ...pairs.flatMap(([i = 0, j = 0]) => all.slice(j).map((k) => [i, j, k]))];
}

/** Script 1: the cleaned applications with the products. */
export function withPolynomials(w: WorkflowBuilder, cleaned: Table): Table {
  return extended(w, "application.polynomial", cleaned, polynomialFeatures(w, cleaned));
}

/** Script 1: ratios a banker would look at, added one after the other; `to` has the rows of the cleaned applications. */
export function withDomain(w: WorkflowBuilder, cleaned: Table, to: Table = cleaned): Table {
  let table = to;
  for (const [name, formula] of Object.entries(domainFormulas)) {
    const id = `${cleaned.name}.${name}`;
    const ratio = w.has(id) ? w.get(id, "numeric") : computed(w, cleaned, name, formula);
    table = extended(w, `${to.name}+${name}`, table, { [name]: ratio });
  }
  return table;
}

/** What a script asks of the rows with and without a label or an error: two frames, a column's mean of each. */
export function halves(w: WorkflowBuilder, table: Table, column: string, value: number, looksAt: string): void {
  for (const [word, compare] of [
    ["with", "eq"],
    ["rest", "ne"],
  ] as const) {
    const node = `${table.name}.${column}.${word}`;
    const part = w.has(node)
      ? { ...table, name: node, relation: w.get(node, "relation") }
      : filtered(w, node, table, column, compare, value);
    const measures = [{ fn: "count", as: "clients" } as const, { fn: "mean", column: looksAt, as: "mean" } as const];
    w.output(w.aggregate(`explore.${node}.${looksAt}`, part.relation, { keys: ["split"], measures }));
  }
}

/** Script 1 looks at the data: errors, rate of trouble by each category, by age and by the agencies' scores, in either split. All are outputs. */
export function exploreApplications(w: WorkflowBuilder, application: Table, cleaned: Table): void {
  const rates = [{ fn: "count", as: "clients" } as const, { fn: "mean", column: "TARGET", as: "rate" } as const];
  for (const column of application.texts)
    w.output(w.aggregate(`explore.${column}`, application.relation, { keys: ["split", column], measures: rates }));
  halves(w, application, "DAYS_EMPLOYED", noDay, "TARGET");
  for (const column of polynomialColumns) halves(w, cleaned, "TARGET", 1, column);
  const tenths = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
  const fiveYears = Array.from({ length: 9 }, (_, i) => 365 * (25 + 5 * i));
  for (const [column, edges] of [
    ["DAYS_BIRTH", fiveYears],
    ["EXT_SOURCE_1", tenths],
    ["EXT_SOURCE_2", tenths],
    ["EXT_SOURCE_3", tenths],
  ] as const) {
    const number = columnOf(w, cleaned, column) as Handle<"numeric">;
    const bins = w.bucketise(`explore.${column}.bin`, number, edges);
    const narrow = w.project(`explore.${column}.data`, cleaned.relation, ["TARGET", column]);
    const withBins = w.extend(`explore.${column}.binned`, narrow, { BIN: bins });
    w.output(w.aggregate(`explore.${column}`, withBins, { keys: ["split", "BIN"], measures: rates }));
  }
}

/** A sample of the applications that is about as large as script 5's: every 19th client, all of the test part; numbers only. */
export function sampledNumbers(w: WorkflowBuilder, table: Table, name: string): Table {
  const id = columnOf(w, table, client);
  const split = w.field(`${table.name}.split`, table.relation, "split", "categorical");
  const isDrawn = w.sqlUdf(`${name}.drawn`, [id, split], "CASE WHEN $1 % 19 = 0 OR $2 = 'test' THEN 1 ELSE 0 END", {
    name: "drawn",
    type: "integer",
  });
  const marked = { ...table, relation: w.extend(`${name}.marked`, table.relation, { DRAWN: isDrawn }) };
  const rows = filtered(w, `${name}.rows`, marked, "DRAWN", "eq", 1);
  return without(w, name, rows, table.texts);
}
