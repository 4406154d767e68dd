/**
 * Kills a process that works on a result store, 200 times unless told otherwise; with `--loop` the process is a real run on
 * DuckDB.
 *
 *     tsx bench/store/kills.ts [kills] [seed] [--loop]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killRounds } from "../../test/executors/store/kill-rounds.ts";
import { loopKillRounds } from "../../test/executors/store/loop-kill-rounds.ts";

const [killsText, seedText] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const kills = Number(killsText ?? 200);
const seed = Number(seedText ?? Math.floor(Math.random() * 1e9));
const scratch = await mkdtemp(join(tmpdir(), "reuselab-kills-"));
try {
  const startMs = performance.now();
  const report = process.argv.includes("--loop")
    ? await loopKillRounds(scratch, kills, seed)
    : await killRounds(scratch, { kills, seed, budgetBytes: 400_000, longestMs: 250 });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const found =
    "midway" in report
      ? `${report.midway} between first and last iteration, ${report.finished} runs finished`
      : `${report.withLeftovers} left unfinished files, ${report.resumed} results found by next runs`;
  console.log(`seed ${seed}: ${report.kills} kills in ${seconds} s, ${found}, ${report.problems.length} problems`);
  for (const problem of report.problems) console.log(problem);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} finally {
  await rm(scratch, { recursive: true, force: true });
}
