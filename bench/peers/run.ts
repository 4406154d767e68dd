/**
 * Exact planners of this package against outside maximum-flow solvers, on the same problems, in one run, taking turns.
 *
 *   PEERS_PYTHON=/path/to/venv/bin/python npx tsx bench/peers/run.ts [--count 60] [--rounds 3] [--only "collab;kaggle"]
 *
 * Ours is the whole planning from the raw DAG to the plan; a peer solves a network that is already pruned and merged, and
 * building that network is not charged to it. Answers are compared before times are.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exact } from "../../src/algorithms/reuse/exact.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ReuseProblem } from "../../src/core/problem.ts";
import { drawProblem, type FamilyKnobs, type ProblemFamilyId } from "../../src/workloads/synthetic/families.ts";
import { compactNetwork, packNetworks } from "./compact-network.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "60" },
    rounds: { type: "string", default: "3" },
    peers: { type: "string", default: "ortools,pymaxflow,pseudoflow,igraph,scipy" },
    only: { type: "string" },
    out: { type: "string", default: "results/planner-lab" },
  },
});
const python = process.env["PEERS_PYTHON"] ?? "python3";
const count = Number(values.count);
const rounds = Number(values.rounds);

interface Suite {
  readonly name: string;
  readonly family: ProblemFamilyId;
  readonly knobs?: FamilyKnobs;
  /** Problems, if not `--count`. */
  readonly count?: number;
}
const mixed = { storedShare: 0.6, loadScale: Math.E };
const suites: readonly Suite[] = [
  { name: "collab", family: "collab" },
  { name: "collab, few outputs", family: "collab", knobs: { query: "few" } },
  { name: "collab-released", family: "collab-released" },
  { name: "kaggle", family: "kaggle" },
  { name: "mlpipe", family: "mlpipe" },
  { name: "series-parallel", family: "series-parallel" },
  { name: "layered", family: "layered" },
  { name: "layered-dense", family: "layered-dense" },
  { name: "layered-dense, dear", family: "layered-dense", knobs: { storedShare: 0.6, loadScale: Math.exp(3) } },
  {
    name: "layered-dense, dear, 0.9 stored",
    family: "layered-dense",
    knobs: { storedShare: 0.9, loadScale: Math.exp(3) },
  },
  {
    name: "layered 40x250, dear",
    family: "layered-dense",
    knobs: { storedShare: 0.6, loadScale: Math.exp(3), nodes: 10_000 },
    count: 6,
  },
  {
    name: "layered 40x250, dear, 0.9 stored",
    family: "layered-dense",
    knobs: { storedShare: 0.9, loadScale: Math.exp(3), nodes: 10_000 },
    count: 6,
  },
  { name: "diamonds", family: "diamonds" },
  { name: "diamonds, all stored dear", family: "diamonds", knobs: { storedShare: 0.9, loadScale: Math.exp(3) } },
  { name: "diamonds 8000", family: "diamonds", knobs: { ...mixed, nodes: 8_000 }, count: 6 },
  { name: "out-tree", family: "out-tree" },
  { name: "in-tree", family: "in-tree" },
  { name: "chains", family: "chains" },
  { name: "collab 1e4", family: "collab", knobs: { ...mixed, nodes: 10_000 }, count: 8 },
  { name: "collab 1e5", family: "collab", knobs: { ...mixed, nodes: 100_000 }, count: 3 },
  { name: "collab 1e6", family: "collab", knobs: { ...mixed, nodes: 1_000_000 }, count: 1 },
  { name: "layered 1e4", family: "layered", knobs: { ...mixed, nodes: 10_000 }, count: 8 },
  { name: "layered 1e5", family: "layered", knobs: { ...mixed, nodes: 100_000 }, count: 3 },
  { name: "layered 1e6", family: "layered", knobs: { ...mixed, nodes: 1_000_000 }, count: 1 },
];

interface PeerAnswer {
  readonly solveUs: number;
  readonly buildUs: number;
  readonly value: number;
}

function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function timeUs(act: () => void, repetitions: number): number {
  const times: number[] = [];
  for (let r = 0; r < repetitions; r++) {
    const startUs = systemClock.nowUs();
    act();
    times.push(systemClock.nowUs() - startUs);
  }
  return median(times);
}

