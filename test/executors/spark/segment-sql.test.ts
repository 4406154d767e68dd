import { describe, expect, it } from "vitest";
import type { Operator, SourceOp } from "../../../src/core/operators.ts";
import type { Payload } from "../../../src/executors/relational/shape.ts";
import { sparkCompilers } from "../../../src/executors/spark/compilers.ts";
import { sparkDialect, text } from "../../../src/executors/spark/dialect.ts";
import { ie } from "../../../src/workloads/ie/index.ts";
import { compileSegment } from "../../../src/executors/relational/segment.ts";
import { countingNames } from "../../../src/executors/relational/space.ts";
import { cannedAnswer, drive, node, sqlOf as sqlOfEngine } from "../duckdb/drive.ts";

const golden = (name: string): string => `../../golden/spark/${name}.sql`;

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
    { name: "income", type: "text" },
  ],
};
const rows = [node("data", source), node("rows", scan, ["data"])];
const features = [
  node("age", { op: "field", column: "age", as: "numeric" }, ["rows"]),
  node("num", { op: "field", column: "edu-num", as: "numeric" }, ["rows"]),
  node("edu", { op: "field", column: "edu", as: "categorical" }, ["rows"]),
  node("target", { op: "field", column: "income", as: "categorical", trimSuffix: "." }, ["rows"]),
  node("ageBucket", { op: "bucketise", edges: [20, 30.5] }, ["age"]),
  node("cross", { op: "interaction" }, ["edu", "ageBucket"]),
];
const learned = [
  node("examples", { op: "assemble", label: 1, positive: ">50K", standardise: true }, [
    "rows",
    "target",
    "age",
    "num",
    "ageBucket",
    "cross",
  ]),
  node("model", { op: "learn", model: "logistic-regression", l1: 0.5, l2: 0.1 }, ["examples"]),
  node("predictions", { op: "predict", threshold: 0.4 }, ["model", "examples"]),
  node("checked", { op: "reduce", metric: "accuracy", split: "test" }, ["predictions"], true),
];
/** As MLlib would hand it back, for the step that asks. */
const fitted = {
  intercept: -0.5,
  weights: [[0.25], [1e-7], [0, 1, -1, 2], [0, 3, 0.1, -2]].map((weights) => Float64Array.from(weights)),
  iterations: 1,
  objective: 0,
};

const sqlOf = (nodes: Parameters<typeof sqlOfEngine>[0], barriers: readonly string[], inputs = new Map()) =>
  sqlOfEngine(nodes, barriers, inputs, fitted, { dialect: sparkDialect, compilers: sparkCompilers });

describe("SQL for Spark", () => {
  it("reads files once, computes fused features while reading, and hands the row number on", async () => {
    const sql = sqlOf([...rows, ...features], ["ageBucket", "cross", "target"]).text;
    expect(sql.match(/from_csv/gu)).toHaveLength(2);
    expect(sql.match(/monotonically_increasing_id/gu)).toHaveLength(1);
    await expect(sql).toMatchFileSnapshot(golden("scan-and-features"));
  });

  it("learns in the engine, predicts in SQL, and counts", async () => {
    const { payloads, text: sql } = sqlOf([...rows, ...features, ...learned], ["model", "checked"]);
    expect(payloads.get("model")).toMatchObject({
      kind: "model",
      model: { model: "logistic-regression", intercept: -0.5 },
    });
    await expect(sql).toMatchFileSnapshot(golden("whole-version"));
  });

  it("looks values up in a literal if there are few, in one table of broadcasts if there are many", () => {
    const nodes = [...rows, ...features, ...learned.slice(0, 1)];
    const segment = { nodes, barriers: new Set(["examples"]) };
    const options = { dialect: sparkDialect, compilers: sparkCompilers };
    const sqlWith = (distinct: number): string =>
      drive(compileSegment(segment, new Map(), countingNames(), options), (step) =>
        step.kind === "query" && step.sql.startsWith("SELECT size(")
          ? [Array.from({ length: 60 }, () => distinct)]
          : cannedAnswer(step, fitted),
      ).log.join("\n");
    const [few, many] = [sqlWith(256), sqlWith(257)];
    expect(few).not.toContain("JOIN");
    // U+0001 is part of a value, so that U+0002 parts them.
    expect(few).toContain(`array_position(split('a\u0002b\\\\d\\'\u0001\u0002c', '\u0002'), s."v3")`);
    expect(many.match(/collect_set/gu)).toHaveLength(1);
    expect(many).toContain(`/*+ BROADCAST(d0) */`);
    expect(many).toContain(`d0.k = '0 ' || s."v3"`);
  });

  it("joins tables of one space by row number, never by position", async () => {
    const first = sqlOf(rows, ["rows"]).payloads;
    const bucket = sqlOf([features[0]!, features[4]!], ["ageBucket"], new Map(first)).payloads;
    // Every compilation here counts its tables from t1; an executor counts on.
    const elsewhere = [...bucket].map(([id, payload]): [string, Payload] => {
      if (payload.kind !== "relation") return [id, payload];
      const columns = [...payload.columns].map(([name, at]) => [name, { ...at, table: "t2" }] as const);
      return [id, { ...payload, columns: new Map(columns) }];
    });
    const inputs = new Map([...first, ...elsewhere]);
    const sql = sqlOf([features[2]!, features[5]!], ["cross"], inputs).text;
    expect(sql).toContain("USING (rid)");
    expect(sql).not.toContain("POSITIONAL");
    await expect(sql).toMatchFileSnapshot(golden("stored-tables"));
  });

  it("numbers rows anew, in order, after filter, aggregate and join", async () => {
    const more = [
      node("adults", { op: "filter", column: "age", compare: "ge", value: 18 }, ["rows"]),
      node(
        "byEdu",
        {
          op: "aggregate",
          keys: ["edu"],
          measures: [
            { fn: "mean", column: "edu-num", as: "m" },
            { fn: "sum", column: "age", as: "s" },
          ],
        },
        ["adults"],
      ),
      node("joined", { op: "join", on: ["edu"], prefix: "g_" }, ["adults", "byEdu"]),
    ];
    const sql = sqlOf([...rows, ...more], ["joined"]).text;
    await expect(sql).toMatchFileSnapshot(golden("filter-aggregate-join"));
  });

  it("text: documents to tokens, windows within the sentence, mentions", async () => {
    const files: SourceOp = {
      op: "source",
      dataset: "ie",
      fingerprint: "f",
      files: [{ path: "/data/o'brien.conll", split: "train" }],
    };
    const [first] = ie.versions({ sources: { ie: files } }, 1, { model: "chain-perceptron", testFold: 2 });
    const upTo = first!.nodes.findIndex(({ op }) => op === "assemble");
    const nodes = first!.nodes.slice(0, upTo);
    await expect(
      sqlOf(
        nodes,
        nodes.slice(-1).map(({ id }) => id),
      ).text,
    ).toMatchFileSnapshot(golden("text-features"));
    await expect(`${sparkDialect.spansOf("SELECT * FROM t1", { first: 1, inner: 2 })}\n`).toMatchFileSnapshot(
      golden("text-mentions"),
    );
  });

  it("literals: backslashes and quotes are escaped, as Spark takes a backslash for an escape", () => {
    expect(text(`\\d'`)).toBe(`'\\\\d\\''`);
    expect(sparkDialect.itemOf([1, -0, 1e-7, Number.POSITIVE_INFINITY], "c")).toBe(
      "element_at(CAST(split('1,-0.0,1e-7,Infinity', ',') AS ARRAY<DOUBLE>), CAST(c AS INTEGER) + 1)",
    );
  });
});
