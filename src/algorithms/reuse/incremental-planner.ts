/**
 * Optimal plans for a sequence of edits: after each the cut is repaired where the edit disturbs it, and only what changes in
 * the plan is told.
 *
 * Source: own; minimum cut of the compact network (see `core/certificate.ts`) kept up to date as in `flow/dynamic-cut.ts`,
 * started from the flow that `certify` finds.
 * Departures: an edit whose repair takes more steps than a cold plan would is answered by the planner `exact`, and the repair
 * goes on with later edits; so the worst edit costs about one and a half cold plans.
 */
import { COMPUTE, LOAD, PRUNE, type ReusePlan, type ReuseProblem } from "../../core/plan.ts";
import { DynamicCut } from "../flow/dynamic-cut.ts";
import { certify } from "./certify.ts";
import { exact } from "./exact.ts";
import { checkCost, grown, GrowingProblem, type PlanEdit, unlimited } from "./growing-problem.ts";

export type { PlanEdit } from "./growing-problem.ts";

/** What a batch of edits does to the plan. */
export interface PlanChange {
  /** Cost of the optimal plan now, in microseconds. */
  readonly costUs: number;
  /** Nodes whose state is another one, each once, with the state before and now. */
  readonly changes: readonly { readonly node: number; readonly from: number; readonly to: number }[];
  /** Arcs looked at by the repair: a measure of work that does not depend on the machine. */
  readonly steps: number;
  /** True if the repair was put off and the answer comes from a cold plan. */
  readonly cold: boolean;
}

/** Steps of repair per node and arc before a cold plan is made: they take about half as long as that. */
const patience = 1 / 3;
/** Not before so many: between other work no cold plan, however small, is quicker than this. */
const leastPatience = 5_000;

/**
 * Keeps an optimal plan while the problem changes. Start: one cold solution. An edit: what the cut's repair takes, typically
 * tens of steps; at most {@link patience} steps per node and arc, then a cold plan. O(V + E) space. Not to be shared between
 * callers.
 */
export class IncrementalPlanner {
  readonly #cut = new DynamicCut();
  readonly #problem: GrowingProblem;
  /** Arc of each parent and of each node itself, in the cut's network. */
  #parentArc = new Int32Array(0);
  #throughArc = new Int32Array(0);
  #states = new Uint8Array(0);
  #costUs = 0;
  /** States as last told, of nodes changed since; the plan's own array is ahead of them during an edit. */
  readonly #toldStates = new Map<number, number>();
  /** Nodes whose states may not be what the cut says: no longer stored, or taken from a cold plan. */
  readonly #strayed: number[] = [];

