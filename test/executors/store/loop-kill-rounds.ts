import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { randomInt, rngStream } from "../../../src/core/rng.ts";
import { openStore } from "../../../src/executors/store/result-store.ts";

/** What killing the real loop found. */
export interface LoopKillReport {
  /** Runs that were killed before they were done. */
  readonly kills: number;
  /** Kills after which some iterations were finished and later ones were not. */
  readonly midway: number;
  /** Runs that ended by themselves, each having gone on where kills cut it off; their metrics were compared. */
  readonly finished: number;
  readonly problems: readonly string[];
}

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const budgetBytes = 100_000;

/**
 * Runs Census on DuckDB under a system (HELIX, or one that stores columns once) with a small budget, as the command line does, and kills it with SIGKILL at random moments;
 * started again it must go on, keep its budget, and end with the metric values of a run without any reuse.
 */
export async function loopKillRounds(
  scratch: string,
  kills: number,
  seed: number,
  system = "helix",
): Promise<LoopKillReport> {
  const rng = rngStream(seed, "loop-kills");
  const problems: string[] = [];
  const start = (system: string, ...more: string[]) => {
    const args = [
      "execute",
      "census-dist",
      "--scale",
      "0.02",
      "--system",
      system,
      "--out",
      scratch,
      "--quiet",
      ...more,
    ];
    const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, REUSELAB_CACHE: join(scratch, "cache") },
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    return { child, exit: once(child, "close"), errors: () => errors };
  };
  const reference = start("naive");
  await reference.exit;
  const expected = await rowsOf(join(scratch, "naive"));
  if (expected.length === 0) throw new Error(`the run without reuse failed: ${reference.errors()}`);

  const folder = join(scratch, `${system}-${budgetBytes}B`);
  let killed = 0;
  let midway = 0;
  let finished = 0;
  while (killed < kills) {
    const run = start(system, "--budget", `${budgetBytes}B`);
    await Promise.race([run.exit, sleep(randomInt(rng, 700, 2_500))]);
    const isOver = run.child.exitCode !== null;
    run.child.kill("SIGKILL");
    await run.exit;
    problems.push(...(await storeProblems(join(folder, "store"))).map((text) => `kill ${killed}: ${text}`));
    const rows = await rowsOf(folder);
    if (!isOver) {
      killed++;
      if (rows.length > 0 && rows.length < expected.length) midway++;
      continue;
    }
    if (run.child.exitCode !== 0)
      problems.push(`a run ended with exit ${run.child.exitCode}: ${run.errors().slice(0, 500)}`);
    finished++;
    problems.push(...differences(expected, rows));
    await rm(folder, { recursive: true, force: true });
  }
  const last = start(system, "--budget", `${budgetBytes}B`);
  await last.exit;
  problems.push(...differences(expected, await rowsOf(folder)), ...(await storeProblems(join(folder, "store"))));
  return { kills: killed, midway, finished: finished + 1, problems };
}

interface FinishedRow {
  readonly iteration: number;
  readonly metrics: Readonly<Record<string, number>>;
}

async function rowsOf(folder: string): Promise<FinishedRow[]> {
  const path = join(folder, "rows.ndjson");
  if (!existsSync(path)) return [];
  const whole = (await readFile(path, "utf8")).split("\n").slice(0, -1);
  return whole.map((line) => JSON.parse(line) as FinishedRow);
}

function differences(expected: readonly FinishedRow[], got: readonly FinishedRow[]): string[] {
  if (expected.map(({ iteration }) => iteration).join() !== got.map(({ iteration }) => iteration).join())
    return [`iterations ${got.map(({ iteration }) => iteration).join()}, expected 0 to ${expected.length - 1}`];
  return expected.flatMap(({ iteration, metrics }, i) =>
    Object.entries(metrics).flatMap(([name, value]) => {
      const other = got[i]?.metrics[name];
      return other !== undefined && Math.abs(other - value) <= 1e-9 * Math.max(1, Math.abs(value))
        ? []
        : [`iteration ${iteration}: ${name} is ${other}, without reuse ${value}`];
    }),
  );
}

/** Bytes on disk as the kill left them, then every checksum as the next run sees it. */
async function storeProblems(folder: string): Promise<string[]> {
  if (!existsSync(join(folder, "store.json"))) return [];
  const problems: string[] = [];
  let bytes = 0;
  for (const name of await readdir(join(folder, "objects")))
    if (!name.startsWith("tmp-")) bytes += (await stat(join(folder, "objects", name))).size;
  if (bytes > budgetBytes) problems.push(`${bytes} B on disk, budget ${budgetBytes} B`);
  const store = await openStore(folder, { budgetBytes, onWarning: (message) => void problems.push(message) });
  for (const { signature } of store.entries())
    if ((await store.get(signature)) === undefined) problems.push(`${signature} is not whole`);
  await store.close();
  return problems;
}
