import { describe, expect, test } from "vitest";
import { command } from "../../src/cli/validate-sim.ts";
import { runCommand } from "./run-command.ts";

const defaults = { executor: "duckdb", scale: "1", seed: "1", storageProfile: "cold" };

describe("validate-sim", () => {
  test.each([
    ["an unknown workload, naming near ones", "cnesus", {}, /cnesus.*census/u],
    ["an engine that cannot record", "census", { executor: "duckdb,simulated" }, /executor "simulated" cannot record/u],
    ["an unknown setting", "census", { setting: ["helx"] }, /--setting "helx": is unknown; .*helix/u],
    ["an unknown split", "census", { split: ["scales"] }, /--split "scales": is unknown; .*scale/u],
    ["a scale of nothing", "census", { scale: "0" }, /--scale "0"/u],
    ["a budget without a unit", "census", { budget: ["100"] }, /100/u],
    ["a profile that is not held out", "census", { storageProfile: "hot" }, /"hot": expected cold or disk170/u],
    ["a Spark master without Spark", "census", { sparkMaster: "local[2]" }, /expected --executor spark/u],
    ["half a repetition", "census", { repetitions: "1.5" }, /--repetitions "1\.5"/u],
    [
      "a sequence split without a workload that covers the edits",
      "kaggle",
      { split: ["sequence"], dryRun: true },
      /no workload "kaggle-cover"/u,
    ],
  ])("refuses %s, with exit 2, one line and nothing on stdout", async (_, workload, values, message) => {
    const { code, stdout, stderr } = await runCommand(command, [workload], { ...defaults, ...values });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("--dry-run counts recordings, cells and runs: 40 cells with storage, 3 without, all 13 under the profile held out", async () => {
    const values = { ...defaults, executor: "duckdb,spark", dryRun: true, format: "json" };
    const { code, stdout } = await runCommand(command, ["census"], values);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { executor: "duckdb", recordings: 4, cells: 56, runs: 504 },
      { executor: "spark", recordings: 4, cells: 56, runs: 504 },
    ]);
    const quick = await runCommand(command, ["census"], { ...values, quick: true, split: ["in-sample"] });
    expect(JSON.parse(quick.stdout)[0]).toEqual({ executor: "duckdb", recordings: 1, cells: 43, runs: 129 });
  });
});