  /** @throws {WorkflowError} if all finite costs together reach 2^51 */
  constructor(problem: ReuseProblem) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs } = problem;
    this.#problem = new GrowingProblem(problem);
    this.#reserve(n, parentIds.length);
    this.#cut.reserve(2 * n, 2 * (n + parentIds.length));
    const flow = certify(problem);
    for (let v = 0; v < n; v++) {
      this.#cut.addNode(this.#problem.outputs.has(v) ? unlimited - flow.sourceUs[v]! : 0);
      this.#cut.addNode(flow.drainUs[v]! - computeUs[v]!);
    }
    for (let v = 0; v < n; v++) {
      let throughUs = flow.drainUs[v]!;
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) throughUs += flow.parentUs[e]!;
      this.#throughArc[v] = this.#cut.addArc(2 * v, 2 * v + 1, capacityOf(loadUs[v]!) - throughUs, throughUs);
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
        const us = flow.parentUs[e]!;
        this.#parentArc[e] = this.#cut.addArc(2 * v + 1, 2 * parentIds[e]!, unlimited - us, us);
      }
    }
    this.#cut.run(Number.POSITIVE_INFINITY);
    this.#cut.takeTouched();
    for (let v = 0; v < n; v++) this.#setState(v, this.#stateInCut(v));
    this.#toldStates.clear();
  }

  /** Nodes ever added, removed ones included. */
  get nodeCount(): number {
    return this.#problem.nodeCount;
  }

  /** The optimal plan now; a copy, O(V). */
  plan(): ReusePlan {
    return { states: this.#states.slice(0, this.nodeCount), costUs: this.#costUs };
  }

  /** The problem now; removed nodes are in it, needed by nobody. O(V + E). */
  problem(): ReuseProblem {
    const view = this.#problem.view();
    return {
      ...view,
      computeUs: view.computeUs.slice(),
      loadUs: view.loadUs.slice(),
      outputs: view.outputs.slice(),
    };
  }

  /**
   * Applies edits as one batch and brings the plan up to date.
   *
   * @throws {WorkflowError} on an edit that makes no legal problem; edits of the batch before it stay applied and the plan
   *   includes them
   */
  apply(edits: readonly PlanEdit[]): PlanChange {
    try {
      for (const edit of edits) this.#edit(edit);
    } catch (error) {
      this.#repair();
      this.#toldStates.clear();
      throw error;
    }
    return this.#repair();
  }

  #edit(edit: PlanEdit): void {
    switch (edit.kind) {
      case "compute-cost":
        this.#problem.checkNode(edit.node);
        this.#setCompute(edit.node, edit.computeUs);
        break;
      case "store":
        this.#problem.checkNode(edit.node);
        checkCost(edit.node, "loadUs", edit.loadUs);
        this.#setLoad(edit.node, edit.loadUs);
        break;
      case "evict":
        this.#problem.checkNode(edit.node);
        this.#setLoad(edit.node, Number.POSITIVE_INFINITY);
        break;
      case "invalidate":
        this.#problem.checkNode(edit.node);
        this.#invalidate(edit.node);
        break;
      case "add-node":
        this.#addNode(edit.parents, edit.computeUs, edit.loadUs ?? Number.POSITIVE_INFINITY);
        break;
      case "remove-node":
        this.#removeNode(edit.node);
        break;
      case "output":
        this.#setOutput(edit.node, edit.required);
        break;
    }
  }

  #setCompute(v: number, us: number): void {
    const by = this.#problem.setCompute(v, us);
    if (this.#states[v] === COMPUTE) this.#costUs += by;
    this.#cut.addTerminal(2 * v + 1, -by);
  }

  #setLoad(v: number, us: number): void {
    const before = this.#problem.loadUs[v]!;
    if (before === us) return;
    const loaded = this.#states[v] === LOAD;
    if (loaded && !isFinite(us)) {
      this.#setState(v, PRUNE); // until the cut says what becomes of it
      this.#strayed.push(v);
    }
    this.#problem.setLoad(v, us);
    if (loaded && isFinite(us)) this.#costUs += us - before;
    this.#cut.addCapacity(this.#throughArc[v]!, capacityOf(us) - capacityOf(before));
  }

  #invalidate(from: number): void {
    const seen = new Set([from]);
    for (const v of seen) {
      this.#setLoad(v, Number.POSITIVE_INFINITY);
      for (const child of this.#childrenOf(v)) seen.add(child); // a Set is walked in order of insertion, additions included
    }
  }

  *#childrenOf(v: number): Generator<number> {
    const cut = this.#cut;
    for (let a = cut.firstArc(2 * v); a >= 0; a = cut.nextArc(a)) {
      const child = cut.headOf(a) >> 1;
      if (child !== v && !this.#problem.isRemoved(child)) yield child;
    }
  }

  #addNode(parents: readonly number[], computeUs: number, loadUs: number): void {
    const v = this.#problem.addNode(parents, computeUs, loadUs);
    const e = this.#problem.parentOffsets[v]!;
    this.#reserve(v + 1, e + parents.length);
    this.#states[v] = PRUNE;
    const x = this.#cut.addNode(0);
    const y = this.#cut.addNode(-computeUs);
    this.#throughArc[v] = this.#cut.addArc(x, y, capacityOf(loadUs), 0);
    for (const [i, p] of parents.entries()) this.#parentArc[e + i] = this.#cut.addArc(y, 2 * p, unlimited, 0);
  }

  #removeNode(v: number): void {
    this.#problem.checkRemovable(v, this.#childrenOf(v));
    const { parentOffsets } = this.#problem;
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++)
      this.#cut.addCapacity(this.#parentArc[e]!, -unlimited);
    this.#setCompute(v, 0);
    this.#setLoad(v, Number.POSITIVE_INFINITY);
    this.#problem.remove(v);
  }

  #setOutput(v: number, required: boolean): void {
    if (this.#problem.setOutput(v, required)) this.#cut.addTerminal(2 * v, required ? unlimited : -unlimited);
  }

  /** Brings cut and plan up to date and tells what changed. */
  #repair(): PlanChange {
    const cut = this.#cut;
    const before = cut.steps;
    const limit = Math.max(leastPatience, patience * (this.nodeCount + this.#problem.parentOffsets[this.nodeCount]!));
    const done = cut.run(limit);
    if (done) {
      for (const node of cut.takeTouched()) this.#setState(node >> 1, this.#stateInCut(node >> 1));
      for (const v of this.#strayed.splice(0)) this.#setState(v, this.#stateInCut(v));
    } else this.#takeStates(exact.plan(this.#problem.view(), {}).states); // too far: the repair goes on next time
    const changes: { node: number; from: number; to: number }[] = [];
    for (const [node, from] of this.#toldStates)
      if (this.#states[node] !== from) changes.push({ node, from, to: this.#states[node]! });
    this.#toldStates.clear();
    return { costUs: this.#costUs, changes, steps: cut.steps - before, cold: !done };
  }

  /**
   * Takes over the states of a cold plan, eight at a time, because this runs too rarely to be optimized: as floats, bytes 0 … 2 make
   * no NaN and no second zero.
   */
  #takeStates(states: Uint8Array): void {
    const n = states.length;
    const now = new Float64Array(this.#states.buffer, 0, n >> 3);
    const next = new Float64Array(states.buffer, states.byteOffset, n >> 3);
    for (let i = 0; i <= now.length; i++) {
      if (now[i] === next[i] && i < now.length) continue;
      for (let v = 8 * i, end = Math.min(v + 8, n); v < end; v++) {
        if (states[v] === this.#states[v]) continue;
        this.#setState(v, states[v]!);
        this.#strayed.push(v);
      }
    }
  }

  #stateInCut(v: number): number {
    if (this.#cut.isSource(2 * v + 1)) return COMPUTE;
    return this.#cut.isSource(2 * v) ? LOAD : PRUNE;
  }

  #setState(v: number, state: number): void {
    const before = this.#states[v]!;
    if (before === state) return;
    if (!this.#toldStates.has(v)) this.#toldStates.set(v, before);
    this.#costUs += this.#priceUs(v, state) - this.#priceUs(v, before);
    this.#states[v] = state;
  }

  #priceUs(v: number, state: number): number {
    if (state === COMPUTE) return this.#problem.computeUs[v]!;
    return state === LOAD ? this.#problem.loadUs[v]! : 0;
  }

  #reserve(nodes: number, arcs: number): void {
    this.#throughArc = grown(this.#throughArc, nodes);
    this.#states = grown(this.#states, nodes);
    this.#parentArc = grown(this.#parentArc, arcs);
  }
}

function capacityOf(loadUs: number): number {
  return loadUs === Number.POSITIVE_INFINITY ? unlimited : loadUs;
}
