/**
 * A seeded generator of data with the schema of Home Credit Default Risk: seven tables with its keys, columns, cardinalities and
 * shares of missing values, a label that follows from who a client is. Whatever a client has is drawn from streams of that client
 * alone, so that tables agree and a larger scale begins with the clients of a smaller one.
 *
 * Departures from the original: loans' ids lie in one block per client; applications of the test part have a label; texts hold no commas.
 */
import { applicationCells, type Client, clientOf } from "./clients.ts";
import { type Cell, line } from "./draws.ts";
import { bureauLoans, previousLoans } from "./loans.ts";
import { bureauBalanceRows, creditCardRows, instalmentRows, type MonthlyRows, posCashRows } from "./monthly.ts";
import type { HomeCreditTable } from "./tables.ts";

/** Clients at scale 1: 307,511 in the train part of the original and 48,744 in the test part. */
export const homeCreditClients = 356_255;

/** Raised whenever the same seed gives other rows. */
export const homeCreditGeneratorVersion = 2;

/** Three of 22 clients are in the test part, as many as in the original. */
export function isTestClient(index: number): boolean {
  return index % 22 < 3;
}

/** One file to generate. */
export interface HomeCreditPart {
  readonly table: HomeCreditTable;
  /** Part of `application`; other tables are in one file. */
  readonly split?: "train" | "test";
  /** At least 0; a longer part begins with the rows of a shorter one. */
  readonly clients: number;
  readonly seed: number;
}

const rowsOf: Readonly<Record<HomeCreditTable, MonthlyRows>> = {
  application: (seed, client) => [applicationCells(seed, client)],
  bureau: (seed, client) => bureauLoans(seed, client).map(({ cells }) => cells),
  bureau_balance: bureauBalanceRows,
  previous_application: (seed, client) => previousLoans(seed, client).map(({ cells }) => cells),
  POS_CASH_balance: posCashRows,
  installments_payments: instalmentRows,
  credit_card_balance: creditCardRows,
};

/** All lines of one client in a table. */
export function homeCreditRows(table: HomeCreditTable, seed: number, client: Client): readonly (readonly Cell[])[] {
  return rowsOf[table](seed, client);
}

/** The file in chunks of text, made as they are asked for; comma-separated, without a header, empty cells for missing values. */
export function* homeCreditChunks(
  { table, split, clients, seed }: HomeCreditPart,
  clientsPerChunk = 200,
): Generator<string> {
  let chunk = "";
  for (let index = 0; index < clients; index++) {
    if (split === undefined || isTestClient(index) === (split === "test"))
      for (const cells of homeCreditRows(table, seed, clientOf(seed, index))) chunk += line(cells);
    if (chunk !== "" && (index % clientsPerChunk === clientsPerChunk - 1 || index === clients - 1)) {
      yield chunk;
      chunk = "";
    }
  }
}
