import { describe, expect, test } from "vitest";
import { columnsOf, outputColumns, type NamedColumn } from "../../src/core/column-lineage.ts";
import { WorkflowError } from "../../src/core/errors.ts";
import type { Operator, SourceOp } from "../../src/core/operators.ts";
import type { WorkflowVersion } from "../../src/core/workflow.ts";
import { censusOptions } from "../../src/workloads/census/edits.ts";
import { censusWorkflow } from "../../src/workloads/census/workflow.ts";
import { ieWorkflow } from "../../src/workloads/ie/workflow.ts";

const source: SourceOp = { op: "source", dataset: "d", fingerprint: "f", files: [] };
const table: readonly NamedColumn[] = ["k", "x", "y"].map((name) => ({ name, id: `id-${name}` }));
const other: readonly NamedColumn[] = ["k", "z"].map((name) => ({ name, id: `other-${name}` }));
const ids = (columns: readonly NamedColumn[]): Record<string, string> =>
  Object.fromEntries(columns.map(({ name, id }) => [name, id]));
const columnsIn = ({ nodes }: WorkflowVersion): ReadonlyMap<string, readonly NamedColumn[]> =>
  columnsOf(nodes.map((node) => ({ ...node, id: node.name })));
const out = (operator: Operator, ...inputs: (readonly NamedColumn[])[]): Record<string, string> =>
  ids(outputColumns(operator, inputs));

