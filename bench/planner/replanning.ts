/** Replanning after one edit, beside cold plans of the same graph. */
import { hasFewOutputs, priceNeeded, smallPart } from "../../src/algorithms/reuse/exact/sweep.ts";
import { Workspace } from "../../src/algorithms/reuse/exact/workspace.ts";
import { exact, exactWithStats } from "../../src/algorithms/reuse/exact.ts";
import { IncrementalPlanner, type PlanEdit } from "../../src/algorithms/reuse/incremental-planner.ts";
import { systemClock } from "../../src/core/clock.ts";
import { COMPUTE, type ReuseProblem } from "../../src/core/plan.ts";
import { randomInt, rngStream, type Rng } from "../../src/core/rng.ts";
import { drawProblem, type ProblemFamilyId } from "../../src/workloads/synthetic/families.ts";
import { mixed, quantile, type Row, timeUs } from "./measuring.ts";

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

/**
 * Arcs that a cold plan looks at, at least: those of all nodes that are priced (with few outputs, those a search finds, or all of them
 * twice if it finds many), those of computed nodes once more on the way down, and those of the flow.
 */
function coldVisits(problem: ReuseProblem): number {
  const { parentOffsets } = problem;
  const arcsOf = (v: number): number => parentOffsets[v + 1]! - parentOffsets[v]!;
  const workspace = new Workspace();
  workspace.reserve(problem.nodeCount);
  const few = hasFewOutputs(problem);
  const found = few ? priceNeeded(problem, workspace, problem.nodeCount / smallPart) : -1;
  const { plan, stats } = exactWithStats(problem);
  let visits = stats.arcVisits;
  for (let i = 0; i < found; i++) visits += arcsOf(workspace.order[i]!);
  if (found < 0) visits += (few ? 2 : 1) * problem.parentIds.length;
  for (let v = 0; v < problem.nodeCount; v++) if (plan.states[v] === COMPUTE) visits += arcsOf(v);
  return visits;
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
  const visits = coldVisits(now);
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
    "visits of a cold plan, at least": visits,
    "visits max ÷ cold": (quantile(steps, 1) / visits).toFixed(2),
    "answered cold": cold,
    "nodes changed, mean": (changes / 1_000).toFixed(2),
    "build ms": (buildUs / 1_000).toFixed(0),
  };
}

/** One row per family and size. */
export function edits(): Row[] {
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
