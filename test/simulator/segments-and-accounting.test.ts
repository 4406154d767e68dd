import { describe, expect, test } from "vitest";
import { systems } from "../../src/baselines/index.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { Accounting, SystemSpec } from "../../src/core/system.ts";
import type { BudgetSpec } from "../../src/core/units.ts";
import { simulateCell, type CellOutcome } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { node, versions } from "../support/sequences.ts";

async function run(
  iterations: readonly TraceIteration[],
  system: SystemSpec,
  accounting: Accounting = "uniform",
  budget: BudgetSpec = { kind: "none" },
): Promise<CellOutcome> {
  return simulateCell({ trace: { name: "t", iterations, facts: surveyTrace(iterations) }, system, accounting, budget });
}

describe("recorded segments", () => {
  const nodes = [node("s", "", 100), node("a", "s", 50), node("b", "a", 50, { loadUs: 40 }), node("c", "b", 10)];
  const recorded = (fusedUs: number): TraceIteration[] =>
    versions(nodes, nodes).map((it) => ({ ...it, segments: [{ nodes: ["a", "b"], fusedUs }], fusedUs: 150 }));

  test("a barrier tax above 1.2 charges a segment that is computed whole its own time", async () => {
    expect(surveyTrace(recorded(80))).toMatchObject({ barrierTax: 1.25, chargeSegments: true });
    const { rows } = await run(recorded(80), systems["helix-nm"]);
    expect(rows.map(({ computeUs }) => computeUs)).toEqual([190, 190]);
  });

  test("at or below 1.2 node costs are charged, and without segments there is no tax", async () => {
    const tax = 100 / 84;
    expect(surveyTrace(recorded(84))).toMatchObject({ barrierTax: tax, chargeSegments: false });
    const { rows } = await run(recorded(84), systems["helix-nm"]);
    expect(rows[0]?.computeUs).toBe(210);
    expect(surveyTrace(versions(nodes)).barrierTax).toBeUndefined();
  });

  test("a segment whose inner result is stored is charged by node, one whose last result is stored is not", async () => {
    const inner = await run(recorded(80), systems["helix-am"]);
    expect(inner.rows[0]?.computeUs).toBe(210);
    const onlyLast = versions(nodes).map((it) => ({ ...it, segments: [{ nodes: ["s", "a"], fusedUs: 20 }] }));
    expect((await run(onlyLast, systems["helix-am"])).rows[0]?.computeUs).toBe(20 + 60); // s is never stored
  });

  test("none-fused is charged the whole version's own time and leaves the outputs only", async () => {
    const { rows } = await run(recorded(80), systems["none-fused"]);
    expect(rows[0]).toMatchObject({
      runUs: 150,
      computeUs: 150,
      writeUs: 0,
      computed: 4,
      peakBytes: 1,
      storedBytes: 0,
    });
  });
});

describe("accounting", () => {
  const nodes = [
    node("s", "", 100, { sizeBytes: 1_000, loadUs: 5, writeUs: 7 }),
    node("a", "s", 50, { sizeBytes: 10, loadUs: 6, writeUs: 3 }),
  ];
  const twice = versions(nodes, [nodes[0]!, { ...nodes[1]!, signature: "a2" }]);

  test("uniform: a source is never stored, every write is charged", async () => {
    const { rows } = await run(twice, systems["helix-demo"]);
    expect(rows.map(({ runUs, storedBytes, writeUs }) => [runUs, storedBytes, writeUs])).toEqual([
      [153, 10, 3],
      [153, 20, 3],
    ]);
  });

  test("helix: a source is an ordinary result inside the budget", async () => {
    const { rows } = await run(twice, systems["helix-demo"], "helix");
    expect(rows.map(({ runUs, storedBytes, loaded }) => [runUs, storedBytes, loaded])).toEqual([
      [160, 1_010, 0],
      [58, 1_020, 1],
    ]);
    const tight = await run(twice, systems["helix-demo"], "helix", { kind: "bytes", bytes: 999 });
    expect(tight.rows[1]?.loaded).toBe(0);
  });

  test("collab: a computed source is stored outside the budget, no write is charged", async () => {
    const { rows } = await run(twice, systems["helix-demo"], "collab", { kind: "bytes", bytes: 10 });
    expect(rows.map(({ runUs, storedBytes, loaded }) => [runUs, storedBytes, loaded])).toEqual([
      [150, 10, 0],
      [55, 10, 1],
    ]);
  });

  test("DeepDive stores every dpr result whatever the budget, loads only what a recomputed child reads", async () => {
    const dpr = [
      node("s", "", 100, { kind: "dpr" }),
      node("a", "s", 1, { kind: "dpr", loadUs: 99 }),
      node("b:b1", "a", 1, { kind: "dpr" }),
      node("m:m1", "b", 40, { kind: "li" }),
    ];
    const edited = [dpr[0]!, dpr[1]!, { ...dpr[2]!, signature: "b2" }, { ...dpr[3]!, signature: "m2" }];
    const { rows } = await run(versions(dpr, edited), systems.deepdive, "uniform", { kind: "bytes", bytes: 0 });
    expect(rows.map(({ computeUs, loadUs, writeUs, loaded }) => [computeUs, loadUs, writeUs, loaded])).toEqual([
      [142, 0, 2, 0],
      [41, 99, 1, 1], // never priced against recomputing a for 101
    ]);
    expect(rows[1]?.budgetBytes).toBe(0);
  });
});
