/** Third step: contraction as far as it goes, then a maximum flow, as `exact/kernel.ts`. */
import { aliveCount, beginContraction, lower, raise } from "./contraction";
import { isSource, solveFlow } from "./flow";
import { buildKernel } from "./kernel-graph";
import * as w from "./workspace";
import { available, cut, maxExact, needed, open } from "./workspace";

const worthwhile: i32 = 8;

export let kernelNodes: i32 = 0;
export let passes: i32 = 0;
export let contractedNodes: i32 = 0;
export let flowNodes: i32 = 0;

export function resetKernelStats(): void {
  kernelNodes = passes = contractedNodes = flowNodes = 0;
}

export function settleKernel(): f64 {
  buildKernel();
  beginContraction(w.listed);
  kernelNodes = w.listed;
  while (aliveCount > 0) {
    passes++;
    const before = aliveCount;
    const changed = raise();
    const more = lower();
    if ((!changed && !more) || aliveCount * worthwhile > before * (worthwhile - 1)) break;
  }
  contractedNodes = aliveCount;
  if (aliveCount > 0) solve();
  return extract();
}

function solve(): void {
  const flags = w.flags;
  const kOrigin = w.kOrigin;
  const kOwnUs = w.kOwnUs;
  const kLoadUs = w.kLoadUs;
  const kFlags = w.kFlags;
  const kConsumers = w.kConsumers;
  const kFirstArc = w.kFirstArc;
  const kAlive = w.kAlive;
  const kArcTo = w.kArcTo;
  const kArcNext = w.kArcNext;
  const supply = w.supply;
  const drain = w.drain;
  const tails = w.tails;
  const heads = w.heads;
  const capacities = w.capacities;
  const at = w.kSeenBy;
  const entry = w.kLastArc;
  const count = aliveCount;
  memory.fill(changetype<usize>(supply), 0, (<usize>count) << 4);
  memory.fill(changetype<usize>(drain), 0, (<usize>count) << 4);
  let nodes = 0;
  let arcs = 0;
  for (let i = 0; i < count; i++) {
    const k = kAlive[i];
    const flag = kFlags[k];
    const y = nodes++;
    at[k] = y;
    drain[y] = kOwnUs[k];
    if ((flag & available) != 0) supply[y] = kLoadUs[k];
    for (let a = kFirstArc[k]; a >= 0; a = kArcNext[a]) {
      const p = kArcTo[a];
      const above = kFlags[p];
      if ((above & available) != 0) continue;
      const x = entry[p];
      tails[arcs] = y;
      heads[arcs] = x;
      capacities[arcs++] = (above & open) != 0 && x == at[p] ? kLoadUs[p] : maxExact;
    }
    if ((flag & (open | available)) == open && kConsumers[k] > 1) {
      entry[k] = nodes;
      tails[arcs] = nodes++;
      heads[arcs] = y;
      capacities[arcs++] = kLoadUs[k];
    } else entry[k] = y;
  }
  flowNodes = nodes;
  solveFlow(nodes, arcs);
  for (let i = 0; i < count; i++) {
    const k = kAlive[i];
    if ((kFlags[k] & open) == 0) continue;
    const v = kOrigin[k];
    flags[v] = (flags[v] & ~open) | (isSource(at[k]) ? 0 : cut);
  }
}

function extract(): f64 {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const states = w.states;
  const flags = w.flags;
  const list = w.list;
  let costUs: f64 = 0;
  for (let i = 0; i < w.listed; i++) {
    const v = list[i];
    flags[v] &= ~needed;
  }
  for (let i = 0; i < w.listed; i++) {
    const v = list[i];
    const flag = flags[v];
    if ((flag & (needed | available)) == 0) continue;
    if ((flag & cut) != 0) {
      states[v] = 2;
      costUs += loadUs[v];
      continue;
    }
    states[v] = 1;
    costUs += computeUs[v];
    for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
      const p = parentIds[e];
      flags[p] |= needed;
    }
  }
  return costUs;
}
