import { describe, expect, test } from "vitest";
import { collabStorageAware } from "../../../src/algorithms/materialize/collab-storage-aware.ts";
import { helixOnline } from "../../../src/algorithms/materialize/helix-online.ts";
import { maxFlow } from "../../../src/algorithms/reuse/max-flow.ts";
import type { ExperimentGraph } from "../../../src/core/experiment-graph.ts";
import type { FinishedResult, Materializer, StorageView } from "../../../src/core/materializer.ts";
import type { ReusePlanner } from "../../../src/core/plug-in.ts";
import type { ReuseProblem } from "../../../src/core/problem.ts";
import { guardedMaterializer, guardedPlanner } from "../../../src/harness/plug-ins/guarded.ts";
import { storedMiddle } from "../../support/graphs.ts";
import { node, runPair, versions } from "../../support/sequences.ts";

const iterations = versions(
  [node("a", "", 1_000), node("b", "a", 500), node("c", "b", 10, { output: true })],
  [node("a", "", 1_000), node("b", "a", 500), node("c:c2", "b", 10, { output: true })],
);

describe("a planner that writes to its problem", () => {
  test.each(["parentOffsets", "parentIds", "computeUs", "loadUs", "outputs"] as const)(
    "is named with the array, %s, and the problem stays as it was",
    (name) => {
      const { problem } = storedMiddle();
      const before = structuredClone(problem);
      const bad: ReusePlanner = {
        ...maxFlow,
        id: "bad",
        plan(shown: ReuseProblem, params: object) {
          const plan = maxFlow.plan(shown, params);
          shown[name][0] = 1;
          return plan;
        },
      };
      expect(() => guardedPlanner(bad).plan(problem, {})).toThrow(
        `planner bad: changed ${name} of the problem it was shown; plug-ins never write to their input`,
      );
      expect(problem).toEqual(before);
    },
  );

  test("fails its run, although its plan is legal there", async () => {
    const bad: ReusePlanner = {
      ...maxFlow,
      plan(problem: ReuseProblem, params: object) {
        const plan = maxFlow.plan(problem, params);
        problem.parentIds.fill(0);
        return plan;
      },
    };
    const first = iterations.slice(0, 1);
    expect((await runPair(first, "max-flow+always", {}, { planner: bad })).failure).toBeUndefined();
    const { rows, failure } = await runPair(first, "max-flow+always", {}, { planner: guardedPlanner(bad) });
    expect(rows).toEqual([]);
    expect(failure).toMatchObject({ code: "E_PLUGIN", message: expect.stringContaining("parentIds") as string });
  });
});

describe("a materializer that writes to what it is shown", () => {
  const keeps = (deed: (result: FinishedResult, storage: StorageView) => unknown): Materializer =>
    guardedMaterializer<object>({
      kind: "online",
      id: "bad",
      title: "",
      decideAt: "finish",
      keep: (result, storage) => deed(result, storage) === "never",
    });
  const selects = (deed: (graph: ExperimentGraph) => unknown): Materializer =>
    guardedMaterializer<object>({
      kind: "batch",
      id: "bad",
      title: "",
      select: (graph) => (deed(graph) === "never" ? [0] : []),
    });
  const deeds: readonly [string, Materializer, RegExp][] = [
    ["the workflow's costs", keeps(({ workflow }) => workflow.computeUs.fill(0)), /changed computeUs of the workflow/u],
    ["its edges", keeps(({ workflow }) => workflow.parentOffsets.reverse()), /changed parentOffsets of the workflow/u],
    ["a node", keeps((result) => Object.assign(result.node, { sizeBytes: 0 })), /read only/u],
    ["a node's inputs", keeps(({ workflow }) => Object.assign(workflow.nodes[1]!.parents, ["x"])), /read only/u],
    ["the result", keeps((result) => Object.assign(result, { sizeBytes: 0 })), /read only/u],
    ["the budget", keeps((_, storage) => Object.assign(storage, { budgetBytes: Infinity })), /read only/u],
    ["the candidates", selects((graph) => Object.assign(graph.candidates(), { length: 0 })), /read only/u],
    ["the graph", selects((graph) => Object.assign(graph, { sizeBytes: () => 0 })), /read only/u],
  ];
  test.each(deeds)("%s: its run fails and names it; the trace stays as it was", async (_, materializer, message) => {
    const own = structuredClone(iterations);
    const { failure } = await runPair(own, "max-flow+always", {}, { materializer, budgetBytes: 100 });
    expect(failure).toMatchObject({ code: "E_PLUGIN" });
    expect(failure?.message).toMatch(/^materializer bad: /u);
    expect(failure?.message).toMatch(message);
    expect(own).toEqual(iterations);
  });
});

test.each([helixOnline, collabStorageAware] as readonly Materializer[])(
  "$id gives the same rows guarded, also where the plug-in is frozen",
  async (materializer) => {
    const plain = await runPair(iterations, "max-flow+always", {}, { materializer, budgetBytes: 100 });
    const guarded = {
      planner: guardedPlanner(Object.freeze({ ...maxFlow })),
      materializer: guardedMaterializer(Object.freeze({ ...materializer })),
    };
    const outcome = await runPair(structuredClone(iterations), "max-flow+always", {}, { ...guarded, budgetBytes: 100 });
    expect(outcome.rows.some(({ loaded }) => loaded > 0)).toBe(true);
    expect(outcome).toEqual(plain);
  },
);
