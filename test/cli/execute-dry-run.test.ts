import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { command } from "../../src/cli/execute.ts";
import { runCommand } from "./run-command.ts";

test("--dry-run says what would run, in the format asked for, and starts no engine", async () => {
  const cache = mkdtempSync(join(tmpdir(), "execute-dry-run-"));
  const before = process.env["REUSELAB_CACHE"];
  process.env["REUSELAB_CACHE"] = cache;
  try {
    const { code, stdout, stderr } = await runCommand(command, ["census"], {
      executor: "duckdb",
      system: ["helix"],
      budget: ["1MB,none"],
      scale: "0.01",
      seed: "1",
      storageProfile: "hot",
      dryRun: true,
      format: "json",
    });
    expect([code, stderr]).toEqual([0, ""]);
    const cell = {
      workload: "census",
      system: "helix",
      planner: "exact",
      materializer: "helix-online",
      iterations: 10,
    };
    expect(JSON.parse(stdout)).toEqual([
      expect.objectContaining({ ...cell, budgetBytes: 1_000_000 }),
      expect.objectContaining({ ...cell, budgetBytes: null }),
    ]);
  } finally {
    if (before === undefined) delete process.env["REUSELAB_CACHE"];
    else process.env["REUSELAB_CACHE"] = before;
    rmSync(cache, { recursive: true, force: true });
  }
});
