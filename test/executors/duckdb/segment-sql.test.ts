import { describe, expect, it } from "vitest";
import type { Operator } from "../../../src/core/operators.ts";
import { WorkflowError } from "../../../src/core/errors.ts";
import type { Payload } from "../../../src/executors/relational/shape.ts";
import { node, sqlOf } from "./drive.ts";

const golden = (name: string): string => `../../golden/duckdb/${name}.sql`;

const source: Operator = {
  op: "source",
  dataset: "people",
  fingerprint: "f",
  files: [
    { path: "/data/people.train", split: "train" },
    { path: "/data/o'brien.test", split: "test" },
  ],
};
const scan: Operator = {
  op: "scan",
  format: "csv",
  columns: [
    { name: "age", type: "integer" },
    { name: "edu-num", type: "double" },
    { name: "edu", type: "text" },
    { name: "occ", type: "text" },
    { name: "income", type: "text" },
  ],
};
const field = (column: string, as: "categorical" | "numeric", trimSuffix?: string): Operator =>
  trimSuffix === undefined ? { op: "field", column, as } : { op: "field", column, as, trimSuffix };

const rows = [node("data", source), node("rows", scan, ["data"])];
const features = [
  node("age", field("age", "numeric"), ["rows"]),
  node("num", field("edu-num", "numeric"), ["rows"]),
  node("edu", field("edu", "categorical"), ["rows"]),
  node("occ", field("occ", "categorical"), ["rows"]),
  node("target", field("income", "categorical", "."), ["rows"]),
  node("ageBucket", { op: "bucketise", edges: [20, 30.5] }, ["age"]),
  node("eduXocc", { op: "interaction" }, ["edu", "occ"]),
];
const assembled = node("examples", { op: "assemble", label: 1, positive: ">50K", standardise: true }, [
  "rows",
  "target",
  "age",
  "num",
  "ageBucket",
  "eduXocc",
]);
const model = {
  model: "logistic-regression",
  intercept: -0.5,
  weights: [
    new Float64Array([0.25]),
    new Float64Array([1e-7]),
    new Float64Array([0, 1, -1, 2]),
    new Float64Array([0, 3, 0.1, -2]),
  ],
  iterations: 1,
  objective: 0,
};
const learned = [
  node("model", { op: "learn", model: "logistic-regression", l2: 0.1 }, ["examples"]),
  node("predictions", { op: "predict", threshold: 0.4 }, ["model", "examples"]),
  node("checked", { op: "reduce", metric: "accuracy", split: "test" }, ["predictions"], true),
];

/** The scanned relation as a table, as an earlier segment left it. */
function scanned(): ReadonlyMap<string, Payload> {
  const { payloads } = sqlOf(rows, ["rows"]);
  return payloads;
}

