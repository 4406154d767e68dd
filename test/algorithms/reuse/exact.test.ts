import { expect, test } from "vitest";
import { exact, exactWithStats } from "../../../src/algorithms/reuse/exact.ts";
import { linearPass } from "../../../src/algorithms/reuse/linear-pass.ts";
import { maxFlow } from "../../../src/algorithms/reuse/max-flow.ts";
import { validatePlan } from "../../../src/core/plan.ts";
import { rngStream } from "../../../src/core/rng.ts";
import { drawProblem, problemFamilyIds } from "../../../src/workloads/synthetic/families.ts";
import { optimumByTrial } from "../../support/brute-force.ts";
import { longChain } from "../../support/graphs.ts";
import { randomProblem } from "../../support/random-problems.ts";

// EXACT_TRIALS=100000 is the nightly size.
const trials = Number(process.env["EXACT_TRIALS"] ?? 4_000);

test(`the optimum of ${trials} tiny problems with ties, zero costs, several outputs and outputs with children`, () => {
  const rng = rngStream(1, "exact/tiny");
  for (let k = 0; k < trials; k++) {
    const problem = randomProblem(rng, { maxNodes: 6, maxCostUs: k % 3 === 0 ? 100 : 5 });
    const plan = exact.plan(problem, {});
    validatePlan("exact", problem, plan);
    expect(plan.costUs, `problem ${k}`).toBe(optimumByTrial(problem));
  }
});

test("the cost of max-flow on mid-size problems of every family and both query modes", () => {
  for (const family of problemFamilyIds) {
    for (let k = 0; k < Math.max(12, trials / 110); k++) {
      const problem = drawProblem(family, 1, k, k % 2 === 0 ? {} : { query: "few" });
      const plan = exact.plan(problem, {});
      validatePlan("exact", problem, plan);
      expect(plan.costUs, `${family} ${k}`).toBe(maxFlow.plan(problem, {}).costUs);
    }
  }
});

test("the cost of max-flow where joins are dense, most nodes are stored and loads are dear", () => {
  for (let k = 0; k < 6; k++) {
    const problem = drawProblem("layered-dense", 2, k, { storedShare: 0.9, loadScale: Math.exp(3), nodes: 1_500 });
    expect(exact.plan(problem, {}).costUs).toBe(maxFlow.plan(problem, {}).costUs);
  }
});

test("costs in the whole range of integers stay exact", () => {
  const rng = rngStream(1, "exact/huge");
  for (let k = 0; k < 500; k++) {
    const problem = randomProblem(rng, { maxNodes: 6, maxCostUs: 2 ** 46 });
    expect(exact.plan(problem, {}).costUs, `problem ${k}`).toBe(optimumByTrial(problem));
  }
});

test("a chain of 10^6 nodes needs no recursion", () => {
  const chain = longChain(1_000_000);
  const plan = exact.plan(chain, {});
  validatePlan("exact", chain, plan);
  expect(plan.costUs).toBe(2 + 999_999);
});

test("with one output of a large DAG only the needed part is looked at", () => {
  const problem = drawProblem("collab", 1, 1, { nodes: 20_000, query: "one" });
  const { plan, stats } = exactWithStats(problem);
  expect(plan.costUs).toBe(maxFlow.plan(problem, {}).costUs);
  expect(stats.undecided).toBeLessThan(500);
});

test("bounds leave little to the flow: under 2 % of the nodes of Collab-like problems", () => {
  let nodes = 0;
  let inFlow = 0;
  let dearer = 0;
  for (let k = 0; k < 100; k++) {
    const problem = drawProblem("collab", 3, k);
    const { plan, stats } = exactWithStats(problem);
    nodes += problem.nodeCount;
    inFlow += stats.flowNodes;
    if (linearPass.plan(problem, {}).costUs > plan.costUs) dearer++;
  }
  expect(inFlow / nodes).toBeLessThan(0.02);
  expect(dearer, "the linear pass is worse on nearly all of them").toBeGreaterThan(90);
});
