import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loopKillRounds } from "../executors/store/loop-kill-rounds.ts";

it.each([
  ["helix", 6],
  ["collab", 3],
])(
  "a run of %s on DuckDB that is killed %i times goes on, keeps its budget and ends with the right metrics (seed 1)",
  async (system, kills) => {
    const scratch = await mkdtemp(join(tmpdir(), "reuselab-loop-kills-"));
    try {
      const report = await loopKillRounds(scratch, kills, 1, system);
      expect(report.problems).toEqual([]);
      expect(report.kills).toBe(kills);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
);
