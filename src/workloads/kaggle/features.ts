/** Feature engineering of the three original scripts; workloads 4 to 8 take theirs from here. */
import type { WorkloadData } from "../../core/workload.ts";
import type { WorkflowBuilder } from "../dsl.ts";
import type { Feature, Handle } from "../ports.ts";
import {
  columnOf,
  derive,
  extended,
  type Formula,
  grouped,
  indicators,
  joined,
  numericStatistics,
  shareStatistics,
  type Table,
  tableOf,
} from "./table.ts";

const byClient = ["SK_ID_CURR"] as const;

/** The label of a table of applications: 1 = had difficulties to pay. */
export function labelOf(w: WorkflowBuilder, { name, relation }: Table): Handle<"categorical"> {
  const id = `${name}.TARGET`;
  return w.has(id) ? w.get(id, "categorical") : w.field(id, relation, "TARGET", "categorical");
}

const domainFormulas: Readonly<Record<string, Formula>> = {
  CREDIT_INCOME_PERCENT: { from: ["AMT_CREDIT", "AMT_INCOME_TOTAL"], sql: "$1 / nullif($2, 0)" },
  ANNUITY_INCOME_PERCENT: { from: ["AMT_ANNUITY", "AMT_INCOME_TOTAL"], sql: "$1 / nullif($2, 0)" },
  CREDIT_TERM: { from: ["AMT_ANNUITY", "AMT_CREDIT"], sql: "$1 / nullif($2, 0)" },
  DAYS_EMPLOYED_PERCENT: {
    from: ["DAYS_EMPLOYED", "DAYS_BIRTH"],
    sql: "CASE WHEN $1 = 365243 THEN NULL ELSE CAST($1 AS DOUBLE) / nullif($2, 0) END",
  },
};
const polynomialColumns = ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3", "DAYS_BIRTH"] as const;

/** All columns of the applications, the day of employment cleaned, a flag of the error at the end. */
export function baseFeatures(w: WorkflowBuilder, table: Table): readonly Feature[] {
  const employed = columnOf(w, table, "DAYS_EMPLOYED");
  const isError = w.sqlUdf("application.DAYS_EMPLOYED_ANOM", [employed], "CASE WHEN $1 = 365243 THEN 1 ELSE 0 END", {
    name: "anomaly",
    type: "integer",
  });
  const cleaned = w.sqlUdf(
    "application.DAYS_EMPLOYED_CLEAN",
    [employed],
    "CASE WHEN $1 = 365243 THEN NULL ELSE $1 END",
    { name: "days", type: "integer" },
  );
  const columns = [...table.numbers, ...table.texts].map((column) =>
    column === "DAYS_EMPLOYED" ? cleaned : columnOf(w, table, column),
  );
  return [...columns, isError];
}

/** Products of the agencies' scores and the age, of degree 2 and 3, by name. */
export function polynomialFeatures(w: WorkflowBuilder, table: Table): Readonly<Record<string, Feature>> {
  const sources = polynomialColumns.map((column) => columnOf(w, table, column));
  const features: Record<string, Feature> = {};
  for (const factors of productsOf(sources.length)) {
    const name = factors.map((factor) => polynomialColumns[factor] ?? "").join("*");
    const parents = [...new Set(factors)];
    const sql = factors.map((factor) => `CAST($${parents.indexOf(factor) + 1} AS DOUBLE)`).join(" * ");
    const inputs = parents.flatMap((factor) => sources[factor] ?? []);
    features[name] = w.sqlUdf(`application.${name}`, inputs, sql, { name: "product", type: "double" });
  }
  return features;
}

/** Ascending pairs and triples of the first `count` integers, repeats allowed. */
function productsOf(count: number): readonly (readonly number[])[] {
  const all = Array.from({ length: count }, (_, i) => i);
  const pairs = all.flatMap((i) => all.slice(i).map((j) => [i, j]));
  return [...pairs, ...pairs.flatMap(([i = 0, j = 0]) => all.slice(j).map((k) => [i, j, k]))];
}

/** Ratios a banker would look at, by name. */
export function domainFeatures(w: WorkflowBuilder, table: Table): Readonly<Record<string, Feature>> {
  const features: Record<string, Feature> = {};
  for (const [name, { from, sql }] of Object.entries(domainFormulas)) {
    const inputs = from.map((column) => columnOf(w, table, column));
    features[name] = w.sqlUdf(`application.${name}`, inputs, sql, { name, type: "double" });
  }
  return features;
}

