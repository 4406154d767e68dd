/** The compiled planner as a module: instances of it, each with a memory of its own. */
import { plannerWasm } from "./generated/planner-wasm.ts";

/** Larger problems are not copied whole, only what a sweep leaves of them. */
export const sizeLimit = { nodes: 1 << 17, arcs: 1 << 19 };

/** What the module exports; addresses are byte offsets into its memory. */
export interface PlannerExports {
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

  /** Makes room to keep a plan and its cut; what for, see `incremental/compiled-keeper.ts`. 0 if there is no memory. */
  reserveKept(nodes: number, arcs: number, cold: boolean): number;
  atKeptStates(): number;
  atTold(): number;
  atToldList(): number;
  atStrayed(): number;
  atStrayedList(): number;
  atCutNodes(): number;
  atCutTerminals(): number;
  atCutArcs(): number;
  atFigures(): number;
  /** Does something to the kept plan: see `assembly/index.ts`. */
  keep(act: number, a: number, b: number, x: number, y: number): number;
}

/** The part of the standard `WebAssembly` object that is used; its types come with browsers only. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

/** Undefined until asked for, null where WebAssembly cannot be had. */
let compiled: object | null | undefined;

/** A new instance, or undefined where WebAssembly, or memory for it, cannot be had. */
export function newPlanner(): PlannerExports | undefined {
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined || plannerWasm === "" || compiled === null) return undefined;
  try {
    compiled ??= new api.Module(Uint8Array.from(atob(plannerWasm), (char) => char.charCodeAt(0)));
    return new api.Instance(compiled).exports as PlannerExports;
  } catch {
    if (compiled === undefined) compiled = null; // a page may forbid it
    return undefined;
  }
}
