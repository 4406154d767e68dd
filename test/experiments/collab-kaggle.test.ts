import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collabDimensions, dimensionsOf } from "../../experiments/collab-dimensions.ts";
import { floorsOf, percentOf } from "../../experiments/collab-kaggle.ts";
import { collabRepeat } from "../../experiments/collab-repeat.ts";
import { collabReuseKaggle } from "../../experiments/collab-reuse-kaggle.ts";
import { collabReusePlanning } from "../../experiments/collab-reuse-planning.ts";
import { collabRunTime } from "../../experiments/collab-run-time.ts";
import { collabSequence } from "../../experiments/collab-sequence.ts";
import { collabSpeedUp } from "../../experiments/collab-speed-up.ts";
import { collabStoredSize } from "../../experiments/collab-stored-size.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { Cell } from "../../src/harness/cells.ts";
import type { Experiment } from "../../src/harness/experiment.ts";
import { runExperiment, type RunOutcome } from "../../src/harness/run.ts";
import { TraceLibrary } from "../../src/harness/run-traces.ts";
import { writeKaggleModelTraces } from "./kaggle-model-trace.ts";

const figures = [
  collabDimensions,
  collabRepeat,
  collabSequence,
  collabStoredSize,
  collabRunTime,
  collabSpeedUp,
  collabReuseKaggle,
  collabReusePlanning,
] as unknown as readonly Experiment[];

