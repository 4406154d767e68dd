import { WorkflowError } from "../../core/errors.ts";
import type { ReuseProblem } from "../../core/plan.ts";
import { isExact } from "../../core/units.ts";

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

/** All finite costs together must stay below it: 2^51, so that unlimited capacities and their sums stay exact. */
export const unlimited = 2 ** 51;

/** A reuse problem whose costs, nodes and outputs change; refuses what would make it illegal. Arrays may be replaced by larger ones. */
export class GrowingProblem {
  /** Nodes ever added, removed ones included. */
  nodeCount = 0;
  parentOffsets = new Int32Array(1);
  parentIds = new Int32Array(0);
  computeUs = new Float64Array(0);
  loadUs = new Float64Array(0);
  readonly outputs: Set<number>;
  #removed = new Uint8Array(0);
  #finiteUs = 0;
  /** The outputs as an array, made when asked for. */
  #outputList: Int32Array | undefined;

  /** @throws {WorkflowError} if all finite costs together reach 2^51 */
  constructor(problem: ReuseProblem) {
    const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
    this.#reserve(n, parentIds.length);
    for (let v = 0; v < n; v++) this.#addSum(computeUs[v]! + finite(loadUs[v]!));
    this.parentOffsets.set(parentOffsets);
    this.parentIds.set(parentIds);
    this.computeUs.set(computeUs);
    this.loadUs.set(loadUs);
    this.outputs = new Set(outputs);
    this.nodeCount = n;
  }

  isRemoved(v: number): boolean {
    return this.#removed[v] === 1;
  }

  /** @throws {WorkflowError} */
  checkNode(v: number): void {
    if (!Number.isInteger(v) || v < 0 || v >= this.nodeCount || this.isRemoved(v))
      throw new WorkflowError(`node ${v}: is unknown or removed; expected 0 … ${this.nodeCount - 1}`);
  }

  /** Changes a compute cost. @returns by how much @throws {WorkflowError} */
  setCompute(v: number, us: number): number {
    checkCost(v, "computeUs", us);
    const by = us - this.computeUs[v]!;
    this.#addSum(by);
    this.computeUs[v] = us;
    return by;
  }

  /** Changes a load cost; Infinity = not stored. @throws {WorkflowError} */
  setLoad(v: number, us: number): void {
    this.#addSum(finite(us) - finite(this.loadUs[v]!));
    this.loadUs[v] = us;
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
    const e = this.parentOffsets[v]!;
    this.#reserve(v + 1, e + parents.length);
    this.nodeCount++;
    this.computeUs[v] = computeUs;
    this.loadUs[v] = loadUs;
    this.#removed[v] = 0;
    this.parentIds.set(parents, e);
    this.parentOffsets[v + 1] = e + parents.length;
    return v;
  }

  /** Says that a node may go. @param children of it @throws {WorkflowError} */
  checkRemovable(v: number, children: Iterable<number>): void {
    this.checkNode(v);
    if (this.outputs.has(v)) throw new WorkflowError(`node ${v}: is an output; take it out of the outputs first`);
    for (const child of children)
      throw new WorkflowError(`node ${v}: is a parent of node ${child}; remove its children first`);
  }

  remove(v: number): void {
    this.#removed[v] = 1;
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
    return {
      nodeCount: n,
      parentOffsets: this.parentOffsets.subarray(0, n + 1),
      parentIds: this.parentIds.subarray(0, this.parentOffsets[n]),
      computeUs: this.computeUs.subarray(0, n),
      loadUs: this.loadUs.subarray(0, n),
      outputs: (this.#outputList ??= Int32Array.from(this.outputs)),
    };
  }

  #addSum(by: number): void {
    if (this.#finiteUs + by >= unlimited)
      throw new WorkflowError("all finite costs together reach 2^51; scale the costs down");
    this.#finiteUs += by;
  }

  #reserve(nodes: number, arcs: number): void {
    this.parentOffsets = grown(this.parentOffsets, nodes + 1);
    this.computeUs = grown(this.computeUs, nodes);
    this.loadUs = grown(this.loadUs, nodes);
    this.#removed = grown(this.#removed, nodes);
    this.parentIds = grown(this.parentIds, arcs);
  }
}

/** An array with room for at least `length` elements: the given one, or a copy half as long again. */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const Kind = array.constructor as new (size: number) => T;
  const longer = new Kind(Math.max(length, Math.ceil(1.5 * array.length)));
  longer.set(array);
  return longer;
}

/** @throws {WorkflowError} unless it is an integer ≥ 0 below 2^53 */
export function checkCost(v: number, field: string, us: number): void {
  if (!isExact(us)) throw new WorkflowError(`node ${v}: ${field} is ${String(us)}; expected an integer ≥ 0 below 2^53`);
}

function finite(us: number): number {
  return isFinite(us) ? us : 0;
}
