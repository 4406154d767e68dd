/**
 * Exact planners of this package against outside maximum-flow solvers, on the same problems, in one run, taking turns.
 *
 *   PEERS_PYTHON=/path/to/venv/bin/python npx tsx bench/peers/run.ts [--count 60] [--rounds 3] [--only "collab;kaggle"] [--up-to 100000]
 *
 * One line per suite of `suites.ts`: every family as drawn, and at 10^3 to 10^6 nodes (`--up-to` leaves larger ones out). The
 * table is written after each suite; with `--only` or `--up-to` the other lines stay as they were.
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
import { drawProblem } from "../../src/workloads/synthetic/families.ts";
import { compactNetwork, packNetworks } from "./compact-network.ts";
import { suites } from "./suites.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "60" },
    rounds: { type: "string", default: "3" },
    peers: { type: "string", default: "ortools,pymaxflow,pseudoflow,igraph,scipy,networkx,highs" },
    only: { type: "string" },
    "up-to": { type: "string", default: "1000000" },
    out: { type: "string", default: "results/planner-lab" },
  },
});
const python = process.env["PEERS_PYTHON"] ?? "python3";
const count = Number(values.count);
const rounds = Number(values.rounds);

/** Peers that take minutes on the largest problems, and those asked only once, on a few small ones. */
const minutes = new Set(["igraph", "scipy", "networkx", "highs"]);
const slow = new Set(["networkx", "highs"]);

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
const versions: Record<string, string> = {};
try {
  for (const suite of suites) {
    if (values.only !== undefined && !values.only.split(";").includes(suite.name)) continue;
    if ((suite.knobs?.nodes ?? 0) > Number(values["up-to"])) continue;
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
    const peers = values.peers.split(",").filter((id) => !large || !minutes.has(id));
    for (let round = 0; round < rounds; round++) {
      for (const [k, problem] of problems.entries()) {
        ours[k]!.push(timeUs(() => void exact.plan(problem, {}), repetitions));
        linear[k]!.push(timeUs(() => void linearPass.plan(problem, {}), repetitions));
      }
      // HiGHS and OR-tools do not share a process; the slow ones are asked once.
      const groups = [
        peers.filter((id) => !slow.has(id)),
        ...(round === 0 ? peers.filter((id) => slow.has(id)) : []).map((id) => [id]),
      ];
      for (const group of groups) {
        if (group.length === 0) continue;
        const text = execFileSync(python, ["bench/peers/peers.py", file, large ? "1" : "3", group.join(",")], {
          encoding: "utf8",
          maxBuffer: 1 << 28,
        });
        const answer = JSON.parse(text) as { versions: Record<string, string>; results: Record<string, PeerAnswer>[] };
        Object.assign(versions, answer.versions);
        for (const [k, result] of answer.results.entries())
          for (const [peer, one] of Object.entries(result)) {
            const off = Math.abs(one.value - optima[k]!);
            if (off > (peer === "highs" ? 1e-7 * optima[k]! : 0))
              throw new Error(`${suite.name} ${k}: ${peer} says ${one.value}, exact ${optima[k]}`);
            theirs[k]!.set(peer, [...(theirs[k]!.get(peer) ?? []), one]);
          }
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
    save();
    process.stderr.write(`${JSON.stringify(row)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Writes the table; suites that were not measured keep their lines. */
function save(): void {
  const saved = join(values.out, "peers.json");
  const before = existsSync(saved)
    ? (JSON.parse(readFileSync(saved, "utf8")) as { machine: Record<string, string | number>; rows: typeof table })
    : { machine: {}, rows: [] };
  const machine: Record<string, string | number> = {
    ...before.machine, // versions of peers that only other lines were measured with
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    ...versions,
  };
  const rows: typeof table = [];
  for (const { name } of suites) {
    const row = table.find((one) => one["suite"] === name) ?? before.rows.find((one) => one["suite"] === name);
    if (row !== undefined) rows.push(row);
  }
  mkdirSync(values.out, { recursive: true });
  writeFileSync(saved, `${JSON.stringify({ machine, rounds, rows }, undefined, 1)}\n`);
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
    `medians; all answers equal (HiGHS: to 1 in 10^7). networkx and HiGHS (the flow as a linear program) are asked once, on at most three problems of up to 5,000 arcs. Made by \`npx tsx bench/peers/run.ts\` on ${machine["cpu"]}, ${machine["cores"]} cores, Node ${machine["node"]}; ${Object.entries(
      machine,
    )
      .filter(([name]) => !["cpu", "cores", "memoryBytes", "node"].includes(name))
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    "",
    `| ${columns.join(" | ")} |`,
    `|${columns.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|`,
    ...rows.map((row) => `| ${columns.map((name) => String(row[name] ?? "")).join(" | ")} |`),
    "",
  ];
  writeFileSync(join(values.out, "peers.md"), lines.join("\n"));
}
