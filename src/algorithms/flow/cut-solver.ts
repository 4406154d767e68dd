/**
 * Minimum cuts of small networks one after another, without allocating: push-relabel from the sink's side.
 *
 * Source: Goldberg and Tarjan, J. ACM 1988 (first in, first out); exact relabelling as in Cherkassky and Goldberg 1997.
 * Departures: the network is solved backwards. Every node of a reuse network drains, few are supplied, so what the drains can
 * take is pushed towards the supplies: that needs a half to a fifth of the work of the other direction on kernels of all
 * families. Only the first phase is run; no gap rule, because exact relabelling after every n + a arc visits finds dead
 * nodes soon enough. Before it, two passes over the arcs in the order given move what can go straight to a supply, within bounds
 * of what lies ahead: on kernels that cannot be contracted, three quarters of all there is to move.
 */
import { CutNetwork } from "./cut-network.ts";

/** A reusable solver of the network it is; {@link solve} uses supplies and drains up. */
export class CutSolver extends CutNetwork {
  /** Arcs looked at by the last {@link solve}. */
  arcVisits = 0;
  #nodeCount = 0;
  #room = new Float64Array(0);
  #label = new Int32Array(0);
  #queue = new Int32Array(1);
  #search = new Int32Array(0);
  #queued = new Uint8Array(0);

  /** True if the node is on the source side of the cut found by {@link solve}, the smallest source side there is. */
  isSource(v: number): boolean {
    return this.#label[v]! <= this.#nodeCount;
  }

  /** Finds the minimum cut of the network of the first `nodes` nodes. O(V³) at worst, near linear on kernels. */
  solve(nodes: number): void {
    this.#nodeCount = nodes;
    this.#reserve();
    this.#start();
    this.layOut(nodes);
    const n = this.#nodeCount;
    const { supply: drain, drain: excess } = this; // backwards: supplies take, drains give
    const firstArc = this.firstArc;
    const head = this.head;
    const mate = this.mate;
    const residual = this.residual;
    const label = this.#label;
    const current = this.fill;
    const queue = this.#queue;
    const queued = this.#queued;
    const dead = n + 1;
    const size = n + 1;
    const period = n + 2 * this.arcCount;
    let visits = 2 * this.arcCount + this.#relabel();
    let next = visits + period;
    let first = 0;
    let last = this.#enqueueAll();
    while (first !== last) {
      const v = queue[first]!;
      first = first + 1 === size ? 0 : first + 1;
      queued[v] = 0;
      let d = label[v]!;
      if (d === dead) continue;
      let left = excess[v]!;
      const end = firstArc[v + 1]!;
      for (;;) {
        if (d === 1) {
          const us = Math.min(left, drain[v]!);
          left -= us;
          drain[v]! -= us;
        }
        const start = current[v]!;
        let e = start;
        if (left > 0) {
          for (; e < end; e++) {
            const room = residual[e]!;
            if (room === 0) continue;
            const u = head[e]!;
            if (label[u] !== d - 1) continue;
            const us = left < room ? left : room;
            residual[e] = room - us;
            residual[mate[e]!]! += us;
            excess[u]! += us;
            left -= us;
            if (queued[u] === 0) {
              queued[u] = 1;
              queue[last] = u;
              last = last + 1 === size ? 0 : last + 1;
            }
            if (left === 0) break;
          }
        }
        visits += e - start;
        current[v] = e;
        if (left === 0) break;
        let lowest = dead;
        if (drain[v]! > 0) lowest = 0;
        else {
          for (let f = firstArc[v]!; f < end; f++) {
            if (residual[f] === 0) continue;
            const other = label[head[f]!]!;
            if (other < lowest) lowest = other;
          }
          visits += end - firstArc[v]!;
        }
        d = lowest < dead ? lowest + 1 : dead;
        label[v] = d;
        current[v] = firstArc[v]!;
        if (d === dead) break;
      }
      excess[v] = left;
      if (visits < next) continue;
      visits += this.#relabel();
      next = visits + period;
      first = 0;
      last = this.#enqueueAll();
    }
    visits += this.#relabel();
    this.arcVisits = visits;
  }