describe("column lineage", () => {
  test("choosing columns leaves them as they are, in whatever order", () => {
    expect(out({ op: "project", columns: ["y", "k"] }, table)).toEqual({ y: "id-y", k: "id-k" });
    expect(out({ op: "field", column: "x", as: "numeric" }, table)).toEqual({ value: "id-x" });
    expect(out({ op: "field", column: "x", as: "categorical", trimSuffix: "." }, table)["value"]).not.toBe("id-x");
  });

  test("a filter changes every column, alike for equal filters, otherwise for others", () => {
    const some = out({ op: "filter", column: "x", compare: "gt", value: 1 }, table);
    expect(Object.keys(some)).toEqual(["k", "x", "y"]);
    expect(new Set([...Object.values(some), "id-k", "id-x", "id-y"]).size).toBe(6);
    expect(out({ op: "filter", column: "x", compare: "gt", value: 1 }, [...table].reverse())).toEqual(some);
    expect(out({ op: "filter", column: "x", compare: "gt", value: 2 }, table)["y"]).not.toBe(some["y"]);
    // The filter reads x; a table that shares x and y but not k gives the same y.
    expect(out({ op: "filter", column: "x", compare: "gt", value: 1 }, table.slice(1))["y"]).toBe(some["y"]);
  });

  test("a join's columns follow from their own and the keys, not from what else is joined", () => {
    const join: Operator = { op: "join", on: ["k"], prefix: "r_" };
    const both = out(join, table, other);
    expect(Object.keys(both)).toEqual(["k", "x", "y", "r_z"]);
    const wider = out(join, table, [...other, { name: "w", id: "other-w" }]);
    expect(wider).toMatchObject(both);
    expect(out(join, table, [{ name: "k", id: "else" }, other[1]!])["x"]).not.toBe(both["x"]);
  });

  test("joining at most one row to each leaves the rows of the left, and so its columns, as they are", () => {
    const join: Operator = { op: "join", on: ["k"], prefix: "r_" };
    const sums = outputColumns({ op: "aggregate", keys: ["k"], measures: [{ fn: "sum", column: "z", as: "z" }] }, [
      other,
    ]);
    expect(out(join, table, sums)).toMatchObject({ k: "id-k", x: "id-x", y: "id-y" });
    const byTwo = outputColumns({ op: "aggregate", keys: ["k", "z"], measures: [] }, [other]);
    expect(out(join, table, byTwo)["x"]).not.toBe("id-x");
    // Without one of its keys a table may have rows twice.
    const halved = outputColumns({ op: "project", columns: ["k"] }, [byTwo]);
    expect(out(join, table, halved)["x"]).not.toBe("id-x");
  });

  test("a measure follows from the keys and its column, whatever else is aggregated and whatever it is called", () => {
    const mean = { fn: "mean", column: "x", as: "m" } as const;
    const one = out({ op: "aggregate", keys: ["k"], measures: [mean] }, table);
    const two = out(
      {
        op: "aggregate",
        keys: ["k"],
        measures: [
          { fn: "count", as: "n" },
          { ...mean, as: "average" },
        ],
      },
      table,
    );
    expect([two["average"], two["k"]]).toEqual([one["m"], one["k"]]);
    expect(two["n"]).not.toBe(one["m"]);
    expect(out({ op: "aggregate", keys: ["y"], measures: [mean] }, table)["m"]).not.toBe(one["m"]);
  });

  test("examples share the features they have in common, wherever these stand and whatever the label is", () => {
    const assemble = (label: number, positive: string, standardise = false): Operator => ({
      op: "assemble",
      label,
      positive,
      standardise,
    });
    const [x, y, k] = ["x", "y", "k"].map((name) => [{ name: "value", id: `id-${name}` }]) as [
      NamedColumn[],
      NamedColumn[],
      NamedColumn[],
    ];
    const one = out(assemble(3, "1"), table, x, y, k);
    expect(Object.keys(one)).toEqual(["label", "f0", "f1"]);
    expect(new Set([...Object.values(one), "id-x", "id-y", "id-k"]).size).toBe(6);
    const other = out(assemble(1, "2"), table, k, y);
    expect([other["f0"], other["label"] === one["label"]]).toEqual([one["f1"], false]);
    expect(out(assemble(2, "1"), table, y, k)).toEqual({ label: one["label"], f0: one["f1"] });
    expect(out(assemble(2, "1", true), table, y, k)["f0"]).not.toBe(one["f1"]);
    const own = { op: "assemble", label: 1, positive: "1", standardise: false, columns: ["x", "y"] } as const;
    expect(out(own, table, k)).toEqual(one);
  });

  test("what was never described has no columns, nor has what follows from it", () => {
    const nodes = [
      { id: "a", signature: "sa", parents: [] },
      { id: "b", signature: "sb", parents: ["a"], operator: { op: "project", columns: ["x"] } as const },
    ];
    expect(columnsOf(nodes).size).toBe(0);
  });

  test("a function over columns of a table depends on those it reads", () => {
    const udf = (columns: readonly string[]): Operator => ({
      op: "udf",
      columns,
      returns: { name: "v", type: "double" },
      source: "f",
      with: {},
      fn: () => [],
    });
    const v = out(udf(["x"]), table)["value"];
    expect(out(udf(["x"]), [table[1]!])["value"]).toBe(v);
    expect(out(udf(["x"]), [{ name: "x", id: "else" }])["value"]).not.toBe(v);
  });

  test("a column that is not there is named", () => {
    expect(() => out({ op: "project", columns: ["q"] }, table)).toThrow(WorkflowError);
    expect(() => out({ op: "project", columns: ["q"] }, table)).toThrow(/reads column "q".*it has k, x, y/u);
  });

  test("in Census a feature keeps the column it is read from, and edits change only what they touch", () => {
    const first = censusWorkflow(source);
    const before = columnsIn(first);
    expect(before.get("income")?.length).toBe(20);
    expect(before.get("edu")?.[0]?.id).toBe(before.get("rows")?.find(({ name }) => name === "education")?.id);
    let touched = 0;
    for (const { id: label, apply } of censusOptions.flatMap(({ variants }) => variants)) {
      const after = columnsIn(apply(first));
      const common = [...before].filter(([name]) => after.has(name));
      const changed = common.filter(([name, columns]) => JSON.stringify(after.get(name)) !== JSON.stringify(columns));
      expect({ label, less: changed.length < common.length }).toEqual({ label, less: true });
      expect(after.get("rows")).toEqual(before.get("rows"));
      touched += changed.length;
    }
    expect(touched).toBeGreaterThan(0);
  });

  test("covers text workflows: tokens and tags are columns that features choose from", () => {
    const columns = columnsIn(ieWorkflow(source));
    expect(columns.get("tokens")?.map(({ name }) => name)).toEqual(["token", "tag"]);
    expect(columns.get("token")).toEqual([{ name: "value", id: columns.get("tokens")?.[0]?.id }]);
  });
});
