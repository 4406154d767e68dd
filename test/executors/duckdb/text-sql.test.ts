import { describe, expect, it } from "vitest";
import { WorkflowError } from "../../../src/core/errors.ts";
import type { IterationNode } from "../../../src/core/iteration.ts";
import type { SourceOp, TextOp } from "../../../src/core/operators.ts";
import type { ColumnShape, Payload } from "../../../src/executors/relational/shape.ts";
import { ie } from "../../../src/workloads/ie/index.ts";
import { node, sqlOf } from "./drive.ts";

const golden = (name: string): string => `../../golden/duckdb/${name}.sql`;

const source: SourceOp = {
  op: "source",
  dataset: "ie",
  fingerprint: "f",
  files: [{ path: "/data/o'brien.conll", split: "train" }],
};
const [first] = ie.versions({ sources: { ie: source } }, 1, { model: "chain-perceptron", testFold: 2 });
const nodes = first!.nodes;
const upTo = (id: string): readonly IterationNode[] => nodes.slice(0, nodes.findIndex((each) => each.id === id) + 1);

/** Predictions of three tags, as an earlier segment left them. */
const integer = (name: string, sqlType: string): ColumnShape => ({ name, type: "integer", sqlType });
const keys: readonly ColumnShape[] = [
  { name: "split", type: "text", sqlType: "ENUM('train', 'test')" },
  integer("doc", "INTEGER"),
  integer("sentence", "INTEGER"),
];
const tags = [integer("label", "UTINYINT"), integer("prediction", "UTINYINT")];
const predicted: Payload = {
  kind: "relation",
  shape: { space: "tokens", keys, columns: tags, examples: { labels: ["O", "B-PER", "I-PER"], features: [] } },
  columns: new Map([...keys, ...tags].map(({ name }) => [name, { table: "p", column: name }])),
  rows: 3,
};
const tokens = node("tokens", { op: "scan", format: "conll", columns: [{ name: "token", type: "text" }] }, [
  "articles",
]);
const token = node("token", { op: "field", column: "token", as: "categorical" }, ["tokens"]);
const articles = node("articles", source);
const feature = (id: string, op: Omit<TextOp, "op">): IterationNode => node(id, { op: "text", ...op }, ["token"]);

describe("text in SQL", () => {
  it("reads documents, sentences and tokens in one statement, features of theirs with it", async () => {
    const { text } = sqlOf(upTo("lower+1"), ["tokens", "lower+1"]);
    expect(text.match(/read_text/gu)).toHaveLength(1);
    await expect(text).toMatchFileSnapshot(golden("text-first-read"));
  });

  it("keeps each stage as rows of its own where a policy wants it", async () => {
    const { text } = sqlOf(upTo("tokens"), ["documents", "sentences", "tokens"]);
    expect(text.match(/read_text/gu)).toHaveLength(1);
    await expect(text).toMatchFileSnapshot(golden("text-stages"));
  });

  it("writes every feature of a token", async () => {
    const { payloads } = sqlOf([articles, tokens, token], ["token"]);
    const features = [
      feature("lower", { fn: "lower" }),
      feature("shape", { fn: "shape" }),
      feature("short", { fn: "shape-short" }),
      feature("prefix", { fn: "prefix", length: 2 }),
      feature("suffix", { fn: "suffix", length: 4 }),
      feature("title", { fn: "is-title" }),
      feature("digit", { fn: "has-digit" }),
      feature("names", { fn: "gazetteer", words: ["Ann", "o'neil", "ann"] }),
      node("before", { op: "window", offset: -2 }, ["names"]),
    ];
    const { text } = sqlOf(
      features,
      features.map(({ id }) => id),
      payloads,
    );
    expect(text).not.toContain("JOIN");
    await expect(text).toMatchFileSnapshot(golden("text-features"));
  });

  it("decodes mentions and counts them", async () => {
    const after = nodes.slice(nodes.findIndex(({ id }) => id === "mentions"));
    const reports = (["span-count", "top-errors"] as const).map((metric) =>
      node(metric, { op: "reduce", metric, split: "test" }, ["mentions"]),
    );
    const all = [...after, ...reports];
    const { text } = sqlOf(
      all,
      all.map(({ id }) => id),
      new Map([["predictions", predicted]]),
    );
    await expect(text).toMatchFileSnapshot(golden("text-mentions"));
  });

  it("refuses what it cannot do, naming the node", () => {
    const refused =
      (op: Omit<TextOp, "op">): (() => unknown) =>
      () =>
        sqlOf([articles, tokens, token, feature("x", op)], ["x"]);
    expect(refused({ fn: "prefix" })).toThrow(WorkflowError);
    expect(refused({ fn: "gazetteer", words: [] })).toThrow('"x" has an empty gazetteer');
    const odd = { op: "scan", format: "documents", columns: [{ name: "body", type: "text" }] } as const;
    expect(() => sqlOf([articles, node("d", odd, ["articles"])], ["d"])).toThrow('column "body"');
    const still = node("same", { op: "window", offset: 0 }, ["token"]);
    expect(() => sqlOf([articles, tokens, token, still], ["same"])).toThrow("0 tokens away");
    const shares = { ...odd, columns: [], holdOut: { every: 5, at: 5 } } as const;
    expect(() => sqlOf([articles, node("d", shares, ["articles"])], ["d"])).toThrow("holdOut is 5 of 5");
  });
});
