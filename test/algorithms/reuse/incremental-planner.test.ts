import { expect, test } from "vitest";
import { bruteForce } from "../../../src/algorithms/reuse/brute-force.ts";
import { exact } from "../../../src/algorithms/reuse/exact.ts";
import { IncrementalPlanner, type PlanEdit } from "../../../src/algorithms/reuse/incremental-planner.ts";
import { WorkflowError } from "../../../src/core/errors.ts";
import { validatePlan, type ReuseProblem } from "../../../src/core/plan.ts";
import { randomInt, rngStream, type Rng } from "../../../src/core/rng.ts";
import { drawProblem, problemFamilyIds } from "../../../src/workloads/synthetic/families.ts";
import { formatExample } from "../../support/graphs.ts";
import { randomProblem } from "../../support/random-problems.ts";

const sequences = Number(process.env["EXACT_TRIALS"] ?? 3_000) / 10;

/** A random edit; some of them are refused (removing a parent, taking the last output away). */
function randomEdit(rng: Rng, n: number, maxCostUs: number): PlanEdit {
  const node = randomInt(rng, 0, n - 1);
  const us = randomInt(rng, 0, maxCostUs);
  switch (randomInt(rng, 0, 9)) {
    case 0:
    case 1:
      return { kind: "compute-cost", node, computeUs: us };
    case 2:
    case 3:
    case 4:
      return { kind: "store", node, loadUs: us * 2 };
    case 5:
      return { kind: "evict", node };
    case 6:
      return { kind: "invalidate", node };
    case 7: {
      const parents = new Set([node, randomInt(rng, 0, n - 1)]);
      return { kind: "add-node", parents: [...parents], computeUs: us, loadUs: rng() < 0.5 ? null : us };
    }
    case 8:
      return { kind: "remove-node", node };
    default:
      return { kind: "output", node, required: rng() < 0.5 };
  }
}

