import { describe, expect, test } from "vitest";
import type { Cell, Row } from "../../src/harness/cells.ts";
import { rankingTables } from "../../src/report/ranking.ts";

function cell(system: string, trace: string, cumulative: readonly number[], more: Row = {}): Cell {
  return {
    key: `${system}/${trace}`,
    configuration: {
      experiment: "e",
      experimentVersion: 1,
      params: { system, trace },
      seed: 1,
      executor: "simulated",
      inputs: {},
      policy: "1",
    },
    status: "done",
    rows: cumulative.map((cumulativeUs, iteration) => ({
      trace,
      system,
      budgetBytes: null,
      accounting: "uniform",
      seed: 1,
      executor: "simulated",
      iteration,
      cumulativeUs,
      storedBytes: 10 * iteration,
      ...more,
    })),
    facts: {},
    exclusions: [],
  };
}

describe("the ranking", () => {
  test("orders by the geometric mean of run time ÷ best, over whole runs only", () => {
    const [table, ...others] = rankingTables([
      cell("slow", "a", [100, 399]),
      cell("fast", "a", [50, 99]),
      cell("slow", "b", [1, 99]),
      cell("fast", "b", [1, 99]),
      cell("short", "a", [1]),
      cell("short", "b", [1]),
    ]);
    expect(others).toEqual([]);
    expect(table?.rows).toEqual([
      ["fast", "1", "1x", "2", "2", "0", "198 µs", "10 B"],
      ["slow", "2", "2x", "1", "2", "0", "498 µs", "10 B"],
      ["short", "–", "–", "–", "0", "2", "–", "–"],
    ]);
  });

  test("never mixes accountings or executors", () => {
    const tables = rankingTables([
      cell("x", "a", [1, 2]),
      cell("y", "a", [1, 3]),
      cell("x", "a", [1, 2], { accounting: "collab" }),
      cell("y", "a", [1, 1], { accounting: "collab" }),
      cell("x", "a", [7, 9], { executor: "duckdb" }),
      cell("y", "a", [7, 8], { executor: "duckdb" }),
    ]);
    expect(tables.map(({ rows }) => rows[0]?.[0])).toEqual(["x", "y", "y"]);
    expect(tables.map(({ note }) => note.split(";")[0])).toEqual([
      "accounting uniform, executor simulated",
      "accounting collab, executor simulated",
      "accounting uniform, executor duckdb",
    ]);
  });

  test("is left out where rows are no iterations, and for one system alone", () => {
    expect(rankingTables([{ ...cell("x", "a", [1]), rows: [{ planner: "p", planUs: 3 }] }])).toEqual([]);
    expect(rankingTables([cell("x", "a", [1]), cell("x", "b", [2])])).toEqual([]);
  });
});
