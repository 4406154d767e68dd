import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exact } from "../../src/algorithms/reuse/exact.ts";
import { command } from "../../src/cli/bench.ts";
import { exitCodeOf, messageOf } from "../../src/cli/exit-code.ts";
import { problemToJson } from "../../src/core/problem-format.ts";
import { disagreementsOf, type BenchPlanner } from "../../src/harness/planner-bench.ts";
import { packProblems, unpackProblems } from "../../src/harness/problem-binary.ts";
import { drawProblem } from "../../src/workloads/synthetic/families.ts";

const defaults = { count: "100", repetitions: "9", seed: "1", format: "json" };

async function run(values: Record<string, string>): Promise<{ code: number; stdout: string; message: string }> {
  let stdout = "";
  let message = "";
  try {
    const code = await command.run(
      { values: { ...defaults, ...values }, positionals: ["planner"] },
      {
        stdout: (text) => void (stdout += text),
        stderr: (text) => void (message += text),
        stdin: (async function* () {})(),
        env: {},
        signal: new AbortController().signal,
        isTerminal: false,
      },
    );
    return { code, stdout, message };
  } catch (error) {
    return { code: exitCodeOf(error), stdout, message: messageOf(error) };
  }
}

test("planners are measured on the same problems, with the fields of the contract", async () => {
  const problems = [0, 1, 2].map((k) => drawProblem("collab", 4, k, { nodes: 200 }));
  const file = join(mkdtempSync(join(tmpdir(), "reuselab-bench-")), "problems.jsonl");
  const named = (problem: (typeof problems)[number]): string[] =>
    Array.from({ length: problem.nodeCount }, (_, v) => `n${v}`);
  writeFileSync(file, problems.map((problem) => `${problemToJson({ problem, ids: named(problem) })}\n`).join(""));
  const { code, stdout } = await run({ planner: "exact,max-flow,linear-pass", problems: file, repetitions: "3" });
  expect(code).toBe(0);
  const rows = JSON.parse(stdout) as Record<string, number | string>[];
  expect(rows.map((row) => row["planner"])).toEqual(["exact", "max-flow", "linear-pass"]);
  for (const row of rows) {
    expect(Object.keys(row)).toEqual([
      "planner",
      "problems",
      "totalUs",
      "medianUs",
      "p99Us",
      "maxUs",
      "costUs",
      "peakBytes",
      "coldUs",
      "repetitions",
    ]);
    expect(row["problems"]).toBe(3);
    expect(row["repetitions"]).toBe(3);
    expect(row["coldUs"]).toBeGreaterThan(0);
    expect(row["totalUs"]).toBeGreaterThanOrEqual(row["maxUs"] as number);
  }
  expect(rows[0]!["costUs"]).toBe(problems.reduce((sum, problem) => sum + exact.plan(problem, {}).costUs, 0));
  expect(rows[1]!["costUs"]).toBe(rows[0]!["costUs"]);
  expect(rows[2]!["costUs"]).toBeGreaterThan(rows[0]!["costUs"] as number);
});

test("exact planners that disagree are found, and heuristics below the optimum too", () => {
  const problem = drawProblem("layered", 4, 0, { nodes: 100 });
  const plan = exact.plan(problem, {});
  const other = (id: string, isExact: boolean): BenchPlanner => ({
    planner: { id, title: id, complexity: "O(V)", exact: isExact, plan: () => plan },
    params: {},
  });
  const planners = [other("heuristic", false), { planner: exact, params: {} }, other("claims-it", true)];
  const at = (...costs: number[]): string[] =>
    disagreementsOf(
      planners,
      costs.map((costUs) => ({ ...plan, costUs })),
      7,
    );
  expect(at(12, 10, 10)).toEqual([]);
  expect(at(9, 10, 10)).toEqual(["problem 7: heuristic costs 9, exact says the optimum is 10"]);
  expect(at(10, 10, 11)).toEqual(["problem 7: claims-it costs 11, exact says the optimum is 10"]);
});

test("bad requests are exit 2 and name what is valid", async () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ planner: "exac" }, /unknown planner "exac"; nearest: exact/u],
    [{ planner: "exact,exact" }, /expected distinct ids/u],
    [
      { planner: "exact", family: "colab" },
      /unknown family "colab"; nearest: collab.*; see all with: reuselab bench --help/u,
    ],
    [{ planner: "exact", count: "0" }, /--count 0: expected a whole number/u],
    [{ planner: "exact", query: "all" }, /expected leaves, few or one/u],
    [{ planner: "brute-force", count: "1", nodes: "50" }, /problem 1: brute-force: .* at most 12/u],
    [{ planner: "exact", problems: "/nowhere.jsonl" }, /cannot be read/u],
    [{ planner: "exact", problems: "x", family: "collab" }, /exclude each other/u],
  ];
  for (const [values, expected] of cases) {
    const { code, stdout, message } = await run(values);
    expect([code, stdout]).toEqual([2, ""]);
    expect(message).toMatch(expected);
  }
});

test("problems survive the way to another process", () => {
  const problems = [drawProblem("kaggle", 1, 0), drawProblem("chains", 1, 1, { nodes: 3 })];
  expect(unpackProblems(packProblems(problems))).toEqual(problems);
});
