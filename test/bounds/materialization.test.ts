import { describe, expect, test } from "vitest";
import { clairvoyantProgram } from "../../src/bounds/clairvoyant-program.ts";
import { clairvoyantOptimum } from "../../src/bounds/clairvoyant.ts";
import { instanceAfter } from "../../src/bounds/future-instance.ts";
import { boundAtBudget, materializationBound, sweepPrices } from "../../src/bounds/materialization-bound.ts";
import {
  bytesOf,
  FuturePlanner,
  greedyMarginal,
  materializationProgram,
  type MaterializationInstance,
  optimalMaterialization,
  relaxedCostUs,
} from "../../src/bounds/materialization.ts";
import { priceSequence } from "../../src/bounds/sequence.ts";
import { WorkflowError } from "../../src/core/errors.ts";
import { rngStream } from "../../src/core/rng.ts";
import { optimumByTrial } from "../support/brute-force.ts";
import { futureInstance } from "../../bench/bounds/future-instances.ts";
import { solveIndependently } from "./lp-solver.ts";
import { tinySequence } from "./tiny-sequences.ts";

/** Least cost by trying every set of results and every plan. */
function exhaustiveUs(instance: MaterializationInstance): number {
  const n = instance.sizeBytes.length;
  let best = Infinity;
  for (let mask = 0; mask < 1 << n; mask++) {
    const stored = Uint8Array.from({ length: n }, (_, v) => (mask >> v) & 1);
    if (bytesOf(instance, stored) > instance.budgetBytes) continue;
    let us = 0;
    for (const { weight, problem, resultOf } of instance.futures)
      us +=
        weight *
        optimumByTrial({
          ...problem,
          loadUs: problem.loadUs.map((load, i) => (stored[resultOf[i]!] === 1 ? load : Infinity)),
        });
    best = Math.min(best, us);
  }
  return best;
}

