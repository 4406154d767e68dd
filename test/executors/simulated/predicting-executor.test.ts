import { describe, expect, test } from "vitest";
import { materializerById } from "../../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../../src/algorithms/reuse/index.ts";
import { systems } from "../../../src/baselines/index.ts";
import type { Iteration, TraceIteration } from "../../../src/core/iteration.ts";
import { predictingExecutor } from "../../../src/executors/simulated/predicting-executor.ts";
import { statementCosts } from "../../../src/executors/simulated/statement-costs.ts";
import { runLoop, type RunOutcome } from "../../../src/simulator/loop.ts";
import { node, versions } from "../../support/sequences.ts";

// s(10) ── a(20) ── b(30) ── c(5), recorded as one statement of s, a and b.
const nodes = [
  node("s", "", 10),
  node("a", "s", 20),
  node("b", "a", 30, { loadUs: 4, writeUs: 3, sizeBytes: 100, memoryBytes: 1000 }),
  node("c", "b", 5),
];
const line = (fusedUs: number): TraceIteration => ({
  ...versions(nodes)[0]!,
  segments: [{ nodes: ["s", "a", "b"], fusedUs }],
});
const cost = (fusedUs: number, ids: readonly string[]): number =>
  statementCosts(line(fusedUs))(nodes.filter(({ id }) => ids.includes(id)));

describe("a statement costs", () => {
  test("what was recorded of a whole segment, and of a single node", () => {
    expect(cost(40, ["s", "a", "b"])).toBe(40);
    expect([cost(40, ["s"]), cost(40, ["a"]), cost(40, ["c"])]).toEqual([10, 20, 5]);
  });

  test("the nodes less a barrier for each but the first, where it is part of a segment", () => {
    // (60 − 40) ÷ 2 = 10 a barrier.
    expect(cost(40, ["s", "a"])).toBe(20);
    expect(cost(40, ["a", "b"])).toBe(40);
    expect(cost(40, ["a", "b", "c"])).toBe(45);
  });

  test("more than its nodes where fusing was dearer, and never less than nothing", () => {
    expect(cost(80, ["s", "a"])).toBe(40);
    expect(cost(0, ["s", "a"])).toBe(0);
  });
});

function run(
  recorded: readonly TraceIteration[],
  system: "helix-am" | "helix-nm",
  asked = recorded,
  onNode: (computeUs: number) => void = () => {},
): Promise<RunOutcome> {
  const strip = (iteration: TraceIteration): Iteration => ({
    iteration: iteration.iteration,
    changeType: iteration.changeType,
    nodes: iteration.nodes.map(({ id, op, signature, parents }) => ({ id, op, signature, parents })),
  });
  return runLoop({
    iterations: asked.map(strip),
    trace: "t",
    system: systems[system],
    planner: reusePlannerById(systems[system].planner)!,
    materializer: materializerById(systems[system].materializer)!,
    onIteration: (report) => report.nodes.forEach(({ computeUs }) => onNode(computeUs)),
    executor: predictingExecutor({
      recorded,
      estimateLoadUs: () => 7,
      estimateWriteUs: () => 9,
      usualCompression: 0.5,
    }),
  });
}

test("an engine that is not warm pays for the first use of each operator type, once", async () => {
  const executor = predictingExecutor({
    recorded: [line(40)],
    estimateLoadUs: () => 7,
    estimateWriteUs: () => 9,
    usualCompression: 0.5,
    firstUseUs: { a: 1000, c: 300, never: 7 },
  });
  await executor.beginIteration?.(line(40));
  const compute = async (...ids: readonly string[]): Promise<number> => {
    const wanted = nodes.filter(({ id }) => ids.includes(id));
    return (await executor.compute({ nodes: wanted, barriers: new Set(ids.slice(-1)) }, new Map(), {})).computeUs;
  };
  expect([await compute("s", "a"), await compute("a"), await compute("c"), await compute("c")]).toEqual([
    1020, 20, 305, 5,
  ]);
});

