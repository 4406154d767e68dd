/** First step of `exact`: one pass up and one pass down settle whatever the linear pass can be trusted with. */
import { COMPUTE, LOAD } from "../../../core/plan.ts";
import type { ReuseProblem } from "../../../core/problem.ts";
import { available, cut, needed, open, type Workspace } from "./workspace.ts";

/** With fewer outputs than one node in this many, the needed part is searched for first. */
const fewOutputs = 20;
/** The search gives up when it has seen more than one node in this many: a plain pass is then cheaper. */
const smallPart = 8;

/**
 * Forward, every node gets an upper bound of its price, shared ancestors counted once per path. A load no dearer than
 * computing the node alone is always right; a load at least as dear as that upper bound never is. Backward from the
 * outputs, nodes that are certainly available and certainly computed make their parents certainly available.
 *
 * Fills `flags`, `priceUs`, `consumers`, `list` and `gates`; writes the states of settled nodes. O(V + E); with few outputs
 * that need a small part of the DAG, linear in that part.
 *
 * @returns cost of the settled nodes in microseconds
 */
export function sweep(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  if (!hasFewOutputs(problem)) {
    priceAll(problem, w);
    return descend(problem, w, states, -1);
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
    if (load >= us) {
      priceUs[v] = us;
      flags[v] = 0;
    } else {
      priceUs[v] = load;
      flags[v] = load <= ownUs ? cut : open;
    }
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
    leastUs[v] = consumers[v] === 1 ? least : 0;
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

/** Down from the outputs over all nodes, or over the first `count` of `order` if that is not negative; @returns as {@link sweep} */
export function descend(problem: ReuseProblem, w: Workspace, states: Uint8Array, count: number): number {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const { flags, consumers, list, order } = w;
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
    for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) {
      const p = parentIds[e]!;
      const seen = flags[p]!;
      if ((seen & needed) !== 0) consumers[p]!++;
      else {
        flags[p] = seen | needed;
        consumers[p] = 1;
      }
    }
  }
  w.listed = listed;
  w.gates = gates;
  return costUs;
}
