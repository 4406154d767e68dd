import { describe, expect, it } from "vitest";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { prepareDataset, type PreparedData } from "../../src/harness/datasets/index.ts";
import { homeCreditClients, homeCreditRows } from "../../src/workloads/kaggle/generator.ts";
import { clientOf } from "../../src/workloads/kaggle/clients.ts";
import { kaggle } from "../../src/workloads/kaggle/index.ts";
import { type HomeCreditTable, homeCreditColumns } from "../../src/workloads/kaggle/tables.ts";
import { computeInGroups, inFolder, releaseAll, withExecutor } from "./duckdb-support.ts";

type Row = Readonly<Record<string, string | number | null>>;
const seed = 1;
const scale = 0.001;
const clients = Math.round(homeCreditClients * scale);

/** A client's rows of a table, straight from the generator. */
function rowsOf(table: HomeCreditTable, client: number): readonly Row[] {
  const columns = homeCreditColumns[table];
  return homeCreditRows(table, seed, clientOf(seed, client)).map((cells) =>
    Object.fromEntries(cells.map((cell, c) => [columns[c]!.name, cell])),
  );
}
const known = (rows: readonly Row[], column: string): readonly number[] =>
  rows.flatMap((row) => (row[column] === null ? [] : [Number(row[column])]));
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : sum(values) / values.length);
const largest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
const byKey = (rows: readonly Row[], key: string): readonly (readonly Row[])[] =>
  [...new Set(rows.map((row) => row[key]))].map((id) => rows.filter((row) => row[key] === id));

async function onData(body: (data: PreparedData) => Promise<void>): Promise<void> {
  await inFolder(async (cacheDir) => body(await prepareDataset("home-credit", { scale, seed, cacheDir })));
}

/** A relation's columns as the engine holds them, by client. */
async function read(
  nodes: readonly IterationNode[],
  relation: string,
  columns: readonly string[],
): Promise<ReadonlyMap<number, readonly unknown[]>> {
  const wanted = new Set([relation]);
  for (const { id, parents } of nodes.toReversed())
    if (wanted.has(id)) for (const parent of parents) wanted.add(parent);
  const found = new Map<number, readonly unknown[]>();
  const operator: Operator = {
    op: "udf",
    columns: ["SK_ID_CURR", ...columns],
    returns: { name: "v", type: "integer" },
    source: "",
    with: {},
    fn: (given) => {
      (given["SK_ID_CURR"] ?? []).forEach((id, i) =>
        found.set(
          Number(id),
          columns.map((name) => given[name]![i]),
        ),
      );
      return (given["SK_ID_CURR"] ?? []).map(() => 0);
    },
  };
  const probe: IterationNode = { id: "probe", op: "udf", signature: "probe", parents: [relation], operator };
  await withExecutor(async (executor) => {
    const { handles } = await computeInGroups(executor, [nodes.filter(({ id }) => wanted.has(id)), [probe]]);
    await releaseAll(executor, handles);
    expect(executor.tableCount).toBe(0);
  });
  return found;
}

function expectClose(got: readonly unknown[], expected: readonly (number | null)[], client: number): void {
  expected.forEach((value, c) => {
    if (value === null) expect([client, c, got[c]]).toEqual([client, c, null]);
    else expect(Math.abs(Number(got[c]) - value) / Math.max(1, Math.abs(value))).toBeLessThan(1e-9);
  });
}

describe("Kaggle on DuckDB", () => {
  it("what other banks report, joined by client, is what the generated rows give by hand", async () => {
    await onData(async (data) => {
      const version = kaggle.versions(data, 1, {})[1]!;
      const columns = [
        "bureau_DAYS_CREDIT_count",
        "bureau_AMT_CREDIT_SUM_mean",
        "bureau_AMT_CREDIT_SUM_DEBT_max",
        "bureau_CREDIT_ACTIVE=Active_sum",
        "balance_MONTHS_BALANCE_count_sum",
        "balance_STATUS=C_mean_max",
      ];
      const found = await read(version.nodes, "clients+balance", columns);
      expect(found.size).toBe(clients);
      for (let i = 0; i < clients; i++) {
        const loans = rowsOf("bureau", i);
        const months = byKey(rowsOf("bureau_balance", i), "SK_ID_BUREAU");
        expectClose(
          found.get(clientOf(seed, i).id)!,
          [
            loans.length === 0 ? null : loans.length,
            mean(known(loans, "AMT_CREDIT_SUM")),
            largest(known(loans, "AMT_CREDIT_SUM_DEBT")),
            loans.length === 0 ? null : loans.filter((row) => row["CREDIT_ACTIVE"] === "Active").length,
            months.length === 0 ? null : sum(months.map((rows) => rows.length)),
            largest(months.map((rows) => rows.filter((row) => row["STATUS"] === "C").length / rows.length)),
          ],
          i,
        );
      }
    });
  });

  it("earlier loans, by loan and then by client, are what the generated rows give by hand", async () => {
    await onData(async (data) => {
      const version = kaggle.versions(data, 1, {})[2]!;
      const columns = [
        "payments_AMT_PAYMENT_max_mean",
        "payments_AMT_INSTALMENT_sum_sum",
        "previous_AMT_CREDIT_count",
        "kinds_NAME_CONTRACT_STATUS=Refused_mean",
      ];
      const found = await read(version.nodes, "history+payments", columns);
      for (let i = 0; i < clients; i++) {
        // As in the script, a loan counts once for every row that it has.
        const paid = byKey(rowsOf("installments_payments", i), "SK_ID_PREV");
        const repeated = (of: (rows: readonly Row[]) => number | null): readonly number[] =>
          paid.flatMap((rows) => rows.flatMap(() => of(rows) ?? []));
        const due = repeated((rows) => sum(known(rows, "AMT_INSTALMENT")));
        const previous = rowsOf("previous_application", i);
        expectClose(
          found.get(clientOf(seed, i).id)!,
          [
            mean(repeated((rows) => largest(known(rows, "AMT_PAYMENT")))),
            due.length === 0 ? null : sum(due),
            previous.length === 0 ? null : previous.length,
            previous.length === 0
              ? null
              : previous.filter((row) => row["NAME_CONTRACT_STATUS"] === "Refused").length / previous.length,
          ],
          i,
        );
      }
    });
  });

  it("boosting and searches end in AUCs, the same with and without stored examples", async () => {
    await onData(async (data) => {
      const { nodes } = kaggle.versions(data, 1, {})[4]!;
      const at = nodes.findIndex(({ id }) => id === "examples.engineered-sample");
      const whole = await withExecutor(async (executor) => {
        const { metrics, handles } = await computeInGroups(executor, [nodes]);
        await releaseAll(executor, handles);
        return metrics;
      });
      const learned = ["boosting", "grid-search", "random-search"].flatMap((name) =>
        ["sample", "engineered-sample"].map((on) => `${name}.${on}.auc.auc`),
      );
      const onAll = ["boosting.auc.auc", "boosting.engineered.auc.auc"];
      expect(Object.keys(whole).sort()).toEqual([...learned, ...onAll].sort());
      for (const name of onAll) expect(whole[name]).toBeGreaterThan(0.5);
      const parted = await withExecutor(async (executor) => {
        const { metrics, handles } = await computeInGroups(executor, [nodes.slice(0, at + 1), nodes.slice(at + 1)]);
        await releaseAll(executor, handles);
        return metrics;
      });
      expect(parted).toEqual(whole);
    });
  });
});
