import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { killRounds } from "./kill-rounds.ts";

it("a store is whole and within its budget after each of 20 kills at random moments, and the next process resumes (seed 1)", async () => {
  const scratch = await mkdtemp(join(tmpdir(), "reuselab-kills-"));
  try {
    const report = await killRounds(scratch, { kills: 20, seed: 1, budgetBytes: 400_000, longestMs: 120 });
    expect(report.problems).toEqual([]);
    expect(report.withLeftovers).toBeGreaterThan(0);
    expect(report.resumed).toBeGreaterThan(0);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
