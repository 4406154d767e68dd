import { describe, expect, it } from "vitest";
import { columnsOf } from "../../../src/core/column-lineage.ts";
import { signaturesOf } from "../../../src/core/signature.ts";
import { WorkflowError } from "../../../src/core/errors.ts";
import type { WorkflowVersion } from "../../../src/core/workflow.ts";
import { trainGradientBoosting } from "../../../src/executors/learners/gradient-boosting.ts";
import type { Examples } from "../../../src/executors/learners/learner.ts";
import { areaUnderRoc, scoreTrees } from "../../../src/executors/learners/tree-models.ts";
import { countArtifacts, namedOnly } from "../../../src/workloads/kaggle/artifacts.ts";
import { applicationCells, clientOf } from "../../../src/workloads/kaggle/clients.ts";
import { kaggle } from "../../../src/workloads/kaggle/index.ts";
import { boosting } from "../../../src/workloads/kaggle/models.ts";
import { homeCreditColumns } from "../../../src/workloads/kaggle/tables.ts";
import { kaggleVersion } from "../../../src/workloads/kaggle/versions.ts";

const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
const versions = numbers.map((number) => kaggleVersion(number, namedOnly));
const signed = versions.map((version) => signaturesOf(version));
const signaturesIn = (number: number): ReadonlySet<string> => new Set(signed[number - 1]!.values());
/** Nodes of a workload that none of the others has. */
const newIn = (number: number, others: readonly number[]): readonly string[] =>
  versions[number - 1]!.nodes.filter(({ name }) =>
    others.every((other) => !signaturesIn(other).has(signed[number - 1]!.get(name)!)),
  ).map(({ operator }) => operator.op);

function needed({ nodes, outputs }: WorkflowVersion): number {
  const wanted = new Set(outputs);
  for (const { name, parents } of nodes.toReversed())
    if (wanted.has(name)) for (const parent of parents) wanted.add(parent);
  return wanted.size;
}

