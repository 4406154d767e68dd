import { expect, test } from "vitest";
import { buildProblem } from "../src/core/problem.ts";

test("a problem listed children first comes out in topological order", () => {
  const { problem, ids } = buildProblem(
    [
      { id: "b", parents: ["a"], computeUs: 5, loadUs: 3 },
      { id: "a", parents: [], computeUs: 10, loadUs: null },
    ],
    ["b"],
  );
  expect(ids).toEqual(["a", "b"]);
  expect(problem.loadUs[0]).toBe(Infinity);
});
