/**
 * The published reduction of reuse planning to project selection, shared by the planners that differ in the solver only.
 *
 * Source: Xin et al., HELIX, PVLDB 2018 (Algorithm 1). Per node a project "it is available" with profit −l and a project
 * "it is made available by computing it" with profit l − c; the second requires the first and the parents' first.
 * Departures: a node that is not stored has one project with profit −c (there l is a large constant); a mandatory output
 * has an unlimited arc from the source (there a negative cost); costs are integers and "unlimited" is above their sum.
 */
import { flowNetwork, type FlowNetwork } from "../flow/flow-network.ts";
import { COMPUTE, LOAD, planCostUs, type ReusePlan, type ReuseProblem } from "../../core/plan.ts";
import { maxExact } from "../../core/units.ts";

/** The network of one problem. */
export interface ProjectNetwork {
  readonly network: FlowNetwork;
  /** Shape (n): the project "computed" of each node; the project "available" of node v is v itself. */
  readonly computed: Int32Array;
  /** The node that stands for the source, or −1 where the source is in `excess`. */
  readonly source: number;
  /** Above every possible flow: the capacity of unlimited arcs. */
  readonly enough: number;
}

/**
 * Builds the network: up to 2n projects, n + m requirements. O(V + E).
 *
 * Among optimal plans those with the fewest loads are made cheapest: costs are multiplied by n + 1 and each load costs one
 * more, provided that the sums stay below 2^53 (else that preference is left out; the cost is optimal either way).
 *
 * @param explicitSource true for solvers that need the source as a node
 */
export function projectNetwork(problem: ReuseProblem, explicitSource: boolean): ProjectNetwork {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const computed = new Int32Array(n);
  let projects = n;
  let totalUs = 0;
  for (let v = 0; v < n; v++) {
    totalUs += computeUs[v]!;
    computed[v] = v;
    if (loadUs[v] === Number.POSITIVE_INFINITY) continue;
    totalUs += loadUs[v]!;
    computed[v] = projects++;
  }
  const fits = totalUs * (n + 1) + n <= maxExact;
  const scale = fits ? n + 1 : 1;
  const perLoad = fits ? 1 : 0;
  const source = explicitSource ? projects++ : -1;

  const excess = new Float64Array(projects);
  const drain = new Float64Array(projects);
  const arcs = parentIds.length + (projects - n) + (explicitSource ? n + outputs.length : 0);
  const tails = new Int32Array(arcs);
  const heads = new Int32Array(arcs);
  const limited = new Float64Array(arcs); // 0 = unlimited
  let a = 0;
  for (let v = 0; v < n; v++) {
    const y = computed[v]!;
    const c = computeUs[v]! * scale;
    if (y === v) drain[v] = c;
    else {
      const l = loadUs[v]! * scale + perLoad;
      drain[v] = l;
      if (c >= l) drain[y] = c - l;
      else if (explicitSource) {
        tails[a] = source;
        heads[a] = y;
        limited[a++] = l - c;
      } else excess[y] = l - c;
      tails[a] = y;
      heads[a++] = v;
    }
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
      tails[a] = y;
      heads[a++] = parentIds[e]!;
    }
  }
  let enough = 1;
  for (let v = 0; v < projects; v++) enough += drain[v]!;
  for (const o of outputs) {
    if (explicitSource) {
      tails[a] = source;
      heads[a++] = o;
    } else excess[o] = enough;
  }
  const capacityOf = (e: number): number => (limited[e]! > 0 ? limited[e]! : enough);
  return {
    network: flowNetwork(projects, tails.subarray(0, a), heads.subarray(0, a), capacityOf, excess, drain),
    computed,
    source,
    enough,
  };
}

/**
 * Reads the plan off a minimum cut, walking up from the outputs: computed if the project "computed" was chosen, else loaded.
 * What no output needs is pruned even if the cut chose it (it then costs nothing). O(V + E).
 *
 * @param chosen true for projects on the source side
 */
export function planOfCut(
  problem: ReuseProblem,
  computed: Int32Array,
  chosen: (project: number) => boolean,
): ReusePlan {
  const { nodeCount: n, parentOffsets, parentIds, outputs } = problem;
  const states = new Uint8Array(n);
  const needed = new Uint8Array(n);
  for (const o of outputs) needed[o] = 1;
  for (let v = n - 1; v >= 0; v--) {
    if (needed[v] === 0) continue;
    if (!chosen(computed[v]!)) {
      states[v] = LOAD;
      continue;
    }
    states[v] = COMPUTE;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) needed[parentIds[e]!] = 1;
  }
  return { states, costUs: planCostUs(problem, states) };
}
