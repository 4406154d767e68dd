import type { Certificate } from "../../../core/certificate.ts";
import type { ReuseProblem } from "../../../core/problem.ts";
import { exact } from "../exact.ts";
import { newPlanner, type PlannerExports, sizeLimit } from "../exact/planner-module.ts";
import { capacityOf, type PlanKeeper, type StateChange, unlimited } from "./plan-keeper.ts";

/** What `keep` is told to do. */
const acts = {
  addNode: 0,
  addArc: 1,
  addTerminal: 2,
  addCapacity: 3,
  setCompute: 4,
  setLoad: 5,
  repair: 6,
  planAnew: 7,
  takeStates: 8,
} as const;
const mostSteps = 0x3fffffff;

/**
 * Keeps plan and cut in the memory of an instance of the compiled planner, compiled from `assembly/kept-plan.ts`. The problem lies
 * there too, so that planning anew copies nothing; problems too large for the compiled planner are planned anew in JavaScript,
 * over the same memory.
 */
export class CompiledKeeper implements PlanKeeper {
  parentOffsets = new Int32Array(0);
  parentIds = new Int32Array(0);
  computeUs = new Float64Array(0);
  loadUs = new Float64Array(0);
  states = new Uint8Array(0);
  readonly #exports: PlannerExports;
  #nodes = 0;
  #arcs = 0;
  /** True if there is room to plan anew. */
  #hasRun = false;
  #told = new Uint8Array(0);
  #toldList = new Int32Array(0);
  #strayed = new Uint8Array(0);
  #strayedList = new Int32Array(0);
  /** Shape (8 × nodes of the cut): first arc, parent, and six more. */
  #cutNodes = new Int32Array(0);
  #cutTerminals = new Float64Array(0);
  /** Shape (4 × arcs of the cut): head, next arc of the same tail, residual capacity. */
  #cutArcs = new Int32Array(0);
  /** Shape (3): cost, steps, and length of `toldList` at the end of the last repair. */
  #figures = new Float64Array(3);
  #outputs = new Int32Array(0);
  /** States of a plan made anew. */
  #planned = new Uint8Array(0);
  /** The outputs that are in the memory. */
  #outputsThere: Int32Array | undefined;

  private constructor(exports: PlannerExports) {
    this.#exports = exports;
  }

  /** @returns undefined if WebAssembly, or memory for it, cannot be had */
  static make(nodes: number, arcs: number): CompiledKeeper | undefined {
    const exports = newPlanner();
    if (exports === undefined) return undefined;
    const keeper = new CompiledKeeper(exports);
    return keeper.#grow(nodes, arcs) ? keeper : undefined;
  }

  get costUs(): number {
    return this.#figures[0]!;
  }

