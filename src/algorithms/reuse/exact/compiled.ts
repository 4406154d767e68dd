/**
 * The steps of `exact` compiled to WebAssembly from `assembly/`, where they are written a second time, line for line: two to
 * three times as fast, the same plans and counts (a test compares them). Where it cannot run, the JavaScript steps do.
 */
import type { ReusePlan, ReuseProblem } from "../../../core/plan.ts";
import { plannerWasm } from "./generated/planner-wasm.ts";
import type { ExactStats } from "./workspace.ts";

/** Larger problems are planned in JavaScript: they would be copied, and memory, not instructions, sets their pace. */
const nodeLimit = 1 << 17;
const arcLimit = 1 << 19;

/** What the module exports; addresses are byte offsets into its memory. */
interface PlannerExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Makes room for so many nodes and arcs and moves all arrays; 0 if there is no memory. */
  reserve(nodes: number, arcs: number): number;
  atParentOffsets(): number;
  atParentIds(): number;
  atComputeUs(): number;
  atLoadUs(): number;
  atOutputs(): number;
  atStates(): number;
  /** Plans the problem in the arrays; @returns the cost. */
  plan(nodes: number, outputs: number): number;
  undecided(): number;
  kernelNodes(): number;
  passes(): number;
  contractedNodes(): number;
  flowNodes(): number;
  arcVisits(): number;
}

/** The part of the standard `WebAssembly` object that is used; its types come with browsers only. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

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
    this.#nodes = Math.max(nodes, Math.min(2 * this.#nodes, nodeLimit), 1_024);
    this.#arcs = Math.max(arcs, Math.min(2 * this.#arcs, arcLimit), 2_048);
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
  if (problem.nodeCount > nodeLimit || problem.parentIds.length > arcLimit) return undefined;
  if (planner === undefined) planner = instantiate();
  return planner ?? undefined;
}

function instantiate(): CompiledPlanner | null {
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined || plannerWasm === "") return null;
  try {
    const bytes = Uint8Array.from(atob(plannerWasm), (char) => char.charCodeAt(0));
    return new CompiledPlanner(new api.Instance(new api.Module(bytes)).exports as PlannerExports);
  } catch {
    return null; // a page may forbid it
  }
}
