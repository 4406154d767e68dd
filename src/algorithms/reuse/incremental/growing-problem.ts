import { WorkflowError } from "../../../core/errors.ts";
import type { ReuseProblem } from "../../../core/plan.ts";
import { isExact } from "../../../core/units.ts";
import { type ProblemArrays, unlimited } from "./plan-keeper.ts";

/** One change of a reuse problem; costs are integer microseconds. */
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

/** A reuse problem whose costs, nodes and outputs change; refuses what would make it illegal. */
export class GrowingProblem {
  /** Nodes ever added, removed ones included. */
  nodeCount = 0;
  readonly outputs: Set<number>;
  readonly #arrays: ProblemArrays;
  readonly #removed = new Set<number>();
  #finiteUs = 0;
  /** The outputs as an array, made when asked for. */
  #outputList: Int32Array | undefined;

  /** Copies the problem into `arrays`, which have room for it. @throws {WorkflowError} if all finite costs together reach 2^51 */
  constructor(problem: ReuseProblem, arrays: ProblemArrays) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
    this.#arrays = arrays;
    for (let v = 0; v < n; v++) this.#addSum(computeUs[v]! + finite(loadUs[v]!));
    arrays.parentOffsets.set(parentOffsets);
    arrays.parentIds.set(parentIds);
    arrays.computeUs.set(computeUs);
    arrays.loadUs.set(loadUs);
    this.outputs = new Set(outputs);
    this.nodeCount = n;
  }

  /** Arcs ever added. */
  get arcCount(): number {
    return this.#arrays.parentOffsets[this.nodeCount]!;
  }

  isRemoved(v: number): boolean {
    return this.#removed.has(v);
  }

  /** @throws {WorkflowError} */
  checkNode(v: number): void {
    if (!Number.isInteger(v) || v < 0 || v >= this.nodeCount || this.isRemoved(v))
      throw new WorkflowError(`node ${v}: is unknown or removed; expected 0 … ${this.nodeCount - 1}`);
  }

  /** Says that a compute cost may change, which the caller does. @throws {WorkflowError} */
  admitCompute(v: number, us: number): void {
    checkCost(v, "computeUs", us);
    this.#addSum(us - this.#arrays.computeUs[v]!);
  }

  /** Says that a load cost may change, which the caller does; Infinity = not stored. @throws {WorkflowError} */
  admitLoad(v: number, us: number): void {
    this.#addSum(finite(us) - finite(this.#arrays.loadUs[v]!));
  }

  /** Adds a node. @returns its number @throws {WorkflowError} */
  addNode(parents: readonly number[], computeUs: number, loadUs: number): number {
    const v = this.nodeCount;
    checkCost(v, "computeUs", computeUs);
    if (loadUs !== Number.POSITIVE_INFINITY) checkCost(v, "loadUs", loadUs);
    for (const p of parents) this.checkNode(p);
    if (new Set(parents).size < parents.length)
      throw new WorkflowError(`node ${v}: a parent is listed twice; list each parent once`);
    this.#addSum(computeUs + finite(loadUs));
    const arrays = this.#arrays;
    const e = arrays.parentOffsets[v]!;
    arrays.reserve(v + 1, e + parents.length);
    this.nodeCount++;
    arrays.computeUs[v] = computeUs;
    arrays.loadUs[v] = loadUs;
    arrays.parentIds.set(parents, e);
    arrays.parentOffsets[v + 1] = e + parents.length;
    return v;
  }

  /** Says that a node may go. @param children of it @throws {WorkflowError} */
  checkRemovable(v: number, children: Iterable<number>): void {
    this.checkNode(v);
    if (this.outputs.has(v)) throw new WorkflowError(`node ${v}: is an output; take it out of the outputs first`);
    for (const child of children)
      if (!this.isRemoved(child))
        throw new WorkflowError(`node ${v}: is a parent of node ${child}; remove its children first`);
  }

  remove(v: number): void {
    this.#removed.add(v);
  }

  /** Changes whether a node is an output. @returns false if nothing changes @throws {WorkflowError} */
  setOutput(v: number, required: boolean): boolean {
    this.checkNode(v);
    if (this.outputs.has(v) === required) return false;
    if (!required && this.outputs.size === 1)
      throw new WorkflowError(`outputs: node ${v} is the last one; add another output first`);
    if (required) this.outputs.add(v);
    else this.outputs.delete(v);
    this.#outputList = undefined;
    return true;
  }

  /** The problem now, over its own arrays; removed nodes are in it, needed by nobody. */
  view(): ReuseProblem {
    const n = this.nodeCount;
    const { parentOffsets, parentIds, computeUs, loadUs } = this.#arrays;
    return {
      nodeCount: n,
      parentOffsets: parentOffsets.subarray(0, n + 1),
      parentIds: parentIds.subarray(0, parentOffsets[n]),
      computeUs: computeUs.subarray(0, n),
      loadUs: loadUs.subarray(0, n),
      outputs: (this.#outputList ??= Int32Array.from(this.outputs)),
    };
  }

  #addSum(by: number): void {
    if (this.#finiteUs + by >= unlimited)
      throw new WorkflowError("all finite costs together reach 2^51; scale the costs down");
    this.#finiteUs += by;
  }
}

/** @throws {WorkflowError} unless it is an integer ≥ 0 below 2^53 */
export function checkCost(v: number, field: string, us: number): void {
  if (!isExact(us)) throw new WorkflowError(`node ${v}: ${field} is ${String(us)}; expected an integer ≥ 0 below 2^53`);
}

function finite(us: number): number {
  return isFinite(us) ? us : 0;
}
