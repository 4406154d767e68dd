import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Operator, SourceOp } from "../../src/core/operators.ts";
import {
  canonicalJson,
  operationOf,
  operatorKey,
  sha256Hex,
  signatureOf,
  signaturesOf,
} from "../../src/core/signature.ts";
import { anyVersion, step, version } from "./workflow-versions.ts";

describe("signatures", () => {
  test("the hash is SHA-256 as Node computes it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(sha256Hex(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
      }),
    );
  });

  test("names do not enter: renaming every node keeps every signature", () => {
    fc.assert(
      fc.property(anyVersion, (before) => {
        const rename = (name: string): string => `other-${name}`;
        const nodes = before.nodes.map((node) => ({
          ...node,
          name: rename(node.name),
          parents: node.parents.map(rename),
        }));
        const renamed = signaturesOf({ nodes, outputs: before.outputs.map(rename) });
        for (const [name, signature] of signaturesOf(before)) expect(renamed.get(rename(name))).toBe(signature);
      }),
    );
  });

  test("a changed parameter changes the signatures of the node and of all that follows from it, and of nothing else", () => {
    fc.assert(
      fc.property(anyVersion, fc.nat(), (before, pick) => {
        const index = pick % before.nodes.length;
        const nodes = before.nodes.map((node, i) => (i === index ? { ...step(node.name, 99, ...node.parents) } : node));
        const old = signaturesOf(before);
        const now = signaturesOf({ ...before, nodes });
        const below = new Set([`n${index}`]);
        for (const { name, parents } of nodes) if (parents.some((parent) => below.has(parent))) below.add(name);
        for (const { name } of nodes) expect(now.get(name) === old.get(name)).toBe(!below.has(name));
      }),
    );
  });

  test("the order of parents matters", () => {
    const cross: Operator = { op: "interaction" };
    expect(signatureOf(cross, ["a", "b"])).not.toBe(signatureOf(cross, ["b", "a"]));
  });

  test("a nondeterministic node never has the signature of a deterministic one", () => {
    expect(signatureOf({ op: "interaction" }, ["a", "b"], false)).not.toBe(
      signatureOf({ op: "interaction" }, ["a", "b"]),
    );
  });

  test("a source is its fingerprint: neither paths nor the data set's name enter", () => {
    const here: SourceOp = { op: "source", dataset: "a", fingerprint: "f", files: [{ path: "/a", split: "train" }] };
    const there: SourceOp = { op: "source", dataset: "b", fingerprint: "f", files: [] };
    expect(operatorKey(here)).toBe(operatorKey(there));
    expect(operatorKey({ ...here, fingerprint: "g" })).not.toBe(operatorKey(here));
    expect(operationOf({ ...here, fingerprint: "g" })).toBe(operationOf(here));
  });

  test("canonical JSON does not depend on the order of keys or on absent fields", () => {
    expect(canonicalJson({ b: [1, -0, "é"], a: { d: null, c: undefined } })).toBe('{"a":{"d":null},"b":[1,0,"é"]}');
    expect(canonicalJson(JSON.parse('{"__proto__":1,"a":2}'))).toBe('{"__proto__":1,"a":2}');
  });

  test.each([
    ["NaN", { a: [Number.NaN] }, "$.a[0]: is NaN"],
    ["a function", { f: () => 1 }, "$.f: is a function"],
    ["a date", { at: new Date(0) }, "$.at: is a Date"],
    ["a map", new Map(), "$: is a Map"],
  ])("%s is refused with its place", (_what, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });

  test("a value that contains itself is refused", () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => canonicalJson(loop)).toThrow("$.self: is a value that contains itself");
  });
});

describe("the order of nodes", () => {
  test("is parents first and otherwise as given", () => {
    const { nodes } = version(["d"], step("d", 1, "b", "c"), step("c", 1, "a"), step("a", 1), step("b", 2, "a"));
    expect(nodes.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });

  test("a cycle is named in full", () => {
    expect(() => version(["a"], step("a", 1, "c"), step("b", 1, "a"), step("c", 1, "b"))).toThrow(
      /cycle (?:a → b → c → a|b → c → a → b|c → a → b → c);/u,
    );
  });

  test.each([
    ["a parent that is not there", [step("a", 1, "x")], '"a" reads "x", which does not exist'],
    ["a parent listed twice", [step("x", 1), step("a", 1, "x", "x")], 'node "a" lists a parent twice'],
    ["a duplicate name", [step("a", 1), step("a", 2)], 'two nodes are named "a"'],
  ])("%s is refused", (_what, nodes, message) => {
    expect(() => version(["a"], ...nodes)).toThrow(message);
  });

  test("a chain of 20,000 nodes does not overflow the stack", () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => step(`n${i}`, 1, ...(i === 0 ? [] : [`n${i - 1}`])));
    expect(version(["n0"], ...chain.reverse()).nodes[0]?.name).toBe("n0");
  });
});
