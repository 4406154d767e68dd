/** First step of `exact`: one pass up and one pass down settle whatever the linear pass can be trusted with. */
import { COMPUTE, LOAD, PRUNE } from "../../../core/plan.ts";
import type { ReuseProblem } from "../../../core/problem.ts";
import { available, cut, needed, open, type Workspace } from "./workspace.ts";

const isListed = 4;
const isGate = 8;

/** With fewer outputs than one node in this many, the needed part is searched for first. */
const fewOutputs = 20;
/** The search gives up when it has seen more than one node in this many: a plain pass is then cheaper. */
export const smallPart = 8;

/**
 * What {@link descend} does with a node by its flags: two bits of state, whether it is listed, whether it is a gate, and from the
 * fifth bit what its parents become. A table, and pairs to choose from, instead of branches: in large problems processors
 * foretell every second one wrongly, and that took more than half of the time.
 */
const verdicts = Uint8Array.from({ length: 16 }, (_, flag) => {
  if ((flag & (needed | available)) === 0) return 0;
  const parents = (flag & cut) === 0 ? needed << 4 : 0;
  if ((flag & available) === 0) return isListed | parents;
  if ((flag & open) !== 0) return isListed | isGate | parents;
  return (flag & cut) === 0 ? COMPUTE | (available << 4) : LOAD;
});
const price = new Float64Array(2);
const lowest = new Float64Array(2);
const share = new Float64Array(2);
/** By state: whether the compute cost is paid. */
const pays = Float64Array.from([PRUNE, COMPUTE, LOAD], (state) => (state === COMPUTE ? 1 : 0));

/**
 * Forward, every node gets an upper bound of its price, shared ancestors counted once per path. A load no dearer than
 * computing the node alone is always right; a load at least as dear as that upper bound never is. Backward from the
 * outputs, nodes that are certainly available and certainly computed make their parents certainly available.
 *
 * Fills `flags`, `priceUs`, `list` and `gates`; writes the states of settled nodes. O(V + E); with few outputs
 * that need a small part of the DAG, linear in that part.
 *
 * @returns cost of the settled nodes in microseconds
 */
export function sweep(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  if (!hasFewOutputs(problem)) {
    priceAll(problem, w);
    return descendAll(problem, w, states);
  }
  const count = priceNeeded(problem, w, problem.nodeCount / smallPart);
  if (count < 0) priceBothWays(problem, w);
  return descend(problem, w, states, count);
}

/** True if the needed part is worth searching for. */
export function hasFewOutputs(problem: ReuseProblem): boolean {
  return problem.outputs.length * fewOutputs < problem.nodeCount;
}

/** Prices every node, in the order of ids. */
function priceAll(problem: ReuseProblem, w: Workspace): void {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs } = problem;
  const { priceUs, flags } = w;
  let e = 0;
  for (let v = 0; v < n; v++) {
    const ownUs = computeUs[v]!;
    let us = ownUs;
    for (const end = parentOffsets[v + 1]!; e < end; e++) us += priceUs[parentIds[e]!]!;
    const load = loadUs[v]!;
    const isLoadable = Number(load < us);
    price[0] = us;
    price[1] = load;
    priceUs[v] = price[isLoadable]!;
    flags[v] = (isLoadable * open) << Number(load <= ownUs);
  }
}

/**
 * Prices every node, in the order of ids. Beside the upper bound goes a lower one on what computing the node costs beyond what
 * happens anyway: inputs count in it that nobody else uses and nobody asked for. With few outputs, hence long ways from where
 * availability starts, that settles most of what would otherwise be undecided after the sweep; with many it does not pay.
 */
function priceBothWays(problem: ReuseProblem, w: Workspace): void {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const { priceUs, leastUs, flags, consumers } = w;
  consumers.fill(0, 0, n);
  const arcs = parentOffsets[n]!;
  for (let e = 0; e < arcs; e++) consumers[parentIds[e]!]!++;
  for (let i = 0; i < outputs.length; i++) consumers[outputs[i]!]! += 2;
  let e = 0;
  for (let v = 0; v < n; v++) {
    let us = computeUs[v]!;
    let least = us;
    for (const end = parentOffsets[v + 1]!; e < end; e++) {
      const p = parentIds[e]!;
      us += priceUs[p]!;
      least += leastUs[p]!;
    }
    const load = loadUs[v]!;
    const isLoadable = Number(load < us);
    const isCut = Number(load <= least);
    price[0] = us;
    price[1] = load;
    priceUs[v] = price[isLoadable]!;
    flags[v] = (isLoadable * open) << isCut;
    lowest[0] = least;
    lowest[1] = load;
    share[1] = lowest[isCut]!;
    leastUs[v] = share[Number(consumers[v] === 1)]!;
  }
}

