import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffVersions } from "../../src/core/diff.ts";
import { signaturesOf } from "../../src/core/signature.ts";
import { anyVersion, step, version } from "./workflow-versions.ts";

/**
 *   data ─► rows ─► age ─► bucket ─► out
 *               └─► edu ──────────────┘
 */
const before = version(
  ["out"],
  step("data", 0),
  step("rows", 1, "data"),
  step("age", 2, "rows"),
  step("bucket", 3, "age"),
  step("edu", 4, "rows"),
  step("out", 5, "bucket", "edu"),
);

describe("the diff of two versions", () => {
  test("of a version and itself: everything is unchanged", () => {
    fc.assert(
      fc.property(anyVersion, (v) => {
        const diff = diffVersions(v, v);
        expect(diff.unchanged).toEqual(v.nodes.map(({ name }) => name));
        expect([...diff.added, ...diff.removed, ...diff.changed, ...diff.invalidated, ...diff.renamed]).toEqual([]);
      }),
    );
  });

  test("puts every node of either version in exactly one list", () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, (a, b) => {
        const diff = diffVersions(a, b);
        const after = [
          ...diff.unchanged,
          ...diff.added,
          ...diff.changed,
          ...diff.invalidated,
          ...diff.renamed.map(({ to }) => to),
        ];
        const old = [
          ...diff.unchanged,
          ...diff.removed,
          ...diff.changed,
          ...diff.invalidated,
          ...diff.renamed.map(({ from }) => from),
        ];
        expect(after.sort()).toEqual(b.nodes.map(({ name }) => name).sort());
        expect(old.sort()).toEqual(a.nodes.map(({ name }) => name).sort());
      }),
    );
  });

  test("calls unchanged and renamed exactly what has a signature of the old version under its (former) name", () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, (a, b) => {
        const [old, now] = [signaturesOf(a), signaturesOf(b)];
        const diff = diffVersions(a, b);
        for (const name of diff.unchanged) expect(now.get(name)).toBe(old.get(name));
        for (const { from, to } of diff.renamed) expect(now.get(to)).toBe(old.get(from));
        for (const name of [...diff.changed, ...diff.invalidated]) expect(now.get(name)).not.toBe(old.get(name));
      }),
    );
  });

  test("a changed operator is changed, what follows from it invalidated", () => {
    const after = version(
      ["out"],
      ...before.nodes.map((node) => (node.name === "age" ? step("age", 9, "rows") : node)),
    );
    expect(diffVersions(before, after)).toEqual({
      unchanged: ["data", "rows", "edu"],
      added: [],
      removed: [],
      changed: ["age"],
      invalidated: ["bucket", "out"],
      renamed: [],
    });
  });

  test("a rename is a rename, and what reads the node stays unchanged", () => {
    const after = version(
      ["out"],
      ...before.nodes.map((node) => ({
        ...node,
        name: node.name === "age" ? "years" : node.name,
        parents: node.parents.map((parent) => (parent === "age" ? "years" : parent)),
      })),
    );
    const diff = diffVersions(before, after);
    expect(diff.renamed).toEqual([{ from: "age", to: "years" }]);
    expect(diff.unchanged).toEqual(["data", "rows", "bucket", "edu", "out"]);
  });

  test("another list of parents is a change of the node itself; nodes come and go", () => {
    const after = version(
      ["out"],
      ...before.nodes.slice(0, 2),
      step("edu", 4, "rows"),
      step("race", 6, "rows"),
      step("out", 5, "edu", "race"),
    );
    expect(diffVersions(before, after)).toMatchObject({
      added: ["race"],
      removed: ["age", "bucket"],
      changed: ["out"],
      invalidated: [],
    });
  });
});
