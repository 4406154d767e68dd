/**
 * Third step of `exact`: what is still undecided becomes a small graph of its own, is contracted as far as it goes, and the
 * rest is solved as a maximum flow.
 */
import { COMPUTE, LOAD } from "../../../core/plan.ts";
import type { ReuseProblem } from "../../../core/problem.ts";
import { maxExact } from "../../../core/units.ts";
import { CutSolver } from "../../flow/cut-solver.ts";
import { available, cut, needed, open, type Workspace } from "./workspace.ts";

/** A leaf with one consumer: its price has become part of the consumer's. */
const folded = 16;
/** A node that is never loaded and has one consumer: it has become one with it. */
const merged = 32;
/** Settled in the kernel; nothing is left to decide. */
const settled = 64;
/** Never worth computing and not stored: whoever needs it is loaded instead. */
const hopeless = 128;

/** Contraction goes on while a pass takes away at least one node in this many; then the flow is cheaper. */
const worthwhile = 8;

/**
 * The graph under contraction. Nodes are numbered in topological order; parents are linked lists, so that the lists of two
 * nodes can be joined in constant time.
 */
class Kernel {
  nodeCapacity = 0;
  arcCapacity = 0;
  nodeCount = 0;
  /** Arcs when the kernel was built; contraction only takes some away. */
  arcCount = 0;
  /** Number in the problem. */
  origin = new Int32Array(0);
  /** Cost of computing the node with all that became part of it, in microseconds. */
  ownUs = new Float64Array(0);
  loadUs = new Float64Array(0);
  priceUs = new Float64Array(0);
  leastUs = new Float64Array(0);
  /** The most that the consumers together would ever pay for the node. */
  supplyUs = new Float64Array(0);
  flags = new Uint8Array(0);
  consumers = new Int32Array(0);
  firstArc = new Int32Array(0);
  lastArc = new Int32Array(0);
  seenBy = new Int32Array(0);
  alive = new Int32Array(0);
  aliveCount = 0;
  arcTo = new Int32Array(0);
  arcNext = new Int32Array(0);
  /** Visits of {@link raise} to nodes since the kernel was built; `seenBy` holds the last one that met a node. */
  visits = 0;

  reserve(nodes: number, arcs: number): void {
    if (nodes > this.nodeCapacity) {
      const size = Math.max(nodes, Math.min(2 * this.nodeCapacity, nodes + 65_536), 256);
      this.nodeCapacity = size;
      this.origin = new Int32Array(size);
      this.ownUs = new Float64Array(size);
      this.loadUs = new Float64Array(size);
      this.priceUs = new Float64Array(size);
      this.leastUs = new Float64Array(size);
      this.supplyUs = new Float64Array(size);
      this.flags = new Uint8Array(size);
      this.consumers = new Int32Array(size);
      this.firstArc = new Int32Array(size);
      this.lastArc = new Int32Array(size);
      this.seenBy = new Int32Array(size);
      this.alive = new Int32Array(size);
    }
    if (arcs > this.arcCapacity) {
      const size = Math.max(arcs, Math.min(2 * this.arcCapacity, arcs + 65_536), 512);
      this.arcCapacity = size;
      this.arcTo = new Int32Array(size);
      this.arcNext = new Int32Array(size);
    }
  }
}

const kernel = new Kernel();
const solver = new CutSolver();

/**
 * Settles the listed nodes and writes their states. Worst case that of the flow on what contraction leaves.
 *
 * @returns their cost in microseconds
 */
export function settleKernel(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  buildKernel(problem, w);
  w.stats.kernelNodes = kernel.nodeCount;
  while (kernel.aliveCount > 0) {
    w.stats.passes++;
    const before = kernel.aliveCount;
    const changed = raise(w);
    const more = lower(w);
    if ((!changed && !more) || kernel.aliveCount * worthwhile > before * (worthwhile - 1)) break;
  }
  w.stats.contractedNodes = kernel.aliveCount;
  if (kernel.aliveCount > 0) solve(w);
  return extract(problem, w, states);
}

