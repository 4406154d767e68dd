import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { randomPick, rngStream } from "../../src/core/rng.ts";
import { computeEach, node, seenKinds, useTwoEngines } from "./two-engines.ts";

const engines = useTwoEngines();

/** Documents of tagged sentences, with what a reader can trip over: empty documents, two spaces, carriage returns, backslashes. */
function writeDocuments(): string {
  const rng = rngStream(1, "parity/text");
  const words = [
    "Anna",
    "Bob",
    "met",
    "the",
    "O'Neil",
    "a\\b",
    "1984",
    "B2B",
    "Äpfel",
    "x",
    "\\d+",
    "USA",
    "iPhone",
    ".",
  ];
  const lines: string[] = [];
  for (let d = 0; d < 28; d++) {
    lines.push("-DOCSTART- X O", "");
    if (d === 5) continue;
    for (let s = 0; s < 8; s++) {
      let inside = false;
      for (let t = 0; t < 3 + Math.floor(rng() * 9); t++) {
        const word = randomPick(rng, words);
        const isName = /^(?:Anna|Bob|O'Neil|USA)$/u.test(word) && rng() < 0.9;
        lines.push(`${word} ${isName ? `${inside && rng() < 0.5 ? "I" : "B"}-PER` : "O"}`);
        inside = isName;
      }
      lines.push("");
      if (s === 3) lines.push("");
    }
  }
  const path = join(engines.folder(), "it's.conll");
  writeFileSync(path, lines.join("\n").replace("met O", "met O\r"));
  return path;
}

const of = (fn: string, more: object = {}): Operator => ({ op: "text", fn, ...more }) as Operator;
const texts: readonly (readonly [string, Operator])[] = [
  ["lower", of("lower")],
  ["shape", of("shape")],
  ["short", of("shape-short")],
  ["prefix", of("prefix", { length: 3 })],
  ["suffix", of("suffix", { length: 2 })],
  ["title", of("is-title")],
  ["digit", of("has-digit")],
  ["known", of("gazetteer", { words: ["anna", "o'neil", "\\d+", "äpfel"] })],
  ["before", { op: "window", offset: -1 }],
  ["after", { op: "window", offset: 2 }],
];

const learners = ["chain-perceptron", "chain-crf", "token-perceptron"] as const;

test("documents, sentences, tokens, features, tags, mentions and metrics agree to the last value", async () => {
  const source = (path: string): IterationNode =>
    node("data", { op: "source", dataset: "d", fingerprint: "f", files: [{ path, split: "train" }] });
  const column = (name: string) => ({ name, type: "text" }) as const;
  const holdOut = { every: 3, at: 1 };
  const path = writeDocuments();
  const nodes = [
    source(path),
    node("documents", { op: "scan", format: "documents", columns: [column("text")], holdOut }, ["data"]),
    node("sentences", of("sentences"), ["documents"]),
    node("tokens", of("tokens"), ["sentences"]),
    node("conll", { op: "scan", format: "conll", columns: [column("token"), column("tag")], holdOut }, ["data"]),
    node("token", { op: "field", column: "token", as: "categorical" }, ["tokens"]),
    node("tag", { op: "field", column: "tag", as: "categorical" }, ["tokens"]),
    ...texts.map(([id, operator]) => node(id, operator, ["token"])),
    node("examples", { op: "assemble", label: 1, positive: "", standardise: false }, [
      "tokens",
      "tag",
      "token",
      ...texts.map(([id]) => id),
    ]),
    ...learners.flatMap((model) => [
      node(model, { op: "learn", model, maxIterations: 3 }, ["examples"]),
      node(`tagged-${model}`, { op: "predict" }, [model, "examples"]),
    ]),
    node("mentions", { op: "decode", type: "PER" }, ["tagged-chain-perceptron"]),
    ...(["span-f1", "span-count", "top-errors"] as const).map((metric) =>
      node(metric, { op: "reduce", metric, split: "test" }, ["mentions"]),
    ),
  ];
  const [duckdb, spark] = [await computeEach(engines.duckdb(), nodes), await computeEach(engines.spark(), nodes)];
  const looks: readonly (readonly [string, readonly string[]])[] = [
    ["documents", ["split", "doc", "text"]],
    ["sentences", ["split", "doc", "sentence", "text"]],
    ["tokens", ["split", "doc", "sentence", "token", "tag"]],
    ["conll", ["split", "doc", "sentence", "token", "tag"]],
    ...texts.map(([id]) => [id, ["value"]] as const),
    ["examples", ["label", "f0", "f5", "f10"]],
    ...learners.map((model) => [`tagged-${model}`, ["label", "prediction"]] as const),
    ["mentions", ["split", "doc", "sentence", "start", "end", "gold", "predicted"]],
  ];
  for (const [id, names] of looks) {
    const expected = await duckdb.columns(id, names);
    expect(expected[0]!.length).toBeGreaterThan(8);
    expect([id, await spark.columns(id, names)]).toEqual([id, expected]);
    if (id === "tokens") expect(expected[0]!.length).toBeGreaterThan(1000);
  }
  expect(Object.keys(duckdb.metrics).length).toBe(10);
  expect(duckdb.metrics["span-count.goldSpans"]).toBeGreaterThan(5);
  expect(spark.metrics).toEqual(duckdb.metrics);
});

test("every kind of operator on text was among them", () => seenKinds.expectAllOf("text-parity"));
