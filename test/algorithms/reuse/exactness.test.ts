import { expect, test } from "vitest";
import { reusePlannerById, reusePlannerIds } from "../../../src/algorithms/reuse/index.ts";
import { certify } from "../../../src/algorithms/reuse/certify.ts";
import { IncrementalPlanner } from "../../../src/algorithms/reuse/incremental-planner.ts";
import { checkCertificate } from "../../../src/core/certificate.ts";
import { COMPUTE, planCostUs, PRUNE, type ReuseProblem, validatePlan } from "../../../src/core/plan.ts";
import { rngStream } from "../../../src/core/rng.ts";
import { maxExact } from "../../../src/core/units.ts";
import { optimumByTrial } from "../../support/brute-force.ts";
import { randomProblem } from "../../support/random-problems.ts";

const exactIds = reusePlannerIds.filter((id) => reusePlannerById(id)?.exact === true);

test("every exact planner finds the optimum of 600 random problems of up to 7 nodes, ties and zero costs included", () => {
  const rng = rngStream(1, "exactness/tiny");
  for (let k = 0; k < 600; k++) {
    const problem = randomProblem(rng, { maxCostUs: k % 2 === 0 ? 4 : 60 });
    const optimumUs = optimumByTrial(problem);
    for (const id of exactIds) {
      const plan = reusePlannerById(id)!.plan(problem, {});
      validatePlan(id, problem, plan);
      expect(plan.costUs, `${id}, problem ${k}`).toBe(optimumUs);
    }
  }
});

test("max-flow = edmonds-karp = lp = brute force on 150 problems of 8 to 12 nodes", () => {
  const rng = rngStream(1, "exactness/twelve");
  for (let k = 0; k < 150; k++) {
    const problem = randomProblem(rng, { minNodes: 8, maxNodes: 12, maxCostUs: k % 2 === 0 ? 9 : 5_000 });
    const costs = exactIds.map((id) => reusePlannerById(id)!.plan(problem, {}).costUs);
    expect(new Set(costs).size, `problem ${k}: ${exactIds.join(" ")} = ${costs.join(" ")}`).toBe(1);
  }
});

test("max-flow = edmonds-karp = lp on 100 problems of 20 to 30 nodes", () => {
  const rng = rngStream(1, "exactness/thirty");
  for (let k = 0; k < 100; k++) {
    const problem = randomProblem(rng, { minNodes: 20, maxNodes: 30, density: 0.15, maxCostUs: 10_000 });
    const costs = ["max-flow", "max-flow-edmonds-karp", "lp"].map(
      (id) => reusePlannerById(id)!.plan(problem, {}).costUs,
    );
    expect(new Set(costs).size, `problem ${k}: ${costs.join(" ")}`).toBe(1);
  }
});

test("exact planners stay exact when the costs use the whole range of integers", () => {
  const rng = rngStream(1, "exactness/huge");
  for (let k = 0; k < 200; k++) {
    const problem = randomProblem(rng, { maxCostUs: 2 ** 46 });
    const optimumUs = optimumByTrial(problem);
    for (const id of exactIds.filter((id) => id !== "lp"))
      expect(reusePlannerById(id)!.plan(problem, {}).costUs, `${id}, problem ${k}`).toBe(optimumUs);
  }
});

test("lp is exact up to its largest cost and refuses what its solver cannot tell apart", () => {
  const rng = rngStream(1, "exactness/lp-costs");
  const lp = reusePlannerById("lp")!;
  for (let k = 0; k < 200; k++) {
    const problem = randomProblem(rng, { maxCostUs: 9 });
    // Costs that differ by some microseconds in 10^11.
    const near = (us: number): number => (Number.isFinite(us) ? 1e11 - 1000 + us : us);
    const close = { ...problem, computeUs: problem.computeUs.map(near), loadUs: problem.loadUs.map(near) };
    expect(lp.plan(close, {}).costUs, `problem ${k}`).toBe(optimumByTrial(close));
    const huge = { ...problem, computeUs: problem.computeUs.map((us) => 1e14 + us) };
    expect(() => lp.plan(huge, {})).toThrow(/^lp: a cost is 1000000000000\d\d us; .*use max-flow$/u);
  }
});

test("max-flow and brute force agree on the number of loads among optimal plans: the fewest", () => {
  const rng = rngStream(1, "exactness/ties");
  for (let k = 0; k < 300; k++) {
    const problem = randomProblem(rng, { maxNodes: 9, maxCostUs: 3 });
    const loads = ["max-flow", "max-flow-edmonds-karp", "brute-force"].map(
      (id) =>
        reusePlannerById(id)!
          .plan(problem, {})
          .states.filter((state) => state === 2).length,
    );
    expect(new Set(loads).size, `problem ${k}: ${loads.join(" ")}`).toBe(1);
  }
});

test("where nothing is stored every planner computes what the outputs need, and nothing else, up to a sum of 2^53 - 1", () => {
  const rng = rngStream(1, "exactness/nothing-stored");
  for (let k = 0; k < 200; k++) {
    const drawn = randomProblem(rng, { stored: 0, maxCostUs: k % 2 === 0 ? 3 : 2 ** 45 });
    const problem = k === 0 ? singleNode(maxExact) : drawn;
    const needed = new Set(problem.outputs);
    for (let v = problem.nodeCount - 1; v >= 0; v--)
      if (needed.has(v))
        for (const p of problem.parentIds.subarray(problem.parentOffsets[v], problem.parentOffsets[v + 1]))
          needed.add(p);
    const states = Uint8Array.from({ length: problem.nodeCount }, (_, v) => (needed.has(v) ? COMPUTE : PRUNE));
    for (const id of reusePlannerIds.filter((one) => one !== "lp")) {
      const plan = reusePlannerById(id)!.plan(problem, {});
      expect([...plan.states], `${id}, problem ${k}`).toEqual([...states]);
      expect(plan.costUs, `${id}, problem ${k}`).toBe(planCostUs(problem, states));
    }
    expect(checkCertificate(problem, planCostUs(problem, states), certify(problem)), `problem ${k}`).toBeUndefined();
    expect([...new IncrementalPlanner(k === 0 ? singleNode(2 ** 51 - 1) : problem).plan().states]).toEqual([...states]);
  }
});

function singleNode(computeUs: number): ReuseProblem {
  return {
    nodeCount: 1,
    parentOffsets: Int32Array.of(0, 0),
    parentIds: new Int32Array(0),
    computeUs: Float64Array.of(computeUs),
    loadUs: Float64Array.of(Number.POSITIVE_INFINITY),
    outputs: Int32Array.of(0),
  };
}
