/** Minimum cut by push-relabel from the sink's side, as `flow/cut-solver.ts`. */
import * as w from "./workspace";

export let arcVisits: i64 = 0;
let nodeCount: i32 = 0;
let arcCount: i32 = 0;

export function resetFlowStats(): void {
  arcVisits = 0;
}

export function isSource(v: i32): bool {
  const label = w.label;
  return label[v] <= nodeCount;
}

/** Finds the minimum cut of the network of the first `nodes` nodes and `arcs` arcs, supplies and drains. */
export function solveFlow(nodes: i32, arcs: i32): void {
  nodeCount = nodes;
  arcCount = arcs;
  start();
  layOut();
  push();
}

function push(): void {
  const supply = w.supply;
  const drain = w.drain;
  const firstArc = w.firstArc;
  const fill = w.fill;
  const label = w.label;
  const queue = w.queue;
  const queued = w.queued;
  const head = w.head;
  const mate = w.mate;
  const residual = w.residual;
  const n = nodeCount;
  const dead = n + 1;
  const size = n + 1;
  const period: i64 = n + 2 * arcCount;
  let visits: i64 = 2 * <i64>arcCount + relabel();
  let next = visits + period;
  let first = 0;
  let last = enqueueAll();
  while (first != last) {
    const v = queue[first];
    first = first + 1 == size ? 0 : first + 1;
    queued[v] = 0;
    let d = label[v];
    if (d == dead) continue;
    let left = drain[v];
    const begin = firstArc[v];
    const end = firstArc[v + 1];
    for (;;) {
      if (d == 1) {
        const us = min(left, supply[v]);
        left -= us;
        supply[v] -= us;
      }
      const from = fill[v];
      let e = from;
      if (left > 0) {
        for (; e < end; e++) {
          const space = residual[e];
          if (space == 0) continue;
          const u = head[e];
          if (label[u] != d - 1) continue;
          const us = left < space ? left : space;
          residual[e] = space - us;
          const m = mate[e];
          residual[m] += us;
          drain[u] += us;
          left -= us;
          if (queued[u] == 0) {
            queued[u] = 1;
            queue[last] = u;
            last = last + 1 == size ? 0 : last + 1;
          }
          if (left == 0) break;
        }
      }
      visits += e - from;
      fill[v] = e;
      if (left == 0) break;
      let lowest = dead;
      if (supply[v] > 0) lowest = 0;
      else {
        for (let f = begin; f < end; f++) {
          if (residual[f] == 0) continue;
          const other = label[head[f]];
          if (other < lowest) lowest = other;
        }
        visits += end - begin;
      }
      d = lowest < dead ? lowest + 1 : dead;
      label[v] = d;
      fill[v] = begin;
      if (d == dead) break;
    }
    drain[v] = left;
    if (visits < next) continue;
    visits += relabel();
    next = visits + period;
    first = 0;
    last = enqueueAll();
  }
  visits += relabel();
  arcVisits = visits;
}

function start(): void {
  const supply = w.supply;
  const drain = w.drain;
  const room = w.room;
  const tails = w.tails;
  const heads = w.heads;
  const capacities = w.capacities;
  const flows = w.flows;
  const n = nodeCount;
  for (let v = 0; v < n; v++) {
    const give = drain[v];
    const takes = supply[v];
    if (give < takes) {
      drain[v] = 0;
      supply[v] = takes - give;
      room[v] = takes - give;
    } else {
      drain[v] = give - takes;
      supply[v] = 0;
      room[v] = 0;
    }
  }
  let last = -1;
  let us: f64 = 0;
  for (let a = arcCount - 1; a >= 0; a--) {
    const v = tails[a];
    if (v != last) {
      last = v;
      us = room[v] - drain[v];
      if (us < 0) us = 0;
      room[v] = us;
    }
    const most = capacities[a];
    const u = heads[a];
    room[u] += us < most ? us : most;
  }
  for (let a = 0; a < arcCount; a++) {
    const v = tails[a];
    const u = heads[a];
    us = drain[u];
    const ahead = room[v];
    if (ahead < us) us = ahead;
    const most = capacities[a];
    if (most < us) us = most;
    flows[a] = us;
    if (us == 0) continue;
    capacities[a] = most - us;
    drain[u] -= us;
    room[v] = ahead - us;
    const takes = supply[v];
    if (takes < us) {
      supply[v] = 0;
      drain[v] += us - takes;
    } else supply[v] = takes - us;
  }
}

function enqueueAll(): i32 {
  const drain = w.drain;
  const label = w.label;
  const queue = w.queue;
  const queued = w.queued;
  const n = nodeCount;
  let count = 0;
  for (let v = 0; v < n; v++) {
    const waits = drain[v] > 0 && label[v] <= n;
    queued[v] = waits ? 1 : 0;
    if (waits) queue[count++] = v;
  }
  return count;
}

function layOut(): void {
  const tails = w.tails;
  const heads = w.heads;
  const capacities = w.capacities;
  const flows = w.flows;
  const firstArc = w.firstArc;
  const fill = w.fill;
  const head = w.head;
  const mate = w.mate;
  const residual = w.residual;
  const n = nodeCount;
  memory.fill(changetype<usize>(firstArc), 0, (<usize>(n + 1)) << 2);
  for (let a = 0; a < arcCount; a++) {
    const t = tails[a] + 1;
    firstArc[t]++;
    const h = heads[a] + 1;
    firstArc[h]++;
  }
  let sum = 0;
  for (let v = 0; v < n; v++) {
    fill[v] = sum;
    sum += firstArc[v + 1];
    firstArc[v + 1] = sum;
  }
  for (let a = 0; a < arcCount; a++) {
    const from = heads[a];
    const to = tails[a];
    const there = fill[from];
    fill[from] = there + 1;
    const back = fill[to];
    fill[to] = back + 1;
    head[there] = to;
    head[back] = from;
    mate[there] = back;
    mate[back] = there;
    residual[there] = capacities[a];
    residual[back] = flows[a];
  }
}

function relabel(): i64 {
  const supply = w.supply;
  const firstArc = w.firstArc;
  const fill = w.fill;
  const label = w.label;
  const search = w.search;
  const head = w.head;
  const mate = w.mate;
  const residual = w.residual;
  const n = nodeCount;
  const dead = n + 1;
  let visits: i64 = 0;
  let count = 0;
  for (let v = 0; v < n; v++) {
    if (supply[v] > 0) {
      label[v] = 1;
      search[count++] = v;
    } else label[v] = dead;
  }
  for (let i = 0; i < count; i++) {
    const v = search[i];
    const from = firstArc[v];
    const end = firstArc[v + 1];
    const d = label[v] + 1;
    fill[v] = from;
    for (let e = from; e < end; e++) {
      const u = head[e];
      if (label[u] == dead && residual[mate[e]] > 0) {
        label[u] = d;
        search[count++] = u;
      }
    }
    visits += end - from;
  }
  return visits;
}
