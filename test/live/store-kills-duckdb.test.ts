import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loopKillRounds } from "../executors/store/loop-kill-rounds.ts";

it("a run on DuckDB that is killed again and again goes on, keeps its budget and ends with the right metrics (seed 1)", async () => {
  const scratch = await mkdtemp(join(tmpdir(), "reuselab-loop-kills-"));
  try {
    const report = await loopKillRounds(scratch, 6, 1);
    expect(report.problems).toEqual([]);
    expect(report.kills).toBe(6);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
