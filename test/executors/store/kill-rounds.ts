import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { randomInt, rngStream } from "../../../src/core/rng.ts";
import { openStore } from "../../../src/executors/store/result-store.ts";
import { partContent, partsOf } from "./kill-content.ts";

/** A process is killed after fewer actions than this, and the moment drawn. */
const mostActions = 10;

/** What rounds of killing found. */
export interface KillReport {
  readonly kills: number;
  /** Kills that left unfinished files. */
  readonly withLeftovers: number;
  /** Results a new process found stored, over all openings. */
  readonly resumed: number;
  readonly problems: readonly string[];
}

/** Bundles the child once, so that starting it costs a Node start and no more. */
async function bundleChild(into: string): Promise<string> {
  const outfile = join(into, "kill-child.mjs");
  await build({
    entryPoints: [join(dirname(fileURLToPath(import.meta.url)), "kill-child.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "silent",
  });
  return outfile;
}

/**
 * Kills a process that works on a store, with SIGKILL at a random moment, and checks what it left: again and again on one store.
 *
 * @param scratch an existing empty folder
 */
export async function killRounds(
  scratch: string,
  options: { readonly kills: number; readonly seed: number; readonly budgetBytes: number; readonly longestMs: number },
): Promise<KillReport> {
  const child = await bundleChild(scratch);
  const folder = join(scratch, "store");
  const rng = rngStream(options.seed, "kill-rounds");
  const problems: string[] = [];
  let withLeftovers = 0;
  let resumed = 0;
  for (let round = 0; round < options.kills; round++) {
    const writer = spawn(process.execPath, [child, folder, String(options.budgetBytes), `${options.seed}/${round}`]);
    let out = "";
    let errors = "";
    writer.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    writer.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    const exit = once(writer, "close");
    while (!out.includes("\n") && writer.exitCode === null && writer.signalCode === null) await sleep(2);
    const found = Number(/^ready (\d+)/u.exec(out)?.[1] ?? Number.NaN);
    if (Number.isNaN(found)) problems.push(`round ${round}: did not start: ${errors.slice(0, 400)}`);
    else resumed += found;
    // After some actions, however long they take on this machine, somewhere in the next ones.
    const actions = randomInt(rng, 0, mostActions);
    while (out.split("did").length <= actions && writer.exitCode === null && writer.signalCode === null) await sleep(2);
    await sleep(randomInt(rng, 0, options.longestMs));
    writer.kill("SIGKILL");
    await exit;
    if (/wrong/u.test(out)) problems.push(`round ${round}: ${out.trim()}`);
    if (errors !== "") problems.push(`round ${round}: ${errors.slice(0, 400)}`);

    const { bytes, leftovers } = await diskState(folder);
    if (leftovers > 0) withLeftovers++;
    if (bytes > options.budgetBytes)
      problems.push(`round ${round}: ${bytes} B on disk, budget ${options.budgetBytes} B`);
    problems.push(...(await contentProblems(folder, options.budgetBytes)).map((text) => `round ${round}: ${text}`));
  }
  return { kills: options.kills, withLeftovers, resumed, problems };
}

async function diskState(folder: string): Promise<{ bytes: number; leftovers: number }> {
  let bytes = 0;
  let leftovers = 0;
  for (const name of await readdir(join(folder, "objects")))
    if (name.startsWith("tmp-")) leftovers++;
    else bytes += (await stat(join(folder, "objects", name))).size;
  for (const name of await readdir(join(folder, "results"))) if (name.startsWith("tmp-")) leftovers++;
  return { bytes, leftovers };
}

/** Opens as the next run would and compares every stored byte with what it must be. */
async function contentProblems(folder: string, budgetBytes: number): Promise<string[]> {
  const problems: string[] = [];
  const store = await openStore(folder, { budgetBytes, onWarning: (message) => void problems.push(message) });
  const named = new Set<string>();
  for (const entry of store.entries()) {
    const found = await store.get(entry.signature);
    const expected = partsOf(entry.signature);
    if (found === undefined || [...found.paths.keys()].join() !== expected.join()) {
      problems.push(`${entry.signature} is not whole`);
      continue;
    }
    for (const [name, path] of found.paths)
      if (!(await readFile(path)).equals(partContent(name))) problems.push(`${entry.signature}: ${name} is wrong`);
    for (const { id } of entry.objects) named.add(id);
  }
  const { bytes, leftovers } = await diskState(folder);
  const files = await readdir(join(folder, "objects"));
  if (files.length !== named.size || leftovers > 0) problems.push(`${files.length} files for ${named.size} objects`);
  if (bytes !== store.usedBytes) problems.push(`usedBytes ${store.usedBytes}, on disk ${bytes}`);
  if (bytes > budgetBytes) problems.push(`${bytes} B used, budget ${budgetBytes} B`);
  await store.close();
  return problems;
}
