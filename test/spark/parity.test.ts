import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ResultHandle } from "../../src/core/executor.ts";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { randomPick, rngStream } from "../../src/core/rng.ts";
import { type Computed, computeEach, node, seenKinds, useTwoEngines } from "./two-engines.ts";

const engines = useTwoEngines();
const rowCount = 1000;

/** Same rows for both engines: values that tempt dialects apart, nulls in every column, two files. */
function writeRows(): readonly { readonly path: string; readonly split: string }[] {
  const rng = rngStream(1, "parity/rows");
  const pick = <T>(values: readonly T[]): T => randomPick(rng, values);
  const words = [
    "plain",
    "\\d+",
    "a\\b",
    "it's",
    "Äpfel",
    "日本",
    "x.",
    "long word here",
    "50%",
    "null",
    "?",
    "",
    "😀",
  ];
  const lines = Array.from({ length: rowCount }, (_, i) => {
    const n = i % 17 === 0 ? "?" : String(Math.floor(rng() * 200) - 50);
    const x = i % 13 === 0 ? " ".repeat(i % 2) : String(Math.round((rng() * 20 - 5) * 1e6) / 1e6);
    const positive = rng() < (Number(n) > 20 ? 0.8 : 0.2);
    return [pick(words), n, x, pick(["red", "green", "blue"]), positive ? " >50K." : " <=50K."].join(",");
  });
  const files = [
    { path: join(engines.folder(), "it's a.train"), split: "train" },
    { path: join(engines.folder(), "b.test"), split: "test" },
  ];
  writeFileSync(files[0]!.path, `|a comment\n${lines.slice(0, 700).join("\n")}\n\n`);
  writeFileSync(files[1]!.path, lines.slice(700).join("\n"));
  return files;
}

const scan: Operator = {
  op: "scan",
  format: "csv",
  columns: [
    { name: "word", type: "text" },
    { name: "n", type: "integer" },
    { name: "x", type: "double" },
    { name: "colour", type: "text" },
    { name: "income", type: "text" },
  ],
};
const field = (column: string, as: "categorical" | "numeric", trimSuffix?: string): Operator =>
  trimSuffix === undefined ? { op: "field", column, as } : { op: "field", column, as, trimSuffix };

let bases: readonly [Computed, Computed] | undefined;

/** The scanned rows and plain features on both engines, once. */
async function scanned(): Promise<readonly [Computed, Computed]> {
  if (bases !== undefined) return bases;
  const nodes = [
    node("data", { op: "source", dataset: "d", fingerprint: "f", files: writeRows() }),
    node("rows", scan, ["data"]),
    node("word", field("word", "categorical"), ["rows"]),
    node("n", field("n", "numeric"), ["rows"]),
    node("x", field("x", "numeric"), ["rows"]),
    node("colour", field("colour", "categorical"), ["rows"]),
    node("target", field("income", "categorical", "."), ["rows"]),
    node("bucket", { op: "bucketise", edges: [-10, 0.5, 20] }, ["n"]),
    node("cross", { op: "interaction" }, ["colour", "bucket"]),
  ];
  bases = [await computeEach(engines.duckdb(), nodes), await computeEach(engines.spark(), nodes)];
  return bases;
}

/** Runs nodes on both engines; the columns of the last one must agree, doubles to 1e-9 of their size. */
async function expectEqual(
  nodes: readonly IterationNode[],
  columns: readonly string[],
  extra: ReadonlyMap<string, ResultHandle> = new Map(),
): Promise<number> {
  const sides: Awaited<ReturnType<Computed["columns"]>>[] = [];
  for (const base of await scanned()) {
    const computed = await computeEach(base.executor, nodes, new Map([...base.handles, ...extra]));
    sides.push(await computed.columns(nodes.at(-1)!.id, columns));
  }
  const [ours, theirs] = sides;
  for (const [c, column] of columns.entries()) {
    expect([column, theirs![c]!.length]).toEqual([column, ours![c]!.length]);
    for (const [i, value] of ours![c]!.entries()) {
      const other = theirs![c]![i];
      if (typeof value === "number" && typeof other === "number" && !Number.isInteger(value))
        expect(Math.abs(value - other), `${column}, row ${i}`).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
      else expect(other, `${column}, row ${i}`).toEqual(value);
    }
  }
  return ours![0]!.length;
}

