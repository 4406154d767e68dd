import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
  typeof entry === "string" ? [] : [[name, entry.default] as const],
);
const sourceOf = (built: string): string => built.replace("./dist/", "../").replace(/\.js$/u, ".ts");

/** Names that users are promised; more may come, none may go without a major version. */
const promised: Readonly<Record<string, readonly string[]>> = {
  ".": ["buildProblem", "planCostUs", "validatePlan", "UsageError", "parseBudget", "rngStream"],
  "./algorithms": ["reusePlanners", "materializers", "IncrementalPlanner", "certify", "checkCertificate"],
  "./workloads": ["workflow", "editVersion", "flattenEdits", "workloads"],
  "./simulator": ["runLoop", "simulateCell"],
  "./traces": ["readTrace", "writeTrace", "calibrate"],
  "./executors/duckdb": ["openDuckDb"],
  "./executors/spark": ["startSparkServer", "SparkSession"],
  "./experiments": ["defineExperiment", "ratioClaim", "replayUnder", "boundOf", "tunedSystem", "arena"],
  "./report": ["renderSvg", "renderPng", "renderPage"],
  "./testing": [
    "plannerContract",
    "materializerContract",
    "executorContract",
    "experimentContract",
    "workloadContract",
  ],
};

describe("the package", () => {
  test("promises every entry it exports", () => {
    expect(entries.map(([name]) => name).sort()).toEqual(Object.keys(promised).sort());
  });

  test.each(entries)("%s has its source and the names it promises", async (name, built) => {
    const source = sourceOf(built);
    expect(existsSync(source.replace("../", ""))).toBe(true);
    const loaded = (await import(source)) as Readonly<Record<string, unknown>>;
    expect(Object.keys(loaded)).toEqual(expect.arrayContaining([...(promised[name] ?? [])]));
  });

  test("has its command line where bin says", () => {
    expect(existsSync(sourceOf(manifest.bin["reuselab"] ?? "").replace("../", ""))).toBe(true);
  });
});