describe("the eight Kaggle workloads", () => {
  it.each(numbers)("kaggle-%i has no node that its outputs do not need", (number) => {
    expect(needed(versions[number - 1]!)).toBe(versions[number - 1]!.nodes.length);
  });

  it("count their artifacts beside Table 1", () => {
    const counts = countArtifacts();
    const text = counts.map((c) => `${c.workload} ${c.artifacts} (${c.fresh} new), published ${c.publishedArtifacts}`);
    expect(text).toMatchInlineSnapshot(`
      [
        "kaggle-1 149 (149 new), published 397",
        "kaggle-2 92 (90 new), published 406",
        "kaggle-3 133 (131 new), published 146",
        "kaggle-4 124 (3 new), published 280",
        "kaggle-5 142 (68 new), published 402",
        "kaggle-6 69 (9 new), published 121",
        "kaggle-7 133 (3 new), published 145",
        "kaggle-8 144 (7 new), published 341",
      ]
    `);
  });

  it("1 to 3 share the applications and nothing else", () => {
    const shared = (a: number, b: number): readonly string[] =>
      versions[a - 1]!.nodes.filter(({ name }) => signaturesIn(b).has(signed[a - 1]!.get(name)!)).map(
        ({ name }) => name,
      );
    const application = ["application.csv", "application"];
    expect(shared(2, 1)).toEqual(application);
    expect(shared(3, 1)).toEqual(application);
    expect(shared(3, 2)).toEqual(application);
  });

  it("4 forks 1: another boosting on the same features", () => {
    expect(newIn(4, [1])).toEqual(["learn", "predict", "reduce"]);
  });

  it("5 forks 1: searches on samples of its features, before and after they were engineered", () => {
    const isModel = (op: string): boolean => ["learn", "select", "predict", "reduce"].includes(op);
    const added = newIn(5, [1]);
    expect(new Set(added.filter((op) => !isModel(op)))).toEqual(
      new Set(["extend", "field", "sql-udf", "filter", "project", "assemble"]),
    );
    // A grid of six and five drawn points on either sample, and the boosting of script 1 on both samples and all features.
    expect(added.filter((op) => op === "learn")).toHaveLength(2 * (6 + 5) + 3);
    expect(added.filter((op) => op === "select")).toHaveLength(4);
  });

  it("6 and 7 are the boosting of 4 on the features of 2 and 3", () => {
    for (const [number, from, tables] of [
      [6, 2, 3],
      [7, 3, 1],
    ] as const) {
      const expected = ["learn", "predict", "reduce"].flatMap((op) => Array.from({ length: tables }, () => op));
      expect([...newIn(number, [from])].sort()).toEqual(expected);
      const boosted = (v: number): readonly unknown[] =>
        versions[v - 1]!.nodes.flatMap(({ operator }) =>
          operator.op === "learn" && operator.model === "gradient-boosting" ? [operator] : [],
        );
      const [ofFour] = boosted(4);
      for (const learner of boosted(number)) expect(learner).toEqual(ofFour);
    }
  });

  it("8 joins the features of 1 and 2", () => {
    expect([...newIn(8, [1, 2])].sort()).toEqual(
      ["assemble", "field", "join", "learn", "predict", "project", "reduce"].sort(),
    );
    const joins = versions[7]!.nodes.filter(({ operator }) => operator.op === "join");
    expect(joins.at(-1)!.parents).toEqual(["clients.distinct", "application.domain"]);
  });

  it("3 makes the widest table, about as wide as the published one of 1,133 columns", () => {
    const widths = versions.map(({ nodes }) =>
      Math.max(
        ...[...columnsOf(nodes.map((node) => ({ ...node, id: node.name }))).values()].map((columns) => columns.length),
      ),
    );
    expect(widths.indexOf(Math.max(...widths))).toBe(2);
    expect(widths[2]).toBeGreaterThan(900);
    expect(widths[2]).toBeLessThan(1_300);
  });

  it("run in order, each from the one it was made of", () => {
    const all = kaggle.versions(namedOnly, 1, {});
    expect(all.map(({ base, changeType }) => [base, changeType])).toEqual([
      [undefined, "initial"],
      [0, "dpr"],
      [1, "dpr"],
      [0, "li"],
      [0, "li"],
      [1, "li"],
      [2, "li"],
      [1, "dpr"],
    ]);
    expect(all.map(({ nodes }) => nodes.length)).toEqual(versions.map(({ nodes }) => nodes.length));
  });

  it("say which table their data lack", () => {
    const { application } = namedOnly.sources;
    expect(() => kaggleVersion(2, { sources: { application: application! } })).toThrow(WorkflowError);
    expect(() => kaggleVersion(2, { sources: { application: application! } })).toThrow(/no source "bureau"/u);
    expect(() => kaggleVersion(9, namedOnly)).toThrow(/expected 1 to 8/u);
  });
});

it("the label can be learned: boosting ranks new clients' numbers with an AUC of at least 0.7", async () => {
  const columns = homeCreditColumns.application;
  const numeric = columns.flatMap(({ name, type }, c) => (type === "text" || /TARGET|SK_ID/u.test(name) ? [] : [c]));
  const examples = (from: number, rows: number): Examples => {
    const cells = Array.from({ length: rows }, (_, i) => applicationCells(1, clientOf(1, from + i)));
    return {
      rows,
      labels: Uint16Array.from(cells, (row) => Number(row[1])),
      labelValues: ["", "1"],
      features: numeric.map((c) => ({
        kind: "numbers",
        values: Float64Array.from(cells, (row) => Number(row[c] ?? 0)),
      })),
      keys: new Map(),
    };
  };
  const model = await trainGradientBoosting(
    { op: "learn", ...boosting, model: "gradient-boosting", maxLeaves: 7 },
    examples(0, 4_000),
  );
  const fresh = examples(4_000, 3_000);
  const all = Int32Array.from({ length: fresh.rows }, (_, i) => i);
  expect(areaUnderRoc(all, fresh.labels, scoreTrees(model, fresh.features, fresh.rows))).toBeGreaterThan(0.7);
});
