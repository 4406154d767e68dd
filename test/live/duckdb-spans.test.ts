import { expect, it } from "vitest";
import { duckDbDialect } from "../../src/executors/duckdb/compiler/dialect.ts";
import { openDatabase } from "../../src/executors/duckdb/driver.ts";

it("counts a mention found with other bounds on both sides, and one without a counterpart as missed or invented", async () => {
  const database = await openDatabase();
  try {
    const spans = `(VALUES (1, 0, 2, true, false), (1, 0, 1, false, true), (1, 5, 6, true, false), (2, 0, 2, false, true), (3, 1, 2, true, true)) AS s("sentence", "start", "end", "gold", "predicted")`;
    const [row] = await database.query(duckDbDialect.spanErrors(spans));
    expect(row?.map(Number)).toEqual([4, 1, 1, 2]);
  } finally {
    await database.close();
  }
});
