/**
 * Optimal plans for a sequence of edits: after each the cut is repaired where the edit disturbs it, and only what changes in
 * the plan is told.
 *
 * Source: own; minimum cut of the compact network (see `core/certificate.ts`) kept up to date as in `flow/dynamic-cut.ts`,
 * started from the flow that `certify` finds.
 * Departures: an edit whose repair takes more steps than a cold plan would is answered by the planner `exact`, and the repair
 * goes on with later edits; so the worst edit of a large problem costs about one and a half cold plans.
 */
import type { ReusePlan, ReuseProblem } from "../../core/plan.ts";
import { certify } from "./certify.ts";
import { CompiledKeeper } from "./incremental/compiled-keeper.ts";
import { checkCost, GrowingProblem, type PlanEdit } from "./incremental/growing-problem.ts";
import { type PlanKeeper, type StateChange, unlimited } from "./incremental/plan-keeper.ts";
import { ScriptKeeper } from "./incremental/script-keeper.ts";

export type { PlanEdit } from "./incremental/growing-problem.ts";

/** What a batch of edits does to the plan. */
export interface PlanChange {
  /** Cost of the optimal plan now, in microseconds. */
  readonly costUs: number;
  /** Nodes whose state is another one, each once, with the state before and now. */
  readonly changes: readonly StateChange[];
  /** Arcs looked at by the repair: a measure of work that does not depend on the machine. */
  readonly steps: number;
  /** True if the repair was put off and the answer comes from a cold plan. */
  readonly cold: boolean;
}

/** Steps of repair per node and arc before a cold plan is made: they take about half as long as that. */
const patience = 1 / 3;
/** Not before so many: the rare cold plan of a small problem takes as long as half of them, and comes on top of those taken. */
const leastPatience = 20_000;

/**
 * Keeps an optimal plan while the problem changes. Start: one cold solution. An edit: what the cut's repair takes, typically
 * tens of steps; at most {@link patience} steps per node and arc, then a cold plan. O(V + E) space, in WebAssembly where it can be
 * had. Not to be shared between callers.
 */
export class IncrementalPlanner {
  readonly #problem: GrowingProblem;
  readonly #keeper: PlanKeeper;

  /**
   * @param kind `script` keeps everything in JavaScript; the same plans and counts
   * @throws {WorkflowError} if all finite costs together reach 2^51
   */
  constructor(problem: ReuseProblem, kind: "compiled" | "script" = "compiled") {
    const { nodeCount: n, parentIds } = problem;
    const keeper = (kind === "compiled" ? CompiledKeeper.make(n, parentIds.length) : undefined) ?? new ScriptKeeper();
    keeper.reserve(n, parentIds.length);
    this.#keeper = keeper;
    this.#problem = new GrowingProblem(problem, keeper);
    const flow = certify(problem);
    for (let v = 0; v < n; v++)
      keeper.addNode(v, this.#problem.outputs.has(v) ? unlimited - flow.sourceUs[v]! : 0, flow);
    keeper.planAnew(this.#problem.view()); // touches its memory, so that the first one that is needed takes no longer than others
    keeper.takeChanges();
    keeper.repair(Number.POSITIVE_INFINITY);
    keeper.takeChanges();
    keeper.takeSteps();
  }

  /** Nodes ever added, removed ones included. */
  get nodeCount(): number {
    return this.#problem.nodeCount;
  }

  /** The optimal plan now; a copy, O(V). */
  plan(): ReusePlan {
    return { states: this.#keeper.states.slice(0, this.nodeCount), costUs: this.#keeper.costUs };
  }

  /** The problem now; removed nodes are in it, needed by nobody. O(V + E). */
  problem(): ReuseProblem {
    const view = this.#problem.view();
    return {
      nodeCount: view.nodeCount,
      parentOffsets: view.parentOffsets.slice(),
      parentIds: view.parentIds.slice(),
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
    this.#problem.admitCompute(v, us);
    this.#keeper.setCompute(v, us);
  }

  #setLoad(v: number, us: number): void {
    this.#problem.admitLoad(v, us);
    this.#keeper.setLoad(v, us);
  }

  #invalidate(from: number): void {
    const seen = new Set([from]);
    for (const v of seen) {
      this.#setLoad(v, Number.POSITIVE_INFINITY);
      // A Set is walked in order of insertion, additions included.
      for (const child of this.#keeper.childrenOf(v)) if (!this.#problem.isRemoved(child)) seen.add(child);
    }
  }

  #addNode(parents: readonly number[], computeUs: number, loadUs: number): void {
    this.#keeper.addNode(this.#problem.addNode(parents, computeUs, loadUs), 0);
  }

  #removeNode(v: number): void {
    this.#problem.checkRemovable(v, this.#keeper.childrenOf(v));
    this.#keeper.dropParents(v);
    this.#setCompute(v, 0);
    this.#setLoad(v, Number.POSITIVE_INFINITY);
    this.#problem.remove(v);
  }

  #setOutput(v: number, required: boolean): void {
    if (this.#problem.setOutput(v, required)) this.#keeper.addSupply(v, required ? unlimited : -unlimited);
  }

  /** Brings cut and plan up to date and tells what changed. */
  #repair(): PlanChange {
    const keeper = this.#keeper;
    const limit = Math.max(leastPatience, patience * (this.nodeCount + this.#problem.arcCount));
    const warm = keeper.repair(limit);
    if (!warm) keeper.planAnew(this.#problem.view()); // too far: the repair goes on next time
    return { costUs: keeper.costUs, changes: keeper.takeChanges(), steps: keeper.takeSteps(), cold: !warm };
  }
}