/** Script 1 looks at the data: rate of trouble by each category, by age and by the agencies' scores, in either split. All are outputs. */
export function exploreApplications(w: WorkflowBuilder, table: Table): void {
  const rates = [{ fn: "count", as: "clients" } as const, { fn: "mean", column: "TARGET", as: "rate" } as const];
  for (const column of table.texts)
    w.output(w.aggregate(`explore.${column}`, table.relation, { keys: ["split", column], measures: rates }));
  const tenths = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
  const fiveYears = Array.from({ length: 9 }, (_, i) => -365 * (65 - 5 * i));
  for (const [column, edges] of [
    ["DAYS_BIRTH", fiveYears],
    ["EXT_SOURCE_1", tenths],
    ["EXT_SOURCE_2", tenths],
    ["EXT_SOURCE_3", tenths],
  ] as const) {
    const number = columnOf(w, table, column) as Handle<"numeric">;
    const bins = w.bucketise(`explore.${column}.bin`, number, edges);
    const withBins = w.extend(`explore.${column}.binned`, table.relation, { BIN: bins });
    w.output(w.aggregate(`explore.${column}`, withBins, { keys: ["split", "BIN"], measures: rates }));
  }
}

/** What script 1 adds to the applications, with the client's key, for workload 8. */
export function engineeredTable(w: WorkflowBuilder, table: Table): Table {
  const features = { ...polynomialFeatures(w, table), ...domainFeatures(w, table) };
  const numbers = Object.keys(features);
  const wide = extended(w, table, "application.engineered", features);
  const relation = w.project("application.new", wide.relation, ["SK_ID_CURR", ...numbers]);
  return { name: "application.new", relation, numbers, texts: [] };
}

/** Script 2: what other banks report, by client, joined to a table of clients. */
export function withBureau(w: WorkflowBuilder, data: WorkloadData, clients: Table): Table {
  const bureau = derive(w, tableOf(w, data, "bureau"), {
    DEBT_SHARE: { from: ["AMT_CREDIT_SUM_DEBT", "AMT_CREDIT_SUM"], sql: "$1 / nullif($2, 0)" },
    OVERDUE_SHARE: { from: ["AMT_CREDIT_SUM_OVERDUE", "AMT_CREDIT_SUM_DEBT"], sql: "$1 / nullif($2, 0)" },
    DURATION: { from: ["DAYS_CREDIT_ENDDATE", "DAYS_CREDIT"], sql: "CAST($1 - $2 AS DOUBLE)" },
    ENDED_EARLY: { from: ["DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT"], sql: "CAST($1 - $2 AS DOUBLE)" },
  });
  const kinds = indicators(w, bureau, {
    CREDIT_ACTIVE: ["Active", "Closed", "Sold"],
    CREDIT_CURRENCY: ["currency 1", "currency 2", "currency 3"],
    CREDIT_TYPE: ["Consumer credit", "Credit card", "Car loan", "Mortgage", "Microloan"],
  });
  const numbers = grouped(w, "bureau.numbers", bureau, {
    keys: byClient,
    statistics: numericStatistics,
    count: "count",
  });
  const shares = grouped(w, "bureau.kinds", kinds, { keys: byClient, statistics: shareStatistics });

  const balance = tableOf(w, data, "bureau_balance");
  const statuses = indicators(w, balance, { STATUS: ["0", "1", "2", "3", "4", "5", "C", "X"] });
  const byLoan = ["SK_ID_BUREAU"] as const;
  const months = grouped(w, "balance.months", balance, {
    keys: byLoan,
    statistics: ["mean", "max", "min"],
    count: "months",
  });
  const counts = grouped(w, "balance.statuses", statuses, { keys: byLoan, statistics: shareStatistics });
  const loans = joined(w, "balance.loans", months, counts, { on: byLoan, prefix: "" });
  const owners: Table = {
    name: "bureau.owners",
    relation: w.project("bureau.owners", bureau.relation, ["SK_ID_CURR", "SK_ID_BUREAU"]),
    numbers: [],
    texts: [],
  };
  const owned = joined(w, "balance.owned", owners, loans, { on: byLoan, prefix: "" });
  const balances = grouped(w, "balance.clients", owned, { keys: byClient, statistics: numericStatistics });

  const first = joined(w, "clients+bureau", clients, numbers, { on: byClient, prefix: "bureau_" });
  const second = joined(w, "clients+kinds", first, shares, { on: byClient, prefix: "bureau_" });
  return joined(w, "clients+balance", second, balances, { on: byClient, prefix: "balance_" });
}

