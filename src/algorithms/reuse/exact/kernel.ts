/**
 * Third step of `exact`: what is still undecided becomes a small graph of its own, is contracted as far as it goes, and the
 * rest is solved as a maximum flow.
 */
import { COMPUTE, LOAD } from "../../../core/plan.ts";
import type { ReuseProblem } from "../../../core/problem.ts";
import { maxExact } from "../../../core/units.ts";
import { CutSolver } from "../../flow/cut-solver.ts";
import { lower, raise } from "./contraction.ts";
import { buildKernel, KernelGraph } from "./kernel-graph.ts";
import { available, cut, needed, open, type Workspace } from "./workspace.ts";

/** Contraction goes on while a pass takes away at least one node in this many; then the flow is cheaper. */
const worthwhile = 8;

const kernel = new KernelGraph();
const solver = new CutSolver();

/**
 * Settles the listed nodes and writes their states. Worst case that of the flow on what contraction leaves.
 *
 * @returns their cost in microseconds
 */
export function settleKernel(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  buildKernel(kernel, problem, w);
  w.stats.kernelNodes = kernel.nodeCount;
  while (kernel.aliveCount > 0) {
    w.stats.passes++;
    const before = kernel.aliveCount;
    const changed = raise(kernel, w);
    const more = lower(kernel, w);
    if ((!changed && !more) || kernel.aliveCount * worthwhile > before * (worthwhile - 1)) break;
  }
  w.stats.contractedNodes = kernel.aliveCount;
  if (kernel.aliveCount > 0) solve(w);
  return extract(problem, w, states);
}

/** Maximum flow on what is left; decides every open node. */
function solve(w: Workspace): void {
  const { ownUs, priceUs, flags, consumers, firstArc, alive, arcTo, arcNext } = kernel;
  const count = kernel.aliveCount;
  const at = kernel.seenBy; // y node of each kernel node
  const entry = kernel.lastArc; // x node: where consumers enter
  let arcs = count;
  for (let i = 0; i < count; i++) for (let a = firstArc[alive[i]!]!; a >= 0; a = arcNext[a]!) arcs++;
  solver.begin(2 * count, arcs, kernel.boundUs, w.consumers);
  const { supply, drain } = solver;
  let nodes = 0;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    const flag = flags[k]!;
    const y = nodes++;
    at[k] = y;
    drain[y] = ownUs[k]!;
    if ((flag & available) !== 0) supply[y] = priceUs[k]!;
    for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) {
      const p = arcTo[a]!;
      const above = flags[p]!;
      if ((above & available) !== 0) continue;
      const x = entry[p]!;
      solver.arc(y, x, (above & open) !== 0 && x === at[p] ? priceUs[p]! : maxExact);
    }
    if ((flag & (open | available)) === open && consumers[k]! > 1) {
      entry[k] = nodes;
      solver.arc(nodes++, y, priceUs[k]!);
    } else entry[k] = y;
  }
  w.stats.flowNodes = nodes;
  solver.solve(nodes);
  w.stats.arcVisits = solver.arcVisits;
  const { flags: problemFlags, list } = w;
  const top = kernel.nodeCount - 1;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    if ((flags[k]! & open) === 0) continue;
    const v = list[top - k]!;
    problemFlags[v] = (problemFlags[v]! & ~open) | (solver.isSource(at[k]!) ? 0 : cut);
  }
}

/** Walks down the list once more: everything is decided, so only what is needed remains to be found. */
function extract(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  const { parentOffsets, parentIds, computeUs, loadUs } = problem;
  const { flags, list, listed } = w;
  let costUs = 0;
  for (let i = 0; i < listed; i++) flags[list[i]!]! &= ~needed;
  for (let i = 0; i < listed; i++) {
    const v = list[i]!;
    const flag = flags[v]!;
    if ((flag & (needed | available)) === 0) continue;
    if ((flag & cut) !== 0) {
      states[v] = LOAD;
      costUs += loadUs[v]!;
      continue;
    }
    states[v] = COMPUTE;
    costUs += computeUs[v]!;
    for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) flags[parentIds[e]!]! |= needed;
  }
  return costUs;
}