/**
 * Prices what the outputs can need, found by a search upwards that stops at loads no dearer than computing.
 *
 * @returns how many nodes that are (they stand in `order`, parents first), or −1 if more than `limit`
 */
export function priceNeeded(problem: ReuseProblem, w: Workspace, limit: number): number {
  const { parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const stamp = w.nextStamp();
  const { priceUs, flags, seen, order, consumers: cursor, list: stack } = w;
  let count = 0;
  for (let i = 0; i < outputs.length; i++) {
    const o = outputs[i]!;
    if (seen[o] === stamp) continue;
    seen[o] = stamp;
    let depth = 0;
    stack[0] = o;
    cursor[0] = loadUs[o]! <= computeUs[o]! ? parentOffsets[o + 1]! : parentOffsets[o]!;
    while (depth >= 0) {
      const v = stack[depth]!;
      const end = parentOffsets[v + 1]!;
      let e = cursor[depth]!;
      while (e < end && seen[parentIds[e]!] === stamp) e++;
      if (e < end) {
        const p = parentIds[e]!;
        cursor[depth] = e + 1;
        seen[p] = stamp;
        depth++;
        stack[depth] = p;
        cursor[depth] = loadUs[p]! <= computeUs[p]! ? parentOffsets[p + 1]! : parentOffsets[p]!;
        continue;
      }
      depth--;
      if (count >= limit) return -1;
      order[count++] = v;
      const ownUs = computeUs[v]!;
      const load = loadUs[v]!;
      if (load <= ownUs) {
        priceUs[v] = load;
        flags[v] = cut;
        continue;
      }
      let us = ownUs;
      for (let f = parentOffsets[v]!; f < end; f++) us += priceUs[parentIds[f]!]!;
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

/** Down from the outputs over all nodes; @returns as {@link sweep} */
function descendAll(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const { flags, list } = w;
  for (let i = 0; i < outputs.length; i++) flags[outputs[i]!]! |= available;
  let costUs = 0;
  let listed = 0;
  let gates = 0;
  let e = parentOffsets[n]! - 1;
  for (let v = n - 1; v >= 0; v--) {
    const verdict = verdicts[flags[v]!]!;
    const state = verdict & 3;
    states[v] = state;
    costUs += computeUs[v]! * pays[state]!;
    if (state === LOAD) costUs += loadUs[v]!;
    list[listed] = v;
    listed += (verdict & isListed) >> 2;
    gates += (verdict & isGate) >> 3;
    const parents = verdict >> 4;
    for (const first = parentOffsets[v]!; e >= first; e--) flags[parentIds[e]!]! |= parents;
  }
  w.listed = listed;
  w.gates = gates;
  return costUs;
}

/** Down from the outputs over all nodes, or over the first `count` of `order` if that is not negative; @returns as {@link sweep} */
export function descend(problem: ReuseProblem, w: Workspace, states: Uint8Array, count: number): number {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const { flags, list, order } = w;
  for (let i = 0; i < outputs.length; i++) flags[outputs[i]!]! |= available;
  let costUs = 0;
  let listed = 0;
  let gates = 0;
  const sparse = count >= 0;
  for (let i = (sparse ? count : n) - 1; i >= 0; i--) {
    const v = sparse ? order[i]! : i;
    const flag = flags[v]!;
    if ((flag & (needed | available)) === 0) continue;
    if ((flag & available) !== 0) {
      if ((flag & (open | cut)) === 0) {
        states[v] = COMPUTE;
        costUs += computeUs[v]!;
        for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) flags[parentIds[e]!]! |= available;
        continue;
      }
      if ((flag & cut) !== 0) {
        states[v] = LOAD;
        costUs += loadUs[v]!;
        continue;
      }
      gates++;
    }
    list[listed++] = v;
    if ((flag & cut) !== 0) continue;
    for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) flags[parentIds[e]!]! |= needed;
  }
  w.listed = listed;
  w.gates = gates;
  return costUs;
}
