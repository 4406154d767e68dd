/**
 * The exact planner against the linear pass on every family, kernel sizes, gaps of the other planners, replanning after
 * edits, scale and memory: the tables of results/planner-lab.
 *
 *   npx tsx bench/planner/run.ts [--scale 1] [--out results/planner-lab] [--part families,edits,scale,memory]
 *
 * Times: the least of five alternating runs per problem. Costs are compared with max-flow on one problem in twenty.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exact, exactWithStats } from "../../src/algorithms/reuse/exact.ts";
import { IncrementalPlanner, type PlanEdit } from "../../src/algorithms/reuse/incremental-planner.ts";
import { computeAll } from "../../src/algorithms/reuse/compute-all.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { loadAll } from "../../src/algorithms/reuse/load-all.ts";
import { maxFlow } from "../../src/algorithms/reuse/max-flow.ts";
import { perNodeGreedy } from "../../src/algorithms/reuse/per-node-greedy.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ReusePlan, ReuseProblem } from "../../src/core/plan.ts";
import { randomInt, rngStream, type Rng } from "../../src/core/rng.ts";
import { packProblems } from "../../src/harness/problem-binary.ts";
import { drawProblem, type FamilyKnobs, type ProblemFamilyId } from "../../src/workloads/synthetic/families.ts";

type Cell = string | number;
type Row = Record<string, Cell>;

const { values } = parseArgs({
  options: {
    scale: { type: "string", default: "1" },
    out: { type: "string", default: "results/planner-lab" },
    part: { type: "string", default: "families,edits,scale,memory" },
  },
});
const scale = Number(values.scale);
const mixed: FamilyKnobs = { storedShare: 0.6, loadScale: Math.E };

function quantile(numbers: readonly number[], p: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function timeUs(act: () => ReusePlan): number {
  const startUs = systemClock.nowUs();
  act();
  return systemClock.nowUs() - startUs;
}

/** Least of five alternating runs of both planners, in microseconds. */
function alternate(problem: ReuseProblem): { exactUs: number; linearUs: number } {
  let exactUs = Number.POSITIVE_INFINITY;
  let linearUs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    linearUs = Math.min(
      linearUs,
      timeUs(() => linearPass.plan(problem, {})),
    );
    exactUs = Math.min(
      exactUs,
      timeUs(() => exact.plan(problem, {})),
    );
  }
  return { exactUs, linearUs };
}

