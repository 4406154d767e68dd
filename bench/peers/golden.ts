/**
 * Asks outside solvers for the optima of 121 problems of all families and writes them to test/golden/planner/optima.json, so that
 * tests can compare without Python.
 *
 *   PEERS_PYTHON=/path/to/venv/bin/python npx tsx bench/peers/golden.ts
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawProblem, problemFamilyIds, type FamilyKnobs } from "../../src/workloads/synthetic/families.ts";
import { compactNetwork, packNetworks } from "./compact-network.ts";

const peers = ["ortools", "pymaxflow", "pseudoflow", "igraph", "scipy"];
const problems = problemFamilyIds.flatMap((family) =>
  Array.from({ length: 11 }, (_, index) => {
    const knobs: FamilyKnobs = index % 3 === 2 ? { query: "few" } : {};
    return { family, index, knobs };
  }),
);
const folder = mkdtempSync(join(tmpdir(), "reuselab-golden-"));
try {
  const file = join(folder, "networks.bin");
  writeFileSync(
    file,
    packNetworks(problems.map(({ family, index, knobs }) => compactNetwork(drawProblem(family, 77, index, knobs)))),
  );
  const text = execFileSync(
    process.env["PEERS_PYTHON"] ?? "python3",
    ["bench/peers/peers.py", file, "1", peers.join(",")],
    {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    },
  );
  const { versions, results } = JSON.parse(text) as {
    versions: Record<string, string>;
    results: Record<string, { value: number }>[];
  };
  const rows = problems.map(({ family, index, knobs }, k) => {
    const answers = Object.values(results[k]!).map(({ value }) => value);
    if (new Set(answers).size !== 1) throw new Error(`${family} ${index}: the solvers disagree: ${answers.join(" ")}`);
    return { family, seed: 77, index, knobs, optimumUs: answers[0]!, solvers: Object.keys(results[k]!) };
  });
  mkdirSync("test/golden/planner", { recursive: true });
  const lines = rows.map((row) => JSON.stringify(row)).join(",\n");
  writeFileSync(
    "test/golden/planner/optima.json",
    `{"versions":${JSON.stringify(versions)},"optima":[\n${lines}\n]}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