/** Copies the listed nodes; parents that are available anyway are left out. */
function buildKernel(problem: ReuseProblem, w: Workspace): void {
  const { parentOffsets, parentIds, computeUs, loadUs } = problem;
  const { flags: problemFlags, list, listed, consumers: problemConsumers, order: local } = w;
  let arcs = 0;
  for (let i = 0; i < listed; i++) {
    const v = list[i]!;
    arcs += parentOffsets[v + 1]! - parentOffsets[v]!;
  }
  kernel.reserve(listed, arcs);
  const {
    origin,
    ownUs,
    loadUs: kernelLoadUs,
    flags,
    consumers,
    firstArc,
    lastArc,
    seenBy,
    alive,
    arcTo,
    arcNext,
  } = kernel;
  let a = 0;
  for (let i = listed - 1, k = 0; i >= 0; i--, k++) {
    const v = list[i]!;
    const flag = problemFlags[v]!;
    local[v] = k;
    origin[k] = v;
    alive[k] = k;
    seenBy[k] = 0;
    consumers[k] = problemConsumers[v]!;
    firstArc[k] = -1;
    lastArc[k] = -1;
    kernelLoadUs[k] = loadUs[v]!;
    if ((flag & cut) !== 0) {
      ownUs[k] = loadUs[v]!;
      flags[k] = 0;
      continue;
    }
    ownUs[k] = computeUs[v]!;
    flags[k] = flag & (available | open);
    let last = -1;
    for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) {
      const p = parentIds[e]!;
      if ((problemFlags[p]! & available) !== 0) continue;
      arcTo[a] = local[p]!;
      if (last < 0) firstArc[k] = a;
      else arcNext[last] = a;
      last = a++;
    }
    if (last >= 0) {
      arcNext[last] = -1;
      lastArc[k] = last;
    }
  }
  kernel.nodeCount = listed;
  kernel.arcCount = a;
  kernel.aliveCount = listed;
  kernel.visits = 0;
}

/** One ascending pass: tidy the parents of each node, bound its price, decide, mark what its consumer will absorb. */
function raise(w: Workspace): boolean {
  const {
    origin,
    ownUs,
    loadUs,
    priceUs,
    leastUs,
    flags,
    consumers,
    firstArc,
    lastArc,
    seenBy,
    alive,
    arcTo,
    arcNext,
  } = kernel;
  const problemFlags = w.flags;
  const count = kernel.aliveCount;
  let changed = false;
  let visits = kernel.visits;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    const visit = ++visits;
    let own = ownUs[k]!;
    let most = 0;
    let least = 0;
    let before = -1;
    for (let a = firstArc[k]!; a >= 0;) {
      const p = arcTo[a]!;
      const flag = flags[p]!;
      let next = arcNext[a]!;
      if ((flag & (available | folded | merged)) === 0 && seenBy[p] !== visit) {
        seenBy[p] = visit;
        most += priceUs[p]!;
        if (consumers[p] === 1 || (flag & hopeless) !== 0) least += leastUs[p]!;
        before = a;
        a = next;
        continue;
      }
      // The arc goes; a merged parent leaves its own parents in its place.
      if ((flag & available) !== 0) {
        // free
      } else if ((flag & folded) !== 0) own += priceUs[p]!;
      else if ((flag & merged) !== 0) {
        own += ownUs[p]!;
        arcNext[lastArc[p]!] = next;
        if (next < 0) lastArc[k] = lastArc[p]!;
        next = firstArc[p]!;
      } else {
        consumers[p]!--;
        changed = true;
      }
      if (before < 0) firstArc[k] = next;
      else arcNext[before] = next;
      if (next < 0) lastArc[k] = before;
      a = next;
    }
    ownUs[k] = own;
    most += own;
    least += own;
    leastUs[k] = least;
    let flag = flags[k]!;
    if ((flag & open) !== 0) {
      const load = loadUs[k]!;
      if (load >= most) {
        flag &= ~open;
        priceUs[k] = most;
        changed = true;
        problemFlags[origin[k]!]! &= ~open;
      } else if (load <= least) {
        flag &= ~open;
        problemFlags[origin[k]!] = (problemFlags[origin[k]!]! & ~open) | cut;
        ownUs[k] = load;
        priceUs[k] = load;
        leastUs[k] = load;
        changed = true;
        for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) consumers[arcTo[a]!]!--;
        firstArc[k] = -1;
        lastArc[k] = -1;
      } else priceUs[k] = load;
    } else {
      if ((flag & hopeless) !== 0) most = leastUs[k] = Number.POSITIVE_INFINITY;
      else if (least === Number.POSITIVE_INFINITY) flag |= hopeless;
      priceUs[k] = most;
    }
    if ((flag & (available | open)) === 0 && consumers[k] === 1) {
      flag |= firstArc[k]! < 0 ? folded : merged;
    }
    flags[k] = flag;
  }
  kernel.visits = visits;
  return changed;
}