  #reserve(): void {
    const size = this.supply.length;
    if (size === this.#label.length) return;
    this.#label = new Int32Array(size);
    this.#room = new Float64Array(size);
    this.#queue = new Int32Array(size + 1);
    this.#search = new Int32Array(size);
    this.#queued = new Uint8Array(size);
  }

  /**
   * A first flow. Against the order of arcs, every node learns what it could pass on (nodes reached twice count twice); in the
   * order of arcs, it takes as much from those below it.
   */
  #start(): void {
    const n = this.#nodeCount;
    const arcs = this.arcCount;
    const { supply: drain, drain: excess } = this;
    const tails = this.tails;
    const heads = this.heads;
    const capacities = this.capacities;
    const flows = this.flows;
    const room = this.#room;
    for (let v = 0; v < n; v++) {
      const give = excess[v]!;
      const take = drain[v]!;
      if (give < take) {
        excess[v] = 0;
        drain[v] = room[v] = take - give;
      } else {
        excess[v] = give - take;
        drain[v] = room[v] = 0;
      }
    }
    let last = -1;
    let us = 0;
    for (let a = arcs - 1; a >= 0; a--) {
      const v = tails[a]!;
      if (v !== last) {
        last = v;
        us = room[v]! - excess[v]!;
        if (us < 0) us = 0;
        room[v] = us;
      }
      const most = capacities[a]!;
      room[heads[a]!]! += us < most ? us : most;
    }
    for (let a = 0; a < arcs; a++) {
      const v = tails[a]!;
      const u = heads[a]!;
      us = excess[u]!;
      const ahead = room[v]!;
      if (ahead < us) us = ahead;
      const most = capacities[a]!;
      if (most < us) us = most;
      flows[a] = us;
      if (us === 0) continue;
      capacities[a] = most - us;
      excess[u]! -= us;
      room[v] = ahead - us;
      // What the node can take itself goes no further.
      const take = drain[v]!;
      if (take < us) {
        drain[v] = 0;
        excess[v]! += us - take;
      } else drain[v] = take - us;
    }
  }

  /** Queues every live node with excess, in order; @returns their number */
  #enqueueAll(): number {
    const n = this.#nodeCount;
    const excess = this.drain;
    const label = this.#label;
    const queue = this.#queue;
    const queued = this.#queued;
    let count = 0;
    for (let v = 0; v < n; v++) {
      const waits = excess[v]! > 0 && label[v]! <= n ? 1 : 0;
      queued[v] = waits;
      if (waits === 1) queue[count++] = v;
    }
    return count;
  }

  /** Exact distances to the nodes that still take; @returns arcs looked at */
  #relabel(): number {
    const n = this.#nodeCount;
    const firstArc = this.firstArc;
    const head = this.head;
    const mate = this.mate;
    const residual = this.residual;
    const label = this.#label;
    const current = this.fill;
    const search = this.#search;
    const drain = this.supply;
    const dead = n + 1;
    let visits = 0;
    let count = 0;
    for (let v = 0; v < n; v++) {
      if (drain[v]! > 0) {
        label[v] = 1;
        search[count++] = v;
      } else label[v] = dead;
    }
    for (let i = 0; i < count; i++) {
      const v = search[i]!;
      const start = firstArc[v]!;
      const end = firstArc[v + 1]!;
      const d = label[v]! + 1;
      current[v] = start;
      for (let e = start; e < end; e++) {
        const u = head[e]!;
        if (label[u] === dead && residual[mate[e]!]! > 0) {
          label[u] = d;
          search[count++] = u;
        }
      }
      visits += end - start;
    }
    return visits;
  }
}
