import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { homeCreditDataset } from "../../../src/harness/datasets/home-credit.ts";
import { prepareDataset, type PreparedData } from "../../../src/harness/datasets/index.ts";
import { clientOf } from "../../../src/workloads/kaggle/clients.ts";
import { homeCreditChunks, homeCreditRows, isTestClient } from "../../../src/workloads/kaggle/generator.ts";
import { homeCreditColumns, type HomeCreditTable } from "../../../src/workloads/kaggle/tables.ts";

const seed = 1;
const clients = 3_000;
const tables = Object.keys(homeCreditColumns) as HomeCreditTable[];

/** Rows of a table as records of text. */
function records(table: HomeCreditTable, count = clients): readonly Readonly<Record<string, string>>[] {
  const columns = homeCreditColumns[table];
  return [...homeCreditChunks({ table, clients: count, seed })]
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => Object.fromEntries(line.split(",").map((cell, i) => [columns[i]!.name, cell])));
}
const keysOf = (rows: readonly Readonly<Record<string, string>>[], key: string): Set<string> =>
  new Set(rows.map((row) => row[key]!));
const share = (rows: readonly unknown[], holds: (row: never) => boolean): number =>
  rows.filter((row) => holds(row as never)).length / rows.length;
type Row = Readonly<Record<string, string>>;

describe("the generated bank", () => {
  const application = records("application");
  const bureau = records("bureau");
  const previous = records("previous_application");

  it("has the tables of the original with as many columns", () => {
    expect(tables.map((table) => homeCreditColumns[table].length)).toEqual([122, 17, 3, 37, 8, 8, 23]);
    for (const table of tables) {
      const names = homeCreditColumns[table].map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it("ties its tables by keys: loans belong to clients, monthly lines to loans, ids are unique", () => {
    const ids = keysOf(application, "SK_ID_CURR");
    expect(ids.size).toBe(clients);
    for (const [rows, key] of [
      [bureau, "SK_ID_BUREAU"],
      [previous, "SK_ID_PREV"],
    ] as const) {
      expect(keysOf(rows, key).size).toBe(rows.length);
      expect([...keysOf(rows, "SK_ID_CURR")].every((id) => ids.has(id))).toBe(true);
    }
    const loans = keysOf(bureau, "SK_ID_BUREAU");
    expect([...keysOf(records("bureau_balance", 200), "SK_ID_BUREAU")].every((id) => loans.has(id))).toBe(true);
    const client = new Map(previous.map((row) => [row["SK_ID_PREV"], row["SK_ID_CURR"]]));
    for (const table of ["POS_CASH_balance", "installments_payments", "credit_card_balance"] as const)
      for (const row of records(table, 200)) expect(client.get(row["SK_ID_PREV"])).toBe(row["SK_ID_CURR"]);
  });

  it("has about as many rows for each client as the original, and its rate of trouble", () => {
    const perClient = tables.map((table) => records(table, 400).length / 400);
    const original = [1, 4.8, 76.6, 4.7, 28, 38, 10.8];
    for (const [t, count] of perClient.entries()) {
      expect(count / original[t]!).toBeGreaterThan(0.75);
      expect(count / original[t]!).toBeLessThan(1.33);
    }
    const rate = share(application, (row: Row) => row["TARGET"] === "1");
    expect(rate).toBeGreaterThan(0.06);
    expect(rate).toBeLessThan(0.11);
  });

  it("lets trouble show in every kind of table: scores, late payments, refusals, debts", () => {
    const isRisky = new Map(application.map((row) => [row["SK_ID_CURR"], row["TARGET"] === "1"]));
    const mean = (rows: readonly Row[], risky: boolean, of: (row: Row) => number): number => {
      const found = rows.filter((row) => isRisky.get(row["SK_ID_CURR"]) === risky);
      return found.reduce((sum, row) => sum + of(row), 0) / found.length;
    };
    const raised = (rows: readonly Row[], of: (row: Row) => number): number =>
      mean(rows, true, of) / mean(rows, false, of);
    expect(
      raised(
        application.filter((row) => row["EXT_SOURCE_2"] !== ""),
        (row) => Number(row["EXT_SOURCE_2"]),
      ),
    ).toBeLessThan(0.85);
    expect(raised(previous, (row) => Number(row["NAME_CONTRACT_STATUS"] === "Refused"))).toBeGreaterThan(1.15);
    expect(raised(bureau, (row) => Number(row["CREDIT_ACTIVE"] === "Active"))).toBeGreaterThan(1.03);
    const paid = records("installments_payments", 1_500).filter((row) => row["DAYS_ENTRY_PAYMENT"] !== "");
    expect(
      raised(paid, (row) => Number(Number(row["DAYS_ENTRY_PAYMENT"]) > Number(row["DAYS_INSTALMENT"]))),
    ).toBeGreaterThan(1.25);
  });

  it("is the same for a seed, whatever the chunks; a larger one begins with a smaller one", () => {
    for (const table of tables) {
      const of = (count: number, chunk: number, s = seed): string =>
        [...homeCreditChunks({ table, clients: count, seed: s }, chunk)].join("");
      const small = of(40, 7);
      expect(of(40, 1_000)).toBe(small);
      expect(of(60, 7).startsWith(small)).toBe(true);
      expect(of(40, 7, 2)).not.toBe(small);
    }
  });

  it("splits clients three to nineteen, every client once", () => {
    const [train, test] = (["train", "test"] as const).map((split) =>
      [...homeCreditChunks({ table: "application", split, clients: 220, seed })].join("").trimEnd().split("\n"),
    );
    expect([train!.length, test!.length]).toEqual([190, 30]);
    expect(isTestClient(0)).toBe(true);
    expect(homeCreditRows("application", seed, clientOf(seed, 0))[0]!.join(",").split(",")[0]).toBe(
      test![0]!.split(",")[0],
    );
  });
});

describe("data set home-credit", () => {
  let folder = "";
  let data: PreparedData;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "reuselab-home-credit-"));
    data = await prepareDataset("home-credit", { scale: 0.0005, cacheDir: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("gives one source for each table, applications in two splits", () => {
    expect(Object.keys(data.sources).sort()).toEqual([...tables].sort());
    expect(data.sources["application"]!.files.map(({ split }) => split)).toEqual(["train", "test"]);
    expect(data.sources["bureau"]!.files.map(({ split }) => split)).toEqual(["all"]);
    expect(new Set(Object.values(data.sources).map(({ fingerprint }) => fingerprint)).size).toBe(tables.length);
    expect(data.rows).toBe(178);
  });

  it("accepts its own files as real ones, and names file, line and field of what is wrong", async () => {
    const real = await prepareDataset("home-credit", { dataDir: data.folder, cacheDir: folder });
    expect(real.fingerprint).toBe(data.fingerprint);
    const bureau = readFileSync(join(data.folder, "bureau.csv"), "utf8");
    const check = (text: string): unknown => homeCreditDataset.check("bureau.csv", text);
    expect(() => check(`SK_ID_CURR,SK_ID_BUREAU\n${bureau}`)).toThrow(/bureau\.csv:1.*cut the header off/u);
    expect(() => check(`${bureau}1,2,3\n`)).toThrow(/has 3 fields; expected 17/u);
    expect(() => check(bureau.replace(/^\d+/u, "x"))).toThrow(/SK_ID_CURR.*expected an integer or nothing/u);
    await expect(prepareDataset("home-credit", { dataDir: data.folder, cacheDir: folder, scale: 2 })).rejects.toThrow(
      /cannot be scaled by 2/u,
    );
    writeFileSync(join(data.folder, "bureau.csv"), bureau);
  });
});
