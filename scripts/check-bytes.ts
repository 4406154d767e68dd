/**
 * Checks that simulated runs leave the same bytes whatever the number of workers and the Node version:
 * `node --import tsx scripts/check-bytes.ts [NODE…]`, each NODE another binary to try. Needs the build in `dist`.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Experiments with what narrows them: prices by bandwidth; bounds, tuning and the ranking. */
const runs: readonly (readonly [experiment: string, ...options: string[]])[] = [
  ["bandwidth-curve"],
  ["arena", "--filter", "budget=50%"],
];
const files = ["cells.jsonl", "rows.csv", "claims.md"];
const main = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reuselab-bytes-"));

/** Runs the experiments and answers the hash of each file. */
function hashes(node: string, jobs: number, out: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [experiment, ...options] of runs) {
    const args = [main, "run", experiment, "--quick", ...options, "--out", out, "--jobs", String(jobs), "--quiet"];
    execFileSync(node, args, { stdio: ["ignore", "ignore", "inherit"] });
    for (const name of files) {
      const content = readFileSync(join(out, experiment, name));
      found.set(`${experiment}/${name}`, createHash("sha256").update(content).digest("hex"));
    }
  }
  return found;
}

try {
  const ways = [process.execPath, ...process.argv.slice(2)].flatMap((node) => [1, 4].map((jobs) => ({ node, jobs })));
  let first: ReadonlyMap<string, string> | undefined;
  for (const [i, { node, jobs }] of ways.entries()) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const found = hashes(node, jobs, join(folder, String(i)));
    first ??= found;
    const before = first;
    const different = [...found].filter(([name, hash]) => before.get(name) !== hash).map(([name]) => name);
    const verdict = different.length === 0 ? "same bytes" : `DIFFERENT: ${different.join(", ")}`;
    process.stdout.write(`${version} --jobs ${jobs}: ${verdict}\n`);
    if (different.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
