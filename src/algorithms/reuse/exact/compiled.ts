/**
 * The steps of `exact` compiled to WebAssembly from `assembly/`, where they are written a second time, line for line: two to
 * three times as fast, the same plans and counts (a test compares them). Where it cannot run, the JavaScript steps do.
 */
import type { ReusePlan, ReuseProblem } from "../../../core/plan.ts";
import { newPlanner, type PlannerExports, sizeLimit } from "./planner-module.ts";
import type { ExactStats } from "./workspace.ts";

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

/** The compiled planner for a problem, or undefined if the problem is too large for it or WebAssembly cannot be had. */
export function compiledFor(problem: ReuseProblem): CompiledPlanner | undefined {
  if (problem.nodeCount > sizeLimit.nodes || problem.parentIds.length > sizeLimit.arcs) return undefined;
  if (planner === undefined) {
    const exports = newPlanner();
    planner = exports === undefined ? null : new CompiledPlanner(exports);
  }
  return planner ?? undefined;
}
