/** Second step of `exact`: bounds with what is known by now, up and down the undecided list, until nothing changes. */
import { COMPUTE, LOAD } from "../../../core/plan.ts";
import type { ReuseProblem } from "../../../core/problem.ts";
import { available, cut, open, type Workspace } from "./workspace.ts";

/** Rounds on the problem's own arrays; what they leave is contracted first, where further rounds are cheaper. */
const roundLimit = 2;
/** Another round must be promised by one node in this many settled. */
const worthwhile = 4;

/**
 * Ascending, a node's price is bounded from above (available parents are free, shared ones count once per path) and from
 * below (only parents without another undecided consumer count). A load at least the upper bound is never taken, one at
 * most the lower bound always. Descending, availability spreads and what nobody asks for any more is dropped.
 *
 * Shrinks `list`; writes the states of nodes it settles. O(size of the list and its arcs) per round.
 *
 * @returns cost of the nodes settled here in microseconds
 */
export function tightenBounds(problem: ReuseProblem, w: Workspace, states: Uint8Array): number {
  const { parentOffsets, parentIds, computeUs, loadUs } = problem;
  const { priceUs, leastUs, flags, consumers, list } = w;
  countConsumers(problem, w);
  let listed = w.listed;
  let gates = w.gates;
  let costUs = 0;
  for (let round = 0; round < roundLimit && gates > 0; round++) {
    let changed = false;
    for (let i = listed - 1; i >= 0; i--) {
      const v = list[i]!;
      const flag = flags[v]!;
      if ((flag & cut) !== 0) {
        leastUs[v] = priceUs[v]!;
        continue;
      }
      let most = computeUs[v]!;
      let least = most;
      for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) {
        const p = parentIds[e]!;
        if ((flags[p]! & available) !== 0) continue;
        most += priceUs[p]!;
        if (consumers[p] === 1) least += leastUs[p]!;
      }
      leastUs[v] = least;
      if ((flag & open) === 0) {
        priceUs[v] = most;
        continue;
      }
      const load = loadUs[v]!;
      if (load >= most) {
        flags[v] = flag & ~open;
        priceUs[v] = most;
        if ((flag & available) !== 0) changed = true;
      } else if (load <= least) {
        flags[v] = (flag & ~open) | cut;
        leastUs[v] = load;
        changed = true;
        for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) consumers[parentIds[e]!]!--;
      }
    }
    if (!changed) break;

    let kept = 0;
    gates = 0;
    for (let i = 0; i < listed; i++) {
      const v = list[i]!;
      const flag = flags[v]!;
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
      } else if (consumers[v] === 0) {
        if ((flag & cut) === 0)
          for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) consumers[parentIds[e]!]!--;
        continue;
      }
      list[kept++] = v;
    }
    const settled = listed - kept;
    listed = kept;
    if (settled * worthwhile < listed) break;
  }
  w.listed = gates === 0 ? 0 : listed;
  w.gates = gates;
  return costUs;
}

/** Fills `consumers` of listed nodes. */
function countConsumers(problem: ReuseProblem, w: Workspace): void {
  const { parentOffsets, parentIds } = problem;
  const { flags, consumers, list, listed } = w;
  for (let i = 0; i < listed; i++) consumers[list[i]!] = 0;
  for (let i = 0; i < listed; i++) {
    const v = list[i]!;
    if ((flags[v]! & cut) !== 0) continue;
    for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) consumers[parentIds[e]!]!++;
  }
}
