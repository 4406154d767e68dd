import { describe, expect, test } from "vitest";
import { clairvoyantOptimum, type ClairvoyantOutcome } from "../../src/bounds/clairvoyant.ts";
import { oraclePolicy, oracleSystem } from "../../src/bounds/oracle-policy.ts";
import { reuseFloorUs } from "../../src/bounds/reuse-floor.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";
import type { Accounting } from "../../src/core/system.ts";
import { simulatedExecutor } from "../../src/executors/simulated/simulated-executor.ts";
import { runLoop } from "../../src/simulator/loop.ts";
import { exhaustiveOptimumUs, tinySequence } from "./tiny-sequences.ts";

const limits = { programColumns: 0, steps: 60 };

describe("the clairvoyant optimum", () => {
  const families = [
    ["plain", { nodes: 4, versions: 4, high: 12 }],
    ["many ties and zeros", { nodes: 4, versions: 4, high: 3 }],
    ["costs and sizes that vary from line to line", { nodes: 3, versions: 4, high: 9, varying: true }],
    ["recorded segments charged as wholes", { nodes: 4, versions: 3, high: 20, segments: true }],
  ] as const;
  test.each(families)("equals exhaustive search: %s", async (name, family) => {
    for (let seed = 0; seed < 24; seed++) {
      const rng = rngStream(seed, `tiny/${name}`);
      const iterations = tinySequence(rng, family);
      const budget = seed % 3 === 2 ? null : (seed % 3) * randomInt(rng, 1, 8);
      const isHelix = seed % 4 === 3;
      const options = {
        accounting: isHelix ? ("helix" as const) : ("uniform" as const),
        chargeSegments: "segments" in family,
      };
      const expected = exhaustiveOptimumUs(iterations, budget ?? Infinity, {
        sources: isHelix,
        segments: options.chargeSegments,
      });
      const got = await clairvoyantOptimum(iterations, budget, options);
      expect({ seed, status: got.status, us: got.costUs, low: got.lowerBoundUs }).toEqual({
        seed,
        status: "optimal",
        us: expected,
        low: expected,
      });
      // Without the integer program: bounds on both sides of it.
      const bounds = await clairvoyantOptimum(iterations, budget, { ...options, limits });
      expect(bounds.lowerBoundUs).toBeLessThanOrEqual(expected);
      expect(bounds.costUs).toBeGreaterThanOrEqual(expected);
      expect(await reuseFloorUs(iterations, options)).toBeLessThanOrEqual(expected);
    }
  });

  test("replayed through the iteration loop costs the same to the microsecond and keeps the budget", async () => {
    for (let seed = 0; seed < 36; seed++) {
      const rng = rngStream(seed, "replay");
      const segments = seed % 4 === 0;
      const iterations = tinySequence(rng, { nodes: 9, versions: 7, high: 1000, segments });
      const accounting = (["uniform", "helix", "collab"] as const)[seed % 3]!;
      const budget = seed % 5 === 0 ? null : randomInt(rng, 0, 15);
      const optimum = await clairvoyantOptimum(iterations, budget, { accounting, chargeSegments: segments });
      expect(optimum.status).toBe("optimal");
      const rows = await replay(iterations, optimum, accounting, budget, segments);
      expect(rows.at(-1)!.cumulativeUs).toBe(optimum.costUs);
      expect(
        rows.map(({ computeUs, loadUs, writeUs, storedBytes }) => ({ computeUs, loadUs, writeUs, storedBytes })),
      ).toEqual(
        optimum.perIteration!.map(({ computeUs, loadUs, writeUs, storedBytes }) => ({
          computeUs,
          loadUs,
          writeUs,
          storedBytes,
        })),
      );
    }
  });

  test("never rises with the budget and is compute-all without any", async () => {
    for (let seed = 0; seed < 10; seed++) {
      const rng = rngStream(seed, "monotone");
      const iterations = tinySequence(rng, { nodes: 8, versions: 6, high: 100 });
      let before = Infinity;
      for (const budget of [0, 3, 6, 12, 24, null]) {
        const { costUs } = await clairvoyantOptimum(iterations, budget);
        expect(costUs).toBeLessThanOrEqual(before);
        before = costUs!;
      }
    }
  });

  test("is excluded with a reason beyond the limit of nodes, and falls back to bounds beyond that of columns", async () => {
    const iterations = tinySequence(rngStream(1, "limits"), { nodes: 6, versions: 5, high: 50 });
    const excluded = await clairvoyantOptimum(iterations, null, { limits: { nodes: 29 } });
    expect(excluded).toMatchObject({ status: "excluded", lowerBoundUs: 0 });
    expect(excluded.reason).toContain("30 nodes over all iterations; the limit is 29");
    const exactly = await clairvoyantOptimum(iterations, 4);
    const bounds = await clairvoyantOptimum(iterations, 4, {
      limits: { programColumns: 0, relaxationColumns: 0, steps: 1 },
    });
    if (bounds.status === "bounds") expect(bounds.reason).toContain("the limit of the integer program is 0");
    expect(bounds.lowerBoundUs).toBeLessThanOrEqual(exactly.costUs!);
    expect(bounds.costUs).toBeGreaterThanOrEqual(exactly.costUs!);
  });
});

/** Runs the loop with a planner and a batch materializer that do what the schedule says. */
async function replay(
  iterations: readonly TraceIteration[],
  { schedule, stored }: ClairvoyantOutcome,
  accounting: Accounting,
  budgetBytes: number | null,
  chargeSegments: boolean,
): Promise<Awaited<ReturnType<typeof runLoop>>["rows"]> {
  const outcome = await runLoop({
    iterations,
    trace: "replay",
    system: oracleSystem,
    ...oraclePolicy(schedule!, stored!),
    budgetBytes,
    accounting,
    chargeSegments,
    executor: simulatedExecutor(),
  });
  expect(outcome.failure).toBe(undefined);
  return outcome.rows;
}
