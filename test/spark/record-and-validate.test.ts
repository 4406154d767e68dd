import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordTrace } from "../../src/harness/recording/record-trace.ts";
import { runValidation } from "../../src/harness/validation/run-validation.ts";
import { settingsOf } from "../../src/harness/validation/settings.ts";
import { loadTrace } from "../../src/traces/read.ts";
import { shortCensus } from "./short-census.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-record-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a recording on Spark has every cost, versions of Spark and Java, and what first uses cost", async () => {
  const out = join(folder, "tiny.jsonl");
  const request = {
    workload: shortCensus,
    executor: "spark",
    scale: 0.02,
    seed: 1,
    repetitions: 1,
    warmUps: 1,
  };
  const recorded = await recordTrace({ ...request, out, memoryLimitBytes: 1e9, cacheDir: folder });
  const { header, iterations } = await loadTrace(out);
  expect(header.name).toBe("census-spark-0.02x");
  expect(header.source?.executor).toMatch(/^spark 4\./u);
  expect(header.source?.["java"]).toMatch(/^\d+/u);
  expect(header.source).toMatchObject({ master: "local[2]", repetitions: 1, imputed: [] });
  const firstUses = header.source?.["firstUseUs"] as Record<string, number>;
  expect(Object.keys(firstUses)).toEqual(expect.arrayContaining(["learn", "reduce", "scan"]));
  expect(Object.values(firstUses).every((us) => us >= 0)).toBe(true);
  expect(iterations).toHaveLength(2);
  for (const { nodes, segments, fusedUs } of iterations) {
    for (const node of nodes)
      for (const field of ["computeUs", "sizeBytes", "loadUs", "loadHotUs", "writeUs", "memoryBytes"] as const)
        expect(node[field], `${node.id} ${field}`).toBeTypeOf("number");
    expect(segments?.length).toBeGreaterThan(1);
    expect(fusedUs).toBeGreaterThan(0);
  }
  expect(recorded.fixedCostUs).toBeGreaterThan(0);
});

test("a validation on Spark predicts and compares", async () => {
  const { runs, results, engines } = await runValidation({
    workload: shortCensus,
    executors: ["spark"],
    scale: 0.02,
    settings: settingsOf(["helix-am", "keystoneml"]),
    budgets: ["none"],
    splits: ["in-sample"],
    heldOutProfile: "cold",
    repetitions: 1,
    recordingRepetitions: 1,
    warmUps: 1,
    seed: 1,
    memoryLimitBytes: 1e9,
    cacheDir: folder,
    folder: join(folder, "out"),
  });
  expect(runs.every(({ runUs }) => runUs.length === 2 && runUs.every((us) => us > 0))).toBe(true);
  expect(engines[0]?.engine).toMatch(/^spark 4\..*local\[2\]$/u);
  expect(results.map(({ executor, model }) => [executor, model])).toEqual([
    ["spark", "replay"],
    ["spark", "statements"],
  ]);
});