let folder = "";
let iterations: readonly TraceIteration[] = [];
const outcomes = new Map<string, RunOutcome>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-kaggle-"));
  const traces = new TraceLibrary(writeKaggleModelTraces(join(folder, "traces")));
  ({ iterations } = await traces.load("kaggle-lifted-1x"));
  for (const figure of figures)
    outcomes.set(figure.id, await runExperiment(figure, { folder: join(folder, figure.id), quick: true, traces }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cellsOf = (id: string): readonly Cell[] => outcomes.get(id)!.cells.flatMap((cell) => cell ?? []);
const last = ({ rows }: Cell): Readonly<Record<string, unknown>> => rows.at(-1)!;

describe("the Kaggle figures on modelled costs", () => {
  test("run every cell in both accountings, and every claim but that on the recording's hash is judged", () => {
    for (const { id } of figures) {
      const { status, meta } = outcomes.get(id)!;
      expect({ id, status, failures: meta.failures }).toEqual({ id, status: "finished", failures: [] });
      const untested = meta.claims.filter(({ verdict }) => verdict === "not testable" && meta.claims.length > 0);
      for (const claim of untested) expect(claim.ceiling).toBeLessThan(Number(claim.expected));
    }
    const hash = outcomes.get("collab-dimensions")!.meta.claims.find(({ id }) => id === "recorded-before");
    expect(hash?.verdict).toBe("not");
    const sequence = new Set(cellsOf("collab-sequence").map(({ configuration }) => configuration.params["accounting"]));
    expect([...sequence].map(String).toSorted()).toEqual(["collab", "uniform"]);
  });

  test("no line is below the floor, in no accounting and at no budget, and no ratio is above its ceiling", () => {
    const floor = floorsOf(iterations).reduce((a, b) => a + b, 0);
    const cells = ["collab-sequence", "collab-run-time", "collab-speed-up", "collab-reuse-kaggle"].flatMap(cellsOf);
    expect(cells.length).toBeGreaterThan(60);
    for (const cell of cells) expect(Number(last(cell)["cumulativeUs"])).toBeGreaterThanOrEqual(floor);
    for (const { id } of figures)
      for (const { ceiling, got } of outcomes.get(id)!.meta.claims)
        if (ceiling !== undefined) expect(Number(got)).toBeLessThanOrEqual(ceiling);
  });

  test("without reuse every workload pays for all its results, once each", () => {
    const kg = cellsOf("collab-sequence").find(
      ({ configuration: { params } }) => params["line"] === "kg" && params["accounting"] === "uniform",
    )!;
    const listed = iterations.map(({ nodes }) =>
      [...new Map(nodes.map((node) => [node.signature, node.computeUs])).values()].reduce((a, b) => a + b, 0),
    );
    expect(kg.rows.map((row) => row["runUs"])).toEqual(listed);
  });

  test("no budget is exceeded; counting columns once, more is held than it takes", () => {
    for (const cell of [...cellsOf("collab-stored-size"), ...cellsOf("collab-run-time")]) {
      const { budgetBytes } = cell.facts;
      for (const row of cell.rows) {
        expect(Number(row["logicalBytes"])).toBeLessThanOrEqual(Number(row["seenBytes"]));
        if (typeof budgetBytes !== "number") continue;
        expect(budgetBytes).toBeLessThan((Number(cell.facts["intermediateBytes"]) * percentOf("64GB")) / 100 + 1);
        if (cell.configuration.params["line"] === "collab") continue;
        expect(Number(row["storedBytes"])).toBe(row["logicalBytes"]);
        expect(Number(row["storedBytes"])).toBeLessThanOrEqual(budgetBytes);
      }
    }
    const sa = cellsOf("collab-stored-size").filter(({ configuration: { params } }) => params["line"] === "collab");
    for (const cell of sa) {
      expect(Number(last(cell)["storedBytes"])).toBeLessThanOrEqual(Number(cell.facts["budgetBytes"]));
      expect(Number(last(cell)["logicalBytes"])).toBeGreaterThan(Number(last(cell)["storedBytes"]));
    }
  });

  test("a workload run twice is loaded the second time", () => {
    for (const cell of cellsOf("collab-repeat").filter(
      ({ configuration }) => configuration.params["line"] === "collab",
    ))
      expect(Number(last(cell)["runUs"])).toBeLessThan(Number(cell.rows[0]!["runUs"]) / 2);
  });

  test("budgets are the published shares; columns and workloads share what a recount says", () => {
    const claims = outcomes.get("collab-dimensions")!.meta.claims;
    expect(claims.filter(({ id }) => id.startsWith("budget-share")).map(({ got }) => got)).toEqual([
      "6.15 %",
      "12.3 %",
      "24.6 %",
      "49.2 %",
    ]);
    const parts = new Map<string, number>();
    let all = 0;
    let listed = 0;
    const seen = new Set<string>();
    for (const { nodes } of iterations) {
      const here = new Set<string>();
      for (const { signature, parents, sizeBytes, columns = [] } of nodes) {
        if (parents.length === 0 || here.has(signature)) continue;
        here.add(signature);
        listed += sizeBytes;
        if (seen.has(signature)) continue;
        seen.add(signature);
        all += sizeBytes;
        for (const { id, bytes } of columns) parts.set(id, bytes);
        parts.set(`rest of ${signature}`, sizeBytes - columns.reduce((sum, { bytes }) => sum + bytes, 0));
      }
    }
    const distinct = [...parts.values()].reduce((a, b) => a + b, 0);
    const said = new Map(dimensionsOf(iterations).map(({ quantity, value }) => [quantity, value]));
    expect(said.get("share of bytes in duplicated columns")).toBeCloseTo(1 - distinct / all, 12);
    expect(said.get("share of bytes that workloads share")).toBeCloseTo(1 - all / listed, 12);
  });

  test("planners are timed on the problems of all eight workloads, on this machine only", () => {
    const cells = cellsOf("collab-reuse-planning");
    expect(cells.map(({ configuration }) => configuration.executor)).toEqual(["host", "host"]);
    for (const { rows } of cells) {
      expect(rows.map(({ run }) => run)).toEqual(
        [1, 2, 3, 4, 5, 6, 7, 8].flatMap((run) => Array.from({ length: 4 }, () => run)),
      );
      for (const { run, nodes, stored } of rows) {
        expect(nodes).toBe(iterations[Number(run) - 1]!.nodes.length);
        expect([1, 3].includes(Number(run)) || Number(stored) > 0).toBe(true);
        expect(Number(run) > 1 || stored === 0).toBe(true);
      }
    }
  });

  test("without the traces nothing runs and claims say what is missing", async () => {
    mkdirSync(join(folder, "empty"));
    const outcome = await runExperiment(collabSequence, {
      folder: join(folder, "none"),
      traces: new TraceLibrary(join(folder, "empty")),
    });
    expect([outcome.status, outcome.cells.length]).toEqual(["finished", 0]);
    for (const { verdict, note } of outcome.meta.claims)
      expect([verdict, note]).toEqual(["not testable", "no rows of collab on kaggle-lifted-1x"]);
  });
});