describe("every operator gives the same on DuckDB and Spark:", () => {
  test("scan, in the order of the files, with nulls, quotes and backslashes", async () => {
    const nodes = [node("all", { op: "project", columns: ["word", "n", "x", "colour", "income"] }, ["rows"])];
    expect(await expectEqual(nodes, ["word", "n", "x", "colour", "income"])).toBe(rowCount);
  });

  test.each<readonly [string, Operator, readonly string[]]>([
    ["field without its ending", field("income", "categorical", "."), ["rows"]],
    ["field of a number as text", field("n", "categorical"), ["rows"]],
    ["bucketise", { op: "bucketise", edges: [-20, 0, 7.5, 100] }, ["x"]],
    ["interaction", { op: "interaction" }, ["word", "colour", "bucket"]],
    ["log1p", { op: "expression", fn: "log1p" }, ["x"]],
    ["square", { op: "expression", fn: "square" }, ["x"]],
    ["is-positive", { op: "expression", fn: "is-positive" }, ["n"]],
    ["standardise, integers", { op: "expression", fn: "standardise" }, ["n"]],
    ["standardise, doubles", { op: "expression", fn: "standardise" }, ["x"]],
    ["hash-feature", { op: "hash-feature", buckets: 97 }, ["word"]],
    ["hash-feature of a number", { op: "hash-feature", buckets: 64 }, ["n"]],
    ["sql-udf", { op: "sql-udf", text: "coalesce($1, 0) * 2 + 1", returns: { name: "v", type: "double" } }, ["x"]],
  ])("%s", async (_title, operator, parents) => {
    expect(await expectEqual([node("it", operator, parents)], ["value"])).toBe(rowCount);
  });

  test("udf, on the values of two features", async () => {
    const operator: Operator = {
      op: "udf",
      columns: ["a", "b"],
      returns: { name: "v", type: "text" },
      source: "",
      with: {},
      fn: ({ a, b }) =>
        a!.map((value, i) => (value === null ? null : `${value as string}\\'${b![i] as number | null}`)),
    };
    expect(await expectEqual([node("it", operator, ["word", "n"])], ["value"])).toBe(rowCount);
  });

  test.each<readonly [string, Operator]>([
    ["eq text", { op: "filter", column: "word", compare: "eq", value: "a\\b" }],
    ["ne text", { op: "filter", column: "word", compare: "ne", value: "it's" }],
    ["ge number", { op: "filter", column: "n", compare: "ge", value: 20 }],
    ["lt double", { op: "filter", column: "x", compare: "lt", value: 0.25 }],
    ["le number", { op: "filter", column: "n", compare: "le", value: 20 }],
    ["gt double", { op: "filter", column: "x", compare: "gt", value: 0.25 }],
    ["not null", { op: "filter", column: "x", compare: "not-null" }],
  ])("filter %s, rows numbered anew", async (_title, operator) => {
    const nodes = [node("kept", operator, ["rows"]), node("square", { op: "expression", fn: "square" }, ["v"])];
    const named = [nodes[0]!, node("v", field("n", "numeric"), ["kept"]), nodes[1]!];
    expect(await expectEqual([nodes[0]!], ["word", "n", "x", "colour"])).toBeLessThan(rowCount);
    await expectEqual(named, ["value"]);
  });

  test("extend, with an operator that reads its columns", async () => {
    const twice: Operator = { op: "sql-udf", text: "$1 * 2", returns: { name: "v", type: "double" } };
    const nodes = [
      node("twice", twice, ["x"]),
      node("extended", { op: "extend", columns: ["twice", "again"] }, ["rows", "twice", "word"]),
    ];
    expect(await expectEqual(nodes, ["word", "n", "x", "twice", "again"])).toBe(rowCount);
    const some: Operator = { op: "filter", column: "twice", compare: "ge", value: 1.5 };
    expect(await expectEqual([...nodes, node("some", some, ["extended"])], ["twice", "again"])).toBeLessThan(rowCount);
  });

  test("aggregate, every measure, sorted by the keys with nulls last", async () => {
    const measures = (["count", "sum", "mean", "min", "max", "stddev"] as const).flatMap((fn) =>
      ["n", "x"].map((column) => ({ fn, column, as: `${fn}_${column}` })),
    );
    const operator: Operator = {
      op: "aggregate",
      keys: ["word", "colour"],
      measures: [...measures, { fn: "count", as: "rows" }],
    };
    const columns = ["word", "colour", "rows", ...measures.map(({ as }) => as)];
    expect(await expectEqual([node("groups", operator, ["rows"])], columns)).toBeGreaterThan(30);
    const whole: Operator = { op: "aggregate", keys: [], measures };
    expect(
      await expectEqual(
        [node("whole", whole, ["rows"])],
        measures.map(({ as }) => as),
      ),
    ).toBe(1);
  });

  test("join, left rows in order, several matches and none", async () => {
    const groups: Operator = {
      op: "aggregate",
      keys: ["word", "colour"],
      measures: [{ fn: "mean", column: "x", as: "m" }],
    };
    const some: Operator = { op: "filter", column: "m", compare: "gt", value: 3 };
    const nodes = [
      node("groups", groups, ["rows"]),
      node("some", some, ["groups"]),
      node("joined", { op: "join", on: ["word"], prefix: "g_" }, ["rows", "some"]),
    ];
    expect(await expectEqual(nodes, ["word", "n", "x", "g_colour", "g_m"])).toBeGreaterThan(rowCount);
  });

  const assemble: Operator = { op: "assemble", label: 1, positive: ">50K", standardise: true };
  const assembled = node("examples", assemble, ["rows", "target", "word", "n", "x", "bucket", "cross"]);

  test("assemble: codes of the train split's values, standardised numbers, label", async () => {
    const features = ["label", "f0", "f1", "f2", "f3", "f4"];
    expect(await expectEqual([assembled], features)).toBe(rowCount);
    const plain = node("plain", { ...assemble, columns: ["word", "x"] }, ["rows", "target", "n"]);
    expect(await expectEqual([plain], ["label", "f0", "f1", "f2"])).toBe(rowCount);
    const many = node("many", { ...assemble, positive: "", standardise: false }, ["rows", "word", "n", "colour"]);
    expect(await expectEqual([many], ["label", "f0", "f1"])).toBe(rowCount);
  });

  test("predictions of one model agree to 1e-9, and every metric with them", async () => {
    const [duckdb] = await scanned();
    const learned = [assembled, node("model", { op: "learn", model: "logistic-regression", l2: 1 }, ["examples"])];
    const { handles } = await computeEach(duckdb.executor, learned, duckdb.handles);
    const given = new Map([["model", handles.get("model")!]]);
    const nodes = [assembled, node("predictions", { op: "predict", threshold: 0.45 }, ["model", "examples"])];
    expect(await expectEqual(nodes, ["label", "prediction", "score"], given)).toBe(rowCount);
    const names = [
      "accuracy",
      "error-rate",
      "confusion",
      "precision-recall-f1",
      "positive-rate",
      "auc",
      "log-loss",
      "top-errors",
    ] as const;
    const reducers = [
      ...names.map((metric) => node(metric, { op: "reduce", metric, split: "test" }, ["predictions"])),
      node("by", { op: "reduce", metric: "accuracy-by", split: "test", by: 1 }, ["predictions", "colour"]),
    ];
    const metrics: Readonly<Record<string, number>>[] = [];
    for (const base of await scanned())
      metrics.push(
        (await computeEach(base.executor, [...nodes, ...reducers], new Map([...base.handles, ...given]))).metrics,
      );
    expect(Object.keys(metrics[0]!).length).toBeGreaterThan(15);
    expect(Object.keys(metrics[1]!).toSorted()).toEqual(Object.keys(metrics[0]!).toSorted());
    for (const [name, value] of Object.entries(metrics[0]!))
      expect([name, Math.abs(metrics[1]![name]! - value) < 1e-9]).toEqual([name, true]);
  });

  test("the better of two boosted models that MLlib has no place for: same scores, as both engines hand over the same examples", async () => {
    const usual = { trees: 8, maxLeaves: 8, minLeafRows: 5, l2: 0.1, seed: 1, holdOutEvery: 5 };
    const nodes = [
      assembled,
      ...([0.05, 0.2] as const).map((learningRate, i) =>
        node(`boosted-${i}`, { op: "learn", model: "gradient-boosting", ...usual, learningRate }, ["examples"]),
      ),
      node("best", { op: "select", by: "validation-auc" }, ["boosted-0", "boosted-1"]),
      node("predictions", { op: "predict" }, ["best", "examples"]),
    ];
    expect(await expectEqual(nodes, ["label", "prediction", "score"])).toBe(rowCount);
  });

  test("a forest that finds what the label hangs on: the same metrics to 1e-2, by MLlib and by the project's own", async () => {
    const usual = { trees: 8, maxLeaves: 2, featuresPerSplit: 5, seed: 1, holdOutEvery: 5 };
    const nodes = [
      assembled,
      node("forest", { op: "learn", model: "random-forest", ...usual }, ["examples"]),
      node("best", { op: "select", by: "validation-auc" }, ["forest"]),
      node("predictions", { op: "predict" }, ["best", "examples"]),
      node("accuracy", { op: "reduce", metric: "accuracy", split: "test" }, ["predictions"]),
    ];
    const [own, mllib] = await Promise.all(
      (await scanned()).map(async ({ executor, handles }) => (await computeEach(executor, nodes, handles)).metrics),
    );
    expect(own!["accuracy.accuracy"]).toBeGreaterThan(0.75);
    expect(Math.abs(mllib!["accuracy.accuracy"]! - own!["accuracy.accuracy"]!)).toBeLessThanOrEqual(1e-2);
  });

  test.each([
    { op: "learn", model: "logistic-regression", l2: 1 },
    { op: "learn", model: "logistic-regression", l1: 2 },
  ] satisfies readonly Operator[])("learn %o: MLlib and our optimiser find the same scores to 1e-2", async (learn) => {
    const nodes = [
      assembled,
      node("model", learn, ["examples"]),
      node("predictions", { op: "predict" }, ["model", "examples"]),
      node("loss", { op: "reduce", metric: "log-loss", split: "test" }, ["predictions"]),
    ];
    const sides = [];
    for (const base of await scanned()) {
      const computed = await computeEach(base.executor, nodes, base.handles);
      sides.push({ metrics: computed.metrics, scores: (await computed.columns("predictions", ["score"]))[0]! });
    }
    for (const [i, score] of sides[0]!.scores.entries())
      expect(Math.abs(Number(score) - Number(sides[1]!.scores[i])), `row ${i}`).toBeLessThan(1e-2);
    expect(sides[1]!.metrics["loss.logLoss"]).toBeCloseTo(sides[0]!.metrics["loss.logLoss"]!, 3);
  });
});

test("every kind of operator was among them", () => seenKinds.expectAllOf("parity"));
