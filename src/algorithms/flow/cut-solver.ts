/**
 * Minimum cuts of small networks one after another, without allocating: push-relabel from the sink's side.
 *
 * Source: Goldberg and Tarjan, J. ACM 1988 (first in, first out); exact relabelling as in Cherkassky and Goldberg 1997.
 * Departures: the network is solved backwards. Every node of a reuse network drains, few are supplied, so what the drains can
 * take is pushed towards the supplies: that needs a half to a fifth of the work of the other direction on kernels of all
 * families. Only the first phase is run; no gap rule, because exact relabelling after every n + a arc visits finds dead
 * nodes soon enough.
 */

/** A reusable solver. Describe a network with {@link begin} and {@link arc}, then {@link solve}. */
export class CutSolver {
  /** Shape (n): capacity from the source; set by the caller after {@link begin}, used up by {@link solve}. */
  supply = new Float64Array(0);
  /** Shape (n): capacity to the sink; as `supply`. */
  drain = new Float64Array(0);
  /** Arcs looked at by the last {@link solve}. */
  arcVisits = 0;
  #nodeCount = 0;
  #arcCount = 0;
  #tails = new Int32Array(0);
  #heads = new Int32Array(0);
  #capacities = new Float64Array(0);
  #firstArc = new Int32Array(1);
  #fill = new Int32Array(0);
  #head = new Int32Array(0);
  #mate = new Int32Array(0);
  #residual = new Float64Array(0);
  #label = new Int32Array(0);
  #queue = new Int32Array(1);
  #search = new Int32Array(0);
  #queued = new Uint8Array(0);

  /** Starts a network of `nodes` nodes and at most `arcs` arcs; supplies and drains are zero. */
  begin(nodes: number, arcs: number): void {
    if (nodes > this.supply.length) {
      const size = Math.max(nodes, Math.min(2 * this.supply.length, nodes + 65_536), 128);
      this.supply = new Float64Array(size);
      this.drain = new Float64Array(size);
      this.#firstArc = new Int32Array(size + 1);
      this.#fill = new Int32Array(size);
      this.#label = new Int32Array(size);
      this.#queue = new Int32Array(size + 1);
      this.#search = new Int32Array(size);
      this.#queued = new Uint8Array(size);
    } else {
      this.supply.fill(0, 0, nodes);
      this.drain.fill(0, 0, nodes);
    }
    if (arcs > this.#tails.length) {
      const size = Math.max(arcs, Math.min(2 * this.#tails.length, arcs + 65_536), 256);
      this.#tails = new Int32Array(size);
      this.#heads = new Int32Array(size);
      this.#capacities = new Float64Array(size);
      this.#head = new Int32Array(2 * size);
      this.#mate = new Int32Array(2 * size);
      this.#residual = new Float64Array(2 * size);
    }
    this.#nodeCount = nodes;
    this.#arcCount = 0;
  }

  /** Adds an arc; capacities are integers, "unlimited" is anything above the sum of all drains. */
  arc(tail: number, head: number, capacity: number): void {
    const a = this.#arcCount++;
    this.#tails[a] = tail;
    this.#heads[a] = head;
    this.#capacities[a] = capacity;
  }

  /** True if the node is on the source side of the cut found by {@link solve}, the smallest source side there is. */
  isSource(v: number): boolean {
    return this.#label[v]! <= this.#nodeCount;
  }

  /** Finds the minimum cut. O(V³) at worst, near linear on kernels. */
  solve(): void {
    this.#layOut();
    const n = this.#nodeCount;
    const { supply: drain, drain: excess } = this; // backwards: supplies take, drains give
    const firstArc = this.#firstArc;
    const head = this.#head;
    const mate = this.#mate;
    const residual = this.#residual;
    const label = this.#label;
    const current = this.#fill;
    const queue = this.#queue;
    const queued = this.#queued;
    const dead = n + 1;
    const size = n + 1;
    const period = n + 2 * this.#arcCount;
    for (let v = 0; v < n; v++) {
      const us = Math.min(excess[v]!, drain[v]!);
      excess[v]! -= us;
      drain[v]! -= us;
    }
    let visits = this.#relabel();
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

  /** Groups the arcs by node, turned around. */
  #layOut(): void {
    const n = this.#nodeCount;
    const arcs = this.#arcCount;
    const tails = this.#tails;
    const heads = this.#heads;
    const firstArc = this.#firstArc;
    const fill = this.#fill;
    firstArc.fill(0, 0, n + 1);
    for (let a = 0; a < arcs; a++) {
      firstArc[tails[a]! + 1]!++;
      firstArc[heads[a]! + 1]!++;
    }
    for (let v = 0; v < n; v++) {
      firstArc[v + 1]! += firstArc[v]!;
      fill[v] = firstArc[v]!;
    }
    for (let a = 0; a < arcs; a++) {
      const from = heads[a]!;
      const to = tails[a]!;
      const there = fill[from]!++;
      const back = fill[to]!++;
      this.#head[there] = to;
      this.#head[back] = from;
      this.#mate[there] = back;
      this.#mate[back] = there;
      this.#residual[there] = this.#capacities[a]!;
      this.#residual[back] = 0;
    }
  }

  /** Exact distances to the nodes that still take; @returns arcs looked at */
  #relabel(): number {
    const n = this.#nodeCount;
    const firstArc = this.#firstArc;
    const head = this.#head;
    const mate = this.#mate;
    const residual = this.#residual;
    const label = this.#label;
    const current = this.#fill;
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
