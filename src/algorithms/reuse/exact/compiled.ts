/**
 * The steps of `exact` compiled to WebAssembly from `assembly/`, where they are written a second time (the sweep with branches,
 * which is quicker on small problems): two to three times as fast, the same plans and counts (a test compares them). Of large
 * problems only what a sweep leaves is settled here. Where WebAssembly cannot run, the JavaScript steps do all.
 */
import { COMPUTE, LOAD, type ReusePlan, type ReuseProblem } from "../../../core/plan.ts";
import { newPlanner, type PlannerExports, sizeLimit } from "./planner-module.ts";
import { available, cut, type ExactStats, open, type Workspace } from "./workspace.ts";

/**
 * What a sweep leaves of a large problem is settled here if, counted in bytes as below, it takes no more than so many per node of
 * the whole; more would not fit beside the arrays of the sweep into 50 MB at 10^6 nodes. A little is always allowed.
 */
const room = { perNode: 40, always: 1 << 20 };
const restBytes = { perNode: 50, perArc: 16 };
/** Beyond it, addresses of 32 bits might not do. */
const restLimit = { nodes: 1 << 22, arcs: 1 << 23 };

/** One instance of the module with the problem's arrays in its memory. */
class CompiledPlanner {
  readonly #exports: PlannerExports;
  #nodes = 0;
  #arcs = 0;
  #parentOffsets = new Int32Array(0);
  #parentIds = new Int32Array(0);
  #computeUs = new Float64Array(0);
  #loadUs = new Float64Array(0);
  #outputs = new Int32Array(0);
  #states = new Uint8Array(0);

  constructor(exports: PlannerExports) {
    this.#exports = exports;
  }

  /** @returns undefined if there is no memory for a problem of this size */
  plan(problem: ReuseProblem): ReusePlan | undefined {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
    if ((n > this.#nodes || parentIds.length > this.#arcs) && !this.#grow(n, parentIds.length)) return undefined;
    this.#parentOffsets.set(parentOffsets);
    this.#parentIds.set(parentIds);
    this.#computeUs.set(computeUs);
    this.#loadUs.set(loadUs);
    this.#outputs.set(outputs);
    const costUs = this.#exports.plan(n, outputs.length);
    return { states: this.#states.slice(0, n), costUs };
  }

  /**
   * Settles what a sweep of the workspace has left, as a problem of its own: gates are its outputs, certain loads have no parents,
   * parents that are available anyway are left out. Writes their states; uses up the prices.
   *
   * @returns their cost in microseconds, or undefined if they are too many
   */
  settleRest(problem: ReuseProblem, w: Workspace, states: Uint8Array): number | undefined {
    const { listed } = w;
    const arcs = this.#copyRest(problem, w);
    if (arcs < 0) return undefined;
    const costUs = this.#exports.plan(listed, w.gates);
    const { flags, list } = w;
    const restStates = this.#states;
    for (let i = 0, k = listed - 1; k >= 0; i++, k--) {
      const v = list[i]!;
      const state = restStates[k]!;
      // A certain load has become a node that may as well be computed.
      states[v] = state === COMPUTE && (flags[v]! & cut) !== 0 ? LOAD : state;
    }
    return costUs;
  }

  /** Copies the listed nodes; number k is entry `listed` − 1 − k of the list. @returns how many arcs, −1 if there is no room */
  #copyRest(problem: ReuseProblem, w: Workspace): number {
    const { parentOffsets, parentIds, computeUs, loadUs } = problem;
    const { flags, list, listed } = w;
    let most = 0;
    for (let i = 0; i < listed; i++) {
      const v = list[i]!;
      most += parentOffsets[v + 1]! - parentOffsets[v]!;
    }
    const bytes = restBytes.perNode * listed + restBytes.perArc * most;
    if (bytes > Math.max(room.always, room.perNode * problem.nodeCount)) return -1;
    if (listed > restLimit.nodes || most > restLimit.arcs) return -1;
    if ((listed > this.#nodes || most > this.#arcs) && !this.#grow(listed, most)) return -1;
    const local = new Int32Array(w.priceUs.buffer, 0, problem.nodeCount); // over prices, which are done with
    const restOffsets = this.#parentOffsets;
    const restIds = this.#parentIds;
    const restComputeUs = this.#computeUs;
    const restLoadUs = this.#loadUs;
    const outputs = this.#outputs;
    let a = 0;
    let gates = 0;
    for (let i = listed - 1, k = 0; i >= 0; i--, k++) {
      const v = list[i]!;
      const flag = flags[v]!;
      const load = loadUs[v]!;
      local[v] = k;
      restOffsets[k] = a;
      outputs[gates] = k;
      gates += (flag & available) >> 1;
      if ((flag & cut) !== 0) {
        restComputeUs[k] = restLoadUs[k] = load;
        continue;
      }
      restComputeUs[k] = computeUs[v]!;
      restLoadUs[k] = (flag & open) !== 0 ? load : Number.POSITIVE_INFINITY;
      for (let e = parentOffsets[v]!, end = parentOffsets[v + 1]!; e < end; e++) {
        const p = parentIds[e]!;
        restIds[a] = local[p]!;
        a += 1 - ((flags[p]! & available) >> 1);
      }
    }
    restOffsets[listed] = a;
    return a;
  }

  /** How far each step of the last run got. */
  stats(): ExactStats {
    const x = this.#exports;
    return {
      undecided: x.undecided(),
      kernelNodes: x.kernelNodes(),
      passes: x.passes(),
      contractedNodes: x.contractedNodes(),
      flowNodes: x.flowNodes(),
      arcVisits: x.arcVisits(),
    };
  }

  #grow(nodes: number, arcs: number): boolean {
    const x = this.#exports;
    this.#nodes = Math.max(nodes, Math.min(2 * this.#nodes, sizeLimit.nodes), 1_024);
    this.#arcs = Math.max(arcs, Math.min(2 * this.#arcs, sizeLimit.arcs), 2_048);
    if (x.reserve(this.#nodes, this.#arcs) === 0) {
      this.#nodes = this.#arcs = 0;
      return false;
    }
    const { buffer } = x.memory;
    this.#parentOffsets = new Int32Array(buffer, x.atParentOffsets(), this.#nodes + 1);
    this.#parentIds = new Int32Array(buffer, x.atParentIds(), this.#arcs);
    this.#computeUs = new Float64Array(buffer, x.atComputeUs(), this.#nodes);
    this.#loadUs = new Float64Array(buffer, x.atLoadUs(), this.#nodes);
    this.#outputs = new Int32Array(buffer, x.atOutputs(), this.#nodes);
    this.#states = new Uint8Array(buffer, x.atStates(), this.#nodes);
    return true;
  }
}

/** Undefined until asked for, null where WebAssembly cannot be had. */
let planner: CompiledPlanner | null | undefined;

/** The compiled planner, or undefined if WebAssembly cannot be had. */
export function compiledPlanner(): CompiledPlanner | undefined {
  if (planner === undefined) {
    const exports = newPlanner();
    planner = exports === undefined ? null : new CompiledPlanner(exports);
  }
  return planner ?? undefined;
}

/** The compiled planner for a problem, or undefined if the problem is too large for it or WebAssembly cannot be had. */
export function compiledFor(problem: ReuseProblem): CompiledPlanner | undefined {
  if (problem.nodeCount > sizeLimit.nodes || problem.parentIds.length > sizeLimit.arcs) return undefined;
  return compiledPlanner();
}
