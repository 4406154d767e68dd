import { describe, expect, test } from "vitest";
import { clairvoyantOptimum } from "../../src/bounds/clairvoyant.ts";
import { LagrangianBound, noPrices } from "../../src/bounds/lagrangian.ts";
import { raiseBound } from "../../src/bounds/raise-bound.ts";
import { reuseFloorUs } from "../../src/bounds/reuse-floor.ts";
import { priceSequence } from "../../src/bounds/sequence.ts";
import { windowedBoundUs } from "../../src/bounds/windows.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";
import { tinySequence } from "./tiny-sequences.ts";

describe("bounds from windows", () => {
  test("lie between the floor and the optimum, whatever the window, and reach the optimum with one window", async () => {
    for (let seed = 0; seed < 12; seed++) {
      const rng = rngStream(seed, "windows");
      const iterations = tinySequence(rng, { nodes: 8, versions: 7, high: 60, varying: seed % 3 === 0 });
      const budget = seed % 4 === 0 ? null : randomInt(rng, 0, 14);
      const { costUs } = await clairvoyantOptimum(iterations, budget);
      const floor = await reuseFloorUs(iterations);
      for (const lookAhead of [1, 2, 3, 7]) {
        const done: number[] = [];
        const bound = await windowedBoundUs(iterations, lookAhead, budget, { onWindow: (k) => void done.push(k) });
        expect(bound.windows).toBe(Math.ceil(7 / lookAhead));
        expect(done.at(-1)).toBe(7);
        expect(bound.lowerBoundUs).toBeLessThanOrEqual(costUs!);
        expect(bound.lowerBoundUs).toBeGreaterThanOrEqual(floor);
        if (lookAhead === 7) expect(bound.lowerBoundUs).toBe(costUs);
      }
    }
  });

  test("windows of one iteration without a budget are the floor", async () => {
    for (let seed = 0; seed < 6; seed++) {
      const iterations = tinySequence(rngStream(seed, "one"), { nodes: 8, versions: 6, high: 60 });
      const { lowerBoundUs } = await windowedBoundUs(iterations, 1, null);
      expect(lowerBoundUs).toBe(await reuseFloorUs(iterations));
    }
  });
});

describe("the Lagrangian bound", () => {
  test("holds at any prices, however silly", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const rng = rngStream(seed, "prices");
      const iterations = tinySequence(rng, { nodes: 7, versions: 6, high: 40, varying: seed % 2 === 0 });
      const budget = randomInt(rng, 0, 12);
      const { costUs } = await clairvoyantOptimum(iterations, budget);
      const sequence = priceSequence(iterations);
      const bound = new LagrangianBound(sequence, budget);
      for (let k = 0; k < 10; k++) {
        const silly = (list: Float64Array, high: number): Float64Array =>
          list.map(() => high * rng() * (rng() < 0.5 ? 0 : 1));
        const none = noPrices(sequence);
        const prices = {
          load: none.load.map((list) => silly(list, 60)),
          write: none.write.map((list) => silly(list, 60)),
          perByte: silly(none.perByte, 10),
        };
        const { boundUs } = bound.evaluate(prices);
        expect(Number.isInteger(boundUs)).toBe(true);
        expect(boundUs).toBeLessThanOrEqual(costUs!);
      }
    }
  });

  test("without prices is the floor, and the search only raises it", async () => {
    const iterations = tinySequence(rngStream(3, "raise"), { nodes: 9, versions: 8, high: 500 });
    const sequence = priceSequence(iterations);
    const { costUs } = await clairvoyantOptimum(iterations, 6);
    const floor = await reuseFloorUs(iterations);
    expect(new LagrangianBound(sequence, 6).evaluate(noPrices(sequence)).boundUs).toBe(floor);
    const few = raiseBound(sequence, 6, { steps: 5, targetUs: costUs! });
    const many = raiseBound(sequence, 6, { steps: 200, targetUs: costUs! });
    expect(few.boundUs).toBeGreaterThanOrEqual(floor);
    expect(many.boundUs).toBeGreaterThanOrEqual(few.boundUs);
    expect(many.boundUs).toBeLessThanOrEqual(costUs!);
    expect(many.boundUs).toBeGreaterThan(0.9 * costUs!);
  });

  test("a chain worked by hand: write once, load twice", async () => {
    // a (10) → b (100, load 7, write 20, 5 bytes) → c changes in every version (1).
    const version = (t: number): TraceIteration => ({
      iteration: t,
      changeType: "ppr",
      nodes: [
        { id: "a", op: "a", signature: "a", parents: [], computeUs: 10, sizeBytes: 50, loadUs: 1 },
        { id: "b", op: "b", signature: "b", parents: ["a"], computeUs: 100, sizeBytes: 5, loadUs: 7, writeUs: 20 },
        { id: "c", op: "c", signature: `c${t}`, parents: ["b"], computeUs: 1, sizeBytes: 5 },
      ],
    });
    const iterations = [version(0), version(1), version(2)];
    const stored = await clairvoyantOptimum(iterations, 5);
    expect(stored).toMatchObject({ status: "optimal", costUs: 10 + 100 + 1 + 20 + 2 * (7 + 1) });
    expect(stored.stored).toEqual([["b"], ["b"], []]);
    expect(await clairvoyantOptimum(iterations, 4)).toMatchObject({ status: "optimal", costUs: 3 * 111 });
    // With sources as ordinary results, b is still the better one to keep; with 55 bytes too.
    expect(await clairvoyantOptimum(iterations, 55, { accounting: "helix" })).toMatchObject({ costUs: 147 });
    // Writes are free under collab.
    expect(await clairvoyantOptimum(iterations, 5, { accounting: "collab" })).toMatchObject({ costUs: 127 });
    expect(await reuseFloorUs(iterations)).toBe(111 + 2 * 8);
  });
});
