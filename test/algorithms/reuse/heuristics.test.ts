import fc from "fast-check";
import { expect, test } from "vitest";
import { bottomUp } from "../../../src/algorithms/reuse/bottom-up.ts";
import { bruteForce } from "../../../src/algorithms/reuse/brute-force.ts";
import { computeAll } from "../../../src/algorithms/reuse/compute-all.ts";
import { downstreamOfChange } from "../../../src/algorithms/reuse/downstream-of-change.ts";
import { loadAll } from "../../../src/algorithms/reuse/load-all.ts";
import { lp } from "../../../src/algorithms/reuse/lp.ts";
import { maxFlowEdmondsKarp } from "../../../src/algorithms/reuse/max-flow-edmonds-karp.ts";
import { perNodeGreedy } from "../../../src/algorithms/reuse/per-node-greedy.ts";
import { TooLargeError } from "../../../src/core/errors.ts";
import { stateNames, type ReusePlan } from "../../../src/core/plan.ts";
import type { NamedProblem } from "../../../src/core/problem.ts";
import { problemArbitrary } from "../../../src/testing/arbitraries.ts";
import { longChain, problemOf } from "../../support/graphs.ts";

/** data is a source; rows and age are stored; the change is in bucket; what follows from it was stored before the change. */
const edited = (): NamedProblem =>
  problemOf(
    [
      ["data", [], 50],
      ["rows", ["data"], 20, 3],
      ["age", ["rows"], 10, 90],
      ["bucket", ["age"], 5],
      ["income", ["rows", "bucket"], 7, 1],
      ["note", ["rows"], 2, 1],
      ["unneeded", ["data"], 1, 1],
    ],
    ["income", "note"],
  );

const named = ({ ids }: NamedProblem, plan: ReusePlan): Record<string, string | undefined> =>
  Object.fromEntries(ids.map((id, v) => [id, stateNames[plan.states[v]!]]));

test("downstream-of-change computes the change and all that follows, and loads what that reads without pricing it", () => {
  const graph = edited();
  expect(named(graph, downstreamOfChange.plan(graph.problem, {}))).toEqual({
    data: "prune",
    rows: "load",
    age: "load",
    bucket: "compute",
    income: "compute",
    note: "load",
    unneeded: "prune",
  });
});

test("downstream-of-change reads an unstored source again when a changed node asks for it", () => {
  const graph = problemOf(
    [
      ["data", [], 50],
      ["rows", ["data"], 20],
    ],
    ["rows"],
  );
  expect(downstreamOfChange.plan(graph.problem, {}).costUs).toBe(70);
});

test("compute-all, load-all, per-node-greedy on the same edit", () => {
  const { problem } = edited();
  expect(computeAll.plan(problem, {}).costUs).toBe(50 + 20 + 10 + 5 + 7 + 2);
  expect(loadAll.plan(problem, { behind: false }).costUs).toBe(1 + 1);
  expect(perNodeGreedy.plan(problem, {}).costUs).toBe(1 + 1);
});

test("load-all with behind also loads what other loads make superfluous", () => {
  const { problem } = edited();
  expect(loadAll.plan(problem, { behind: true }).costUs).toBe(1 + 1 + 3 + 90);
});

test("bottom-up and load-all give the same plan on every problem", () => {
  fc.assert(
    fc.property(problemArbitrary({ maxNodes: 12 }), (problem) => {
      expect(bottomUp.plan(problem, {})).toEqual(loadAll.plan(problem, { behind: false }));
    }),
    { numRuns: 300 },
  );
});

test("planners with a count limit refuse larger problems by name of the limit", () => {
  expect(() => bruteForce.plan(longChain(13), {})).toThrow(TooLargeError);
  expect(() => bruteForce.plan(longChain(13), {})).toThrow(/13 nodes; it takes at most 12/u);
  expect(() => lp.plan(longChain(31), {})).toThrow(/31 nodes; it takes at most 30/u);
  expect(() => maxFlowEdmondsKarp.plan(longChain(2_001), {})).toThrow(/2001 nodes; it takes at most 2000/u);
  expect(maxFlowEdmondsKarp.plan(longChain(2_000), {}).costUs).toBe(2 + 1_999);
});
