import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCells } from "../../src/harness/cells.ts";
import { shapeClaim } from "../../src/harness/claims.ts";
import { defineExperiment, filterGrid, pointsOf, type Grid, type ResultView } from "../../src/harness/experiment.ts";
import { planRun, runExperiment } from "../../src/harness/run.ts";
import { readRuns } from "../../src/harness/run-lock.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-run-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Draws numbers, fails where it is told to, and counts its calls. */
function toy(options: { failAt?: number; abort?: AbortController; calls?: number[] } = {}) {
  return defineExperiment({
    id: "toy",
    title: "Sums of draws",
    reproduces: "how the harness runs grids",
    params: { system: ["a", "b"], n: [1, 2, 3] },
    quick: { n: [1] },
    async *run({ system, n }, context) {
      await Promise.resolve();
      options.calls?.push(n);
      if (n === options.failAt) throw new RangeError(`cannot do ${n}`);
      const draw = context.rng(`draws/${n}`);
      context.fact("budgetBytes", n * 10);
      if (n === 3) context.exclude({ trace: "t", system, reason: "too large" });
      for (let i = 0; i < n; i++) yield { system, n, i, value: draw() };
      if (n === 2 && system === "a") options.abort?.abort();
    },
    claims: [
      shapeClaim({
        id: "equal",
        claim: "systems draw the same numbers",
        source: "",
        expected: "equal",
        tolerance: "exact",
        measure: ({ rows }: ResultView<Grid, { system: string; value: number }>) => {
          const of = (system: string): string =>
            JSON.stringify(rows.filter((row) => row.system === system).map(({ value }) => value));
          return {
            got: of("a") === of("b") ? "equal" : "different",
            reproduced: of("a") === of("b"),
            sameShape: false,
          };
        },
      }),
    ],
  });
}

const bytes = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("a run", () => {
  test("does every point of the grid and leaves cells, rows, claims and meta", async () => {
    const outcome = await runExperiment(toy(), { folder });
    expect(outcome).toMatchObject({ status: "finished", ran: 6, resumed: 0 });
    expect(bytes("rows.csv").split("\n")[0]).toBe("system,n,i,value");
    expect(bytes("rows.csv").trim().split("\n")).toHaveLength(1 + 12);
    expect(outcome.meta.claims[0]).toMatchObject({ verdict: "reproduced", got: "equal" });
    expect(outcome.meta.exclusions).toEqual([
      { trace: "t", system: "a", reason: "too large" },
      { trace: "t", system: "b", reason: "too large" },
    ]);
    expect(existsSync(join(folder, "run.open.json"))).toBe(false);
  });

  test("gives the same bytes in another folder, and no time or machine in them", async () => {
    await runExperiment(toy(), { folder });
    const other = mkdtempSync(join(tmpdir(), "reuselab-run-"));
    try {
      await runExperiment(toy(), { folder: other });
      for (const name of ["cells.jsonl", "rows.csv", "claims.md", "meta.json"])
        expect(readFileSync(join(other, name), "utf8")).toBe(bytes(name));
    } finally {
      rmSync(other, { recursive: true });
    }
    expect(bytes("cells.jsonl")).not.toMatch(/20\d\d-\d\d-\d\dT|node|linux/iu);
  });

  test("another seed gives other numbers", async () => {
    await runExperiment(toy(), { folder });
    const before = bytes("rows.csv");
    await runExperiment(toy(), { folder, seed: 2 });
    expect(bytes("rows.csv")).not.toBe(before);
  });

  test("records a failing cell with its error, does the others, and tries it again next time", async () => {
    const failing = await runExperiment(toy({ failAt: 2 }), { folder });
    expect(failing.status).toBe("some cells failed");
    expect(failing.meta.cells).toMatchObject({ done: 4, failed: 2 });
    expect(failing.meta.failures[0]).toMatchObject({
      params: { system: "a", n: 2 },
      code: "E_BUG",
      message: "cannot do 2",
    });
    const calls: number[] = [];
    const healed = await runExperiment(toy({ calls }), { folder });
    expect(calls).toEqual([2, 2]);
    expect(healed).toMatchObject({ status: "finished", ran: 2, resumed: 4 });
  });

  test("that is interrupted keeps its cells and continues to the same bytes", async () => {
    const abort = new AbortController();
    const cut = await runExperiment(toy({ abort }), { folder, signal: abort.signal });
    expect(cut.status).toBe("interrupted");
    expect(cut.meta.cells.done).toBeGreaterThan(0);
    expect(cut.meta.cells.done).toBeLessThan(6);
    await runExperiment(toy(), { folder });
    const resumed = bytes("cells.jsonl");
    await runExperiment(toy(), { folder, force: true });
    expect(bytes("cells.jsonl")).toBe(resumed);
    expect(readRuns(join(folder, "runs.jsonl")).map(({ status }) => status)).toEqual([
      "interrupted",
      "finished",
      "finished",
    ]);
  });

  test("after a kill in the middle of a line continues, and the cells of the killed run keep their provenance", async () => {
    const abort = new AbortController();
    await runExperiment(toy({ abort }), { folder, signal: abort.signal });
    const [record] = readRuns(join(folder, "runs.jsonl"));
    // What a killed process leaves: its open record, no finished one, and half a line.
    writeFileSync(join(folder, "runs.jsonl"), "");
    writeFileSync(
      join(folder, "run.open.json"),
      JSON.stringify({ ...record, status: "killed", keys: [], pid: 2 ** 22 + 1 }),
    );
    appendFileSync(join(folder, "cells.jsonl"), '{"version":1,"key":"ab');
    const outcome = await runExperiment(toy(), { folder });
    expect(outcome.status).toBe("finished");
    expect(readCells(join(folder, "cells.jsonl"))).toMatchObject({ truncated: false });
    const runs = readRuns(join(folder, "runs.jsonl"));
    expect(runs.map(({ status }) => status)).toEqual(["killed", "finished"]);
    expect(runs.flatMap(({ keys }) => keys).sort()).toEqual(
      [...readCells(join(folder, "cells.jsonl")).cells.keys()].sort(),
    );
  });

  test("of a whole grid removes cells that the grid does not have any more", async () => {
    await runExperiment(toy(), { folder });
    const other = { ...toy(), version: 2 };
    await runExperiment(other, { folder, filters: ["n=1"] });
    expect(readCells(join(folder, "cells.jsonl")).cells.size).toBe(6 + 2);
    await runExperiment(other, { folder });
    const versions = [...readCells(join(folder, "cells.jsonl")).cells.values()].map(
      (cell) => cell.configuration.experimentVersion,
    );
    expect(versions).toEqual([2, 2, 2, 2, 2, 2]);
  });

  test("is refused while another process writes the folder", async () => {
    writeFileSync(join(folder, "run.open.json"), JSON.stringify({ pid: process.ppid }));
    await expect(runExperiment(toy(), { folder })).rejects.toThrow(/is being written by process/u);
    expect(existsSync(join(folder, "run.open.json"))).toBe(true);
  });

  test("records commit, machine and software of each run, without host name and absolute paths", async () => {
    await runExperiment(toy(), { folder, argv: ["node", "main.js", "run", "toy", "--out", "/secret/place"] });
    const [run] = readRuns(join(folder, "runs.jsonl"));
    expect(run).toMatchObject({ experiment: "toy", node: process.version, seed: 1, rows: 12, status: "finished" });
    expect(run?.command).toEqual(["run", "toy", "--out", "place"]);
    expect(run?.packages["vega-lite"]).toMatch(/^\d/u);
    expect(bytes("runs.jsonl")).not.toContain("/secret");
  });

  test("quick runs and filters narrow the grid; a plan counts cells without running", async () => {
    expect((await runExperiment(toy(), { folder, quick: true })).ran).toBe(2);
    expect(await planRun(toy(), { folder })).toMatchObject({ total: 6, finished: 2, toRun: 4 });
    expect((await runExperiment(toy(), { folder, filters: ["system=b", "n=1,3"] })).ran).toBe(1);
  });

  test("rows that are not plain finite values fail their cell", async () => {
    const bad = defineExperiment({
      id: "bad",
      title: "Bad",
      reproduces: "",
      params: { n: [1] },
      async *run() {
        yield await Promise.resolve({ value: Infinity });
      },
    });
    const outcome = await runExperiment(bad, { folder });
    expect(outcome.meta.failures[0]?.message).toContain('column "value" is Infinity');
  });
});

