import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFileSync } from "node:fs";
import { TraceFormatError } from "../../src/core/errors.ts";
import { parseHeaderLine, parseIterationLine } from "../../src/traces/format/parse-line.ts";
import { formatTrace, parseTrace } from "../../src/traces/format/parse-text.ts";
import { traceHeaderSchema, traceIterationSchema, traceLineJsonSchema } from "../../src/traces/format/schema.ts";
import { headerLine, iterationLine } from "../../src/traces/format/write-line.ts";
import { editedIterations, header, sampleIterations } from "./sample-trace.ts";

const at = { file: "t.jsonl", line: 7 };

/** A line with every field of the format. */
const fullNode = {
  id: "rows",
  op: "scan",
  kind: "dpr",
  signature: "s1",
  parents: ["data"],
  computeUs: 812345,
  sizeBytes: 3974305,
  loadUs: 52000,
  loadHotUs: 9000,
  writeUs: 61000,
  memoryBytes: 9100000,
  deterministic: true,
  weight: 3,
  computeCv: 0.04,
  columns: [{ id: "c1", bytes: 123 }],
  quality: 0.84,
  output: false,
};
const fullIteration = {
  iteration: 3,
  label: "edit",
  changeType: "li",
  base: 1,
  nodes: [{ id: "data", op: "source", signature: "s0", parents: [], computeUs: 1, sizeBytes: 2 }, fullNode],
  segments: [{ nodes: ["data", "rows"], fusedUs: 90000 }],
  fusedUs: 70000,
  metrics: { accuracy: 0.851 },
};
const fullHeader = {
  format: "reuselab.trace",
  version: 1,
  name: "census",
  domain: "demo",
  requires: ["structured-prediction"],
  source: { tool: "reuselab", machine: { cores: 2 }, imputed: ["loadUs"], anything: [1, 2] },
};

function verdict(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(TraceFormatError);
    return false;
  }
}

type Path = (string | number)[];

/** Every path to a value inside a document, the root excepted. */
function pathsOf(value: unknown, prefix: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...prefix, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsOf(inner, path)];
  });
}

function withValue(document: unknown, path: Path, value: unknown): unknown {
  const copy = structuredClone(document) as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

const oddValues: unknown[] = [
  undefined,
  null,
  "",
  "text",
  "dpr",
  0,
  -1,
  0.5,
  1,
  2,
  1e15,
  9007199254740991,
  9007199254740992,
  1e300,
  true,
  false,
  [],
  ["a"],
  [1],
  [null],
  [{}],
  {},
  { imputed: "x" },
];

describe("the hand-written parser and the published schema", () => {
  test.each([
    ["header", fullHeader, parseHeaderLine, traceHeaderSchema],
    ["iteration", fullIteration, parseIterationLine, traceIterationSchema],
  ] as const)("agree on a %s with any one field set to any odd value", (_, document, parse, schema) => {
    let accepted = 0;
    let refused = 0;
    for (const path of pathsOf(document)) {
      for (const value of oddValues) {
        const text = JSON.stringify(withValue(document, path, value));
        const ours = verdict(() => parse(text, at));
        expect({ text, ok: ours }).toEqual({ text, ok: schema.safeParse(JSON.parse(text)).success });
        if (ours) accepted++;
        else refused++;
      }
    }
    expect(accepted).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });

  test("agree when several fields are odd at once", () => {
    const paths = pathsOf(fullIteration);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...oddValues, fullNode), fc.boolean()), {
          minLength: 1,
          maxLength: 3,
        }),
        (edits) => {
          let document: unknown = fullIteration;
          for (const [path, value] of edits) {
            try {
              document = withValue(document, path, value);
            } catch {
              // the path went with an earlier edit
            }
          }
          const text = JSON.stringify(document);
          expect({ text, ok: verdict(() => parseIterationLine(text, at)) }).toEqual({
            text,
            ok: traceIterationSchema.safeParse(JSON.parse(text)).success,
          });
        },
      ),
    );
  });

  test("agree on lines that are no objects", () => {
    for (const text of ["[]", "null", "1", '"x"', "{}"]) {
      expect(verdict(() => parseIterationLine(text, at))).toBe(
        traceIterationSchema.safeParse(JSON.parse(text)).success,
      );
    }
  });

  test("the schema file in the repository is the one generated from the code", () => {
    const file = JSON.parse(readFileSync(new URL("../../schemas/trace.v1.json", import.meta.url), "utf8")) as unknown;
    expect(file).toEqual(JSON.parse(JSON.stringify(traceLineJsonSchema())));
  });
});

