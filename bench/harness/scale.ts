/**
 * How the harness copes with ten thousand cells: runs them, runs them again (all kept), reports them; and the quick arena.
 *
 *     npx tsx bench/harness/scale.ts [--cells 10000] [--main dist/src/cli/main.js]
 *
 * Prints a table of wall-clock times and sizes beside what is asked for. Needs the build in dist/.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seedSweep } from "../../experiments/seeds.ts";
import { systemClock } from "../../src/core/clock.ts";
import { textTable } from "../../src/report/text-table.ts";

const { values } = parseArgs({
  options: {
    cells: { type: "string", default: "10000" },
    main: { type: "string", default: "dist/src/cli/main.js" },
  },
});

const folder = mkdtempSync(join(tmpdir(), "reuselab-scale-"));

/** Seconds that a command line takes. @throws {Error} when it fails */
function seconds(...args: readonly string[]): number {
  const startUs = systemClock.nowUs();
  execFileSync(process.execPath, [values.main, ...args, "--quiet"], { stdio: ["ignore", "ignore", "inherit"] });
  return (systemClock.nowUs() - startUs) / 1e6;
}

try {
  const perSequence = seedSweep.params.system.length * seedSweep.params.budget.length;
  const sequences = Array.from({ length: Math.ceil(Number(values.cells) / perSequence) }, (_, i) => i + 1);
  const run = ["run", "seeds", "--param", `sequence=${sequences.join(",")}`, "--out", folder, "--jobs", "2"];
  const first = seconds(...run);
  const cells = readFileSync(join(folder, "seeds", "cells.jsonl"), "utf8").split("\n").length - 1;
  const again = seconds(...run);
  const page = seconds("report", join(folder, "seeds"), "--out", join(folder, "page"));
  const megabytes = statSync(join(folder, "page", "index.html")).size / 1e6;
  const arena = seconds("run", "arena", "--quick", "--jobs", "2", "--out", folder);
  const rows = [
    [`${cells} simulated cells`, `${first.toFixed(1)} s`, "< 60 s"],
    ["the same again, all kept", `${again.toFixed(2)} s`, "< 1 s"],
    ["report of them", `${page.toFixed(1)} s`, ""],
    ["its size", `${megabytes.toFixed(1)} MB`, "< 10 MB"],
    ["arena --quick, two workers", `${arena.toFixed(1)} s`, "< 30 s"],
  ];
  process.stdout.write(`${textTable(["what", "took", "wanted"], rows)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