describe("a grid", () => {
  test("is walked with the last parameter fastest", () => {
    expect(pointsOf({ a: [1, 2], b: ["x", "y"] })).toEqual([
      { a: 1, b: "x" },
      { a: 1, b: "y" },
      { a: 2, b: "x" },
      { a: 2, b: "y" },
    ]);
  });

  test("refuses filters on unknown parameters and values", () => {
    expect(() => filterGrid({ a: [1] }, ["b=1"])).toThrow(/NAME one of a/u);
    expect(() => filterGrid({ a: [1] }, ["a=2"])).toThrow(/"2" is no value of a; expected 1/u);
  });
});

describe("a definition", () => {
  const base = { title: "", reproduces: "", async *run() {} };
  test("needs a kebab-case id, values for every parameter and distinct claim ids", () => {
    expect(() => defineExperiment({ ...base, id: "My Exp", params: {} })).toThrow(/kebab-case/u);
    expect(() => defineExperiment({ ...base, id: "mine", params: { n: [] } })).toThrow(/"n" has no values/u);
    const claim = shapeClaim({
      id: "x",
      claim: "",
      source: "",
      expected: "",
      tolerance: "",
      measure: () => ({ got: "", reproduced: true, sameShape: true }),
    });
    expect(() => defineExperiment({ ...base, id: "mine", params: {}, claims: [claim, claim] })).toThrow(/two claims/u);
  });

  test("gives run the types of its parameters", () => {
    defineExperiment({
      id: "typed",
      title: "",
      reproduces: "",
      params: { planner: ["max-flow", "linear-pass"], nodes: [10, 100] },
      async *run({ planner, nodes }) {
        planner satisfies "max-flow" | "linear-pass";
        // @ts-expect-error nodes is one of the numbers of the grid
        nodes satisfies string;
        yield await Promise.resolve({ planner, nodes });
      },
    });
  });
});