test("what a new session runs first takes its share on top, later versions do not", async () => {
  const executor = predictingExecutor({
    recorded: [line(40), { ...line(40), iteration: 1 }],
    estimateLoadUs: () => 7,
    estimateWriteUs: () => 9,
    usualCompression: 0.5,
    freshSessionShare: 0.25,
  });
  const whole = { nodes, barriers: new Set(nodes.slice(-1).map(({ id }) => id)) };
  const us: number[] = [];
  for (const iteration of [0, 1]) {
    await executor.beginIteration?.({ ...line(40), iteration });
    us.push((await executor.compute(whole, new Map(), {})).computeUs);
  }
  expect(us[1]).toBeGreaterThan(0);
  expect(us[0]).toBe(Math.round(1.25 * us[1]!));
});

test("columns kept apart are files: each new one takes what a write takes at least, values by their bytes", async () => {
  const column = (id: string, bytes: number) => ({ id, bytes, memoryBytes: 2 * bytes, type: "TEXT" });
  const recorded = versions([
    node("s", "", 1),
    node("x", "s", 1, { writeUs: 100, sizeBytes: 40, columns: [column("k", 10), column("v", 30)] }),
    node("y", "s", 1, { writeUs: 100, sizeBytes: 60, columns: [column("k", 10), column("w", 50)] }),
  ]);
  const executor = predictingExecutor({
    recorded,
    estimateLoadUs: () => 7,
    estimateWriteUs: () => 9,
    usualCompression: 0.5,
    storesColumns: { fileOverheadBytes: 0, fileWriteUs: 20 },
  });
  await executor.beginIteration?.(recorded[0]!);
  const wanted = recorded[0]!.nodes;
  const barriers = new Set(["x", "y"]);
  const { results } = await executor.compute({ nodes: wanted, barriers }, new Map(), {});
  const write = (id: string) => executor.write(results.get(id)!, id, {});
  expect(await write("x")).toEqual({ bytes: 40, writeUs: 2 * 20 + 80 });
  expect(await write("y")).toEqual({ bytes: 60, writeUs: 20 + Math.round((80 * 50) / 60) });
  await executor.evict("x");
  expect(executor.columnsIn?.(results.get("x")!)).toEqual([
    { id: "k", bytes: 10 },
    { id: "v", bytes: 30 },
  ]);
});

describe("the loop on the predicting clock", () => {
  const twice = versions(nodes, nodes).map((version) => ({ ...line(40), iteration: version.iteration }));

  test("charges fused statements where nothing may be stored", async () => {
    const { rows } = await run(twice, "helix-nm");
    expect(rows.map(({ runUs }) => runUs)).toEqual([45, 45]);
  });

  test("knows costs by its own first run only, and charges recorded loads and writes", async () => {
    const { rows } = await run(twice, "helix-am");
    // s is never stored and joins a: 20; b and c may be stored and are statements of their own. Then c, the output, is loaded.
    expect(rows[0]).toMatchObject({ computeUs: 55, computed: 4, loaded: 0 });
    expect(rows[1]).toMatchObject({ computeUs: 0, computed: 0, loaded: 1 });
  });

  test("observes of a statement's nodes what each recorded by itself, not equal parts of it", async () => {
    // s is never stored, so that it joins the statement of a: 98 in all.
    const cheap = [node("s", "", 97), node("a", "s", 1, { loadUs: 1 }), node("b", "a", 50)];
    const recorded = versions(cheap, cheap).map((version) => ({
      ...version,
      segments: [{ nodes: ["s", "a"], fusedUs: 98 }],
    }));
    const reports: number[] = [];
    await run(recorded, "helix-am", recorded, (computeUs) => void reports.push(computeUs));
    expect(reports.slice(0, 3)).toEqual([97, 1, 50]);
  });

  test("an iteration or node without costs ends the run with an error", async () => {
    const { failure } = await run(twice.slice(0, 1), "helix-nm", twice);
    expect(failure).toMatchObject({
      code: "E_EXECUTOR",
      message: expect.stringContaining("iteration 1 has no recorded"),
    });
    const lacking = twice.map((one) => ({ ...one, nodes: one.nodes.slice(0, 3) }));
    expect((await run(lacking, "helix-nm", twice)).failure?.message).toContain('node "c" has no recorded costs');
  });
});