describe("the materialization problem", () => {
  test("integer program = exhaustive search; every bound lies below, every heuristic above", async () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = rngStream(seed, "materialization");
      const share = [0, 0.2, 0.5, 1][seed % 4] ?? 1;
      const instance = futureInstance(rng, {
        nodes: 6,
        futures: 3,
        budgetShare: share,
        costs: "small",
        tree: seed % 5 === 0,
      });
      const optimum = exhaustiveUs(instance);
      const choice = await optimalMaterialization(instance);
      expect({ seed, us: choice?.costUs }).toEqual({ seed, us: optimum });
      expect(choice!.bytes).toBeLessThanOrEqual(instance.budgetBytes);
      const bound = materializationBound(instance, { steps: 60 });
      expect(Number.isInteger(bound.lowerBoundUs)).toBe(true);
      expect(bound.lowerBoundUs).toBeLessThanOrEqual(optimum);
      expect(await relaxedCostUs(instance)).toBeLessThanOrEqual(optimum + 1e-6);
      for (const heuristic of [bound.choice, greedyMarginal(instance), greedyMarginal(instance, "whole")]) {
        expect(heuristic.costUs).toBeGreaterThanOrEqual(optimum);
        expect(heuristic.bytes).toBeLessThanOrEqual(instance.budgetBytes);
        expect(heuristic.costUs).toBe(new FuturePlanner(instance).choice(heuristic.stored).costUs);
      }
    }
  });

  test("a sweep over the price of storage bounds every budget at once", async () => {
    for (let seed = 0; seed < 8; seed++) {
      const instance = futureInstance(rngStream(seed, "sweep"), {
        nodes: 8,
        futures: 3,
        budgetShare: 1,
        costs: "small",
      });
      const points = sweepPrices(instance, [0, 0.5, 1, 2, 4, 8], 40);
      for (const share of [0, 0.1, 0.3, 0.6, 1]) {
        const budgetBytes = Math.floor(instance.budgetBytes * share);
        const optimum = await optimalMaterialization({ ...instance, budgetBytes });
        expect(boundAtBudget(points, budgetBytes)).toBeLessThanOrEqual(optimum!.costUs);
      }
      // Dearer storage, less stored; free storage, the cost of storing everything.
      expect(points[0]!.choice.costUs).toBe(
        (await optimalMaterialization({ ...instance, budgetBytes: Infinity }))!.costUs,
      );
      expect(points.at(-1)!.choice.bytes).toBeLessThanOrEqual(points[0]!.choice.bytes);
    }
  });

  test("HiGHS and another solver agree on small programs, relaxed and integer", async () => {
    for (let seed = 0; seed < 6; seed++) {
      const rng = rngStream(seed, "solvers");
      const instance = futureInstance(rng, { nodes: 7, futures: 2, budgetShare: 0.3, costs: "small" });
      const { program, scale } = materializationProgram(instance);
      expect((await program.solve({ relaxed: true })).objective).toBeCloseTo(solveIndependently(program, true), 6);
      const choice = await optimalMaterialization(instance);
      expect(choice!.costUs).toBeCloseTo(solveIndependently(program) * scale, 6);

      const iterations = tinySequence(rng, { nodes: 5, versions: 4, high: 20 });
      const clairvoyant = clairvoyantProgram(priceSequence(iterations), 5);
      const optimum = await clairvoyantOptimum(iterations, 5);
      expect(optimum.costUs).toBeCloseTo(solveIndependently(clairvoyant.program) * clairvoyant.scale, 6);
    }
  });

  test("benefits are neither sub- nor supermodular: the fan-out and the chain of the literature", () => {
    // r → a, b, outputs both: only storing both spares r.
    const chain = (
      parents: number[][],
      computeUs: number[],
      loadUs: number[],
      outputs: number[],
    ): MaterializationInstance => ({
      sizeBytes: new Float64Array(parents.length).fill(1),
      budgetBytes: Infinity,
      futures: [
        {
          weight: 1,
          resultOf: Int32Array.from(parents, (_, i) => i),
          problem: {
            nodeCount: parents.length,
            parentOffsets: Int32Array.from([0, ...parents.map((_, i) => parents.slice(0, i + 1).flat().length)]),
            parentIds: Int32Array.from(parents.flat()),
            computeUs: Float64Array.from(computeUs),
            loadUs: Float64Array.from(loadUs),
            outputs: Int32Array.from(outputs),
          },
        },
      ],
    });
    const costs = (instance: MaterializationInstance, a: number, b: number): number[] =>
      [[], [a], [b], [a, b]].map((list) => {
        const stored = new Uint8Array(instance.sizeBytes.length);
        for (const v of list) stored[v] = 1;
        return new FuturePlanner(instance).choice(stored).costUs;
      });
    expect(costs(chain([[], [0], [0]], [10, 1, 1], [9, 2, 2], [1, 2]), 1, 2)).toEqual([12, 12, 12, 4]);
    expect(costs(chain([[], [0]], [10, 2], [1, 2], [1]), 0, 1)).toEqual([12, 3, 2, 2]);
  });

  test("from a sequence: candidates are what was seen, workloads what follows", () => {
    const iterations = tinySequence(rngStream(2, "future"), { nodes: 5, versions: 5, high: 9 });
    const sequence = priceSequence(iterations);
    const instance = instanceAfter(sequence, 1, 2, 10);
    expect(instance.futures.length).toBe(2);
    const seen = new Set(sequence.versions.slice(0, 2).flatMap(({ classOf }) => [...classOf].filter((id) => id >= 0)));
    expect(instance.sizeBytes.length).toBe(seen.size);
    expect(materializationBound(instance).lowerBoundUs).toBeLessThanOrEqual(greedyMarginal(instance).costUs);
  });

  test("malformed instances are refused", () => {
    const instance = futureInstance(rngStream(1, "bad"), { nodes: 3, futures: 1, budgetShare: 1, costs: "small" });
    const bad = [
      { ...instance, budgetBytes: -1 },
      { ...instance, sizeBytes: Float64Array.from([0.5, 1, 1]) },
      { ...instance, futures: [{ ...instance.futures[0]!, weight: 0 }] },
      { ...instance, futures: [{ ...instance.futures[0]!, resultOf: Int32Array.from([0, 1, 7]) }] },
    ];
    for (const one of bad) expect(() => greedyMarginal(one)).toThrow(WorkflowError);
  });
});
