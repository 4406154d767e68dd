/** The exact planner against the linear pass on every family, kernel sizes, gaps of the other planners. */
import { computeAll } from "../../src/algorithms/reuse/compute-all.ts";
import { exactWithStats } from "../../src/algorithms/reuse/exact.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { loadAll } from "../../src/algorithms/reuse/load-all.ts";
import { maxFlow } from "../../src/algorithms/reuse/max-flow.ts";
import { perNodeGreedy } from "../../src/algorithms/reuse/per-node-greedy.ts";
import { drawProblem, type FamilyKnobs, type ProblemFamilyId } from "../../src/workloads/synthetic/families.ts";
import { alternate, quantile, type Row, sum } from "./measuring.ts";

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

/** One row per family; `scale` 1 are 10,000 Collab-like problems and 1,000 or so of others. */
export function families(scale: number): Row[] {
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
