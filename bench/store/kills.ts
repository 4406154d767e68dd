/** Kills a process that works on a result store, 200 times unless told otherwise: `tsx bench/store/kills.ts [kills] [seed]`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killRounds } from "../../test/executors/store/kill-rounds.ts";

const kills = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 1e9));
const scratch = await mkdtemp(join(tmpdir(), "reuselab-kills-"));
try {
  const startMs = performance.now();
  const report = await killRounds(scratch, { kills, seed, budgetBytes: 400_000, longestMs: 250 });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(
    `seed ${seed}: ${report.kills} kills in ${seconds} s, ${report.withLeftovers} left unfinished files, ${report.resumed} results found by next runs, ${report.problems.length} problems`,
  );
  for (const problem of report.problems) console.log(problem);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
