/**
 * Checks that a simulated run leaves the same bytes whatever the number of workers and the Node version:
 * `node --import tsx scripts/check-bytes.ts [NODE…]`, each NODE another binary to try. Needs the build in `dist`.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const experiment = "bandwidth-curve";
const files = ["cells.jsonl", "rows.csv", "claims.md"];
const main = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reuselab-bytes-"));

/** Runs the experiment and answers the hash of each file. */
function hashes(node: string, jobs: number, out: string): readonly string[] {
  const args = [main, "run", experiment, "--quick", "--out", out, "--jobs", String(jobs), "--quiet"];
  execFileSync(node, args, { stdio: ["ignore", "ignore", "inherit"] });
  return files.map((name) =>
    createHash("sha256")
      .update(readFileSync(join(out, experiment, name)))
      .digest("hex"),
  );
}

try {
  const runs = [process.execPath, ...process.argv.slice(2)].flatMap((node) => [1, 4].map((jobs) => ({ node, jobs })));
  let first: readonly string[] | undefined;
  for (const [i, { node, jobs }] of runs.entries()) {
    const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
    const found = hashes(node, jobs, join(folder, String(i)));
    first ??= found;
    const different = files.filter((_, f) => found[f] !== first?.[f]);
    const verdict = different.length === 0 ? "same bytes" : `DIFFERENT: ${different.join(", ")}`;
    process.stdout.write(`${version} --jobs ${jobs}: ${verdict}\n`);
    if (different.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
