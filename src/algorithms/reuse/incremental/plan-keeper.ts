import type { Certificate } from "../../../core/certificate.ts";
import type { ReuseProblem } from "../../../core/problem.ts";

/** A node whose state is another one. */
export interface StateChange {
  readonly node: number;
  readonly from: number;
  readonly to: number;
}

/** The arrays of a problem that grows, as in `ReuseProblem` but longer than needed. {@link reserve} may replace them. */
export interface ProblemArrays {
  readonly parentOffsets: Int32Array;
  readonly parentIds: Int32Array;
  readonly computeUs: Float64Array;
  readonly loadUs: Float64Array;
  /** Makes room for so many nodes and arcs; contents are kept. */
  reserve(nodes: number, arcs: number): void;
}

/**
 * A plan and the minimum cut it comes from, kept up to date together with the problem's arrays. In the cut, node v of the problem is
 * 2v (available) and 2v + 1 (computed); the arc between them is number 2(v + parentOffsets[v]), those to its parents follow it.
 */
export interface PlanKeeper extends ProblemArrays {
  /** Shape (nodes, or longer): states of the plan. */
  readonly states: Uint8Array;
  /** Of the plan, in microseconds. */
  readonly costUs: number;
  /**
   * Adds the next node to the cut; its parents and costs are in the arrays already. `supplyUs` is what is left of its capacity from
   * the source, `flow` what flows through it (nothing if it is missing).
   */
  addNode(v: number, supplyUs: number, flow?: Certificate): void;
  /** Takes the node's arcs to its parents away. */
  dropParents(v: number): void;
  /** Changes a compute cost. */
  setCompute(v: number, us: number): void;
  /** Changes a load cost; Infinity = not stored. */
  setLoad(v: number, us: number): void;
  /** Changes the node's capacity from the source. */
  addSupply(v: number, byUs: number): void;
  /** Nodes that have v as a parent, removed ones too. */
  childrenOf(v: number): Iterable<number>;
  /** Goes on repairing the cut. @returns true if it is minimum after `limit` steps at most; the plan is then the cut's */
  repair(limit: number): boolean;
  /** Takes over an optimal plan made anew; the repair of the cut goes on next time. */
  planAnew(problem: ReuseProblem): void;
  /** Arcs the cut looked at for the last repair: a measure of work that does not depend on the machine. */
  takeSteps(): number;
  /** What changed with the last repair, each node once, in order of the first change. To be called once after each. */
  takeChanges(): StateChange[];
}

/** All finite costs together must stay below it: 2^51, so that unlimited capacities and their sums stay exact. */
export const unlimited = 2 ** 51;

/** Capacity of the arc that a load cost stands for. */
export function capacityOf(loadUs: number): number {
  return loadUs === Number.POSITIVE_INFINITY ? unlimited : loadUs;
}