/** Applies edits one by one or in batches; refused ones are left out. */
function follow(
  rng: Rng,
  planner: IncrementalPlanner,
  rounds: number,
  maxCostUs: number,
  optimumUs: (problem: ReuseProblem) => number,
): void {
  let states = planner.plan().states;
  for (let k = 0; k < rounds; k++) {
    const edits = Array.from({ length: rng() < 0.7 ? 1 : 4 }, () => randomEdit(rng, planner.nodeCount, maxCostUs));
    const told = new Map<number, number>();
    let costUs = -1;
    try {
      const change = planner.apply(edits);
      costUs = change.costUs;
      for (const { node, from, to } of change.changes) {
        expect(states[node] ?? 0).toBe(from);
        told.set(node, to);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(WorkflowError);
    }
    const problem = planner.problem();
    const plan = planner.plan();
    validatePlan("incremental", problem, plan);
    expect(plan.costUs).toBe(optimumUs(problem));
    if (costUs >= 0) {
      expect(costUs).toBe(plan.costUs);
      expect(plan.states.every((state, v) => (told.get(v) ?? states[v] ?? 0) === state)).toBe(true);
    }
    states = plan.states;
  }
}

test(`${sequences} sequences of edits on tiny problems: always the optimum, and the differences add up to the plan`, () => {
  const rng = rngStream(1, "incremental/tiny");
  for (let k = 0; k < sequences; k++) {
    const problem = randomProblem(rng, { maxNodes: 7 });
    follow(rng, new IncrementalPlanner(problem), 12, 9, (now) =>
      now.nodeCount <= 12 ? bruteForce.plan(now, {}).costUs : exact.plan(now, {}).costUs,
    );
  }
});

test("edits on every family cost what a cold plan costs", () => {
  const rng = rngStream(1, "incremental/families");
  for (const family of problemFamilyIds) {
    const problem = drawProblem(family, 8, 0);
    follow(rng, new IncrementalPlanner(problem), 20, 4_000, (now) => exact.plan(now, {}).costUs);
  }
});

test("a repair that takes too long is put off, answered cold and taken up later", () => {
  const rng = rngStream(1, "incremental/cold");
  const problem = drawProblem("layered-dense", 3, 1, { nodes: 6_000, storedShare: 0.9, loadScale: Math.exp(3) });
  const planner = new IncrementalPlanner(problem);
  let cold = 0;
  for (let k = 0; k < 30; k++) {
    const edits: PlanEdit[] = Array.from({ length: 40 }, () => ({
      kind: "store",
      node: randomInt(rng, 0, problem.nodeCount - 1),
      loadUs: randomInt(rng, 0, 60_000),
    }));
    const change = planner.apply(edits);
    if (change.cold) cold++;
    validatePlan("incremental", planner.problem(), planner.plan());
    expect(change.costUs).toBe(exact.plan(planner.problem(), {}).costUs);
  }
  expect(cold).toBeGreaterThan(0);
});

/** Applies the same edits to both keepers. */
function followBoth(rng: Rng, problem: ReuseProblem, rounds: number, maxCostUs: number, name: string): void {
  const compiled = new IncrementalPlanner(problem, "compiled");
  const script = new IncrementalPlanner(problem, "script");
  for (let k = 0; k < rounds; k++) {
    const edits = Array.from({ length: rng() < 0.7 ? 1 : 4 }, () => randomEdit(rng, script.nodeCount, maxCostUs));
    const [one, other] = [compiled, script].map((planner) => {
      try {
        return planner.apply(edits);
      } catch (error) {
        if (!(error instanceof WorkflowError)) throw error;
        return error.message;
      }
    });
    expect(one, `${name}, round ${k}`).toEqual(other);
  }
  expect(compiled.plan()).toEqual(script.plan());
  expect(compiled.problem()).toEqual(script.problem());
}

test("compiled and in JavaScript, replanning gives the same plans, differences and counts", () => {
  const rng = rngStream(1, "incremental/both");
  for (let k = 0; k < Math.min(1_000, sequences); k++)
    followBoth(rng, randomProblem(rng, { maxNodes: 7 }), 12, 9, `tiny ${k}`);
  for (const family of problemFamilyIds) followBoth(rng, drawProblem(family, 9, 0), 60, 4_000, family);
  followBoth(rng, drawProblem("layered-dense", 3, 1, { nodes: 3_000 }), 30, 60_000, "layered-dense");
});

test("an edit invalidates all that follows, in one batch", () => {
  const { problem } = formatExample();
  const planner = new IncrementalPlanner(problem);
  expect(planner.apply([{ kind: "invalidate", node: 0 }])).toMatchObject({
    costUs: 15,
    changes: [
      { node: 1, from: 2, to: 1 },
      { node: 0, from: 0, to: 1 },
    ],
  });
});

test("what makes no problem is refused and leaves the plan as it was", () => {
  const { problem } = formatExample();
  const planner = new IncrementalPlanner(problem);
  const refused: PlanEdit[] = [
    { kind: "compute-cost", node: 2, computeUs: 1 },
    { kind: "compute-cost", node: 0, computeUs: -1 },
    { kind: "compute-cost", node: 0, computeUs: 2 ** 52 },
    { kind: "store", node: 0, loadUs: 0.5 },
    { kind: "store", node: 0, loadUs: Number.POSITIVE_INFINITY },
    { kind: "remove-node", node: 0 },
    { kind: "remove-node", node: 1 },
    { kind: "output", node: 1, required: false },
    { kind: "add-node", parents: [0, 0], computeUs: 1, loadUs: null },
    { kind: "add-node", parents: [2], computeUs: 1, loadUs: null },
  ];
  for (const edit of refused) expect(() => planner.apply([edit])).toThrow(WorkflowError);
  expect(planner.plan().costUs).toBe(3);
  expect(planner.nodeCount).toBe(2);
});