describe("messages", () => {
  const line = (change: object): string => JSON.stringify({ ...fullIteration, ...change });
  const nodeWith = (change: object): string => line({ nodes: [{ ...fullNode, parents: [], ...change }] });
  test.each([
    [nodeWith({ computeUs: -5 }), "t.jsonl:7: nodes[0].computeUs: is -5; expected an integer ≥ 0 below 2^53"],
    [nodeWith({ sizeBytes: 0.5 }), "t.jsonl:7: nodes[0].sizeBytes: is 0.5; expected an integer ≥ 0 below 2^53"],
    [nodeWith({ computeUs: undefined }), "t.jsonl:7: nodes[0].computeUs: is missing; expected an integer"],
    [nodeWith({ computeUs: null }), "t.jsonl:7: nodes[0].computeUs: is null; expected an integer"],
    [nodeWith({ quality: 1.5 }), "t.jsonl:7: nodes[0].quality: is 1.5; expected a number from 0 to 1"],
    [nodeWith({ parents: "rows" }), 't.jsonl:7: nodes[0].parents: is "rows"; expected a list of node ids'],
    [line({ changeType: "edit" }), 't.jsonl:7: changeType: is "edit"; expected one of initial, dpr, li, ppr'],
    [line({ nodes: [] }), "t.jsonl:7: nodes: is an empty list; expected a list of nodes that is not empty"],
    [line({ metrics: { f1: "high" } }), 't.jsonl:7: metrics.f1: is "high"; expected a number'],
    ["{", "t.jsonl:7: not a line of JSON"],
  ])("%# name file, line, field, value and what is expected", (text, message) => {
    expect(() => parseIterationLine(text, at)).toThrow(message);
  });

  test("a NaN written by another program is refused as no JSON", () => {
    expect(() => parseIterationLine(nodeWith({}).replace("812345", "NaN"), at)).toThrow(
      "t.jsonl:7: not a line of JSON",
    );
  });
});

describe("canonical lines", () => {
  test("null in optional fields is the same as absent", () => {
    const text = JSON.stringify({ ...fullIteration, label: null, nodes: [{ ...fullNode, loadUs: null }] });
    const iteration = parseIterationLine(text, at);
    expect(Object.hasOwn(iteration, "label")).toBe(false);
    expect(Object.hasOwn(iteration.nodes[0]!, "loadUs")).toBe(false);
  });

  test("unknown fields survive reading and writing, known ones come in the order of the format", () => {
    const shuffledNode = Object.fromEntries(Object.entries({ zebra: 1, ...fullNode, apple: { x: [1] } }).toReversed());
    const text = JSON.stringify({ extra: true, ...fullIteration, nodes: [shuffledNode] });
    const written = iterationLine(parseIterationLine(text, at));
    expect(Object.keys((JSON.parse(written) as typeof fullIteration).nodes[0]!)).toEqual([
      "id",
      "op",
      "kind",
      "signature",
      "parents",
      "computeUs",
      "sizeBytes",
      "loadUs",
      "loadHotUs",
      "writeUs",
      "memoryBytes",
      "deterministic",
      "weight",
      "computeCv",
      "columns",
      "quality",
      "output",
      "apple",
      "zebra",
    ]);
    expect(written.endsWith(',"extra":true}')).toBe(true);
    expect(iterationLine(parseIterationLine(written, at))).toBe(written);
  });

  test("operators, which engines execute, are no part of a trace", () => {
    const [first] = sampleIterations();
    const operator = { type: "source" } as never;
    const line = iterationLine({ ...first!, nodes: first!.nodes.map((node) => ({ ...node, operator })) });
    expect(line).toBe(iterationLine(first!));
  });

  test("ids such as __proto__ and numbers keep their place", () => {
    const [first] = sampleIterations();
    const odd = parseIterationLine(
      '{"iteration":0,"changeType":"initial","nodes":[{"id":"__proto__","op":"x","signature":"a","parents":[],"computeUs":1,"sizeBytes":1,"__proto__":5},{"id":"7","op":"y","signature":"b","parents":["__proto__"],"computeUs":1,"sizeBytes":1}]}',
      at,
    );
    const again = parseTrace(formatTrace({ header: header(), iterations: [odd] }));
    expect(iterationLine(again.iterations[0]!)).toBe(iterationLine(odd));
    expect(iterationLine(odd)).toContain('"__proto__":5');
    expect(first).toBeDefined();
  });

  test("writing and parsing a whole trace gives it back", () => {
    const iterations = [...editedIterations(20, 30, 3)];
    const text = formatTrace({ header: header(), iterations });
    const parsed = parseTrace(text);
    expect(parsed).toEqual({ header: header(), iterations });
    expect(formatTrace(parsed)).toBe(text);
    expect(headerLine(parseHeaderLine(JSON.stringify(fullHeader), at))).toBe(JSON.stringify(fullHeader));
  });
});
