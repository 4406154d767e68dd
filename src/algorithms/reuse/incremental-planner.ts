/**
 * Optimal plans for a sequence of edits: after each the cut is repaired where the edit disturbs it, and only what changes in
 * the plan is told.
 *
 * Source: own; minimum cut of the compact network (see `core/certificate.ts`) kept up to date as in `flow/dynamic-cut.ts`,
 * started from the flow that `certify` finds.
 * Departures: an edit whose repair takes more steps than a cold plan would is answered by the planner `exact`, and the repair
 * goes on with later edits; so the worst edit costs about one and a half cold plans.
 */
import { WorkflowError } from "../../core/errors.ts";
import { COMPUTE, LOAD, PRUNE, type ReusePlan, type ReuseProblem } from "../../core/plan.ts";
import { isExact } from "../../core/units.ts";
import { DynamicCut } from "../flow/dynamic-cut.ts";
import { certify } from "./certify.ts";
import { exact } from "./exact.ts";

/** One change of the problem; costs are integer microseconds. */
export type PlanEdit =
  | { readonly kind: "compute-cost"; readonly node: number; readonly computeUs: number }
  /** The result is stored from now on, or its load cost is another one. */
  | { readonly kind: "store"; readonly node: number; readonly loadUs: number }
  | { readonly kind: "evict"; readonly node: number }
  /** The operator was edited: its stored result and those of all its descendants are no longer valid. */
  | { readonly kind: "invalidate"; readonly node: number }
  /** Gets the next free number. */
  | {
      readonly kind: "add-node";
      readonly parents: readonly number[];
      readonly computeUs: number;
      readonly loadUs: number | null;
    }
  /** The node must have no children left and be no output. Its number is not used again. */
  | { readonly kind: "remove-node"; readonly node: number }
  | { readonly kind: "output"; readonly node: number; readonly required: boolean };

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

/** Capacity of unlimited arcs; all finite costs together must stay below it. */
const unlimited = 2 ** 51;

/** Steps of repair per node and arc after which a cold plan is cheaper. */
const patience = 1;
const leastPatience = 2_000;

/**
 * Keeps an optimal plan while the problem changes. Start: one cold solution. An edit: what the cut's repair takes, typically
 * tens of steps; at most {@link patience} steps per node and arc, then a cold plan. O(V + E) space. Not to be shared between
 * callers.
 */
export class IncrementalPlanner {
  readonly #cut = new DynamicCut();
  #nodeCount = 0;
  #parentOffsets = new Int32Array(1);
  #parentIds = new Int32Array(0);
  #parentArc = new Int32Array(0);
  #throughArc = new Int32Array(0);
  #computeUs = new Float64Array(0);
  #loadUs = new Float64Array(0);
  #states = new Uint8Array(0);
  #removed = new Uint8Array(0);
  readonly #outputs = new Set<number>();
  #finiteUs = 0;
  #costUs = 0;
  /** States as last told, of nodes changed since; the plan's own array is ahead of them during an edit. */
  readonly #toldStates = new Map<number, number>();
  #behind = false;
  readonly #unloaded: number[] = [];

