import { describe, expect, it } from "vitest";
import { WorkflowError } from "../../../src/core/errors.ts";
import type { Operator } from "../../../src/core/operators.ts";
import type { Payload } from "../../../src/executors/relational/shape.ts";
import { node, sqlOf } from "./drive.ts";

const source = (dataset: string): Operator => ({
  op: "source",
  dataset,
  fingerprint: "f",
  files: [{ path: `/data/${dataset}.csv`, split: "all" }],
});
const loans: Operator = {
  op: "scan",
  format: "csv",
  columns: [
    { name: "CLIENT", type: "integer" },
    { name: "DEBT", type: "double" },
    { name: "CREDIT", type: "double" },
    { name: "STATUS", type: "text" },
  ],
};
const numeric = (column: string): Operator => ({ op: "field", column, as: "numeric" });
const rows = [
  node("data", source("loans")),
  node("loans", loans, ["data"]),
  node("debt", numeric("DEBT"), ["loans"]),
  node("credit", numeric("CREDIT"), ["loans"]),
  node("status", { op: "field", column: "STATUS", as: "categorical" }, ["loans"]),
  node("share", { op: "sql-udf", text: "$1 / nullif($2, 0)", returns: { name: "share", type: "double" } }, [
    "debt",
    "credit",
  ]),
  node("isActive", { op: "sql-udf", text: "$1 = 'Active'", returns: { name: "active", type: "integer" } }, ["status"]),
];
const extend = (...columns: string[]): Operator => ({ op: "extend", columns });

describe("features become columns of their relation", () => {
  it("so that a group-by reads them in the statement that computes them", async () => {
    const { text } = sqlOf(
      [
        ...rows,
        node("wide", extend("SHARE", "ACTIVE"), ["loans", "share", "isActive"]),
        node(
          "byClient",
          {
            op: "aggregate",
            keys: ["CLIENT"],
            measures: [
              { fn: "mean", column: "SHARE", as: "SHARE_MEAN" },
              { fn: "sum", column: "ACTIVE", as: "ACTIVE_SUM" },
            ],
          },
          ["wide"],
        ),
      ],
      ["byClient"],
    );
    await expect(text).toMatchFileSnapshot("../../golden/duckdb/extend-aggregate.sql");
  });

  it("names that are taken, and features of other rows, are refused", () => {
    const wide = (operator: Operator, ...parents: string[]) => [...rows, node("wide", operator, ["loans", ...parents])];
    expect(() => sqlOf(wide(extend("DEBT"), "share"), ["wide"])).toThrow(
      /adds a column "DEBT", which is there already/u,
    );
    const kept = node("kept", { op: "filter", column: "DEBT", compare: "gt", value: 0 }, ["loans"]);
    const other = node("other", numeric("DEBT"), ["kept"]);
    expect(() => sqlOf([...rows, kept, other, node("wide", extend("D"), ["loans", "other"])], ["wide"])).toThrow(
      /a column of other rows; join them first/u,
    );
  });
});

describe("select", () => {
  const model = (validationAuc: number | null): Payload => ({
    kind: "model",
    model: { model: "random-forest", validationAuc },
  });
  const choose = (...models: readonly Payload[]): Payload | undefined => {
    const inputs = new Map(models.map((payload, i) => [`m${i}`, payload]));
    const best = node("best", { op: "select", by: "validation-auc" }, [...inputs.keys()]);
    return sqlOf([best], ["best"], inputs).payloads.get("best");
  };

  it("gives the model with the largest validation AUC, of equal ones the first", () => {
    const models = [0.7, 0.8, 0.8, 0.1].map(model);
    expect(choose(...models)).toBe(models[1]);
  });

  it("refuses models that held nothing out, naming the one", () => {
    expect(() => choose(model(0.7), model(null))).toThrow(WorkflowError);
    expect(() => choose(model(0.7), model(null))).toThrow(/compares "m1".*set its "holdOutEvery"/u);
  });
});

it("assemble takes columns of its relation as features, before the extractors", async () => {
  const assemble: Operator = {
    op: "assemble",
    label: 1,
    positive: "1",
    standardise: false,
    columns: ["CREDIT", "STATUS"],
  };
  const label = node("label", { op: "field", column: "CLIENT", as: "categorical" }, ["loans"]);
  const { text, payloads } = sqlOf(
    [...rows, label, node("examples", assemble, ["loans", "label", "share"])],
    ["examples"],
  );
  await expect(text).toMatchFileSnapshot("../../golden/duckdb/assemble-columns.sql");
  const examples = payloads.get("examples");
  expect(examples?.kind === "relation" && examples.shape.columns.map(({ role }) => role)).toEqual([
    "categorical",
    "numeric",
    "categorical",
    "numeric",
  ]);
  expect(() =>
    sqlOf([...rows, label, node("examples", { ...assemble, columns: ["X"] }, ["loans", "label"])], ["examples"]),
  ).toThrow(/reads column "X"/u);
});
