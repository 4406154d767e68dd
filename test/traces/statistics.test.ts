import { describe, expect, test } from "vitest";
import { randomInt, rngStream } from "../../src/core/rng.ts";
import { QuantileSketch } from "../../src/traces/quantiles.ts";
import { intermediateBytesOf, traceStatistics } from "../../src/traces/statistics.ts";
import { header, node, sampleIterations } from "./sample-trace.ts";

describe("statistics", () => {
  test("of a trace worked by hand", async () => {
    const s = await traceStatistics(header("hand"), sampleIterations());
    expect(s).toMatchObject({
      trace: "hand",
      iterations: 2,
      changeTypes: { initial: 1, dpr: 0, li: 1, ppr: 0 },
      nodes: 8,
      distinctSignatures: 6,
      // age 300,000 + model 2,000 + score 10, and both of the latter again in their second version
      intermediateBytes: 300_000 + 2 * 2_000 + 2 * 10,
      sourceBytes: 4_000_000,
      depth: 4,
      width: 1,
      totalComputeUs: 2 * (800_000 + 50_000 + 400_000 + 5_000),
      measuredLoads: 2,
      loadUs: { p10: 9_000, p50: 9_000, p90: 9_000, max: 9_000 },
      computeUs: { p10: 5_000, p50: 50_000, p90: 800_000, max: 800_000 },
      reusableNodeShare: 0.5,
      reusableComputeShare: Math.round((850_000 / 1_255_000) * 1e6) / 1e6,
      nondeterministicNodes: 0,
      barrierTax: 850_000 / 500_000,
      imputed: [],
    });
    expect(await intermediateBytesOf(sampleIterations())).toBe(s.intermediateBytes);
  });

  test("a result behind a nondeterministic node is never reusable", async () => {
    const random = node("random", [], { deterministic: false });
    const nodes = [random, node("child", ["random"]), node("free", [])];
    const s = await traceStatistics(header(), [
      { iteration: 0, changeType: "initial", nodes },
      { iteration: 1, changeType: "dpr", nodes },
    ]);
    expect(s.nondeterministicNodes).toBe(4);
    expect(s.reusableNodeShare).toBe(0.333333);
  });

  test("equal nodes of one iteration count once, in every number", async () => {
    const a = node("a", []);
    const b = node("b", ["a"], { sizeBytes: 7 });
    const once = await traceStatistics(header(), [{ iteration: 0, changeType: "initial", nodes: [a, b] }]);
    const nodes = [a, b, { ...b, id: "b2" }, { ...a, id: "a2" }];
    expect(await traceStatistics(header(), [{ iteration: 0, changeType: "initial", nodes }])).toEqual(once);
    expect(once.intermediateBytes).toBe(7);
  });
});

describe("quantiles", () => {
  test("are nearest ranks, exact up to 65,536 values", () => {
    const sketch = new QuantileSketch();
    expect(sketch.quantile(0.5)).toBe(null);
    for (let i = 10; i >= 1; i--) sketch.add(i * 1_000_003);
    expect([0.1, 0.5, 0.51, 0.9, 1].map((p) => sketch.quantile(p)! / 1_000_003)).toEqual([1, 5, 6, 9, 10]);
  });

  test("beyond that lie at most 0.1 % below the exact ones, over the whole range of costs", () => {
    const rng = rngStream(4, "quantiles");
    const sketch = new QuantileSketch();
    const values: number[] = [Number.MAX_SAFE_INTEGER, 0, 1023, 1024, 2047, 2048];
    while (values.length < 70_000) values.push(Math.floor(Math.exp(rng() * 36)));
    for (const value of values) sketch.add(value);
    values.sort((a, b) => a - b);
    for (const p of [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]) {
      const exact = values[Math.ceil(p * values.length) - 1]!;
      const got = sketch.quantile(p)!;
      expect(got).toBeLessThanOrEqual(exact);
      expect(got).toBeGreaterThanOrEqual(exact * (1 - 1 / 1024));
    }
    expect(sketch.max).toBe(Number.MAX_SAFE_INTEGER);
    expect(randomInt(rng, 0, 0)).toBe(0);
  });
});
