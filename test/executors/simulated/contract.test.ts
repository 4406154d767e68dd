import { describe, expect, test } from "vitest";
import { linearModel } from "../../../src/core/cost-model.ts";
import type { ResultHandle } from "../../../src/core/executor.ts";
import { simulatedExecutor } from "../../../src/executors/simulated/simulated-executor.ts";
import { executorContract } from "../../../src/testing/executor-contract.ts";
import { measuredExecutor } from "../../support/measured-executor.ts";
import { node, versions } from "../../support/sequences.ts";

const workflow = [node("s", "", 100), node("a", "s", 20), node("b", "a", 30), node("acc", "b", 4, { op: "reduce" })];
const iterations = versions(workflow, [...workflow.slice(0, 3), node("acc:acc2", "b", 4, { op: "reduce" })]);

describe("the executor contract", () => {
  test.each(executorContract({ id: "simulated", open: () => simulatedExecutor(), iterations }))(
    "$title",
    async ({ check }) => check(),
  );
  // A second, asynchronous, fusing implementation: the battery must not lean on the simulated one's ways.
  test.each(executorContract({ id: "fake", open: () => measuredExecutor(), iterations }))("$title", async ({ check }) =>
    check(),
  );

  test("finds an executor that loses what it wrote", async () => {
    const open = (): ReturnType<typeof simulatedExecutor> => {
      const inner = simulatedExecutor();
      return { ...inner, evict: () => ({ freedBytes: 0 }) };
    };
    const [, second] = executorContract({ id: "leaky", open, iterations });
    await expect(second!.check()).rejects.toThrow("leaky: evicting 1 written bytes freed 0");
  });
});

describe("the simulated executor", () => {
  test("charges the line's costs, models what the line does not say, takes memory as the size where it is not given", async () => {
    const executor = simulatedExecutor();
    const plain = { id: "p", op: "p", signature: "p", parents: [], computeUs: 9, sizeBytes: 171 };
    const outcome = await executor.compute({ nodes: [plain], barriers: new Set(["p"]) }, new Map(), {});
    const handle = outcome.results.get("p") as ResultHandle;
    expect(outcome.computeUs).toBe(9);
    expect(handle).toMatchObject({ memoryBytes: 171, estimatedBytes: 171 });
    expect(await executor.write(handle, "k", {})).toEqual({ bytes: 171, writeUs: 1_002 });
    expect(await executor.load("k", plain, {})).toMatchObject({ loadUs: 1_002 });
    expect(await executor.load("k", { ...plain, loadUs: 5 }, {})).toMatchObject({ loadUs: 5 });
  });

  test("a calibrated storage model prices by bytes on storage and in memory", async () => {
    const cost = { baseUs: 10, usPerByte: 1, usPerMemoryByte: 0.5 };
    const executor = simulatedExecutor({ storageModel: linearModel("m", cost, { ...cost, baseUs: 20 }) });
    const wide = { id: "p", op: "p", signature: "p", parents: [], computeUs: 9, sizeBytes: 4, memoryBytes: 7 };
    const outcome = await executor.compute({ nodes: [wide], barriers: new Set(["p"]) }, new Map(), {});
    expect(await executor.write(outcome.results.get("p") as ResultHandle, "k", {})).toEqual({ bytes: 4, writeUs: 28 });
    expect(await executor.load("k", wide, {})).toMatchObject({ loadUs: 18 });
  });

  test("refuses what has no costs", () => {
    const bare = { id: "p", op: "p", signature: "p", parents: [] };
    const executor = simulatedExecutor();
    expect(() => executor.compute({ nodes: [bare], barriers: new Set(["p"]) }, new Map(), {})).toThrow(
      'simulated: node "p" has no computeUs; only a trace can be simulated',
    );
  });
});
