/** One pass up and one pass down, as `exact/sweep.ts`, but with branches: problems planned here are small enough for processors to learn them. */
import * as w from "./workspace";
import { available, cut, needed, open } from "./workspace";

const fewOutputs: i32 = 20;
const smallPart: f64 = 8;

export function sweep(): f64 {
  if (w.outputCount * fewOutputs >= w.nodeCount) {
    priceAll();
    return descend(-1);
  }
  const count = priceNeeded();
  if (count < 0) priceBothWays();
  return descend(count);
}

function priceAll(): void {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const priceUs = w.priceUs;
  const flags = w.flags;
  const n = w.nodeCount;
  let e = 0;
  for (let v = 0; v < n; v++) {
    const ownUs = computeUs[v];
    let us = ownUs;
    for (const end = parentOffsets[v + 1]; e < end; e++) us += priceUs[parentIds[e]];
    const load = loadUs[v];
    if (load >= us) {
      priceUs[v] = us;
      flags[v] = 0;
    } else {
      priceUs[v] = load;
      flags[v] = load <= ownUs ? cut : open;
    }
  }
}

function priceBothWays(): void {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const outputs = w.outputs;
  const priceUs = w.priceUs;
  const leastUs = w.leastUs;
  const flags = w.flags;
  const consumers = w.consumers;
  const n = w.nodeCount;
  memory.fill(changetype<usize>(consumers), 0, (<usize>n) << 2);
  const arcs = parentOffsets[n];
  for (let e = 0; e < arcs; e++) {
    const p = parentIds[e];
    consumers[p]++;
  }
  for (let i = 0; i < w.outputCount; i++) {
    const o = outputs[i];
    consumers[o] += 2;
  }
  let e = 0;
  for (let v = 0; v < n; v++) {
    let us = computeUs[v];
    let least = us;
    for (const end = parentOffsets[v + 1]; e < end; e++) {
      const p = parentIds[e];
      us += priceUs[p];
      least += leastUs[p];
    }
    const load = loadUs[v];
    if (load >= us) {
      priceUs[v] = us;
      flags[v] = 0;
    } else {
      priceUs[v] = load;
      if (load <= least) {
        least = load;
        flags[v] = cut;
      } else flags[v] = open;
    }
    leastUs[v] = consumers[v] == 1 ? least : 0;
  }
}

function priceNeeded(): i32 {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const outputs = w.outputs;
  const priceUs = w.priceUs;
  const flags = w.flags;
  const consumers = w.consumers;
  const list = w.list;
  const seen = w.seen;
  const order = w.order;
  const mark = w.nextStamp();
  const limit = <f64>w.nodeCount / smallPart;
  let count = 0;
  for (let i = 0; i < w.outputCount; i++) {
    const o = outputs[i];
    if (seen[o] == mark) continue;
    seen[o] = mark;
    let depth = 0;
    list[0] = o;
    consumers[0] = loadUs[o] <= computeUs[o] ? parentOffsets[o + 1] : parentOffsets[o];
    while (depth >= 0) {
      const v = list[depth];
      const end = parentOffsets[v + 1];
      let e = consumers[depth];
      while (e < end && seen[parentIds[e]] == mark) e++;
      if (e < end) {
        const p = parentIds[e];
        consumers[depth] = e + 1;
        seen[p] = mark;
        depth++;
        list[depth] = p;
        consumers[depth] = loadUs[p] <= computeUs[p] ? parentOffsets[p + 1] : parentOffsets[p];
        continue;
      }
      depth--;
      if (<f64>count >= limit) return -1;
      order[count++] = v;
      const ownUs = computeUs[v];
      const load = loadUs[v];
      if (load <= ownUs) {
        priceUs[v] = load;
        flags[v] = cut;
        continue;
      }
      let us = ownUs;
      for (let f = parentOffsets[v]; f < end; f++) us += priceUs[parentIds[f]];
      if (load >= us) {
        priceUs[v] = us;
        flags[v] = 0;
      } else {
        priceUs[v] = load;
        flags[v] = open;
      }
    }
  }
  return count;
}

function descend(count: i32): f64 {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const outputs = w.outputs;
  const states = w.states;
  const flags = w.flags;
  const consumers = w.consumers;
  const list = w.list;
  const order = w.order;
  const sparse = count >= 0;
  memory.fill(changetype<usize>(states), 0, w.nodeCount);
  for (let i = 0; i < w.outputCount; i++) {
    const o = outputs[i];
    flags[o] |= available;
  }
  let costUs: f64 = 0;
  let listed = 0;
  let gates = 0;
  for (let i = (sparse ? count : w.nodeCount) - 1; i >= 0; i--) {
    const v = sparse ? order[i] : i;
    const flag = flags[v];
    if ((flag & (needed | available)) == 0) continue;
    if ((flag & available) != 0) {
      if ((flag & (open | cut)) == 0) {
        states[v] = 1;
        costUs += computeUs[v];
        for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
          const p = parentIds[e];
          flags[p] |= available;
        }
        continue;
      }
      if ((flag & cut) != 0) {
        states[v] = 2;
        costUs += loadUs[v];
        continue;
      }
      gates++;
    }
    list[listed++] = v;
    if ((flag & cut) != 0) continue;
    for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
      const p = parentIds[e];
      const was = flags[p];
      if ((was & needed) != 0) consumers[p]++;
      else {
        flags[p] = was | needed;
        consumers[p] = 1;
      }
    }
  }
  w.setListed(listed, gates);
  return costUs;
}
