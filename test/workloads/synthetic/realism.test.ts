import { expect, test } from "vitest";
import { buildProblem } from "../../../src/core/problem.ts";
import { drawProblem } from "../../../src/workloads/synthetic/families.ts";
import { realismOf } from "../../../src/workloads/synthetic/realism.ts";

//   s ─ a ─ b ─ d (output)     x hangs on s and is not asked for
//        └─ c ─┘
const diamond = buildProblem(
  [
    { id: "s", parents: [], computeUs: 0, loadUs: null },
    { id: "a", parents: ["s"], computeUs: 10, loadUs: null },
    { id: "b", parents: ["a"], computeUs: 1, loadUs: null },
    { id: "c", parents: ["a"], computeUs: 4, loadUs: 2 },
    { id: "d", parents: ["b", "c"], computeUs: 1, loadUs: 15 },
    { id: "x", parents: ["s"], computeUs: 1, loadUs: null },
  ],
  ["d"],
).problem;

test("a realism report by hand: one of five needed nodes is shared, depth 4, width 2", () => {
  const report = realismOf([diamond]);
  expect(report).toMatchObject({
    problems: 1,
    nodes: { p50: 6 },
    edgesPerNode: 1,
    depth: { max: 4 },
    width: { max: 2 },
    inDegreeShares: [1 / 6, 4 / 6, 1 / 6, 0],
    outDegreeShares: [2 / 6, 2 / 6, 2 / 6, 0],
    storedShare: 2 / 6,
    loadOverCompute: { p10: 0.5, max: 15 },
    sharedShare: 1 / 5,
    neededShare: 5 / 6,
  });
});

test("trees share nothing, diamonds every third node or more; joins are as many as asked for", () => {
  const of = (family: "in-tree" | "diamonds" | "collab", joins?: number): ReturnType<typeof realismOf> =>
    realismOf(
      Array.from({ length: 10 }, (_, i) =>
        drawProblem(family, 1, i, { nodes: 1_000, ...(joins === undefined ? {} : { joins }) }),
      ),
    );
  expect(of("in-tree").sharedShare).toBe(0);
  expect(of("diamonds").sharedShare).toBeGreaterThan(0.2);
  const [few, many] = [of("collab", 0), of("collab", 0.5)];
  expect(few.inDegreeShares[2]).toBe(0);
  expect(few.inDegreeShares[3]).toBe(0);
  expect(many.inDegreeShares[2] + many.inDegreeShares[3]).toBeGreaterThan(0.47);
  expect(many.inDegreeShares[2] + many.inDegreeShares[3]).toBeLessThan(0.53);
  expect(many.sharedShare).toBeGreaterThan(of("collab").sharedShare);
});
