import fc from "fast-check";
import { expect, test } from "vitest";
import { bruteForce } from "../../../src/algorithms/reuse/brute-force.ts";
import { linearPass } from "../../../src/algorithms/reuse/linear-pass.ts";
import { maxFlow } from "../../../src/algorithms/reuse/max-flow.ts";
import { stateNames } from "../../../src/core/plan.ts";
import type { NamedProblem } from "../../../src/core/problem.ts";
import { problemArbitrary } from "../../../src/testing/arbitraries.ts";
import {
  formatExample,
  outputWithChild,
  outTree,
  problemOf,
  sharedParent,
  storedMiddle,
} from "../../support/graphs.ts";

const costs = ({ problem }: NamedProblem): number[] => [
  linearPass.plan(problem, {}).costUs,
  maxFlow.plan(problem, {}).costUs,
];

test("a shared ancestor is priced once per path: 15 against 13 on the diamond", () => {
  expect(costs(sharedParent())).toEqual([15, 13]);
});

test("two stored nodes that share an ancestor: 16 against 14", () => {
  expect(costs(storedMiddle())).toEqual([16, 14]);
});

test("an out-tree with two outputs: 12 against 10", () => {
  expect(costs(outTree())).toEqual([12, 10]);
});

test("an output with a child that is an output too: 15 against 11", () => {
  expect(costs(outputWithChild())).toEqual([15, 11]);
});

test("the example of the problem format loads b for 3", () => {
  const { problem } = formatExample();
  for (const planner of [linearPass, maxFlow]) {
    const plan = planner.plan(problem, {});
    expect([...plan.states].map((state) => stateNames[state])).toEqual(["prune", "load"]);
    expect(plan.costUs).toBe(3);
  }
});

test("loading happens only when strictly cheaper: 21 > 20 loads, 16 < 17 and 20 = 20 compute", () => {
  const plan = (loadUs: number): string => {
    const { problem } = problemOf(
      [
        ["a", [], 15],
        ["b", ["a"], 5, loadUs],
      ],
      ["b"],
    );
    return stateNames[linearPass.plan(problem, {}).states[1]!]!;
  };
  expect([plan(19), plan(20), plan(21)]).toEqual(["load", "compute", "compute"]);
});

test("optimal where every node has at most one consumer and outputs have none", () => {
  fc.assert(
    fc.property(problemArbitrary({ maxNodes: 10, shape: "in-forest" }), (problem) => {
      expect(linearPass.plan(problem, {}).costUs).toBe(bruteForce.plan(problem, {}).costUs);
    }),
    { numRuns: 300 },
  );
});

test("optimal where every stored node has l ≤ c", () => {
  fc.assert(
    fc.property(problemArbitrary({ maxNodes: 10, cheapLoads: true }), (problem) => {
      expect(linearPass.plan(problem, {}).costUs).toBe(bruteForce.plan(problem, {}).costUs);
    }),
    { numRuns: 300 },
  );
});

test("the error is one-sided: what the linear pass computes, some optimal plan computes or prunes, never must load", () => {
  fc.assert(
    fc.property(problemArbitrary({ maxNodes: 9 }), (problem) => {
      const { states } = linearPass.plan(problem, {});
      const optimumUs = bruteForce.plan(problem, {}).costUs;
      // Forbid loading all that it computes: the optimum stays the same.
      const loadUs = problem.loadUs.map((us, v) => (states[v] === 1 ? Number.POSITIVE_INFINITY : us));
      expect(bruteForce.plan({ ...problem, loadUs }, {}).costUs).toBe(optimumUs);
    }),
    { numRuns: 300 },
  );
});

test("prices saturate instead of overflowing on 2,000 chained diamonds", () => {
  const rows: [string, string[], number, number?][] = [["r", [], 1]];
  let last = "r";
  for (let k = 0; k < 2_000; k++) {
    rows.push([`a${k}`, [last], 1], [`b${k}`, [last], 1], [`c${k}`, [`a${k}`, `b${k}`], 1]);
    last = `c${k}`;
  }
  rows.push(["end", [last], 1, 1_000_000]);
  const { problem } = problemOf(rows, ["end"]);
  expect(linearPass.plan(problem, {}).costUs).toBe(1_000_000);
  expect(maxFlow.plan(problem, {}).costUs).toBe(6_002);
});