const folder = mkdtempSync(join(tmpdir(), "reuselab-peers-"));
const file = join(folder, "networks.bin");
const table: Record<string, string | number | null>[] = [];
let versions: Record<string, string> = {};
try {
  for (const suite of suites) {
    if (values.only !== undefined && !values.only.split(";").includes(suite.name)) continue;
    const problems: ReuseProblem[] = Array.from({ length: suite.count ?? count }, (_, k) =>
      drawProblem(suite.family, 11, k, suite.knobs),
    );
    const large = problems[0]!.nodeCount > 50_000;
    const optima = problems.map((problem) => exact.plan(problem, {}).costUs);
    if (!large)
      for (let r = 0; r < 20; r++)
        for (const problem of problems) void [exact.plan(problem, {}), linearPass.plan(problem, {})];
    writeFileSync(file, packNetworks(problems.map(compactNetwork)));
    const repetitions = large ? 3 : 5;
    const ours: number[][] = problems.map(() => []);
    const linear: number[][] = problems.map(() => []);
    const theirs: Map<string, PeerAnswer[]>[] = problems.map(() => new Map<string, PeerAnswer[]>());
    const peers = large ? values.peers.replace(",igraph", "").replace(",scipy", "") : values.peers;
    for (let round = 0; round < rounds; round++) {
      for (const [k, problem] of problems.entries()) {
        ours[k]!.push(timeUs(() => void exact.plan(problem, {}), repetitions));
        linear[k]!.push(timeUs(() => void linearPass.plan(problem, {}), repetitions));
      }
      const text = execFileSync(python, ["bench/peers/peers.py", file, large ? "1" : "3", peers], {
        encoding: "utf8",
        maxBuffer: 1 << 28,
      });
      const answer = JSON.parse(text) as { versions: Record<string, string>; results: Record<string, PeerAnswer>[] };
      versions = { ...versions, ...answer.versions };
      for (const [k, result] of answer.results.entries())
        for (const [peer, one] of Object.entries(result)) {
          if (one.value !== optima[k])
            throw new Error(`${suite.name} ${k}: ${peer} says ${one.value}, exact ${optima[k]}`);
          theirs[k]!.set(peer, [...(theirs[k]!.get(peer) ?? []), one]);
        }
    }
    const ourUs = ours.map((times) => Math.min(...times));
    const row: Record<string, string | number | null> = {
      suite: suite.name,
      problems: problems.length,
      meanNodes: Math.round(problems.reduce((sum, problem) => sum + problem.nodeCount, 0) / problems.length),
      exactUs: Number(median(ourUs).toFixed(1)),
      exactOverLinear: Number(median(ourUs.map((us, k) => us / Math.min(...linear[k]!))).toFixed(2)),
    };
    for (const peer of values.peers.split(",")) {
      const ratios: number[] = [];
      const withBuild: number[] = [];
      for (const [k, us] of ourUs.entries()) {
        const answers = theirs[k]!.get(peer);
        if (answers === undefined) continue;
        const solveUs = Math.min(...answers.map((one) => one.solveUs));
        ratios.push(solveUs / us);
        withBuild.push((solveUs + Math.min(...answers.map((one) => one.buildUs))) / us);
      }
      row[peer] = ratios.length === 0 ? null : Number(median(ratios).toFixed(2));
      row[`${peer}+build`] = ratios.length === 0 ? null : Number(median(withBuild).toFixed(2));
    }
    table.push(row);
    process.stderr.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
  ...versions,
};
{
  const file = join(values.out, "peers.json");
  if (values.only !== undefined && existsSync(file)) {
    // Only some suites were measured: they take the places of their old rows.
    const fresh = new Map(table.map((row) => [row["suite"], row]));
    const { rows } = JSON.parse(readFileSync(file, "utf8")) as { rows: typeof table };
    table.splice(0, table.length, ...rows.map((row) => fresh.get(row["suite"] ?? null) ?? row));
  }
  mkdirSync(values.out, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine, rounds, rows: table }, undefined, 1)}\n`);
  const columns = [
    "suite",
    "problems",
    "meanNodes",
    "exactUs",
    "exactOverLinear",
    ...values.peers.split(",").flatMap((p) => [p, `${p}+build`]),
  ];
  const lines = [
    "# Exact planner against outside solvers",
    "",
    "Median over problems of peer time ÷ ours; above 1 the peer is slower. Ours: whole planning from the raw DAG to the plan. Peers: maximum flow on a",
    "network already pruned and merged, whose making is charged to nobody; `+build` adds loading it into the solver. Per problem the least of the rounds'",
    `medians; all answers equal. Made by \`npx tsx bench/peers/run.ts\` on ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${Object.entries(
      versions,
    )
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    "",
    `| ${columns.join(" | ")} |`,
    `|${columns.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|`,
    ...table.map((row) => `| ${columns.map((name) => String(row[name] ?? "")).join(" | ")} |`),
    "",
  ];
  writeFileSync(join(values.out, "peers.md"), lines.join("\n"));
}
