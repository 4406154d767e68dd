import { expect, test } from "vitest";
import { exact } from "../../../src/algorithms/reuse/exact.ts";
import { linearPass } from "../../../src/algorithms/reuse/linear-pass.ts";
import { isExact } from "../../../src/core/units.ts";
import { drawProblem, problemFamilyIds } from "../../../src/workloads/synthetic/families.ts";

test("every family draws legal problems: topological ids, distinct parents, integer costs, leaves as outputs", () => {
  for (const family of problemFamilyIds) {
    for (let index = 0; index < 5; index++) {
      const {
        nodeCount: n,
        parentOffsets,
        parentIds,
        computeUs,
        loadUs,
        outputs,
      } = drawProblem(family, 3, index, {
        query: "leaves",
      });
      const hasChild = new Uint8Array(n);
      const wrong: string[] = [];
      for (let v = 0; v < n; v++) {
        const parents = [...parentIds.subarray(parentOffsets[v], parentOffsets[v + 1])];
        for (const p of parents) {
          if (p >= v) wrong.push(`parent ${p} of ${v}`);
          hasChild[p] = 1;
        }
        if (new Set(parents).size < parents.length) wrong.push(`repeated parents of ${v}`);
        if (!isExact(computeUs[v])) wrong.push(`compute cost of ${v}`);
        if (!isExact(loadUs[v]) && loadUs[v] !== Number.POSITIVE_INFINITY) wrong.push(`load cost of ${v}`);
      }
      expect(wrong).toEqual([]);
      expect([...outputs]).toEqual([...hasChild.keys()].filter((v) => hasChild[v] === 0));
    }
  }
});

test("family, seed and index fix a problem; another index is another problem", () => {
  for (const family of problemFamilyIds) {
    expect(drawProblem(family, 9, 2)).toEqual(drawProblem(family, 9, 2));
    expect(drawProblem(family, 9, 2)).not.toEqual(drawProblem(family, 9, 3));
    expect(drawProblem(family, 9, 2)).not.toEqual(drawProblem(family, 8, 2));
  }
});

test("wanted sizes are met within one building block", () => {
  for (const family of problemFamilyIds) {
    const nodes = drawProblem(family, 1, 0, { nodes: 2_000 }).nodeCount;
    expect(nodes, `nodes of ${family}`).toBeGreaterThan(1_700);
    expect(nodes, `nodes of ${family}`).toBeLessThan(2_300);
  }
});

test("Collab-like DAGs have the published mean degrees: 149 edges per 139 nodes, about one root in twenty", () => {
  let nodes = 0;
  let arcs = 0;
  let roots = 0;
  for (let index = 0; index < 20; index++) {
    const { nodeCount, parentOffsets, parentIds } = drawProblem("collab", 1, index);
    nodes += nodeCount;
    arcs += parentIds.length;
    for (let v = 0; v < nodeCount; v++) if (parentOffsets[v] === parentOffsets[v + 1]) roots++;
  }
  expect(arcs / nodes).toBeGreaterThan(1);
  expect(arcs / nodes).toBeLessThan(149 / 139);
  expect(roots / nodes).toBeGreaterThan(0.03);
  expect(roots / nodes).toBeLessThan(0.09);
});

test("the released generator cannot tell the linear pass from an exact planner: it stores only where l < c", () => {
  for (let index = 0; index < 15; index++) {
    const problem = drawProblem("collab-released", 1, index, { storedShare: [0.05, 0.5, 1][index % 3]! });
    for (const [v, us] of problem.loadUs.entries())
      expect(us < problem.computeUs[v]! || us === Number.POSITIVE_INFINITY).toBe(true);
    expect(linearPass.plan(problem, {}).costUs).toBe(exact.plan(problem, {}).costUs);
  }
});