/** One of this bank's tables by loan, then by client. */
function byLoanThenClient(w: WorkflowBuilder, prefix: string, table: Table): Table {
  const loans = grouped(w, `${prefix}.loans`, table, {
    keys: ["SK_ID_PREV", "SK_ID_CURR"],
    statistics: numericStatistics,
    count: "count",
  });
  return grouped(w, `${prefix}.clients`, loans, { keys: byClient, statistics: numericStatistics });
}

/** Script 3: everything this bank knows of a client's earlier loans, joined to a table of clients; the widest tables of all. */
export function withHistory(w: WorkflowBuilder, data: WorkloadData, clients: Table): Table {
  const previous = derive(w, tableOf(w, data, "previous_application"), {
    GRANTED_SHARE: { from: ["AMT_CREDIT", "AMT_APPLICATION"], sql: "$1 / nullif($2, 0)" },
    TERM: { from: ["AMT_CREDIT", "AMT_ANNUITY"], sql: "$1 / nullif($2, 0)" },
  });
  const kinds = indicators(w, previous, {
    NAME_CONTRACT_TYPE: ["Cash loans", "Consumer loans", "Revolving loans"],
    NAME_CONTRACT_STATUS: ["Approved", "Canceled", "Refused", "Unused offer"],
    FLAG_LAST_APPL_PER_CONTRACT: ["Y", "N"],
    WEEKDAY_APPR_PROCESS_START: ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
    NAME_CASH_LOAN_PURPOSE: [
      "XAP",
      "XNA",
      "Repairs",
      "Other",
      "Urgent needs",
      "Buying a used car",
      "Education",
      "Medicine",
    ],
    NAME_PAYMENT_TYPE: ["Cash through the bank", "XNA", "Non-cash from your account"],
    CODE_REJECT_REASON: ["XAP", "HC", "LIMIT", "SCO", "CLIENT", "SCOFR", "XNA"],
    NAME_TYPE_SUITE: ["Unaccompanied", "Family", "Spouse partner", "Children", "Other B", "Other A"],
    NAME_PRODUCT_TYPE: ["XNA", "x-sell", "walk-in"],
    NAME_SELLER_INDUSTRY: [
      "XNA",
      "Consumer electronics",
      "Connectivity",
      "Furniture",
      "Construction",
      "Clothing",
      "Industry",
    ],
    NAME_CLIENT_TYPE: ["Repeater", "New", "Refreshed"],
    NAME_PORTFOLIO: ["Cash", "POS", "Cards"],
    NAME_YIELD_GROUP: ["middle", "high", "low normal", "low action"],
    CHANNEL_TYPE: ["Credit and cash offices", "Country-wide", "Stone", "Contact center"],
    NAME_GOODS_CATEGORY: ["Mobile", "Consumer Electronics", "Computers", "Audio/Video", "Furniture"],
  });
  const numbers = grouped(w, "previous.numbers", previous, {
    keys: byClient,
    statistics: numericStatistics,
    count: "count",
  });
  const shares = grouped(w, "previous.kinds", kinds, { keys: byClient, statistics: shareStatistics });

  const cash = tableOf(w, data, "POS_CASH_balance");
  const statuses = indicators(w, cash, { NAME_CONTRACT_STATUS: ["Active", "Completed"] });
  const cashStatuses = grouped(w, "cash.statuses", statuses, { keys: byClient, statistics: shareStatistics });
  const payments = derive(w, tableOf(w, data, "installments_payments"), {
    DAYS_LATE: { from: ["DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT"], sql: "CAST($1 - $2 AS DOUBLE)" },
    UNPAID: { from: ["AMT_INSTALMENT", "AMT_PAYMENT"], sql: "$1 - $2" },
  });
  const cards = derive(w, tableOf(w, data, "credit_card_balance"), {
    LIMIT_USE: { from: ["AMT_BALANCE", "AMT_CREDIT_LIMIT_ACTUAL"], sql: "$1 / nullif($2, 0)" },
    CASH_SHARE: { from: ["AMT_DRAWINGS_ATM_CURRENT", "AMT_DRAWINGS_CURRENT"], sql: "$1 / nullif($2, 0)" },
  });

  const parts: readonly (readonly [string, Table])[] = [
    ["previous", numbers],
    ["kinds", shares],
    ["cash", byLoanThenClient(w, "cash", cash)],
    ["statuses", cashStatuses],
    ["payments", byLoanThenClient(w, "payments", payments)],
    ["cards", byLoanThenClient(w, "cards", cards)],
  ];
  return parts.reduce(
    (left, [prefix, right]) => joined(w, `history+${prefix}`, left, right, { on: byClient, prefix: `${prefix}_` }),
    clients,
  );
}
