/** Feature engineering of scripts 2 and 3: what other banks report and what this bank knows of earlier loans. See `features.ts`. */
import type { WorkloadData } from "../../core/workload.ts";
import type { WorkflowBuilder } from "../dsl.ts";
import { client, halves } from "./features.ts";
import {
  grouped,
  idsOf,
  indicators,
  joined,
  numericStatistics,
  replaced,
  selected,
  shareStatistics,
  type Table,
  tableOf,
  without,
} from "./table.ts";
import { flatColumns } from "./tables.ts";

const bureauKinds = {
  CREDIT_ACTIVE: ["Active", "Closed", "Sold"],
  CREDIT_CURRENCY: ["currency 1", "currency 2", "currency 3"],
  CREDIT_TYPE: ["Consumer credit", "Credit card", "Car loan", "Mortgage", "Microloan"],
};
const monthlyStatuses = { STATUS: ["0", "1", "2", "3", "4", "5", "C", "X"] };

/** Statistics of a table's numbers by a key; ids are dropped first, then texts. */
function numbersBy(w: WorkflowBuilder, node: string, table: Table, key: string): Table {
  const others = table.ids.filter((id) => id !== key);
  const alone = others.length === 0 ? table : without(w, `${node}.alone`, table, others);
  const numeric = alone.texts.length === 0 ? alone : selected(w, `${node}.numeric`, alone, key, "numbers");
  return grouped(w, node, numeric, key, numericStatistics);
}

/** Shares of a table's categories by a key. */
function kindsBy(
  w: WorkflowBuilder,
  node: string,
  table: Table,
  key: string,
  values: Readonly<Record<string, readonly string[]>>,
): Table {
  const texts = selected(w, `${node}.texts`, table, key, "texts");
  return grouped(w, node, indicators(w, `${node}.onehot`, texts, values), key, shareStatistics);
}

/** What script 2 makes of the bureau's tables, each by client. */
export interface BureauParts {
  readonly bureau: Table;
  readonly kinds: Table;
  readonly numbers: Table;
  readonly balances: Table;
}

/** Script 2: both tables of the bureau, grouped. */
export function bureauParts(w: WorkflowBuilder, data: WorkloadData): BureauParts {
  const bureau = tableOf(w, data, "bureau");
  const loan = "SK_ID_BUREAU";
  const balance = tableOf(w, data, "bureau_balance");
  const statuses = kindsBy(w, "balance.statuses", balance, loan, monthlyStatuses);
  const months = numbersBy(w, "balance.months", balance, loan);
  const loans = joined(w, "balance.loans", months, statuses, { on: loan, prefix: "" });
  const owners = idsOf(w, "bureau.owners", bureau, [loan, client]);
  const owned = joined(w, "balance.owned", owners, loans, { on: loan, prefix: "" });
  return {
    bureau,
    kinds: kindsBy(w, "bureau.kinds", bureau, client, bureauKinds),
    numbers: numbersBy(w, "bureau.numbers", bureau, client),
    balances: numbersBy(w, "balance.clients", owned, client),
  };
}

/** Script 2 looks at its features one group at a time, each on a frame of its own. */
export function exploreBureau(w: WorkflowBuilder, { bureau, kinds, numbers }: BureauParts, application: Table): void {
  const counts: Table = {
    name: "bureau.counts",
    relation: w.aggregate("bureau.counts", bureau.relation, {
      keys: [client],
      measures: [{ fn: "count", as: "loans" }],
    }),
    ids: [client],
    numbers: ["loans"],
    texts: [],
  };
  const on = client;
  const counted = joined(w, "explore+counts", application, counts, { on, prefix: "previous_" });
  const filled = replaced(w, "explore+filled", counted, "previous_loans", {
    from: ["previous_loans"],
    sql: "coalesce($1, 0)",
    type: "integer",
  });
  for (const column of ["EXT_SOURCE_3", "previous_loans"]) halves(w, filled, "TARGET", 1, column);
  const measured = joined(w, "explore+numbers", filled, numbers, { on, prefix: "bureau_" });
  halves(w, measured, "TARGET", 1, "bureau_DAYS_CREDIT_mean");
  const means = measured.numbers.map((column) => ({ fn: "mean", column, as: `${column}_mean` }) as const);
  w.output(w.aggregate("explore.bureau", measured.relation, { keys: ["split", "TARGET"], measures: means }));
  const sorted = joined(w, "explore+kinds", measured, kinds, { on, prefix: "bureau_" });
  halves(w, sorted, "TARGET", 1, "bureau_CREDIT_ACTIVE=Active_mean");
}

/** Columns nearly equal to others that stay: of a flat's three statistics the mean, of a number's five mean and sum. */
function isRedundant(column: string): boolean {
  if (flatColumns.includes(column)) return !column.endsWith("_AVG");
  return /_(?:count|max|min)$/u.test(column) || column === "AMT_GOODS_PRICE";
}

/** Script 2: what other banks report, by client, joined to the applications; and the same without what is nearly there twice. */
export function withBureau(
  w: WorkflowBuilder,
  { kinds, numbers, balances }: BureauParts,
  application: Table,
): { readonly all: Table; readonly distinct: Table } {
  const on = client;
  const first = joined(w, "clients+kinds", application, kinds, { on, prefix: "bureau_" });
  const second = joined(w, "clients+numbers", first, numbers, { on, prefix: "bureau_" });
  const all = joined(w, "clients+balance", second, balances, { on, prefix: "balance_" });
  return { all, distinct: without(w, "clients.distinct", all, all.numbers.filter(isRedundant)) };
}

const previousKinds = {
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
};

/** Columns of earlier loans that more than 90 % of the clients lack. */
const rarelyThere = ["RATE_INTEREST_PRIMARY", "RATE_INTEREST_PRIVILEGED"].flatMap((column) =>
  ["mean", "max", "min", "sum"].map((statistic) => `previous_${column}_${statistic}`),
);

/** One of this bank's tables by loan, each loan once for every row it has, then by client. */
function byLoanThenClient(w: WorkflowBuilder, prefix: string, table: Table): Table {
  const loan = "SK_ID_PREV";
  const loans = numbersBy(w, `${prefix}.loans`, table, loan);
  const owners = idsOf(w, `${prefix}.owners`, table, [loan, client]);
  const owned = joined(w, `${prefix}.owned`, owners, loans, { on: loan, prefix: "" });
  return numbersBy(w, `${prefix}.clients`, owned, client);
}

/** Script 3: everything this bank knows of a client's earlier loans, joined to a table of clients; the widest tables of all. */
export function withHistory(w: WorkflowBuilder, data: WorkloadData, clients: Table): Table {
  const on = client;
  const previous = tableOf(w, data, "previous_application");
  const numbers = numbersBy(w, "previous.numbers", previous, client);
  const kinds = kindsBy(w, "previous.kinds", previous, client, previousKinds);
  const first = joined(w, "history+kinds", clients, kinds, { on, prefix: "kinds_" });
  const second = joined(w, "history+previous", first, numbers, { on, prefix: "previous_" });
  const known = without(w, "history.known", second, rarelyThere);
  return (
    [
      ["cash", "POS_CASH_balance"],
      ["cards", "credit_card_balance"],
      ["payments", "installments_payments"],
    ] as const
  ).reduce((left, [prefix, table]) => {
    const right = byLoanThenClient(w, prefix, tableOf(w, data, table));
    return joined(w, `history+${prefix}`, left, right, { on, prefix: `${prefix}_` });
  }, known);
}
