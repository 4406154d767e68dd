/** What the rounds of bounds leave undecided, as a graph of its own. */
import type { ReuseProblem } from "../../../core/problem.ts";
import { available, cut, open, type Workspace } from "./workspace.ts";

/** A leaf with one consumer: its price has become part of the consumer's. */
export const folded = 16;
/** A node that is never loaded and has one consumer: it has become one with it. */
export const merged = 32;
/** Settled in the kernel; nothing is left to decide. */
export const settled = 64;
/** Never worth computing and not stored: whoever needs it is loaded instead. */
export const hopeless = 128;

/** Kernels of so many nodes share no array. */
const smallKernel = 1 << 14;

/**
 * The graph under contraction. Nodes are numbered in topological order; parents are linked lists, so that the lists of two
 * nodes can be joined in constant time.
 */
export class KernelGraph {
  nodeCapacity = 0;
  arcCapacity = 0;
  nodeCount = 0;
  /** Cost of computing the node with all that became part of it, in microseconds; lies where the prices of the sweep were. */
  ownUs = new Float64Array(0);
  /**
   * Upper bound on the price of having the node; the load cost of nodes that may be loaded or computed. Of large kernels it lies behind
   * `ownUs` if there is room.
   */
  priceUs = new Float64Array(0);
  #ownPriceUs = new Float64Array(0);
  /**
   * Upwards, the lower bound on what computing the node costs beyond what happens anyway; downwards, the most that the consumers
   * together would ever pay for it. Lies where the lower bounds of the rounds were.
   */
  boundUs = new Float64Array(0);
  flags = new Uint8Array(0);
  consumers = new Int32Array(0);
  firstArc = new Int32Array(0);
  lastArc = new Int32Array(0);
  seenBy = new Int32Array(0);
  alive = new Int32Array(0);
  aliveCount = 0;
  arcTo = new Int32Array(0);
  arcNext = new Int32Array(0);
  /** Visits of `raise` to nodes since the kernel was built; `seenBy` holds the last one that met a node. */
  visits = 0;

  reserve(nodes: number, arcs: number): void {
    if (nodes > this.nodeCapacity) {
      const size = Math.max(nodes, Math.min(2 * this.nodeCapacity, nodes + 65_536), 256);
      this.nodeCapacity = size;
      this.flags = new Uint8Array(size);
      this.consumers = new Int32Array(size);
      this.firstArc = new Int32Array(size);
      this.lastArc = new Int32Array(size);
      this.seenBy = new Int32Array(size);
      this.alive = new Int32Array(size);
    }
    const isBehind = nodes > smallKernel && 2 * nodes <= this.ownUs.length;
    if (!isBehind && nodes > this.#ownPriceUs.length) this.#ownPriceUs = new Float64Array(this.nodeCapacity);
    this.priceUs = isBehind ? this.ownUs.subarray(nodes, 2 * nodes) : this.#ownPriceUs;
    if (arcs > this.arcCapacity) {
      const size = Math.max(arcs, Math.min(2 * this.arcCapacity, arcs + 65_536), 512);
      this.arcCapacity = size;
      this.arcTo = new Int32Array(size);
      this.arcNext = new Int32Array(size);
    }
  }
}

/**
 * Copies the listed nodes; parents that are available anyway are left out. Number k of the kernel is entry `listed` − 1 − k of the
 * list. Uses up prices, lower bounds and consumers of the workspace.
 */
export function buildKernel(kernel: KernelGraph, problem: ReuseProblem, w: Workspace): void {
  const { parentOffsets, parentIds, computeUs, loadUs } = problem;
  const { flags: problemFlags, list, listed, consumers: local } = w;
  let arcs = 0;
  for (let i = 0; i < listed; i++) {
    const v = list[i]!;
    arcs += parentOffsets[v + 1]! - parentOffsets[v]!;
  }
  kernel.ownUs = w.priceUs;
  kernel.boundUs = w.leastUs;
  kernel.reserve(listed, arcs);
  const { ownUs, priceUs, flags, consumers, firstArc, lastArc, seenBy, alive, arcTo, arcNext } = kernel;
  let a = 0;
  for (let i = listed - 1, k = 0; i >= 0; i--, k++) {
    const v = list[i]!;
    const flag = problemFlags[v]!;
    alive[k] = k;
    seenBy[k] = 0;
    consumers[k] = local[v]!;
    local[v] = k;
    firstArc[k] = -1;
    lastArc[k] = -1;
    priceUs[k] = loadUs[v]!;
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
  kernel.aliveCount = listed;
  kernel.visits = 0;
}
