/**
 * Finds the flow that proves an optimal plan.
 *
 * Source: own; maximum flow on the compact network (see `core/certificate.ts`), by push-relabel.
 * Departures: nodes that are certainly available because computed nodes above the outputs are not stored get their flow from
 * the source directly and it is handed through afterwards; so no unlimited source arc takes part and all sums stay exact.
 * Nothing of any planner is used: the certificate is derived apart.
 */
import type { Certificate } from "../../core/certificate.ts";
import type { ReuseProblem } from "../../core/problem.ts";
import { flowNetwork } from "../flow/flow-network.ts";
import { maximumPreflow } from "../flow/push-relabel.ts";

/** A maximum flow of a problem; its value is the cost of every optimal plan. Worst case that of a maximum flow. */
export function certify(problem: ReuseProblem): Certificate {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const isStored = (v: number): boolean => loadUs[v] !== Number.POSITIVE_INFINITY;

  // Who is needed, who is certainly available, and through which arc (−1: from the source itself).
  const needed = new Uint8Array(n);
  const available = new Uint8Array(n);
  const via = new Int32Array(n).fill(-1);
  for (const o of outputs) needed[o] = available[o] = 1;
  for (let v = n - 1; v >= 0; v--) {
    if (needed[v] === 0) continue;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
      const p = parentIds[e]!;
      needed[p] = 1;
      if (available[v] === 0 || isStored(v) || available[p] === 1) continue;
      available[p] = 1;
      via[p] = e;
    }
  }

  // The network: y of every needed node but available unstored ones, x of stored ones that are not available.
  const y = new Int32Array(n).fill(-1);
  const entry = new Int32Array(n).fill(-1);
  let nodes = 0;
  let arcs = 0;
  for (let v = 0; v < n; v++) {
    if (needed[v] === 0 || (available[v] === 1 && !isStored(v))) continue;
    entry[v] = y[v] = nodes++;
    if (available[v] === 0 && isStored(v)) {
      entry[v] = nodes++;
      arcs++;
    }
    arcs += parentOffsets[v + 1]! - parentOffsets[v]!;
  }
  const tails = new Int32Array(arcs);
  const heads = new Int32Array(arcs);
  const capacities = new Float64Array(arcs);
  const arcOf = new Int32Array(parentIds.length).fill(-1);
  const excess = new Float64Array(nodes);
  const drain = new Float64Array(nodes);
  let enough = 1;
  for (let v = 0; v < n; v++) if (y[v]! >= 0) enough += computeUs[v]!;
  let a = 0;
  for (let v = 0; v < n; v++) {
    if (y[v]! < 0) continue;
    drain[y[v]!] = computeUs[v]!;
    if (available[v] === 1) excess[y[v]!] = loadUs[v]!;
    else if (entry[v] !== y[v]) {
      tails[a] = entry[v]!;
      heads[a] = y[v]!;
      capacities[a++] = loadUs[v]!;
    }
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
      const p = parentIds[e]!;
      if (available[p] === 1) continue;
      arcOf[e] = a;
      tails[a] = y[v]!;
      heads[a] = entry[p]!;
      capacities[a++] = enough;
    }
  }
  const network = flowNetwork(nodes, tails.subarray(0, a), heads.subarray(0, a), (e) => capacities[e]!, excess, drain);
  maximumPreflow(network, Number.MAX_SAFE_INTEGER);

  // From preflow to flow: what is stuck goes back the way it came, parents first because flow runs towards parents only.
  const { residual, mate, arcAt } = network;
  const parentUs = new Float64Array(parentIds.length);
  for (let e = 0; e < arcOf.length; e++) if (arcOf[e]! >= 0) parentUs[e] = residual[mate[arcAt[arcOf[e]!]!]!]!;
  const { childOffsets, childArcs, childOf } = arcsByParent(problem);
  for (let v = 0; v < n; v++) {
    if (y[v]! < 0 || available[v] === 1) continue;
    let stuckUs = excess[y[v]!]!;
    if (entry[v] !== y[v]) stuckUs += excess[entry[v]!]!;
    for (let i = childOffsets[v]!; i < childOffsets[v + 1]! && stuckUs > 0; i++) {
      const e = childArcs[i]!;
      const us = Math.min(stuckUs, parentUs[e]!);
      if (us === 0) continue;
      parentUs[e]! -= us;
      stuckUs -= us;
      excess[y[childOf[e]!]!]! += us;
    }
  }

  // Available nodes hand their flow through the computed node that makes them so, down to an output.
  const drainUs = new Float64Array(n);
  const throughUs = new Float64Array(n);
  const sourceUs = new Float64Array(n);
  let valueUs = 0;
  for (let v = 0; v < n; v++) {
    if (needed[v] === 0) continue;
    drainUs[v] = y[v]! < 0 ? computeUs[v]! : computeUs[v]! - drain[y[v]!]!;
    let us = drainUs[v]!;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) us += parentUs[e]!;
    if (isStored(v)) throughUs[v] = us;
    if (available[v] === 0) continue;
    if (via[v]! >= 0) parentUs[via[v]!]! += us;
    else {
      sourceUs[v] = us;
      valueUs += us;
    }
  }
  return { valueUs, sourceUs, throughUs, drainUs, parentUs };
}

/** Arcs grouped by parent: those to p are `childArcs[childOffsets[p] … childOffsets[p+1])`, arc e comes from `childOf[e]`. */
function arcsByParent(problem: ReuseProblem): { childOffsets: Int32Array; childArcs: Int32Array; childOf: Int32Array } {
  const { nodeCount: n, parentOffsets, parentIds } = problem;
  const childOffsets = new Int32Array(n + 1);
  for (const p of parentIds) childOffsets[p + 1]!++;
  for (let v = 0; v < n; v++) childOffsets[v + 1]! += childOffsets[v]!;
  const at = childOffsets.slice(0, n);
  const childArcs = new Int32Array(parentIds.length);
  const childOf = new Int32Array(parentIds.length);
  for (let v = 0; v < n; v++) {
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
      childArcs[at[parentIds[e]!]!++] = e;
      childOf[e] = v;
    }
  }
  return { childOffsets, childArcs, childOf };
}
