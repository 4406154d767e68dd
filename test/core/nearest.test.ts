import { expect, test } from "vitest";
import { editDistance, nearest } from "../../src/core/nearest.ts";

const ids = ["max-flow", "max-flow-edmonds-karp", "linear-pass", "compute-all", "lp"];

test.each([
  ["max-fow", "max-flow"],
  ["linaer-pass", "linear-pass"],
  ["LINEAR", "linear-pass"],
  ["karp", "max-flow-edmonds-karp"],
  ["pl", "lp"],
])("for %s the nearest id is %s", (typed, expected) => {
  expect(nearest(typed, ids)[0]).toBe(expected);
});

test("if nothing is near, every valid id is named", () => {
  expect(nearest("zzzzzzzz", ids)).toEqual(ids);
});

test("the edit distance counts insertions, deletions, replacements and swaps of neighbours", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("ab", "ba")).toBe(1);
  expect(editDistance("", "abc")).toBe(3);
});