function familyRow(name: string, family: ProblemFamilyId, count: number, knobs: FamilyKnobs): Row {
  const ratios: number[] = [];
  const kernels: number[] = [];
  const gaps: Record<string, number[]> = { linear: [], greedy: [], "load-all": [], "compute-all": [] };
  let nodes = 0;
  let exactTotal = 0;
  let linearTotal = 0;
  let settled = 0;
  let arcVisits = 0;
  for (let k = 0; k < count; k++) {
    const problem = drawProblem(family, 21, k, knobs);
    const { plan, stats } = exactWithStats(problem);
    if (k % 20 === 0 && maxFlow.plan(problem, {}).costUs !== plan.costUs)
      throw new Error(`${name} ${k}: max-flow differs`);
    if (k === 0) for (let warm = 0; warm < 400; warm++) alternate(problem);
    const { exactUs, linearUs } = alternate(problem);
    nodes += problem.nodeCount;
    exactTotal += exactUs;
    linearTotal += linearUs;
    ratios.push(exactUs / linearUs);
    kernels.push((100 * stats.flowNodes) / problem.nodeCount);
    arcVisits += stats.arcVisits;
    if (stats.flowNodes === 0) settled++;
    if (plan.costUs === 0) continue;
    gaps["linear"]!.push(linearPass.plan(problem, {}).costUs / plan.costUs);
    gaps["greedy"]!.push(perNodeGreedy.plan(problem, {}).costUs / plan.costUs);
    gaps["load-all"]!.push(loadAll.plan(problem, { behind: false }).costUs / plan.costUs);
    gaps["compute-all"]!.push(computeAll.plan(problem, {}).costUs / plan.costUs);
  }
  const linear = gaps["linear"]!;
  return {
    family: name,
    problems: count,
    "mean n": Math.round(nodes / count),
    "exact µs": (exactTotal / count).toFixed(1),
    "linear µs": (linearTotal / count).toFixed(1),
    "total ratio": (exactTotal / linearTotal).toFixed(2),
    median: quantile(ratios, 0.5).toFixed(2),
    p90: quantile(ratios, 0.9).toFixed(2),
    p99: quantile(ratios, 0.99).toFixed(2),
    max: quantile(ratios, 1).toFixed(1),
    "flow nodes % of n, mean": (sum(kernels) / count).toFixed(2),
    "p99 %": quantile(kernels, 0.99).toFixed(1),
    "no flow %": ((100 * settled) / count).toFixed(0),
    "arc visits": Math.round(arcVisits / count),
    "linear gap median": quantile(linear, 0.5).toFixed(3),
    "gap p90": quantile(linear, 0.9).toFixed(2),
    "gap max": quantile(linear, 1).toFixed(2),
    "linear suboptimal %": ((100 * linear.filter((gap) => gap > 1).length) / Math.max(1, linear.length)).toFixed(0),
    "greedy gap median": quantile(gaps["greedy"]!, 0.5).toFixed(2),
    "load-all gap median": quantile(gaps["load-all"]!, 0.5).toFixed(2),
    "compute-all gap median": quantile(gaps["compute-all"]!, 0.5).toFixed(2),
  };
}

function families(): Row[] {
  const many = Math.round(10_000 * scale);
  const some = Math.round(1_000 * scale);
  const dear: FamilyKnobs = { storedShare: 0.9, loadScale: Math.exp(3) };
  const rows: Row[] = [];
  const plan: [string, ProblemFamilyId, number, FamilyKnobs][] = [
    ["collab, all leaves", "collab", many, {}],
    ["collab, few outputs", "collab", many, { query: "few" }],
    ["collab-released, one output", "collab-released", some, {}],
    ["kaggle", "kaggle", some, {}],
    ["mlpipe", "mlpipe", some, {}],
    ["series-parallel", "series-parallel", some, {}],
    ["layered", "layered", some, {}],
    ["layered-dense", "layered-dense", some, {}],
    ["layered-dense, 0.9 stored, loads e^3", "layered-dense", Math.round(some / 4), dear],
    ["diamonds", "diamonds", some, {}],
    ["diamonds, 0.9 stored, loads e^3", "diamonds", some, dear],
    ["chains", "chains", some, {}],
    ["in-tree", "in-tree", some, {}],
    ["out-tree", "out-tree", some, {}],
  ];
  for (const [name, family, count, knobs] of plan) {
    rows.push(familyRow(name, family, count, knobs));
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
  }
  return rows;
}

function randomEdit(rng: Rng, nodes: number): PlanEdit {
  const node = randomInt(rng, 0, nodes - 1);
  const us = Math.ceil(1_000 * Math.exp(1.2 * (4 * rng() - 2)));
  const roll = rng();
  if (roll < 0.4) return { kind: "compute-cost", node, computeUs: us };
  return roll < 0.8 ? { kind: "store", node, loadUs: Math.ceil(us * Math.E) } : { kind: "evict", node };
}

/** Cold plans of the problem as it is after every fiftieth edit: what a plan costs that is not the second of its kind in a row. */
function coldBetweenEdits(problem: ReuseProblem, stream: string): number[] {
  const times: number[] = [];
  const rng = rngStream(21, stream);
  const planner = new IncrementalPlanner(problem);
  for (let k = 0; k < 1_000; k++) {
    planner.apply([randomEdit(rng, problem.nodeCount)]);
    if (k % 50 > 0) continue;
    const now = planner.problem();
    times.push(timeUs(() => exact.plan(now, {})));
  }
  return times;
}

