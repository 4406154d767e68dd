import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { helixPaperModel } from "../../src/core/cost-model.ts";
import type { TraceHeader } from "../../src/core/iteration.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";
import { calibrate } from "../../src/traces/calibrate.ts";
import {
  chooseStorageModel,
  engineOf,
  formatStorageModels,
  parseStorageModels,
} from "../../src/traces/format/storage-model.ts";
import { type CostSample, fitLinearCost } from "../../src/traces/least-squares.ts";
import { readStorageModel } from "../../src/traces/read-storage-model.ts";
import { writeTrace } from "../../src/traces/write.ts";
import { header, node } from "./sample-trace.ts";

const samples = (n: number, us: (size: number, memory: number) => number): CostSample[] => {
  const rng = rngStream(n, "samples");
  return Array.from({ length: n }, () => {
    const sizeBytes = randomInt(rng, 0, 1e9);
    const memoryBytes = randomInt(rng, 0, 4e9);
    return { us: us(sizeBytes, memoryBytes), sizeBytes, memoryBytes };
  });
};

describe("least squares", () => {
  test("finds exact coefficients again", () => {
    const fit = fitLinearCost(samples(50, (s, m) => 1500 + 0.006 * s + 0.0005 * m))!;
    expect(fit.baseUs).toBeCloseTo(1500, 2);
    expect(fit.usPerByte).toBeCloseTo(0.006, 9);
    expect(fit.usPerMemoryByte).toBeCloseTo(0.0005, 9);
    expect(fit).toMatchObject({ samples: 50, r2: 1, medianRelativeError: 0 });
  });

  test("never gives a negative coefficient, and no grid point that is allowed fits better", () => {
    const integer = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(fc.array(fc.tuple(integer, integer, integer), { minLength: 1, maxLength: 12 }), (rows) => {
        const list = rows.map(([us, sizeBytes, memoryBytes]) => ({ us, sizeBytes, memoryBytes }));
        const fit = fitLinearCost(list)!;
        const error = (a: number, b: number, d: number): number =>
          list.reduce((sum, r) => sum + (a + b * r.sizeBytes + d * r.memoryBytes - r.us) ** 2, 0);
        const best = error(fit.baseUs, fit.usPerByte, fit.usPerMemoryByte);
        expect(Math.min(fit.baseUs, fit.usPerByte, fit.usPerMemoryByte)).toBeGreaterThanOrEqual(0);
        let onGrid = Number.POSITIVE_INFINITY;
        for (let a = 0; a <= 50; a += 5)
          for (let b = 0; b <= 2; b += 0.125)
            for (let d = 0; d <= 2; d += 0.125) onGrid = Math.min(onGrid, error(a, b, d));
        expect(best).toBeLessThanOrEqual(onGrid * (1 + 1e-6) + 1e-6);
      }),
      { numRuns: 30 },
    );
  });

  test("leaves memory out where a sample lacks it, and copes with one size only", () => {
    const lacking = [...samples(10, (s) => 10 + s), { us: 20, sizeBytes: 10, memoryBytes: undefined }];
    expect(fitLinearCost(lacking)!.usPerMemoryByte).toBe(0);
    const same = [5, 7].map((us) => ({ us, sizeBytes: 100, memoryBytes: 100 }));
    const fit = fitLinearCost(same)!;
    expect(fit.baseUs + 100 * (fit.usPerByte + fit.usPerMemoryByte)).toBeCloseTo(6, 6);
    expect(fitLinearCost([])).toBe(null);
  });
});

describe("calibrate", () => {
  let dir = "";
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "calibrate-"));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  async function trace(name: string, source: TraceHeader["source"], extra: object = {}): Promise<string> {
    const path = join(dir, name);
    const nodes = Array.from({ length: 20 }, (_, i) => {
      const sizeBytes = 1_000_000 * i * i;
      return node(`n${i}`, [], { sizeBytes, loadUs: 2000 + 5 * i * i, writeUs: 4000 + 20 * i * i, ...extra });
    });
    await writeTrace(path, { ...header(name), ...(source === undefined ? {} : { source }) }, [
      { iteration: 0, changeType: "initial", nodes },
    ]);
    return path;
  }

  test("fits one model per engine and profile, and the file it writes gives the same costs back", async () => {
    const models = await calibrate([
      await trace("a.jsonl", { executor: "duckdb" }, { loadHotUs: 100 }),
      await trace("b.jsonl", { executor: "duckdb", storageProfile: "disk170" }),
      await trace("c.jsonl", { executor: "spark", imputed: ["loadUs"] }),
    ]);
    expect(models.map(({ id }) => id)).toEqual(["duckdb/cold", "duckdb/disk170", "duckdb/hot", "spark/cold"]);
    expect(models[0]!.load).toMatchObject({ samples: 20, r2: 1, medianRelativeError: 0 });
    expect(models[0]!.load!.usPerByte).toBeCloseTo(5e-6, 12);
    expect(models[2]!.load).toMatchObject({ baseUs: 100, usPerByte: 0 });
    expect(models[3]!.load).toBe(null);
    const path = join(dir, "models.json");
    writeFileSync(path, formatStorageModels(models));
    const model = await readStorageModel(path, { executor: "duckdb" });
    expect(model.id).toBe("duckdb/cold");
    expect(model.loadUs(9_000_000, 0)).toBe(2045);
    expect(model.writeUs(9_000_000, 0)).toBe(4180);
    const spark = await readStorageModel(path, { executor: "spark" });
    expect(spark.loadUs(17_000, 0)).toBe(helixPaperModel.loadUs(17_000, 0));
    expect(parseStorageModels(formatStorageModels(models), path)).toEqual(models);
    expect(() => chooseStorageModel(models, {}, path)).toThrow("more than one of its models fits");
    expect(() => chooseStorageModel(models, { executor: "x" }, path)).toThrow("none of its models fits");
  });

  test("versions of one engine share a model, for traces of other versions too", async () => {
    const models = await calibrate([
      await trace("v1.jsonl", { executor: "duckdb 1.5.5-r.5" }),
      await trace("v2.jsonl", { executor: "duckdb 1.6.0" }),
      await trace("v3.jsonl", { executor: "spark 4.0.1 local[2]" }),
    ]);
    expect(models.map(({ id, load }) => [id, load?.samples])).toEqual([
      ["duckdb/cold", 40],
      ["spark/cold", 20],
    ]);
    expect(chooseStorageModel(models, { executor: "duckdb 2.0" }, "m.json").id).toBe("duckdb/cold");
    expect(["my engine", "x/2", "7", "duckdb v1"].map(engineOf)).toEqual(["my engine", "x", "7", "duckdb"]);
  });

  test("a trace without measured times is refused, as is a file that is no calibration", async () => {
    const path = await trace("none.jsonl", { imputed: ["loadUs", "writeUs"] });
    await expect(calibrate([path])).rejects.toThrow("holds no measured loadUs");
    await expect(readStorageModel(path)).rejects.toThrow("not a line of JSON");
    expect(() =>
      parseStorageModels('{"format":"reuselab.storage-model","version":1,"models":[{"id":1}]}', "f"),
    ).toThrow("f:1: models[0].id: is 1; expected text");
  });
});
