import fc from "fast-check";
import { expect, test } from "vitest";
import { maxFlow } from "../../src/algorithms/reuse/max-flow.ts";
import { TraceFormatError } from "../../src/core/errors.ts";
import { lineOf } from "../../src/core/json-position.ts";
import { parseProblem, planToJson, problemToJson } from "../../src/core/problem-format.ts";
import { problemArbitrary } from "../../src/testing/arbitraries.ts";

const node = (id: string, parents: string[] = [], more: object = {}): object => ({
  id,
  parents,
  computeUs: 1,
  loadUs: null,
  ...more,
});
const document = (more: object = {}): Record<string, unknown> => ({
  format: "reuselab.problem",
  version: 1,
  nodes: [node("a"), node("b", ["a"])],
  outputs: ["b"],
  ...more,
});

function refusal(value: unknown, line = 7): string {
  try {
    parseProblem(typeof value === "string" ? value : JSON.stringify(value), { file: "p.jsonl", line });
  } catch (error) {
    expect(error).toBeInstanceOf(TraceFormatError);
    return (error as TraceFormatError).message;
  }
  return "accepted";
}

test("every kind of bad input is refused with file, line, field and what is expected", () => {
  const cases: [unknown, RegExp][] = [
    ["{", /^p\.jsonl:7: is not JSON/u],
    ["", /^p\.jsonl:7: is not JSON/u],
    [[], /^p\.jsonl:7: is an array; expected an object/u],
    [null, /^p\.jsonl:7: is null; expected an object/u],
    [document({ format: "x" }), /^p\.jsonl:7: format: is "x"; expected "reuselab\.problem"/u],
    [document({ version: 2 }), /^p\.jsonl:7: version: is 2; this release reads version 1/u],
    [document({ nodes: undefined }), /: nodes: is missing; expected an array/u],
    [document({ nodes: {} }), /: nodes: is an object; expected an array/u],
    [document({ nodes: [] }), /: nodes: is empty/u],
    [document({ nodes: [3] }), /: nodes\[0\]: is 3; expected an object/u],
    [document({ nodes: [{ id: 3 }] }), /: nodes\[0\]\.id: is 3; expected a string/u],
    [document({ nodes: [{ id: "a" }] }), /: nodes\[0\]\.parents: is missing/u],
    [document({ nodes: [node("a", [3 as never])] }), /: nodes\[0\]\.parents\[0\]: is 3/u],
    [document({ nodes: [node("a", [], { computeUs: -1 })] }), /: nodes\[0\]\.computeUs: is -1; expected an integer/u],
    [document({ nodes: [node("a", [], { computeUs: 0.5 })] }), /: nodes\[0\]\.computeUs: is 0\.5/u],
    [document({ nodes: [node("a", [], { computeUs: "5" })] }), /: nodes\[0\]\.computeUs: is "5"/u],
    [document({ nodes: [node("a", [], { computeUs: null })] }), /: nodes\[0\]\.computeUs: is null/u],
    [document({ nodes: [node("a", [], { loadUs: undefined })] }), /: nodes\[0\]\.loadUs: is missing; expected null/u],
    [document({ nodes: [node("a", [], { loadUs: 2 ** 53 })] }), /: nodes\[0\]\.loadUs: is 9007199254740992/u],
    [document({ nodes: [node("a"), node("a")] }), /: nodes\[1\]: node "a": duplicate id/u],
    [document({ nodes: [node("a"), node("b", ["z"])] }), /: nodes\[1\]: node "b": parent "z" is unknown/u],
    [document({ nodes: [node("a"), node("b", ["a", "a"])] }), /: nodes\[1\]: .*listed twice/u],
    [document({ nodes: [node("a", ["b"]), node("b", ["a"])] }), /: nodes\[0\]: .*cycle/u],
    [document({ nodes: [node("a"), node("b", ["b"])] }), /: nodes\[1\]: .*cycle/u],
    [document({ outputs: undefined }), /: outputs: is missing; expected an array of ids/u],
    [document({ outputs: [] }), /: outputs: the list is empty/u],
    [document({ outputs: ["b", "b"] }), /: outputs: node "b" is listed twice/u],
    [document({ outputs: ["z"] }), /: outputs: node "z" is unknown/u],
    [document({ outputs: [1] }), /: outputs\[0\]: is 1/u],
    [
      document({ nodes: [node("a", [], { computeUs: 2 ** 53 - 1 }), node("b", ["a"])] }),
      /: nodes\[1\]: .*all finite costs together reach 2\^53/u,
    ],
  ];
  for (const [value, expected] of cases) expect(refusal(value)).toMatch(expected);
});

test("in a document laid out over lines the line of the bad value is named", () => {
  const text = JSON.stringify(document({ nodes: [node("a"), node("b", ["a"], { computeUs: -4 })] }), null, 2);
  const line = text.split("\n").findIndex((row) => row.includes("-4")) + 1;
  expect(() => parseProblem(text, { file: "p.json" })).toThrow(`p.json:${line}: nodes[1].computeUs: is -4`);
  expect(() => parseProblem('{\n "format": 1,\n oops\n}', { file: "p.json" })).toThrow("p.json:3: is not JSON");
});

test("the line of any value is found, escaped quotes and nested brackets included", () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 }), fc.nat(), (rows, at) => {
      const k = at % rows.length;
      const marked = rows.map((row, i) => (i === k ? { ...row, here: "needle 42" } : row));
      const text = JSON.stringify(marked, null, 1);
      const line = text.split("\n").findIndex((row) => row.includes("needle 42")) + 1;
      expect(lineOf(text, [k, "here"])).toBe(line);
    }),
  );
});

test("unknown fields are ignored; node order is free and kept in the plan; any text is an id", () => {
  const problem = parseProblem(
    JSON.stringify(
      document({
        note: "kept out",
        nodes: [
          node("2", ["__proto__"], { loadUs: 3 }),
          node("__proto__", [], { computeUs: 10, x: 1 }),
          node('q"\n', []),
          node("1", []),
          node("constructor", []),
        ],
        outputs: ["2"],
      }),
    ),
    { file: "p.json" },
  );
  const text = planToJson("max-flow", problem, maxFlow.plan(problem.problem, {}));
  expect(text).toBe(
    '{"planner":"max-flow","costUs":3,"states":{"2":"load","__proto__":"prune","q\\"\\n":"prune","1":"prune","constructor":"prune"}}',
  );
});

test("a problem survives being written and read", () => {
  fc.assert(
    fc.property(problemArbitrary(), (problem) => {
      const ids = Array.from({ length: problem.nodeCount }, (_, v) => `n${v}`);
      const again = parseProblem(problemToJson({ problem, ids }), { file: "p.json" });
      expect(again.problem).toEqual(problem);
      expect(again.ids).toEqual(ids);
    }),
  );
});