  reserve(nodes: number, arcs: number): void {
    if (nodes <= this.#nodes && arcs <= this.#arcs) return;
    const kept = this.#kept().map((array) => array.slice());
    if (!this.#grow(Math.max(nodes, this.#nodes), Math.max(arcs, this.#arcs)))
      throw new RangeError(`no memory to keep a plan of ${nodes} nodes and ${arcs} arcs`);
    for (const [i, array] of this.#kept().entries()) array.set(kept[i]!);
  }

  addNode(v: number, supplyUs: number, flow?: Certificate): void {
    const x = this.#exports;
    const from = this.parentOffsets[v]!;
    const to = this.parentOffsets[v + 1]!;
    const drainUs = flow?.drainUs[v] ?? 0;
    let throughUs = drainUs;
    for (let e = from; e < to; e++) throughUs += flow?.parentUs[e] ?? 0;
    this.states[v] = this.#told[v] = this.#strayed[v] = 0;
    x.keep(acts.addNode, 0, 0, supplyUs, 0);
    x.keep(acts.addNode, 0, 0, drainUs - this.computeUs[v]!, 0);
    x.keep(acts.addArc, 2 * v, 2 * v + 1, capacityOf(this.loadUs[v]!) - throughUs, throughUs);
    for (let e = from; e < to; e++) {
      const us = flow?.parentUs[e] ?? 0;
      x.keep(acts.addArc, 2 * v + 1, 2 * this.parentIds[e]!, unlimited - us, us);
    }
  }

  dropParents(v: number): void {
    for (let e = this.parentOffsets[v]!; e < this.parentOffsets[v + 1]!; e++)
      this.#exports.keep(acts.addCapacity, 2 * (v + 1 + e), 0, -unlimited, 0);
  }

  setCompute(v: number, us: number): void {
    this.#exports.keep(acts.setCompute, v, 0, us, 0);
  }

  setLoad(v: number, us: number): void {
    this.#exports.keep(acts.setLoad, v, 0, us, 0);
  }

  addSupply(v: number, byUs: number): void {
    this.#exports.keep(acts.addTerminal, 2 * v, 0, byUs, 0);
  }

  *childrenOf(v: number): Generator<number> {
    for (let a = this.#cutNodes[16 * v]!; a >= 0; a = this.#cutArcs[4 * a + 1]!) {
      const child = this.#cutArcs[4 * a]! >> 1;
      if (child !== v) yield child;
    }
  }

  repair(limit: number): boolean {
    return this.#exports.keep(acts.repair, Math.min(limit, mostSteps), 0, 0, 0) !== 0;
  }

  planAnew(problem: ReuseProblem): void {
    const x = this.#exports;
    if (!this.#hasRun) {
      this.#planned.set(exact.plan(problem, {}).states);
      x.keep(acts.takeStates, problem.nodeCount, 0, 0, 0);
      return;
    }
    if (problem.outputs !== this.#outputsThere) {
      this.#outputs.set(problem.outputs);
      this.#outputsThere = problem.outputs;
    }
    x.keep(acts.planAnew, problem.nodeCount, problem.outputs.length, 0, 0);
  }

  takeSteps(): number {
    return this.#figures[1]!;
  }

  takeChanges(): StateChange[] {
    const changes: StateChange[] = [];
    const count = this.#figures[2]!;
    for (let i = 0; i < count; i++) {
      const node = this.#toldList[i]!;
      const from = this.#told[node]! - 1;
      this.#told[node] = 0;
      const to = this.states[node]!;
      if (from !== to) changes.push({ node, from, to });
    }
    return changes;
  }

  /** What is moved when the arrays grow. */
  #kept(): readonly (Uint8Array | Int32Array | Float64Array)[] {
    return [
      this.parentOffsets,
      this.parentIds,
      this.computeUs,
      this.loadUs,
      this.#figures,
      this.states,
      this.#told,
      this.#toldList,
      this.#strayed,
      this.#strayedList,
      this.#cutNodes,
      this.#cutTerminals,
      this.#cutArcs,
    ];
  }

  /** Lays out arrays somewhat longer than asked for; contents are lost. @returns false if there is no memory */
  #grow(nodes: number, arcs: number): boolean {
    const x = this.#exports;
    const n = Math.ceil(1.25 * nodes) + 16;
    const m = Math.ceil(1.25 * arcs) + 64;
    this.#hasRun = n <= sizeLimit.nodes && m <= sizeLimit.arcs;
    if (x.reserveKept(n, m, this.#hasRun) === 0) return false;
    this.#nodes = n;
    this.#arcs = m;
    this.#outputsThere = undefined;
    const { buffer } = x.memory;
    this.parentOffsets = new Int32Array(buffer, x.atParentOffsets(), n + 1);
    this.parentIds = new Int32Array(buffer, x.atParentIds(), m);
    this.computeUs = new Float64Array(buffer, x.atComputeUs(), n);
    this.loadUs = new Float64Array(buffer, x.atLoadUs(), n);
    this.#figures = new Float64Array(buffer, x.atFigures(), 3);
    this.states = new Uint8Array(buffer, x.atKeptStates(), n);
    this.#outputs = new Int32Array(buffer, x.atOutputs(), n);
    this.#planned = new Uint8Array(buffer, x.atStates(), n);
    this.#told = new Uint8Array(buffer, x.atTold(), n);
    this.#toldList = new Int32Array(buffer, x.atToldList(), n);
    this.#strayed = new Uint8Array(buffer, x.atStrayed(), n);
    this.#strayedList = new Int32Array(buffer, x.atStrayedList(), n);
    this.#cutNodes = new Int32Array(buffer, x.atCutNodes(), 16 * n);
    this.#cutTerminals = new Float64Array(buffer, x.atCutTerminals(), 2 * n);
    this.#cutArcs = new Int32Array(buffer, x.atCutArcs(), 8 * (n + m));
    return true;
  }
}