describe("a segment", () => {
  it("reads files once and computes fused features while reading", async () => {
    const { text } = sqlOf([...rows, ...features], ["ageBucket", "eduXocc", "target"]);
    expect(text.match(/read_csv/gu)).toHaveLength(2);
    expect(text.match(/CREATE TEMP TABLE/gu)).toHaveLength(1);
    await expect(text).toMatchFileSnapshot(golden("scan-and-features"));
  });

  it("computes extractors of a scanned table without a statement: they are its columns", () => {
    const { text, payloads } = sqlOf(features.slice(0, 4), ["age", "num", "edu", "occ"], scanned());
    expect(text).not.toContain("CREATE");
    const [edu, occ] = ["edu", "occ"].map((id) => payloads.get(id));
    expect(edu?.kind === "relation" && occ?.kind === "relation").toBe(true);
    if (edu?.kind === "relation" && occ?.kind === "relation")
      expect(edu.columns.get("value")?.table).toBe(occ.columns.get("value")?.table);
  });

  it("puts barriers of one relation into one table, shared columns computed once", async () => {
    const { text } = sqlOf(features.slice(2), ["target", "ageBucket", "eduXocc"], withInputs(["age"]));
    expect(text.match(/CREATE TEMP TABLE/gu)).toHaveLength(1);
    await expect(text).toMatchFileSnapshot(golden("features-of-a-table"));
  });

  it("learns, predicts and reduces in one pass each, without storing predictions", async () => {
    const { text } = sqlOf([...rows, ...features, assembled, ...learned], ["checked"], new Map(), model);
    await expect(text).toMatchFileSnapshot(golden("whole-version"));
  });

  it("lets columns of several stored tables meet by position, never by a key", async () => {
    const stored = (id: string, table: string, sqlType: string): Payload => ({
      kind: "relation",
      shape: {
        space: "sig-rows",
        keys: [{ name: "split", type: "text", sqlType: "ENUM('train', 'test')" }],
        columns: [{ name: "value", type: "text", sqlType }],
      },
      columns: new Map([
        ["split", { table, column: "split" }],
        ["value", { table, column: "value" }],
      ]),
      rows: id.length,
    });
    const inputs = new Map([
      ["edu", stored("edu", "t8", "VARCHAR")],
      ["occ", stored("occ", "t9", "VARCHAR")],
    ]);
    const { text } = sqlOf([node("eduXocc", { op: "interaction" }, ["edu", "occ"])], ["eduXocc"], inputs);
    expect(text).toContain("POSITIONAL JOIN");
    await expect(text).toMatchFileSnapshot(golden("stored-tables"));
  });

  it("reads an unread scan into a table before it meets a stored one", async () => {
    const inputs = new Map<string, Payload>([
      [
        "stored",
        {
          kind: "relation",
          shape: {
            space: "sig-rows",
            keys: [{ name: "split", type: "text", sqlType: "ENUM('train', 'test')" }],
            columns: [{ name: "value", type: "text", sqlType: "VARCHAR" }],
          },
          columns: new Map([
            ["split", { table: "t9", column: "split" }],
            ["value", { table: "t9", column: "value" }],
          ]),
          rows: 2,
        },
      ],
    ]);
    const nodes = [
      ...rows,
      node("edu", field("edu", "categorical"), ["rows"]),
      node("x", { op: "interaction" }, ["edu", "stored"]),
    ];
    const { text } = sqlOf(nodes, ["x"], inputs);
    expect(text.indexOf("read_csv")).toBeLessThan(text.indexOf("POSITIONAL JOIN"));
    await expect(text).toMatchFileSnapshot(golden("scan-meets-stored"));
  });

  it("gives each operator with rows of its own an order that threads cannot change", async () => {
    const nodes = [
      node("old", { op: "filter", column: "age", compare: "ge", value: 65 }, ["rows"]),
      node(
        "byEdu",
        {
          op: "aggregate",
          keys: ["edu"],
          measures: [
            { fn: "count", as: "n" },
            { fn: "mean", column: "edu-num", as: "m" },
            { fn: "stddev", column: "age", as: "s" },
            { fn: "max", column: "occ", as: "last" },
          ],
        },
        ["rows"],
      ),
      node("joined", { op: "join", on: ["edu"], prefix: "edu_" }, ["old", "byEdu"]),
      node("slim", { op: "project", columns: ["age", "edu_n"] }, ["joined"]),
    ];
    const { text } = sqlOf(nodes, ["slim"], scanned());
    await expect(text).toMatchFileSnapshot(golden("filter-aggregate-join"));
  });

  it("fetches, applies and uploads a user's function; pushes a user's SQL down", async () => {
    const nodes = [
      node("edu", field("edu", "categorical"), ["rows"]),
      node(
        "upper",
        {
          op: "udf",
          columns: ["edu"],
          returns: { name: "u", type: "text" },
          source: "",
          with: {},
          fn: ({ edu = [] }) => edu.map((value) => String(value).toUpperCase()),
        },
        ["edu"],
      ),
      node("long", { op: "sql-udf", text: "length($1) > 3", returns: { name: "l", type: "boolean" } }, ["upper"]),
      node("hashed", { op: "hash-feature", buckets: 16 }, ["upper"]),
    ];
    const { text } = sqlOf(nodes, ["long", "hashed"], scanned());
    await expect(text).toMatchFileSnapshot(golden("user-functions"));
  });

  it("compiles every metric", async () => {
    const metrics = [
      "accuracy",
      "error-rate",
      "precision-recall-f1",
      "confusion",
      "auc",
      "log-loss",
      "positive-rate",
      "top-errors",
    ] as const;
    const nodes = [
      ...rows,
      ...features,
      assembled,
      ...learned.slice(0, 2),
      ...metrics.map((metric) => node(metric, { op: "reduce", metric, split: "train" }, ["predictions"])),
      node("accuracy-by", { op: "reduce", metric: "accuracy-by", split: "test", by: 1 }, ["predictions", "edu"]),
    ];
    const { text } = sqlOf(nodes, [...metrics, "accuracy-by"], new Map(), model);
    await expect(text).toMatchFileSnapshot(golden("metrics"));
  });

  it("refuses operators and parents that do not fit, naming the node", () => {
    const wrong =
      (...nodes: Parameters<typeof sqlOf>[0]): (() => unknown) =>
      () =>
        sqlOf(nodes, [nodes.at(-1)?.id ?? ""], scanned());
    expect(wrong(node("x", { op: "bucketise", edges: [1] }, ["rows"]))).toThrow(/"x".*one column.*"rows"/u);
    expect(wrong(node("x", { op: "field", column: "height", as: "numeric" }, ["rows"]))).toThrow(
      /"height".*age, edu-num/u,
    );
    expect(wrong(node("x", { op: "learn", model: "logistic-regression" }, ["rows"]))).toThrow(
      /"rows" is no result of assemble/u,
    );
    expect(wrong(node("x", { op: "predict" }, ["rows"]))).toThrow(/needs a model as parent 0/u);
    expect(wrong(node("x", { op: "filter", column: "age", compare: "eq" }, ["rows"]))).toThrow(WorkflowError);
    expect(wrong(node("x", { op: "sql-udf", text: "$9", returns: { name: "v", type: "text" } }, ["rows"]))).toThrow(
      /\$9/u,
    );
    expect(() => sqlOf([{ id: "t", op: "free text", signature: "s", parents: [] }], ["t"])).toThrow(/no operator/u);
  });
});

/** The scanned relation and extractors of it. */
function withInputs(ids: readonly string[]): ReadonlyMap<string, Payload> {
  const inputs = scanned();
  const { payloads } = sqlOf(
    features.filter(({ id }) => ids.includes(id)),
    ids,
    inputs,
  );
  return new Map([...inputs, ...payloads]);
}