function editRow(family: ProblemFamilyId, nodes: number): Row {
  const problem = drawProblem(family, 21, 0, { ...mixed, nodes });
  const times: number[] = [];
  const once: number[] = [];
  const steps: number[] = [];
  let changes = 0;
  let cold = 0;
  let buildUs = Number.POSITIVE_INFINITY;
  let planner: IncrementalPlanner | undefined;
  // Cold answers are rare: without this they would be the first calls of their kind.
  for (let warm = 0; warm < (nodes < 10_000 ? 300 : 2); warm++) exact.plan(problem, {});
  for (let replay = 0; replay < 3; replay++) {
    planner = undefined; // lets the memory of the last one go
    const startUs = systemClock.nowUs();
    planner = new IncrementalPlanner(problem);
    buildUs = Math.min(buildUs, systemClock.nowUs() - startUs);
    const rng = rngStream(21, `edits/${family}/${nodes}`);
    for (let k = -1_000; k < 1_000; k++) {
      const edit = randomEdit(rng, problem.nodeCount);
      const beganUs = systemClock.nowUs();
      const change = planner.apply([edit]);
      const tookUs = systemClock.nowUs() - beganUs;
      if (k < 0) continue; // warm-up
      times[k] = Math.min(tookUs, times[k] ?? Number.POSITIVE_INFINITY);
      if (replay > 0) continue;
      once.push(tookUs);
      steps.push(change.steps);
      changes += change.changes.length;
      if (change.cold) cold++;
    }
  }
  if (planner === undefined) throw new Error("no replay");
  const now = planner.problem();
  if (exact.plan(now, {}).costUs !== planner.plan().costUs) throw new Error(`${family} ${nodes}: not the optimum`);
  const between = coldBetweenEdits(problem, `edits/${family}/${nodes}`);
  const colds = Array.from({ length: 9 }, () => timeUs(() => exact.plan(now, {})));
  return {
    family,
    n: problem.nodeCount,
    "median µs": quantile(times, 0.5).toFixed(1),
    "p90 µs": quantile(times, 0.9).toFixed(1),
    "p99 µs": quantile(times, 0.99).toFixed(1),
    "max µs": quantile(times, 1).toFixed(0),
    "cold plan µs": quantile(colds, 0.5).toFixed(0),
    "max ÷ cold": (quantile(times, 1) / quantile(colds, 0.5)).toFixed(2),
    "cold between edits µs": quantile(between, 0.5).toFixed(0),
    "max µs, one replay": quantile(once, 1).toFixed(0),
    "arc visits median": quantile(steps, 0.5),
    "visits p99": quantile(steps, 0.99),
    "visits max": quantile(steps, 1),
    "answered cold": cold,
    "nodes changed, mean": (changes / 1_000).toFixed(2),
    "build ms": (buildUs / 1_000).toFixed(0),
  };
}

