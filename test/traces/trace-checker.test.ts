import { describe, expect, test } from "vitest";
import type { TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";
import { FingerprintTable } from "../../src/traces/format/fingerprint-table.ts";
import { TraceChecker } from "../../src/traces/format/trace-checker.ts";
import { editedIterations, node, sampleIterations } from "./sample-trace.ts";

function check(...iterations: readonly Partial<TraceIteration>[]): () => void {
  return () => {
    const checker = new TraceChecker();
    iterations.forEach((partial, i) => {
      const iteration: TraceIteration = { iteration: i, changeType: "dpr", nodes: [node("a", [])], ...partial };
      checker.check(iteration, { file: "t", line: i + 2 });
    });
  };
}

const a = node("a", []);
const b = node("b", ["a"]);
const c = node("c", ["a", "b"]);

describe("meaning of a trace", () => {
  test("a sound trace passes", () => {
    expect(check(...sampleIterations())).not.toThrow();
    expect(check(...editedIterations(30, 40, 5))).not.toThrow();
  });

  const bad: [string, readonly Partial<TraceIteration>[], string][] = [
    ["a first iteration other than 0", [{ iteration: 1 }], "t:2: iteration: is 1; expected 0"],
    ["a gap between iterations", [{}, { iteration: 2 }], "t:3: iteration: is 2; expected 1"],
    ["a base that is the iteration itself", [{}, { base: 1 }], "t:3: base: is 1; expected an earlier iteration than 1"],
    ["a base of the first iteration", [{ base: 0 }], "t:2: base: is 0; expected an earlier"],
    [
      "two nodes of one id",
      [{ nodes: [a, { ...b, id: "a", parents: [] }] }],
      't:2: nodes[1].id: "a" is taken by node 0',
    ],
    ["an unknown parent", [{ nodes: [a, node("b", ["x"])] }], 't:2: nodes[1].parents[0]: "x" is unknown'],
    ["a parent that is the node itself", [{ nodes: [node("a", ["a"])] }], '"a" and "a" lie on a cycle'],
    [
      "a cycle",
      [{ nodes: [node("a", ["b"]), node("b", ["a"])] }],
      't:2: nodes[0].parents[0]: "b" and "a" lie on a cycle',
    ],
    ["a parent listed after its child", [{ nodes: [node("b", ["a"]), a] }], '"a" is listed after "b"'],
    ["a parent listed twice", [{ nodes: [a, node("b", ["a", "a"])] }], 't:2: nodes[1].parents[1]: "a" is listed twice'],
    [
      "a segment of unknown nodes",
      [{ nodes: [a, b], segments: [{ nodes: ["a", "x"], fusedUs: 1 }] }],
      't:2: segments[0].nodes[1]: "x" is unknown',
    ],
    [
      "a segment that lists a node twice",
      [{ nodes: [a, b], segments: [{ nodes: ["a", "a"], fusedUs: 1 }] }],
      't:2: segments[0].nodes[1]: "a" is listed twice',
    ],
    [
      "costs that leave the exact range together",
      [{ nodes: [a, { ...b, computeUs: Number.MAX_SAFE_INTEGER }] }],
      "t:2: nodes[1].computeUs: brings all costs of the iteration to 2^53",
    ],
    [
      "one signature with two ops in an iteration",
      [{ nodes: [a, { ...node("z", []), signature: a.signature }] }],
      't:2: nodes[1].signature: of node "z" is that of node "a"',
    ],
    [
      "one signature with other parents in an iteration",
      [{ nodes: [a, b, { ...c, op: b.op, signature: b.signature }] }],
      't:2: nodes[2].signature: of node "c" is that of node "b"',
    ],
    [
      "one signature with fewer parents in an iteration",
      [{ nodes: [a, b, c, { ...node("d", ["a"]), op: c.op, signature: c.signature }] }],
      't:2: nodes[3].signature: of node "d" is that of node "c"',
    ],
    [
      "one signature with another op in a later iteration",
      [{ nodes: [a, b] }, { nodes: [a, { ...b, op: "other" }] }],
      't:3: nodes[1].signature: of node "b" is that of a node of an earlier iteration',
    ],
    [
      "one signature with a changed parent in a later iteration",
      [{ nodes: [a, b] }, { nodes: [{ ...a, signature: "a@2" }, b] }],
      "t:3: nodes[1].signature",
    ],
  ];
  test.each(bad)("%s is refused", (_, iterations, message) => {
    expect(check(...iterations)).toThrow(message);
  });

  test("equal nodes of one iteration are one result, so a child may read either or both", () => {
    const twin: TraceNode = { ...a, id: "twin" };
    const child = node("child", ["a"], { signature: "s", op: "o" });
    expect(check({ nodes: [a, twin, child, { ...child, id: "k2", parents: ["twin"] }] })).not.toThrow();
    expect(
      check({ nodes: [a, twin, child] }, { nodes: [a, twin, { ...child, parents: ["a", "twin"] }] }),
    ).not.toThrow();
  });

  test("newness counts signatures, not ids", () => {
    const checker = new TraceChecker();
    checker.check({ iteration: 0, changeType: "initial", nodes: [a, b, { ...a, id: "twin" }] }, { file: "t", line: 2 });
    expect([0, 1, 2].map((i) => checker.isNew(i))).toEqual([true, true, false]);
    expect([0, 1, 2].map((i) => checker.canonical(i))).toEqual([0, 1, 0]);
    checker.check({ iteration: 1, changeType: "dpr", nodes: [a, { ...b, signature: "b@2" }] }, { file: "t", line: 3 });
    expect([0, 1].map((i) => checker.isNew(i))).toEqual([false, true]);
    expect(checker.signatureCount).toBe(3);
  });
});

describe("fingerprint table", () => {
  test("answers as a map does over 300,000 random operations, ties of single hashes included", () => {
    const rng = rngStream(1, "fingerprints");
    const table = new FingerprintTable();
    const model = new Map<string, number>();
    for (let i = 0; i < 300_000; i++) {
      const low = Math.imul(randomInt(rng, 1, 4000), 0x9e3779b1) >>> 0;
      const high = randomInt(rng, 0, 20) * 4096 + randomInt(rng, 0, 3);
      const tag = randomInt(rng, 0, 65_535);
      const key = `${low}/${high}`;
      const answer = table.add(low, high, tag);
      if (answer !== (model.get(key) ?? -1)) throw new Error(`${key} answered ${answer}`);
      if (!model.has(key)) model.set(key, tag);
    }
    expect(table.size).toBe(model.size);
  });

  test("finds every one of 200,000 spread keys again", () => {
    const table = new FingerprintTable();
    const low = (i: number): number => Math.imul(i, 0x9e3779b1) >>> 0;
    const high = (i: number): number => Math.imul(i, 0x85ebca6b) >>> 0;
    for (let i = 0; i < 200_000; i++) if (table.add(low(i), high(i), i & 0xffff) !== -1) throw new Error(`${i} is new`);
    for (let i = 0; i < 200_000; i++) if (table.add(low(i), high(i), 7) !== (i & 0xffff)) throw new Error(`lost ${i}`);
    expect(table.size).toBe(200_000);
  });
});
