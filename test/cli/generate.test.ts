import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/generate.ts";
import { parseProblem } from "../../src/core/problem-format.ts";
import { loadTrace } from "../../src/traces/read.ts";
import { drawProblem } from "../../src/workloads/synthetic/families.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-generate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const generate = (
  positionals: string[],
  values: Record<string, string | boolean> = {},
): ReturnType<typeof runCommand> => runCommand(command, positionals, { seed: "1", ...values });

describe("reuselab generate", () => {
  test("prints problems one per line that plan reads, those of the family", async () => {
    const { stdout } = await generate(["diamonds"], { count: "3", nodes: "40" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBe(3);
    for (const [i, line] of lines.entries())
      expect(parseProblem(line, { file: "-", line: 1 }).problem).toEqual(drawProblem("diamonds", 1, i, { nodes: 40 }));
  });

  test("writes the same to a file, and a trace where a stream is asked for", async () => {
    const { stdout } = await generate(["clusters"], { count: "4" });
    await generate(["clusters"], { count: "4", out: join(folder, "p.jsonl") });
    expect(readFileSync(join(folder, "p.jsonl"), "utf8")).toBe(stdout);
    await generate(["openml-like"], { count: "30", benchmark: true, out: join(folder, "t.jsonl.gz") });
    const trace = await loadTrace(join(folder, "t.jsonl.gz"));
    expect([trace.header.name, trace.iterations.length]).toEqual(["openml-benchmark", 30]);
  });

  test("says how a family looks", async () => {
    const { stdout } = await generate(["in-tree"], { count: "5", realism: true, format: "json" });
    expect(JSON.parse(stdout)).toMatchObject({ family: "in-tree", problems: 5, sharedShare: 0, neededShare: 1 });
    expect((await generate(["in-tree"], { count: "2", realism: true, format: "csv" })).stdout).toContain("depth.max,");
  });

  test.each([
    [["colab"], {}, /unknown family "colab"; nearest: collab/u],
    [["chains"], { count: "0" }, /--count 0: expected a whole number of at least 1/u],
    [["chains"], { stored: "1.5" }, /--stored 1.5: expected a share from 0 to 1/u],
    [["chains"], { joins: "0.5" }, /--joins: is for family collab/u],
    [["chains"], { benchmark: true }, /--benchmark: is for openml-like/u],
    [["chains"], { query: "all" }, /--query all: expected leaves, few or one/u],
    [["openml-like"], { realism: true }, /--realism is for problems/u],
  ])("refuses %s %o", async (positionals, values, message) => {
    const { code, stdout, stderr } = await generate(positionals, values);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});
