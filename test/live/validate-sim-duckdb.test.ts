import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Workload } from "../../src/core/workload.ts";
import { runValidation, type ValidationPlan } from "../../src/harness/validation/run-validation.ts";
import { settingsOf } from "../../src/harness/validation/settings.ts";
import { remarks, targetLines } from "../../src/harness/validation/validation-text.ts";
import { writeValidation } from "../../src/harness/validation/write-validation.ts";
import { loadTrace } from "../../src/traces/read.ts";
import { workloads } from "../../src/workloads/index.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-validate-live-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first three versions of Census. */
const shortCensus: Workload = {
  ...workloads["census"]!,
  versions: (data, seed, params) => workloads["census"]!.versions(data, seed, params).slice(0, 3),
};

test("a validation on DuckDB runs, predicts, compares and goes on where it was cut off", async () => {
  const plan: ValidationPlan = {
    workload: shortCensus,
    executors: ["duckdb"],
    scale: 0.02,
    settings: settingsOf(["helix-am", "keystoneml"]),
    budgets: ["none"],
    splits: ["in-sample"],
    heldOutProfile: "cold",
    repetitions: 2,
    recordingRepetitions: 2,
    seed: 1,
    memoryLimitBytes: 1e9,
    cacheDir: join(folder, "data"),
    folder: join(folder, "out"),
  };
  const first = await runValidation(plan);
  expect(first.runs).toHaveLength(4);
  expect(first.results.map(({ model }) => model)).toEqual(["replay", "statements"]);
  for (const { analysis, cells } of first.results) {
    expect(analysis.cells).toBe(2);
    expect(analysis.iteration.count).toBe(6);
    expect(Number.isFinite(analysis.cumulative.medianAbs)).toBe(true);
    expect(cells.every(({ real }) => real.length === 2 && real.every(({ runUs }) => runUs.every((us) => us > 0)))).toBe(
      true,
    );
  }
  // The second repetition of the recording was made between the first and second of the runs, and joined to the first.
  const recordings = join(plan.folder, "recordings");
  const { header } = await loadTrace(join(recordings, "duckdb-census-0.02x.jsonl.gz"));
  expect(header.source?.["repetitions"]).toBe(2);
  expect(readdirSync(recordings).toSorted()).toEqual([
    "duckdb-census-0.02x.jsonl.gz",
    "duckdb-intermediate-bytes.json",
  ]);
  // What is computed and loaded depends on no time here: everything is stored, or nothing is.
  const nothingStored = first.results.flatMap(({ cells }) => cells.filter(({ cell }) => cell.setting === "keystoneml"));
  for (const { predicted, real } of nothingStored) expect(real[0]?.states).toEqual(predicted.states);

  expect(targetLines(first).every(({ verdict }) => verdict === "not enough samples")).toBe(true);
  expect(remarks(first)[0]).toMatch(/^not enough samples: 2 repetitions/u);
  await writeValidation(plan, first);
  expect(readdirSync(plan.folder).toSorted()).toEqual([
    "chart.png",
    "chart.svg",
    "chart.vl.json",
    "errors.csv",
    "provenance.json",
    "recordings",
    "runs.jsonl",
    "summary.json",
    "validation.md",
  ]);

  const before = readFileSync(join(plan.folder, "runs.jsonl"), "utf8");
  appendFileSync(join(plan.folder, "runs.jsonl"), '{"key":"cut off');
  const settings = settingsOf(["helix-am", "keystoneml", "none-fused"]);
  const second = await runValidation({ ...plan, settings, repetitions: 1 });
  expect(second.runs).toHaveLength(3);
  const after = readFileSync(join(plan.folder, "runs.jsonl"), "utf8");
  expect(after.startsWith(before)).toBe(true);
  expect(after.slice(before.length).trimEnd().split("\n")).toHaveLength(1);
});