/** One descending pass: availability spreads, what nobody asks for goes, loads nobody would pay for are excluded. */
function lower(w: Workspace): boolean {
  const { origin, ownUs, loadUs, supplyUs, flags, consumers, firstArc, lastArc, alive, arcTo, arcNext } = kernel;
  const problemFlags = w.flags;
  const count = kernel.aliveCount;
  let changed = false;
  for (let i = 0; i < count; i++) supplyUs[alive[i]!] = 0;
  for (let i = count - 1; i >= 0; i--) {
    const k = alive[i]!;
    const flag = flags[k]!;
    if ((flag & (folded | merged)) !== 0) continue;
    if ((flag & available) !== 0) {
      if ((flag & open) === 0) {
        flags[k] = flag | settled;
        for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) flags[arcTo[a]!]! |= available;
        changed = true;
        continue;
      }
    } else if (consumers[k] === 0) {
      flags[k] = flag | settled;
      for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) consumers[arcTo[a]!]!--;
      changed = true;
      continue;
    }
    let us = (flag & available) !== 0 ? loadUs[k]! : supplyUs[k]!;
    if ((flag & available) === 0) {
      if (us <= ownUs[k]!) {
        if ((flag & hopeless) === 0 && ((flag & open) !== 0 || firstArc[k]! >= 0 || us < Infinity)) {
          if ((flag & open) !== 0) {
            problemFlags[origin[k]!] = (problemFlags[origin[k]!]! & ~open) | cut;
            ownUs[k] = loadUs[k]!;
            flags[k] = flag & ~open;
          } else flags[k] = flag | hopeless;
          changed = true;
          for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) consumers[arcTo[a]!]!--;
          firstArc[k] = -1;
          lastArc[k] = -1;
        }
        continue;
      }
      if ((flag & open) !== 0) {
        if (us <= loadUs[k]!) {
          problemFlags[origin[k]!]! &= ~open;
          flags[k] = flag & ~open;
          changed = true;
        } else us = loadUs[k]!;
      }
    }
    us = us > maxExact ? Number.POSITIVE_INFINITY : us - ownUs[k]!;
    for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) supplyUs[arcTo[a]!]! += us;
  }
  // Keep what is left, in order.
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    if ((flags[k]! & (folded | merged | settled)) === 0) alive[kept++] = k;
  }
  kernel.aliveCount = kept;
  return changed || kept < count;
}

/** Maximum flow on what is left; decides every open node. */
function solve(w: Workspace): void {
  const { origin, ownUs, loadUs, flags, consumers, firstArc, alive, arcTo, arcNext } = kernel;
  const count = kernel.aliveCount;
  const at = kernel.seenBy; // y node of each kernel node
  const entry = kernel.lastArc; // x node: where consumers enter
  solver.begin(2 * count, kernel.arcCount + count);
  const { supply, drain } = solver;
  let nodes = 0;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    const flag = flags[k]!;
    const y = nodes++;
    at[k] = y;
    drain[y] = ownUs[k]!;
    if ((flag & available) !== 0) supply[y] = loadUs[k]!;
    for (let a = firstArc[k]!; a >= 0; a = arcNext[a]!) {
      const p = arcTo[a]!;
      const above = flags[p]!;
      if ((above & available) !== 0) continue;
      const x = entry[p]!;
      solver.arc(y, x, (above & open) !== 0 && x === at[p] ? loadUs[p]! : maxExact);
    }
    if ((flag & (open | available)) === open && consumers[k]! > 1) {
      entry[k] = nodes;
      solver.arc(nodes++, y, loadUs[k]!);
    } else entry[k] = y;
  }
  w.stats.flowNodes = nodes;
  solver.solve(nodes);
  w.stats.arcVisits = solver.arcVisits;
  const problemFlags = w.flags;
  for (let i = 0; i < count; i++) {
    const k = alive[i]!;
    if ((flags[k]! & open) === 0) continue;
    const v = origin[k]!;
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
