import type { Certificate } from "../../../core/certificate.ts";
import { COMPUTE, LOAD, PRUNE, type ReuseProblem } from "../../../core/plan.ts";
import { DynamicCut } from "../../flow/dynamic-cut.ts";
import { exact } from "../exact.ts";
import { capacityOf, type PlanKeeper, type StateChange, unlimited } from "./plan-keeper.ts";

/** Keeps plan and cut in JavaScript; the oracle of the compiled one. */
export class ScriptKeeper implements PlanKeeper {
  parentOffsets = new Int32Array(1);
  parentIds = new Int32Array(0);
  computeUs = new Float64Array(0);
  loadUs = new Float64Array(0);
  states = new Uint8Array(0);
  costUs = 0;
  readonly #cut = new DynamicCut();
  #stepsTold = 0;
  /** States as last told, of nodes changed since; the plan's own array is ahead of them during an edit. */
  readonly #toldStates = new Map<number, number>();
  /** Nodes whose states may not be what the cut says: no longer stored, or taken from a cold plan. */
  readonly #strayed = new Set<number>();

  reserve(nodes: number, arcs: number): void {
    this.parentOffsets = grown(this.parentOffsets, nodes + 1);
    this.parentIds = grown(this.parentIds, arcs);
    this.computeUs = grown(this.computeUs, nodes);
    this.loadUs = grown(this.loadUs, nodes);
    this.states = grown(this.states, nodes);
    this.#cut.reserve(2 * nodes, 2 * (nodes + arcs));
  }

  addNode(v: number, supplyUs: number, flow?: Certificate): void {
    const cut = this.#cut;
    const from = this.parentOffsets[v]!;
    const to = this.parentOffsets[v + 1]!;
    const drainUs = flow?.drainUs[v] ?? 0;
    let throughUs = drainUs;
    for (let e = from; e < to; e++) throughUs += flow?.parentUs[e] ?? 0;
    cut.addNode(supplyUs);
    cut.addNode(drainUs - this.computeUs[v]!);
    cut.addArc(2 * v, 2 * v + 1, capacityOf(this.loadUs[v]!) - throughUs, throughUs);
    for (let e = from; e < to; e++) {
      const us = flow?.parentUs[e] ?? 0;
      cut.addArc(2 * v + 1, 2 * this.parentIds[e]!, unlimited - us, us);
    }
  }

  dropParents(v: number): void {
    for (let e = this.parentOffsets[v]!; e < this.parentOffsets[v + 1]!; e++)
      this.#cut.addCapacity(2 * (v + 1 + e), -unlimited);
  }

  setCompute(v: number, us: number): void {
    const by = us - this.computeUs[v]!;
    this.computeUs[v] = us;
    if (this.states[v] === COMPUTE) this.costUs += by;
    this.#cut.addTerminal(2 * v + 1, -by);
  }

  setLoad(v: number, us: number): void {
    const before = this.loadUs[v]!;
    if (before === us) return;
    if (this.states[v] === LOAD) {
      if (us === Number.POSITIVE_INFINITY) {
        this.#setState(v, PRUNE); // until the cut says what becomes of it
        this.#strayed.add(v);
      } else this.costUs += us - before;
    }
    this.loadUs[v] = us;
    this.#cut.addCapacity(2 * (v + this.parentOffsets[v]!), capacityOf(us) - capacityOf(before));
  }

  addSupply(v: number, byUs: number): void {
    this.#cut.addTerminal(2 * v, byUs);
  }

  *childrenOf(v: number): Generator<number> {
    const cut = this.#cut;
    for (let a = cut.firstArc(2 * v); a >= 0; a = cut.nextArc(a)) {
      const child = cut.headOf(a) >> 1;
      if (child !== v) yield child;
    }
  }

  repair(limit: number): boolean {
    const cut = this.#cut;
    if (!cut.run(limit)) return false;
    for (let node = cut.takeTouched(); node >= 0; node = cut.takeTouched())
      this.#setState(node >> 1, this.#stateInCut(node >> 1));
    for (const v of this.#strayed) this.#setState(v, this.#stateInCut(v));
    this.#strayed.clear();
    return true;
  }

  planAnew(problem: ReuseProblem): void {
    const { states } = exact.plan(problem, {});
    for (let v = 0; v < states.length; v++) {
      if (states[v] === this.states[v]) continue;
      this.#setState(v, states[v]!);
      this.#strayed.add(v);
    }
  }

  takeSteps(): number {
    const steps = this.#cut.steps - this.#stepsTold;
    this.#stepsTold = this.#cut.steps;
    return steps;
  }

  takeChanges(): StateChange[] {
    const changes: StateChange[] = [];
    for (const [node, from] of this.#toldStates)
      if (this.states[node] !== from) changes.push({ node, from, to: this.states[node]! });
    this.#toldStates.clear();
    return changes;
  }

  #stateInCut(v: number): number {
    if (this.#cut.isSource(2 * v + 1)) return COMPUTE;
    return this.#cut.isSource(2 * v) ? LOAD : PRUNE;
  }

  #setState(v: number, state: number): void {
    const before = this.states[v]!;
    if (before === state) return;
    if (!this.#toldStates.has(v)) this.#toldStates.set(v, before);
    this.costUs += this.#priceUs(v, state) - this.#priceUs(v, before);
    this.states[v] = state;
  }

  #priceUs(v: number, state: number): number {
    if (state === COMPUTE) return this.computeUs[v]!;
    return state === LOAD ? this.loadUs[v]! : 0;
  }
}

/** An array with room for at least `length` elements: the given one, or a copy half as long again. */
function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const Kind = array.constructor as new (size: number) => T;
  const longer = new Kind(Math.max(length, Math.ceil(1.5 * array.length)));
  longer.set(array);
  return longer;
}
