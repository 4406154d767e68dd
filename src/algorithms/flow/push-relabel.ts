/**
 * Maximum preflow by push-relabel: highest label first, gap relabelling, exact relabelling from the sink now and then.
 *
 * Source: Goldberg and Tarjan, J. ACM 1988; heuristics as in Cherkassky and Goldberg, Algorithmica 1997.
 * Departures: only the first phase is run. It finds the minimum cut and the value; units that cannot reach the sink stay
 * where they are, so the result is a preflow, not a flow. Excess is capped at `enough`, more than the sink can ever take:
 * with unlimited source arcs plain sums would leave the exact range of doubles, and what is cut off could not have
 * arrived anyway.
 */
import type { FlowNetwork } from "./flow-network.ts";

/** Result of {@link maximumPreflow}. */
export interface Preflow {
  /** Units that arrived at the sink, the value of the minimum cut. */
  readonly value: number;
  /**
   * Shape (n): 1 where the sink can still be reached. The other nodes are the source side of the minimum cut, the largest
   * one there is, and therefore the same whichever solver finds it.
   */
  readonly reachesSink: Uint8Array;
  /** Arcs looked at: a measure of work that does not depend on the machine. */
  readonly arcVisits: number;
}

/**
 * Solves the network in place. O(V² √A) time, O(V) space beside the network; no recursion.
 *
 * @param network integer capacities; `residual`, `excess` and `drain` are changed
 * @param enough an integer above the sum of all drains, at most 2^53
 */
export function maximumPreflow(network: FlowNetwork, enough: number): Preflow {
  const { nodeCount: n, firstArc, head, mate, residual, excess, drain } = network;
  const dead = n + 1; // a label no node that reaches the sink can have
  const label = new Int32Array(n);
  const current = new Int32Array(n);
  const level = new Int32Array(n + 2).fill(-1); // doubly linked lists of the nodes of each label
  const levelNext = new Int32Array(n);
  const levelPrev = new Int32Array(n);
  const active = new Int32Array(n + 2).fill(-1); // stacks of the nodes with excess of each label
  const activeNext = new Int32Array(n);
  const queue = new Int32Array(n);
  let highestActive = 0;
  let highestLevel = 0;
  let value = 0;
  let arcVisits = 0;

  // Exact distances to the sink, backwards along residual arcs; rebuilds all lists.
  const relabelAll = (): void => {
    level.fill(-1, 0, highestLevel + 1);
    active.fill(-1, 0, highestLevel + 1);
    label.fill(dead);
    highestActive = 0;
    highestLevel = 0;
    let tail = 0;
    for (let v = 0; v < n; v++) {
      if (drain[v]! > 0) {
        label[v] = 1;
        queue[tail++] = v;
      }
    }
    for (let q = 0; q < tail; q++) {
      const v = queue[q]!;
      const d = label[v]!;
      current[v] = firstArc[v]!;
      enlist(v, d);
      if (excess[v]! > 0) activate(v, d);
      for (let e = firstArc[v]!; e < firstArc[v + 1]!; e++) {
        const u = head[e]!;
        if (label[u] === dead && residual[mate[e]!]! > 0) {
          label[u] = d + 1;
          queue[tail++] = u;
        }
      }
      arcVisits += firstArc[v + 1]! - firstArc[v]!;
    }
  };
  const enlist = (v: number, d: number): void => {
    const first = level[d]!;
    levelNext[v] = first;
    levelPrev[v] = -1;
    if (first >= 0) levelPrev[first] = v;
    level[d] = v;
    if (d > highestLevel) highestLevel = d;
  };
  const delist = (v: number, d: number): void => {
    const next = levelNext[v]!;
    const prev = levelPrev[v]!;
    if (prev >= 0) levelNext[prev] = next;
    else level[d] = next;
    if (next >= 0) levelPrev[next] = prev;
  };
  const activate = (v: number, d: number): void => {
    activeNext[v] = active[d]!;
    active[d] = v;
    if (d > highestActive) highestActive = d;
  };
  // No node is left at label d: nothing above it reaches the sink any more.
  const closeGap = (d: number): void => {
    for (let above = d + 1; above <= highestLevel; above++) {
      for (let v = level[above]!; v >= 0; v = levelNext[v]!) label[v] = dead;
      level[above] = -1;
      active[above] = -1;
    }
    highestLevel = d;
    if (highestActive > d) highestActive = d;
  };

  for (let v = 0; v < n; v++) {
    const us = Math.min(excess[v]!, drain[v]!);
    excess[v]! -= us;
    drain[v]! -= us;
    value += us;
  }
  relabelAll();
  const period = 6 * n + head.length;
  let nextRelabel = arcVisits + period;
  for (;;) {
    while (highestActive > 0 && active[highestActive]! < 0) highestActive--;
    if (highestActive === 0) break;
    const v = active[highestActive]!;
    active[highestActive] = activeNext[v]!;
    let left = excess[v]!;
    let d = label[v]!;
    const end = firstArc[v + 1]!;
    for (;;) {
      if (d === 1) {
        const us = Math.min(left, drain[v]!);
        left -= us;
        drain[v]! -= us;
        value += us;
      }
      let e = current[v]!;
      for (; left > 0 && e < end; e++) {
        const u = head[e]!;
        const room = residual[e]!;
        if (room <= 0 || label[u] !== d - 1) continue;
        const us = Math.min(left, room);
        residual[e] = room - us;
        residual[mate[e]!]! += us;
        if (excess[u] === 0) activate(u, d - 1);
        excess[u] = Math.min(excess[u]! + us, enough);
        left -= us;
        if (left === 0) break;
      }
      arcVisits += Math.min(e + 1, end) - current[v]!;
      current[v] = e;
      if (left === 0) break;

      // Relabel: one above the lowest neighbour it may still push to.
      let lowest = dead;
      if (drain[v]! > 0) lowest = 0;
      else {
        for (let f = firstArc[v]!; f < end; f++) {
          if (residual[f]! > 0 && label[head[f]!]! < lowest) lowest = label[head[f]!]!;
        }
        arcVisits += end - firstArc[v]!;
      }
      delist(v, d);
      const old = d;
      d = Math.min(lowest + 1, dead);
      label[v] = d;
      current[v] = firstArc[v]!;
      if (level[old]! < 0) {
        closeGap(old);
        label[v] = d = dead;
      }
      if (d === dead) break;
      enlist(v, d);
    }
    excess[v] = left;
    if (arcVisits >= nextRelabel) {
      relabelAll();
      nextRelabel = arcVisits + period;
    }
  }
  relabelAll();
  const reachesSink = new Uint8Array(n);
  for (let v = 0; v < n; v++) if (label[v]! < dead) reachesSink[v] = 1;
  return { value, reachesSink, arcVisits };
}
