import { expect, test } from "vitest";
import { compiledFor } from "../../../src/algorithms/reuse/exact/compiled.ts";
import { exact, exactInParts, exactInScript, exactWithStats } from "../../../src/algorithms/reuse/exact.ts";
import { type ReusePlan, type ReuseProblem, validatePlan } from "../../../src/core/plan.ts";
import { rngStream } from "../../../src/core/rng.ts";
import { drawProblem, problemFamilyIds, type FamilyKnobs } from "../../../src/workloads/synthetic/families.ts";
import { optimumByTrial } from "../../support/brute-force.ts";
import { randomProblem } from "../../support/random-problems.ts";

// EXACT_TRIALS=100000 is the nightly size.
const trials = Number(process.env["EXACT_TRIALS"] ?? 4_000);
const dear: FamilyKnobs = { storedShare: 0.9, loadScale: Math.exp(3) };

function expectSamePlan(plan: ReusePlan | undefined, expected: ReusePlan, name: string): void {
  expect(plan?.costUs, `${name}: cost`).toBe(expected.costUs);
  expect(Buffer.compare(plan!.states, expected.states), `${name}: states`).toBe(0);
}

/** Plans and counts of both kinds, and of the compiled one even where `exact` would not use it. */
function expectSame(problem: ReuseProblem, name: string): void {
  const inScript = exactInScript(problem);
  const chosen = exactWithStats(problem);
  expectSamePlan(chosen.plan, inScript.plan, name);
  expect(chosen.stats, `${name}: counts`).toEqual(inScript.stats);
  const compiled = compiledFor(problem)!;
  expectSamePlan(compiled.plan(problem), inScript.plan, name);
  expect(compiled.stats(), `${name}: compiled counts`).toEqual(inScript.stats);
}

test("the compiled steps give the plans and counts of those in JavaScript on every family", () => {
  for (const family of problemFamilyIds)
    for (const [i, knobs] of [{}, { query: "few" as const }, dear].entries())
      for (let k = 0; k < Math.max(2, trials / 2_000); k++)
        expectSame(drawProblem(family, 6, k, knobs), `${family} ${i} ${k}`);
});

test(`so they do on ${trials} tiny problems with ties, and both find the optimum`, () => {
  const rng = rngStream(6, "exact/compiled");
  for (let k = 0; k < trials; k++) {
    const problem = randomProblem(rng, { maxNodes: 6, maxCostUs: k % 3 === 0 ? 2 ** 46 : 5 });
    expectSame(problem, `problem ${k}`);
    expect(exactInScript(problem).plan.costUs, `problem ${k}`).toBe(optimumByTrial(problem));
  }
});

test("a larger problem moves the arrays, a smaller one after it is unharmed", () => {
  const small = drawProblem("layered-dense", 6, 0, { ...dear, nodes: 300 });
  const before = exact.plan(small, {});
  // In JavaScript, arrays of the largest are laid over each other.
  for (const nodes of [5_000, 60_000, 120_000])
    expectSame(drawProblem("layered-dense", 6, 0, { nodes }), `${nodes} nodes`);
  expectSamePlan(exact.plan(small, {}), before, "small");
});

/** As {@link expectSame}, for what is done with large problems: of plans that cost the same it may find another one. */
function expectOptimumInParts(problem: ReuseProblem, name: string): void {
  const { plan, stats } = exactInParts(problem);
  validatePlan(name, problem, plan);
  const inScript = exactInScript(problem);
  expect(plan.costUs, `${name}: cost`).toBe(inScript.plan.costUs);
  expect(stats.undecided, `${name}: undecided`).toBe(inScript.stats.undecided);
}

test("large problems are swept in JavaScript and their rest is settled by the compiled steps: an optimum on every family", () => {
  for (const family of problemFamilyIds)
    for (const [i, knobs] of [{}, { query: "few" as const }, dear].entries())
      for (let k = 0; k < Math.max(2, trials / 2_000); k++)
        expectOptimumInParts(drawProblem(family, 6, k, knobs), `${family} ${i} ${k}`);
});

test(`so it is on ${trials} tiny problems`, () => {
  const rng = rngStream(6, "exact/parts");
  for (let k = 0; k < trials; k++) {
    const problem = randomProblem(rng, { maxNodes: 7, maxCostUs: k % 3 === 0 ? 2 ** 46 : 5 });
    expectOptimumInParts(problem, `problem ${k}`);
    expect(exactInParts(problem).plan.costUs, `problem ${k}`).toBe(optimumByTrial(problem));
  }
});

test("problems too large to be copied are planned in parts", () => {
  for (const [family, knobs] of [
    ["collab", {}],
    ["kaggle", {}],
    ["layered", dear],
  ] as const) {
    const problem = drawProblem(family, 6, 0, { ...knobs, nodes: 150_000 });
    expect(compiledFor(problem)).toBeUndefined();
    expectSamePlan(exact.plan(problem, {}), exactInParts(problem).plan, family);
    expectOptimumInParts(problem, family);
  }
});

test("a rest too large to be copied is settled in JavaScript", () => {
  const problem = drawProblem("layered-dense", 6, 0, { ...dear, nodes: 50_000 });
  const inScript = exactInScript(problem);
  const inParts = exactInParts(problem);
  expectSamePlan(inParts.plan, inScript.plan, "layered-dense");
  expect(inParts.stats).toEqual(inScript.stats);
});
