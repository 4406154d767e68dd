import { expect, test } from "vitest";
import { maxFlow } from "../../../src/algorithms/reuse/max-flow.ts";
import { validatePlan } from "../../../src/core/plan.ts";
import { buildProblem } from "../../../src/core/problem.ts";
import { rngStream, shuffled } from "../../../src/core/rng.ts";
import { longChain } from "../../support/graphs.ts";
import { randomProblem } from "../../support/random-problems.ts";

test("a chain of 10^6 nodes needs no recursion", () => {
  const chain = longChain(1_000_000);
  const plan = maxFlow.plan(chain, {});
  validatePlan("max-flow", chain, plan);
  expect(plan.costUs).toBe(2 + 999_999);
});

test("the plan does not depend on how the nodes are listed", () => {
  const rng = rngStream(1, "max-flow/relabel");
  for (let k = 0; k < 100; k++) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = randomProblem(rng, { maxNodes: 20 });
    const nodes = Array.from({ length: n }, (_, v) => ({
      id: `n${v}`,
      parents: [...parentIds.subarray(parentOffsets[v], parentOffsets[v + 1])].map((p) => `n${p}`),
      computeUs: computeUs[v]!,
      loadUs: loadUs[v] === Number.POSITIVE_INFINITY ? null : loadUs[v]!,
    }));
    const named = [...outputs].map((v) => `n${v}`);
    const statesById = (listed: typeof nodes): (readonly [string, number])[] => {
      const { problem, ids } = buildProblem(listed, named);
      const { states } = maxFlow.plan(problem, {});
      return ids.map((id, v) => [id, states[v]!] as const).sort(([a], [b]) => (a < b ? -1 : 1));
    };
    expect(statesById(shuffled(rng, nodes))).toEqual(statesById(nodes));
  }
});
