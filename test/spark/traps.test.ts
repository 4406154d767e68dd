import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { type Cell, type Computed, computeEach, node, useTwoEngines } from "./two-engines.ts";

/** Where Spark's SQL and DuckDB's part ways: expected values are written out, so that both cannot be wrong alike. */
const engines = useTwoEngines();

const column = (name: string, as: "categorical" | "numeric"): Operator => ({ op: "field", column: name, as });
let sides: readonly (readonly [string, Computed])[] = [];

beforeAll(async () => {
  const path = join(engines.folder(), "traps.csv");
  // word, n, x; the third word is null.
  writeFileSync(path, "a\\b,1,5\n\\d,2,5\n?,4,5\n7,?,5\nit's,-7,5\n");
  const nodes = [
    node("data", { op: "source", dataset: "d", fingerprint: "f", files: [{ path, split: "train" }] }),
    node(
      "rows",
      {
        op: "scan",
        format: "csv",
        columns: [
          { name: "word", type: "text" },
          { name: "n", type: "integer" },
          { name: "x", type: "integer" },
        ],
      },
      ["data"],
    ),
    node("word", column("word", "categorical"), ["rows"]),
    node("n", column("n", "numeric"), ["rows"]),
    node("x", column("x", "numeric"), ["rows"]),
  ];
  sides = [
    ["DuckDB", await computeEach(engines.duckdb(), nodes)],
    ["Spark", await computeEach(engines.spark(), nodes)],
  ];
});

/** Columns of the last node are the expected ones, on each engine. */
async function expectColumns(
  nodes: readonly IterationNode[],
  names: readonly string[],
  expected: readonly (readonly Cell[])[],
): Promise<void> {
  for (const [engine, base] of sides) {
    const computed = await computeEach(base.executor, nodes, base.handles);
    expect([engine, await computed.columns(nodes.at(-1)!.id, names)]).toEqual([engine, expected]);
  }
}

describe("on both engines", () => {
  test("a backslash is a backslash: in data, in a comparison and in a list of words", async () => {
    const equal: Operator = { op: "filter", column: "word", compare: "eq", value: "\\d" };
    await expectColumns([node("equal", equal, ["rows"])], ["word", "n"], [["\\d"], [2]]);
    const known: Operator = { op: "text", fn: "gazetteer", words: ["\\d", "it's"] };
    await expectColumns([node("known", known, ["word"])], ["value"], [[null, 0, null, null, 0]]);
  });

  test("nulls come last in sorted groups, and text sorts by code point", async () => {
    const groups: Operator = { op: "aggregate", keys: ["word"], measures: [{ fn: "count", as: "rows" }] };
    await expectColumns(
      [node("groups", groups, ["rows"])],
      ["word", "rows"],
      [
        ["7", "\\d", "a\\b", "it's", null],
        [1, 1, 1, 1, 1],
      ],
    );
  });

  test("hashes are md5's first 32 bits, not the engine's own", async () => {
    const bucket = (word: string): number => createHash("md5").update(word, "utf8").digest().readUInt32BE(0) % 97;
    const hashed: Operator = { op: "hash-feature", buckets: 97 };
    await expectColumns(
      [node("hashed", hashed, ["word"])],
      ["value"],
      [["a\\b", "\\d", null, "7", "it's"].map((word) => (word === null ? null : bucket(word)))],
    );
  });

  test("means of integers are not cut to integers, and a column without spread is not divided by zero", async () => {
    const whole: Operator = {
      op: "aggregate",
      keys: [],
      measures: [
        { fn: "mean", column: "n", as: "mean" },
        { fn: "sum", column: "n", as: "sum" },
        { fn: "stddev", column: "x", as: "deviation" },
      ],
    };

    await expectColumns([node("whole", whole, ["rows"])], ["mean", "sum", "deviation"], [[0], [0], [0]]);
    const most: Operator = { op: "filter", column: "n", compare: "gt", value: -7 };
    await expectColumns([node("most", most, ["rows"]), node("mean", whole, ["most"])], ["mean", "sum"], [[7 / 3], [7]]);
    const standard: Operator = { op: "expression", fn: "standardise" };
    await expectColumns([node("standard", standard, ["x"])], ["value"], [[0, 0, 0, 0, 0]]);
  });

  test("a value joined to null is null, not the rest", async () => {
    const cross: Operator = { op: "interaction" };
    const bucket: Operator = { op: "bucketise", edges: [0, 3] };
    await expectColumns(
      [node("bucket", bucket, ["n"]), node("cross", cross, ["word", "bucket"])],
      ["value"],
      [["a\\b\u001f1", "\\d\u001f1", null, null, "it's\u001f0"]],
    );
  });

  test("extend puts features beside the relation's columns, in the order of rows", async () => {
    const extend: Operator = { op: "extend", columns: ["twice", "again"] };
    const twice: Operator = { op: "sql-udf", text: "$1 * 2", returns: { name: "v", type: "integer" } };
    await expectColumns(
      [node("twice", twice, ["n"]), node("extended", extend, ["rows", "twice", "word"])],
      ["n", "twice", "again"],
      [
        [1, 2, 4, null, -7],
        [2, 4, 8, null, -14],
        ["a\\b", "\\d", null, "7", "it's"],
      ],
    );
  });
});
