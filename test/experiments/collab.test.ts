import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { collabQuality } from "../../experiments/collab-quality.ts";
import { drawCounts } from "../../experiments/collab-synthetic.ts";
import { benchmarkStream, streamFloor } from "../../experiments/collab-openml.ts";
import { allProblems } from "../../experiments/linear-gap.ts";
import { bruteForce } from "../../src/algorithms/reuse/brute-force.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { defineExperiment } from "../../src/harness/experiment.ts";
import { runExperiment } from "../../src/harness/run.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-collab-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the openml-like figures", () => {
  test("no system is below the floor, plain OpenML pays for all it lists, both accountings are judged apart", async () => {
    const runs = 80;
    const small = defineExperiment({ ...collabQuality, params: { ...collabQuality.params, runs: [runs] }, quick: {} });
    const outcome = await runExperiment(small, { folder });
    expect(outcome.status).toBe("finished");
    const stream = benchmarkStream(1, runs);
    const floor = streamFloor(stream);
    const listedUs = stream.iterations.flatMap(({ nodes }) => nodes).reduce((sum, { computeUs }) => sum + computeUs, 0);
    for (const cell of outcome.cells) {
      const { line, accounting } = cell!.configuration.params;
      const last = cell!.rows.at(-1)!;
      expect(last["runs"]).toBe(runs);
      expect(Number(last["newUs"]) + Number(last["goldUs"])).toBe(last["totalUs"]);
      expect(Number(last["totalUs"])).toBeGreaterThanOrEqual(floor.totalUs);
      expect(Number(last["goldUs"])).toBeGreaterThanOrEqual(floor.goldUs);
      expect(last["accounting"]).toBe(accounting);
      if (line === "oml" && accounting === "uniform") expect(last["totalUs"]).toBe(listedUs);
    }
    const claims = outcome.meta.claims.map(({ id, ceiling, got }) => [id, Number(got) <= Number(ceiling)]);
    expect(claims).toEqual([
      ["five-times-collab", true],
      ["gold-standard-collab", true],
      ["five-times-uniform", true],
      ["gold-standard-uniform", true],
    ]);
  });
});

describe("the finding on the linear pass", () => {
  const dearer = (nodes: number, outputs: Parameters<typeof allProblems>[1]): number => {
    let count = 0;
    for (const problem of allProblems(nodes, outputs))
      if (linearPass.plan(problem, {}).costUs > bruteForce.plan(problem, {}).costUs) count++;
    return count;
  };

  test("with sinks as outputs it is optimal on every problem of up to two nodes; an output that is read is enough to break it", () => {
    expect([dearer(1, "any results"), dearer(2, "all sinks"), dearer(2, "any results")]).toEqual([0, 0, 41]);
  });

  test("the smallest counter-example with one sink is a triangle: a 2 → b 0 (load 1), both read by c 0: 3 against 2", () => {
    const problem = {
      nodeCount: 3,
      parentOffsets: Int32Array.of(0, 0, 1, 3),
      parentIds: Int32Array.of(0, 0, 1),
      computeUs: Float64Array.of(2, 0, 0),
      loadUs: Float64Array.of(Infinity, 1, Infinity),
      outputs: Int32Array.of(2),
    };
    expect([linearPass.plan(problem, {}).costUs, bruteForce.plan(problem, {}).costUs]).toEqual([3, 2]);
  });

  test("where every stored result loads for no more than it computes, no problem of three nodes breaks it", () => {
    let looked = 0;
    for (const problem of allProblems(3, "one sink")) {
      if (problem.loadUs.some((us, v) => us !== Number.POSITIVE_INFINITY && us > problem.computeUs[v]!)) continue;
      looked++;
      const [ours, best] = [linearPass.plan(problem, {}).costUs, bruteForce.plan(problem, {}).costUs];
      if (ours !== best) expect({ problem, ours }).toEqual({ problem, ours: best });
    }
    expect(looked).toBeGreaterThan(5_000);
  });

  test("draws with replacement are as many as asked for", () => {
    const counts = drawCounts(1, 100, 1_000);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(1_000);
    expect(Math.max(...counts)).toBeGreaterThan(10);
  });
});
