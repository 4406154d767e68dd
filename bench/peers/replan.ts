/**
 * Replanning after one edit: ours against PyMaxflow with kept search trees, same edits, answers compared.
 *
 *   PEERS_PYTHON=/path/to/venv/bin/python npx tsx bench/peers/replan.ts [--nodes 100000] [--edits 1000] [--out results/planner-lab]
 *
 * Ours repairs the cut and tells which nodes changed state; the peer finds the value only. The peer can change terminal capacities
 * only, so all edits change a compute cost. Per edit its time includes two calls from Python, about 1 µs.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { IncrementalPlanner } from "../../src/algorithms/reuse/incremental-planner.ts";
import { systemClock } from "../../src/core/clock.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";
import { drawProblem, type ProblemFamilyId } from "../../src/workloads/synthetic/families.ts";
import { compactNetwork, packNetworks } from "./compact-network.ts";

const { values } = parseArgs({
  options: {
    nodes: { type: "string", default: "100000" },
    edits: { type: "string", default: "1000" },
    out: { type: "string", default: "results/planner-lab" },
  },
});
const nodes = Number(values.nodes);
const families: readonly ProblemFamilyId[] = [
  "collab",
  "kaggle",
  "mlpipe",
  "series-parallel",
  "layered",
  "layered-dense",
  "out-tree",
];

function quantile(numbers: readonly number[], p: number): string {
  const sorted = Float64Array.from(numbers).sort();
  return (sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN).toFixed(1);
}

// Warm up on another problem: what is measured is replanning in a session that has gone on for a while.
{
  const problem = drawProblem("layered-dense", 32, 0, { nodes: 20_000, storedShare: 0.6, loadScale: Math.E });
  const planner = new IncrementalPlanner(problem);
  const rng = rngStream(32, "replan/warm");
  for (let k = 0; k < 20_000; k++) {
    const computeUs = Math.ceil(1_000 * Math.exp(1.2 * (4 * rng() - 2)));
    planner.apply([{ kind: "compute-cost", node: randomInt(rng, 0, problem.nodeCount - 1), computeUs }]);
  }
}

const folder = mkdtempSync(join(tmpdir(), "reuselab-replan-"));
const rows: string[] = [];
try {
  for (const family of families) {
    const problem = drawProblem(family, 31, 0, { nodes, storedShare: 0.6, loadScale: Math.E });
    const { sinkNodes, ...network } = compactNetwork(problem);
    writeFileSync(join(folder, "network.bin"), packNetworks([network]));
    const rng = rngStream(31, `replan/${family}`);
    const planner = new IncrementalPlanner(problem);
    const computeUs = problem.computeUs.slice();
    const changes: [number, number][] = [];
    const ours: number[] = [];
    const costs: number[] = [];
    for (let k = 0; k < Number(values.edits); k++) {
      let node = randomInt(rng, 0, problem.nodeCount - 1);
      while (sinkNodes[node]! < 0) node = randomInt(rng, 0, problem.nodeCount - 1);
      const us = Math.ceil(1_000 * Math.exp(1.2 * (4 * rng() - 2)));
      changes.push([sinkNodes[node]!, us - computeUs[node]!]);
      computeUs[node] = us;
      const startUs = systemClock.nowUs();
      const { costUs } = planner.apply([{ kind: "compute-cost", node, computeUs: us }]);
      ours.push(systemClock.nowUs() - startUs);
      costs.push(costUs);
    }
    writeFileSync(join(folder, "edits.json"), JSON.stringify(changes));
    const text = execFileSync(
      process.env["PEERS_PYTHON"] ?? "python3",
      ["bench/peers/replan.py", join(folder, "network.bin"), join(folder, "edits.json")],
      { encoding: "utf8", maxBuffer: 1 << 28 },
    );
    const answers = JSON.parse(text) as [number, number][];
    // The peer keeps every reduction as extra supply: its value is ours plus all decreases so far.
    let decreases = 0;
    for (const [k, [value]] of answers.entries()) {
      decreases += Math.max(0, -changes[k]![1]);
      if (value !== costs[k]! + decreases)
        throw new Error(`${family}, edit ${k}: the peer says ${value - decreases}, ours ${costs[k]}`);
    }
    const theirs = answers.map(([, us]) => us);
    rows.push(
      `| ${family} | ${problem.nodeCount} | ${[ours, theirs].flatMap((times) => [0.5, 0.9, 0.99].map((p) => quantile(times, p))).join(" | ")} |`,
    );
    process.stderr.write(`${rows.at(-1)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
mkdirSync(values.out, { recursive: true });
writeFileSync(
  join(values.out, "replan.md"),
  [
    "# Replanning after one change of a compute cost: ours and PyMaxflow with kept search trees",
    "",
    `Microseconds per edit over ${values.edits} edits, 0.6 stored, loads e^1; all values equal. Ours includes the plan's differences, the peer finds the value`,
    `only. Made by \`npx tsx bench/peers/replan.ts\` on ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}.`,
    "",
    "| family | n | ours median | ours p90 | ours p99 | peer median | peer p90 | peer p99 |",
    "|---|--:|--:|--:|--:|--:|--:|--:|",
    ...rows,
    "",
  ].join("\n"),
);
