/** What a family of problems looks like, to be held against real workflows. */
import type { ReuseProblem } from "../../core/problem.ts";

/** Quantiles of one quantity over all problems or nodes. */
export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

/** Shape and costs of a sample of problems. */
export interface RealismReport {
  readonly problems: number;
  /** Per problem. */
  readonly nodes: Quantiles;
  readonly edgesPerNode: number;
  /** Nodes on the longest path; most nodes at one distance from the sources. */
  readonly depth: Quantiles;
  readonly width: Quantiles;
  /** Shares of nodes with 0, 1, 2 and more parents, and with 0, 1, 2 and more children. */
  readonly inDegreeShares: readonly [number, number, number, number];
  readonly outDegreeShares: readonly [number, number, number, number];
  /** Over all nodes, in microseconds; loads over stored nodes. */
  readonly computeUs: Quantiles;
  readonly loadUs: Quantiles;
  readonly storedShare: number;
  /** Load ÷ compute over stored nodes. */
  readonly loadOverCompute: Quantiles;
  /** Share of the nodes that outputs need which more than one needed node consumes: what the linear pass prices more than once. */
  readonly sharedShare: number;
  readonly neededShare: number;
}

/** Looks at problems one by one. O(V + E) each; keeps a few numbers per node. */
export function realismOf(problems: Iterable<ReuseProblem>): RealismReport {
  const nodes: number[] = [];
  const depth: number[] = [];
  const width: number[] = [];
  const computeUs: number[] = [];
  const loadUs: number[] = [];
  const ratios: number[] = [];
  const inDegrees = [0, 0, 0, 0];
  const outDegrees = [0, 0, 0, 0];
  let edges = 0;
  let needed = 0;
  let shared = 0;
  for (const problem of problems) {
    const { nodeCount: n, parentOffsets, parentIds } = problem;
    nodes.push(n);
    edges += parentIds.length;
    const levels = levelsOf(problem);
    depth.push(levels.length);
    width.push(levels.reduce((a, b) => Math.max(a, b), 0));
    const children = new Int32Array(n);
    for (const p of parentIds) children[p]!++;
    for (let v = 0; v < n; v++) {
      inDegrees[Math.min(3, parentOffsets[v + 1]! - parentOffsets[v]!)]!++;
      outDegrees[Math.min(3, children[v]!)]!++;
      computeUs.push(problem.computeUs[v]!);
      if (problem.loadUs[v] === Number.POSITIVE_INFINITY) continue;
      loadUs.push(problem.loadUs[v]!);
      if (problem.computeUs[v]! > 0) ratios.push(problem.loadUs[v]! / problem.computeUs[v]!);
    }
    const counts = sharedNodes(problem);
    needed += counts.needed;
    shared += counts.shared;
  }
  const all = computeUs.length;
  const shares = (counts: readonly number[]): [number, number, number, number] => [
    counts[0]! / all,
    counts[1]! / all,
    counts[2]! / all,
    counts[3]! / all,
  ];
  return {
    problems: nodes.length,
    nodes: quantiles(nodes),
    edgesPerNode: edges / all,
    depth: quantiles(depth),
    width: quantiles(width),
    inDegreeShares: shares(inDegrees),
    outDegreeShares: shares(outDegrees),
    computeUs: quantiles(computeUs),
    loadUs: quantiles(loadUs),
    storedShare: loadUs.length / all,
    loadOverCompute: quantiles(ratios),
    sharedShare: needed === 0 ? 0 : shared / needed,
    neededShare: needed / all,
  };
}

/** Ancestors of the outputs (these included), and those that two or more of them consume. O(V + E). */
export function sharedNodes({ nodeCount: n, parentOffsets, parentIds, outputs }: ReuseProblem): {
  readonly needed: number;
  readonly shared: number;
} {
  const isNeeded = new Uint8Array(n);
  for (const o of outputs) isNeeded[o] = 1;
  const consumers = new Int32Array(n);
  let needed = 0;
  let shared = 0;
  for (let v = n - 1; v >= 0; v--) {
    if (isNeeded[v] === 0) continue;
    needed++;
    if (consumers[v]! > 1) shared++;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
      isNeeded[parentIds[e]!] = 1;
      consumers[parentIds[e]!]!++;
    }
  }
  return { needed, shared };
}

/** Nodes at each distance from the sources, by the longest path. */
function levelsOf({ nodeCount: n, parentOffsets, parentIds }: ReuseProblem): readonly number[] {
  const level = new Int32Array(n);
  const counts: number[] = [];
  for (let v = 0; v < n; v++) {
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++)
      level[v] = Math.max(level[v]!, level[parentIds[e]!]! + 1);
    counts[level[v]!] = (counts[level[v]!] ?? 0) + 1;
  }
  return counts;
}

/** By nearest rank; NaN of none. */
function quantiles(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values).sort();
  const at = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9), max: at(1) };
}