  /** @throws {WorkflowError} if all finite costs together reach 2^51 */
  constructor(problem: ReuseProblem) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
    this.#reserve(n, parentIds.length);
    this.#cut.reserve(2 * n, 2 * (n + parentIds.length));
    const flow = certify(problem);
    for (const o of outputs) this.#outputs.add(o);
    for (let v = 0; v < n; v++) {
      const required = this.#outputs.has(v);
      this.#cut.addNode(required ? unlimited - flow.sourceUs[v]! : 0);
      this.#cut.addNode(flow.drainUs[v]! - computeUs[v]!);
      this.#finiteUs += computeUs[v]! + (isFinite(loadUs[v]!) ? loadUs[v]! : 0);
    }
    this.#checkSum(0);
    for (let v = 0; v < n; v++) {
      let throughUs = flow.drainUs[v]!;
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) throughUs += flow.parentUs[e]!;
      this.#throughArc[v] = this.#cut.addArc(2 * v, 2 * v + 1, capacityOf(loadUs[v]!) - throughUs, throughUs);
      for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) {
        const us = flow.parentUs[e]!;
        this.#parentIds[e] = parentIds[e]!;
        this.#parentArc[e] = this.#cut.addArc(2 * v + 1, 2 * parentIds[e]!, unlimited - us, us);
      }
      this.#parentOffsets[v + 1] = parentOffsets[v + 1]!;
    }
    this.#computeUs.set(computeUs);
    this.#loadUs.set(loadUs);
    this.#nodeCount = n;
    this.#cut.run(Number.POSITIVE_INFINITY);
    this.#cut.takeTouched();
    for (let v = 0; v < n; v++) this.#setState(v, this.#stateInCut(v));
    this.#toldStates.clear();
  }

  /** Nodes ever added, removed ones included. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** The optimal plan now; a copy, O(V). */
  plan(): ReusePlan {
    return { states: this.#states.slice(0, this.#nodeCount), costUs: this.#costUs };
  }

  /** The problem now; removed nodes are in it, needed by nobody. O(V + E). */
  problem(): ReuseProblem {
    return {
      ...this.#view(),
      computeUs: this.#computeUs.slice(0, this.#nodeCount),
      loadUs: this.#loadUs.slice(0, this.#nodeCount),
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
        this.#checkNode(edit.node);
        this.#setCompute(edit.node, edit.computeUs);
        break;
      case "store":
        this.#checkNode(edit.node);
        checkCost(edit.node, "loadUs", edit.loadUs);
        this.#setLoad(edit.node, edit.loadUs);
        break;
      case "evict":
        this.#checkNode(edit.node);
        this.#setLoad(edit.node, Number.POSITIVE_INFINITY);
        break;
      case "invalidate":
        this.#checkNode(edit.node);
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
    checkCost(v, "computeUs", us);
    const by = us - this.#computeUs[v]!;
    this.#checkSum(by);
    this.#computeUs[v] = us;
    if (this.#states[v] === COMPUTE) this.#costUs += by;
    this.#cut.addTerminal(2 * v + 1, -by);
  }

  #setLoad(v: number, us: number): void {
    const before = this.#loadUs[v]!;
    if (before === us) return;
    this.#checkSum((isFinite(us) ? us : 0) - (isFinite(before) ? before : 0));
    if (this.#states[v] === LOAD) {
      if (isFinite(us)) this.#costUs += us - before;
      else {
        this.#setState(v, PRUNE); // until the cut says what becomes of it
        this.#unloaded.push(v);
      }
    }
    this.#loadUs[v] = us;
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
      if (child !== v && this.#removed[child] === 0) yield child;
    }
  }

  #addNode(parents: readonly number[], computeUs: number, loadUs: number): void {
    const v = this.#nodeCount;
    checkCost(v, "computeUs", computeUs);
    if (loadUs !== Number.POSITIVE_INFINITY) checkCost(v, "loadUs", loadUs);
    for (const p of parents) this.#checkNode(p);
    if (new Set(parents).size < parents.length)
      throw new WorkflowError(`node ${v}: a parent is listed twice; list each parent once`);
    this.#checkSum(computeUs + (isFinite(loadUs) ? loadUs : 0));
    const e = this.#parentOffsets[v]!;
    this.#reserve(v + 1, e + parents.length);
    this.#nodeCount++;
    this.#computeUs[v] = computeUs;
    this.#loadUs[v] = loadUs;
    this.#states[v] = PRUNE;
    this.#removed[v] = 0;
    const x = this.#cut.addNode(0);
    const y = this.#cut.addNode(-computeUs);
    this.#throughArc[v] = this.#cut.addArc(x, y, capacityOf(loadUs), 0);
    for (const [i, p] of parents.entries()) {
      this.#parentIds[e + i] = p;
      this.#parentArc[e + i] = this.#cut.addArc(y, 2 * p, unlimited, 0);
    }
    this.#parentOffsets[v + 1] = e + parents.length;
  }

  #removeNode(v: number): void {
    this.#checkNode(v);
    if (this.#outputs.has(v)) throw new WorkflowError(`node ${v}: is an output; take it out of the outputs first`);
    for (const child of this.#childrenOf(v))
      throw new WorkflowError(`node ${v}: is a parent of node ${child}; remove its children first`);
    for (let e = this.#parentOffsets[v]!; e < this.#parentOffsets[v + 1]!; e++)
      this.#cut.addCapacity(this.#parentArc[e]!, -unlimited);
    this.#setCompute(v, 0);
    this.#setLoad(v, Number.POSITIVE_INFINITY);
    this.#removed[v] = 1;
  }

  #setOutput(v: number, required: boolean): void {
    this.#checkNode(v);
    if (this.#outputs.has(v) === required) return;
    if (!required && this.#outputs.size === 1)
      throw new WorkflowError(`outputs: node ${v} is the last one; add another output first`);
    if (required) this.#outputs.add(v);
    else this.#outputs.delete(v);
    this.#cut.addTerminal(2 * v, required ? unlimited : -unlimited);
  }

  /** Brings cut and plan up to date and tells what changed. */
  #repair(): PlanChange {
    const cut = this.#cut;
    const before = cut.steps;
    const limit = Math.max(leastPatience, patience * (this.#nodeCount + this.#parentOffsets[this.#nodeCount]!));
    const done = cut.run(limit);
    if (!done) {
      // Too far: answer from a cold plan, go on with the repair next time.
      const { states } = exact.plan(this.#view(), {});
      for (let v = 0; v < states.length; v++) this.#setState(v, states[v]!);
      this.#behind = true;
    } else if (this.#behind) {
      for (let v = 0; v < this.#nodeCount; v++) this.#setState(v, this.#stateInCut(v));
      cut.takeTouched();
      this.#behind = false;
    } else {
      for (const node of cut.takeTouched()) this.#setState(node >> 1, this.#stateInCut(node >> 1));
    }
    for (const v of this.#unloaded.splice(0)) if (done) this.#setState(v, this.#stateInCut(v));
    const changes: { node: number; from: number; to: number }[] = [];
    for (const [node, from] of this.#toldStates)
      if (this.#states[node] !== from) changes.push({ node, from, to: this.#states[node]! });
    this.#toldStates.clear();
    return { costUs: this.#costUs, changes, steps: cut.steps - before, cold: !done };
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
    if (state === COMPUTE) return this.#computeUs[v]!;
    return state === LOAD ? this.#loadUs[v]! : 0;
  }

  #view(): ReuseProblem {
    const n = this.#nodeCount;
    const m = this.#parentOffsets[n]!;
    return {
      nodeCount: n,
      parentOffsets: this.#parentOffsets.subarray(0, n + 1),
      parentIds: this.#parentIds.subarray(0, m),
      computeUs: this.#computeUs.subarray(0, n),
      loadUs: this.#loadUs.subarray(0, n),
      outputs: Int32Array.from(this.#outputs),
    };
  }

  #reserve(nodes: number, arcs: number): void {
    if (nodes > this.#computeUs.length) {
      const size = Math.max(nodes, Math.ceil(1.5 * this.#computeUs.length));
      this.#parentOffsets = copied(new Int32Array(size + 1), this.#parentOffsets);
      this.#throughArc = copied(new Int32Array(size), this.#throughArc);
      this.#computeUs = copied(new Float64Array(size), this.#computeUs);
      this.#loadUs = copied(new Float64Array(size), this.#loadUs);
      this.#states = copied(new Uint8Array(size), this.#states);
      this.#removed = copied(new Uint8Array(size), this.#removed);
    }
    if (arcs > this.#parentIds.length) {
      const size = Math.max(arcs, Math.ceil(1.5 * this.#parentIds.length));
      this.#parentIds = copied(new Int32Array(size), this.#parentIds);
      this.#parentArc = copied(new Int32Array(size), this.#parentArc);
    }
  }

  #checkNode(v: number): void {
    if (!Number.isInteger(v) || v < 0 || v >= this.#nodeCount || this.#removed[v] === 1)
      throw new WorkflowError(`node ${v}: is unknown or removed; expected 0 … ${this.#nodeCount - 1}`);
  }

  #checkSum(by: number): void {
    if (this.#finiteUs + by >= unlimited)
      throw new WorkflowError("all finite costs together reach 2^51; scale the costs down");
    this.#finiteUs += by;
  }
}

function capacityOf(loadUs: number): number {
  return loadUs === Number.POSITIVE_INFINITY ? unlimited : loadUs;
}

function checkCost(v: number, field: string, us: number): void {
  if (!isExact(us)) throw new WorkflowError(`node ${v}: ${field} is ${String(us)}; expected an integer ≥ 0 below 2^53`);
}

function copied<T extends Int32Array | Float64Array | Uint8Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
