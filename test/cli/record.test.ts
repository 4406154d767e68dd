import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/record.ts";
import { runCommand } from "./run-command.ts";

const defaults = { executor: "duckdb", scale: "1", repetitions: "9", seed: "1" };
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "record-command-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("record refuses, with exit 2, one line and nothing on stdout,", () => {
  test.each([
    ["an unknown workload, naming near ones", "cnesus", {}, /workload "cnesus" is unknown; .*census/u],
    [
      "an executor that cannot record",
      "census-dist",
      { executor: "simulated" },
      /executor "simulated" cannot record; expected duckdb/u,
    ],
    ["a scale that is no number", "census-dist", { scale: "big" }, /--scale big: expected a number above 0/u],
    ["a scale of nothing", "census-dist", { scale: "0" }, /--scale 0/u],
    ["half a repetition", "census-dist", { repetitions: "1.5" }, /--repetitions 1\.5: expected a whole number/u],
    ["an empty count", "census-dist", { wholeRepetitions: "" }, /--whole-repetitions : expected a whole number/u],
    ["memory without a unit", "census-dist", { memory: "4096" }, /4096.*unit/u],
    ["an arm without real files", "census-dist", { arm: "jitter" }, /arm "jitter"/u],
  ])("%s", async (_, workload, values, message) => {
    const { code, stdout, stderr } = await runCommand(command, [workload], {
      ...defaults,
      out: join(folder, "trace.jsonl"),
      ...values,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a folder without the files, and a trace that is there already", async () => {
    const out = join(folder, "there.jsonl");
    const missing = await runCommand(command, ["census-dist"], { ...defaults, out, data: join(folder, "nowhere") });
    expect(missing).toMatchObject({ code: 2, stdout: "" });
    expect(missing.stderr).toMatch(/adult\.data/u);
    writeFileSync(out, "precious");
    const there = await runCommand(command, ["census-dist"], { ...defaults, out });
    expect(there.stderr).toMatch(/there\.jsonl exists; .*--force/u);
    expect(there.code).toBe(2);
  });
});