function edits(): Row[] {
  const rows: Row[] = [];
  const kinds: ProblemFamilyId[] = [
    "collab",
    "kaggle",
    "mlpipe",
    "series-parallel",
    "layered",
    "layered-dense",
    "diamonds",
    "out-tree",
  ];
  for (const family of kinds) {
    for (const nodes of [1_000, 100_000]) {
      rows.push(editRow(family, Math.round(nodes)));
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
  rows.push(editRow("collab", 1_000_000));
  return rows;
}

function scaleRows(): Row[] {
  const rows: Row[] = [];
  for (const [family, query] of [
    ["collab", "leaves"],
    ["collab", "few"],
    ["layered", "leaves"],
    ["chains", "leaves"],
  ] as const) {
    for (const nodes of [1_000, 10_000, 100_000, 1_000_000]) {
      const problem = drawProblem(family, 21, 0, { ...mixed, nodes, query });
      for (let warm = 0; warm < (nodes < 100_000 ? 50 : 2); warm++) alternate(problem);
      const { exactUs, linearUs } = alternate(problem);
      rows.push({
        family: query === "few" ? `${family}, few outputs` : family,
        n: problem.nodeCount,
        "exact ms": (exactUs / 1_000).toFixed(3),
        "linear ms": (linearUs / 1_000).toFixed(3),
        ratio: (exactUs / linearUs).toFixed(3),
      });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  }
  return rows;
}

/** Memory of one plan at 10^6 nodes, each planner in a process of its own; `compute-all` makes nothing but the plan. */
function memoryRows(): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "reuselab-memory-"));
  const rows: Row[] = [];
  try {
    for (const [family, query] of [
      ["collab", "leaves"],
      ["collab", "few"],
      ["layered", "leaves"],
      ["layered-dense", "leaves"],
      ["diamonds", "leaves"],
      ["chains", "leaves"],
    ] as const) {
      const problem = drawProblem(family, 21, 0, { ...mixed, nodes: 1_000_000, query });
      const small = drawProblem(family, 21, 0, { ...mixed, nodes: 10, query });
      const file = join(folder, "problems.bin");
      writeFileSync(file, packProblems([small, problem]));
      const bytes = ["exact", "linear-pass", "compute-all"].map((planner) => {
        const text = execFileSync(
          process.execPath,
          ["--expose-gc", "--import", "tsx", "src/harness/planner-probe.ts", planner, "{}", file],
          { encoding: "utf8" },
        );
        return (JSON.parse(text) as { peakBytes: number }).peakBytes;
      });
      const [exactBytes = 0, linearBytes = 0, planBytes = 0] = bytes;
      rows.push({
        family: query === "few" ? `${family}, few outputs` : family,
        n: problem.nodeCount,
        "problem MB": megabytes(24 * problem.nodeCount + 4 * problem.parentIds.length),
        "exact MB": megabytes(exactBytes),
        "linear MB": megabytes(linearBytes),
        "compute-all MB": megabytes(planBytes),
        "exact, extra MB": megabytes(exactBytes - planBytes),
      });
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function tableOf(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return [
    `| ${columns.join(" | ")} |`,
    `|${columns.map((_, i) => (i === 0 ? "---" : "--:")).join("|")}|`,
    ...rows.map((row) => `| ${columns.map((name) => row[name] ?? "").join(" | ")} |`),
  ].join("\n");
}

const makers: Record<string, { title: string; make: () => Row[] }> = {
  families: { title: "Exact planner and linear pass, by family", make: families },
  edits: {
    title: "Replanning after one edit (1,000 edits after 1,000 to warm up; per edit the least of three replays)",
    make: edits,
  },
  scale: { title: "Scale (0.6 stored, loads e^1)", make: scaleRows },
  memory: {
    title: "Growth of resident memory while planning, a process per planner (0.6 stored, loads e^1)",
    make: memoryRows,
  },
};
const file = join(values.out, "planner.json");
let kept: Record<string, Row[]> = {};
try {
  kept = (JSON.parse(readFileSync(file, "utf8")) as { tables: Record<string, Row[]> }).tables;
} catch {
  // the first run
}
const tables: Record<string, Row[]> = { ...kept };
for (const part of values.part.split(",")) tables[part] = makers[part]!.make();
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
};
mkdirSync(values.out, { recursive: true });
writeFileSync(file, `${JSON.stringify({ machine, tables }, undefined, 1)}\n`);
const sections = Object.entries(makers)
  .filter(([part]) => tables[part] !== undefined)
  .map(([part, { title }]) => `## ${title}\n\n${tableOf(tables[part]!)}\n`);
writeFileSync(
  join(values.out, "planner.md"),
  `# Planner laboratory\n\nMade by \`npx tsx bench/planner/run.ts\` on ${machine.cpu}, ${machine.cores} cores shared with other work, Node ${machine.node}: trust the ratios, not the times.\nTimes are the least of five alternating runs per problem; "total ratio" is Σ exact ÷ Σ linear pass, the columns after it are over problems.\nA gap is cost ÷ optimum.\n\n${sections.join("\n")}`,
);
