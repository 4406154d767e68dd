/**
 * Optimal reuse by trying every set of computed nodes.
 *
 * Source: the definition (DESIGN §5.1).
 * Departures: none. Given what is computed, exactly the other outputs and the other inputs of computed nodes are loaded.
 */
import { TooLargeError } from "../../core/errors.ts";
import { COMPUTE, LOAD, PRUNE, planCostUs } from "../../core/plan.ts";
import type { ReusePlanner } from "../../core/plug-in.ts";

/** Most nodes {@link bruteForce} accepts. */
export const bruteForceNodeLimit = 12;

/**
 * Optimal on every DAG of up to {@link bruteForceNodeLimit} nodes. O(2^V · (V + E)).
 *
 * Ties: fewest loads, then the set of loads with the lowest ids, then fewest computed, then those with the lowest ids.
 *
 * @throws {TooLargeError} above the limit
 */
export const bruteForce: ReusePlanner = {
  id: "brute-force",
  title: "Brute force",
  complexity: `O(2^V · (V + E)), at most ${bruteForceNodeLimit} nodes`,
  exact: true,
  source: "definition",
  plan(problem) {
    const { nodeCount: n, parentOffsets, parentIds, loadUs, outputs } = problem;
    if (n > bruteForceNodeLimit)
      throw new TooLargeError(
        `brute-force: the problem has ${n} nodes; it takes at most ${bruteForceNodeLimit}; use max-flow`,
      );
    const states = new Uint8Array(n);
    let best = new Uint8Array(0);
    let bestUs = Number.POSITIVE_INFINITY;
    for (let set = 0; set < 1 << n; set++) {
      for (let v = 0; v < n; v++) states[v] = (set >> v) & 1 ? COMPUTE : PRUNE;
      for (const o of outputs) if (states[o] === PRUNE) states[o] = LOAD;
      for (let v = 0; v < n; v++) {
        if (states[v] !== COMPUTE) continue;
        for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++)
          if (states[parentIds[e]!] === PRUNE) states[parentIds[e]!] = LOAD;
      }
      let stored = true;
      for (let v = 0; v < n; v++) if (states[v] === LOAD && loadUs[v] === Number.POSITIVE_INFINITY) stored = false;
      if (!stored) continue;
      const us = planCostUs(problem, states);
      if (us < bestUs || (us === bestUs && isPreferred(states, best))) {
        bestUs = us;
        best = states.slice();
      }
    }
    return { states: best, costUs: bestUs };
  },
};

function isPreferred(a: Uint8Array, b: Uint8Array): boolean {
  for (const state of [LOAD, COMPUTE]) {
    const idsOf = (states: Uint8Array): number[] => [...states.keys()].filter((v) => states[v] === state);
    const left = idsOf(a);
    const right = idsOf(b);
    if (left.length !== right.length) return left.length < right.length;
    for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return left[i]! < right[i]!;
  }
  return false;
}
