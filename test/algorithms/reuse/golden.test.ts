import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exact } from "../../../src/algorithms/reuse/exact.ts";
import { maxFlow } from "../../../src/algorithms/reuse/max-flow.ts";
import { drawProblem, type FamilyKnobs, type ProblemFamilyId } from "../../../src/workloads/synthetic/families.ts";

interface Optimum {
  readonly family: ProblemFamilyId;
  readonly seed: number;
  readonly index: number;
  readonly knobs: FamilyKnobs;
  readonly optimumUs: number;
  readonly solvers: readonly string[];
}

// Made by bench/peers/golden.ts: OR-tools, PyMaxflow, pseudoflow, igraph and SciPy agreed on every one.
const { optima } = JSON.parse(readFileSync(new URL("../../golden/planner/optima.json", import.meta.url), "utf8")) as {
  optima: readonly Optimum[];
};

test(`exact and max-flow find the ${optima.length} optima that outside solvers found`, () => {
  expect(optima.length).toBeGreaterThan(100);
  for (const { family, seed, index, knobs, optimumUs } of optima) {
    const problem = drawProblem(family, seed, index, knobs);
    expect(exact.plan(problem, {}).costUs, `${family} ${index}`).toBe(optimumUs);
    expect(maxFlow.plan(problem, {}).costUs, `${family} ${index}`).toBe(optimumUs);
  }
});
