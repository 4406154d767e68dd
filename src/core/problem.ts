import { WorkflowError } from "./errors.ts";
import { isExact, maxExact } from "./units.ts";

/**
 * One planning problem in compressed sparse row form; ids 0…n−1 are in topological order (parents before children).
 * Immutable by convention: planners never write to it. Node names live beside it.
 */
export interface ReuseProblem {
  readonly nodeCount: number;
  /** Shape (n+1): parents of i are `parentIds[parentOffsets[i] … parentOffsets[i+1])`, each listed once. */
  readonly parentOffsets: Int32Array;
  readonly parentIds: Int32Array;
  /** Shape (n), integer microseconds, finite. */
  readonly computeUs: Float64Array;
  /** Shape (n), integer microseconds; Infinity = not stored. */
  readonly loadUs: Float64Array;
  /** Ids that must be computed or loaded; not empty, without repeats. */
  readonly outputs: Int32Array;
}

/** A node as people write it: any order, parents by id. */
export interface ProblemNode {
  readonly id: string;
  readonly parents: readonly string[];
  readonly computeUs: number;
  /** null = not stored. */
  readonly loadUs: number | null;
}

/** A problem together with the names of its nodes; `ids[i]` names node i of `problem`. */
export interface NamedProblem {
  readonly problem: ReuseProblem;
  readonly ids: readonly string[];
}

/**
 * Builds the CSR form: sorts topologically (stable: among ready nodes the one listed first goes first), checks everything.
 *
 * O(V + E) but for the stable ready queue, O(V log V).
 *
 * @throws {WorkflowError} on duplicate or unknown ids, repeated parents, cycles, costs that are not integers in
 *   [0, 2^53), a sum of finite costs of 2^53 or more, and empty or repeated outputs
 */
export function buildProblem(nodes: readonly ProblemNode[], outputs: readonly string[]): NamedProblem {
  const n = nodes.length;
  const position = new Map<string, number>();
  let totalUs = 0;
  for (let i = 0; i < n; i++) {
    const node = nodes[i]!;
    if (position.has(node.id)) throw new WorkflowError(`node "${node.id}": duplicate id; ids must be unique`);
    position.set(node.id, i);
    if (!isExact(node.computeUs))
      throw new WorkflowError(
        `node "${node.id}": computeUs is ${String(node.computeUs)}; expected an integer ≥ 0 below 2^53`,
      );
    if (node.loadUs !== null && !isExact(node.loadUs))
      throw new WorkflowError(
        `node "${node.id}": loadUs is ${String(node.loadUs)}; expected null or an integer ≥ 0 below 2^53`,
      );
    totalUs += node.computeUs + (node.loadUs ?? 0);
    if (totalUs > maxExact)
      throw new WorkflowError(`node "${node.id}": all finite costs together reach 2^53; scale the costs down`);
  }
  const order = topologicalOrder(nodes, position);
  const newId = new Int32Array(n);
  for (let i = 0; i < n; i++) newId[order[i]!] = i;

  let edgeCount = 0;
  for (const node of nodes) edgeCount += node.parents.length;
  const parentOffsets = new Int32Array(n + 1);
  const parentIds = new Int32Array(edgeCount);
  const computeUs = new Float64Array(n);
  const loadUs = new Float64Array(n);
  let e = 0;
  for (let i = 0; i < n; i++) {
    const node = nodes[order[i]!]!;
    computeUs[i] = node.computeUs;
    loadUs[i] = node.loadUs ?? Number.POSITIVE_INFINITY;
    parentOffsets[i] = e;
    for (const parent of node.parents) parentIds[e++] = newId[position.get(parent)!]!;
  }
  parentOffsets[n] = e;

  if (outputs.length === 0) throw new WorkflowError("outputs: the list is empty; name at least one node");
  const outputIds = new Int32Array(outputs.length);
  const seen = new Set<string>();
  for (let i = 0; i < outputs.length; i++) {
    const id = outputs[i]!;
    const at = position.get(id);
    if (at === undefined)
      throw new WorkflowError(`outputs: node "${id}" is unknown; outputs name nodes of the problem`);
    if (seen.has(id)) throw new WorkflowError(`outputs: node "${id}" is listed twice; list each output once`);
    seen.add(id);
    outputIds[i] = newId[at]!;
  }
  return {
    problem: { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs: outputIds },
    ids: order.map((i) => nodes[i]!.id),
  };
}

/** Kahn's algorithm; with parents listed first the order is the listed one. */
function topologicalOrder(nodes: readonly ProblemNode[], position: ReadonlyMap<string, number>): number[] {
  const n = nodes.length;
  const waiting = new Int32Array(n);
  const children: number[][] = Array.from({ length: n }, () => []);
  let inOrder = true;
  for (let i = 0; i < n; i++) {
    const node = nodes[i]!;
    const seen = node.parents.length > 1 ? new Set<string>() : undefined;
    for (const parent of node.parents) {
      const p = position.get(parent);
      if (p === undefined)
        throw new WorkflowError(`node "${node.id}": parent "${parent}" is unknown; parents name nodes of the problem`);
      if (seen?.has(parent) === true)
        throw new WorkflowError(`node "${node.id}": parent "${parent}" is listed twice; list each parent once`);
      seen?.add(parent);
      children[p]!.push(i);
      waiting[i]!++;
      if (p >= i) inOrder = false;
    }
  }
  if (inOrder) return nodes.map((_, i) => i);
  const heap = new MinHeap();
  for (let i = 0; i < n; i++) if (waiting[i] === 0) heap.push(i);
  const order: number[] = [];
  while (heap.size > 0) {
    const i = heap.pop();
    order.push(i);
    for (const child of children[i]!) if (--waiting[child]! === 0) heap.push(child);
  }
  if (order.length < n) {
    const stuck = nodes.findIndex((_, i) => waiting[i]! > 0);
    throw new WorkflowError(`node "${nodes[stuck]!.id}": lies on or behind a cycle; a workflow is a DAG`);
  }
  return order;
}

/** Binary heap of small integers. */
class MinHeap {
  readonly #items: number[] = [];
  get size(): number {
    return this.#items.length;
  }
  push(value: number): void {
    const items = this.#items;
    let i = items.length;
    items.push(value);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (items[parent]! <= value) break;
      items[i] = items[parent]!;
      i = parent;
    }
    items[i] = value;
  }
  pop(): number {
    const items = this.#items;
    const top = items[0]!;
    const last = items.pop()!;
    const n = items.length;
    if (n === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= n) break;
      if (child + 1 < n && items[child + 1]! < items[child]!) child++;
      if (items[child]! >= last) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = last;
    return top;
  }
}
