/** What the rounds of bounds leave undecided, as a graph of its own, as `exact/kernel-graph.ts`. */
import * as w from "./workspace";
import { available, cut, open } from "./workspace";

export function buildKernel(): void {
  const parentOffsets = w.parentOffsets;
  const parentIds = w.parentIds;
  const computeUs = w.computeUs;
  const loadUs = w.loadUs;
  const flags = w.flags;
  const consumers = w.consumers;
  const list = w.list;
  const order = w.order;
  const kOrigin = w.kOrigin;
  const kOwnUs = w.kOwnUs;
  const kLoadUs = w.kLoadUs;
  const kFlags = w.kFlags;
  const kConsumers = w.kConsumers;
  const kFirstArc = w.kFirstArc;
  const kLastArc = w.kLastArc;
  const kSeenBy = w.kSeenBy;
  const kAlive = w.kAlive;
  const kArcTo = w.kArcTo;
  const kArcNext = w.kArcNext;
  let a = 0;
  for (let i = w.listed - 1, k = 0; i >= 0; i--, k++) {
    const v = list[i];
    const flag = flags[v];
    order[v] = k;
    kOrigin[k] = v;
    kAlive[k] = k;
    kSeenBy[k] = 0;
    kConsumers[k] = consumers[v];
    kFirstArc[k] = -1;
    kLastArc[k] = -1;
    const load = loadUs[v];
    kLoadUs[k] = load;
    if ((flag & cut) != 0) {
      kOwnUs[k] = load;
      kFlags[k] = 0;
      continue;
    }
    kOwnUs[k] = computeUs[v];
    kFlags[k] = flag & (available | open);
    let last = -1;
    for (let e = parentOffsets[v], end = parentOffsets[v + 1]; e < end; e++) {
      const p = parentIds[e];
      if ((flags[p] & available) != 0) continue;
      kArcTo[a] = order[p];
      if (last < 0) kFirstArc[k] = a;
      else kArcNext[last] = a;
      last = a++;
    }
    if (last >= 0) {
      kArcNext[last] = -1;
      kLastArc[k] = last;
    }
  }
}
