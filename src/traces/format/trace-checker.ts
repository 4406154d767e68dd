import { TraceFormatError } from "../../core/errors.ts";
import type { TraceIteration, TraceNode } from "../../core/iteration.ts";
import { maxExact } from "../../core/units.ts";
import type { LinePosition } from "./fields.ts";
import { FingerprintTable, finish, TextHasher } from "./fingerprint-table.ts";

/**
 * Second pass over a trace: what its fields mean together. Iterations are given one by one, in order.
 *
 * - iterations are numbered 0, 1, 2 … and `base` is an earlier one;
 * - ids are unique in an iteration; parents are known, listed once each and before their children, hence no cycles;
 * - segments name nodes of the iteration, each once;
 * - all costs of an iteration together stay below 2^53;
 * - one signature is one operator: the same `op` and the same set of parents' signatures. Exactly within an iteration;
 *   between iterations by 16-bit tags in a {@link FingerprintTable}, so that a contradiction is missed once in 65,536.
 *
 * Memory: 9–19 bytes per distinct signature. Time O(nodes + edges) per iteration.
 */
export class TraceChecker {
  readonly #operators = new FingerprintTable();
  readonly #hasher = new TextHasher();
  readonly #opHashes = new Map<string, number>();
  readonly #indexOf = new Map<string, number>();
  readonly #firstOf = new Map<string, number>();
  #expected = 0;
  #isNew = new Uint8Array(256);
  #canonical = new Int32Array(256);
  #lows = new Uint32Array(256);
  #stamps = new Int32Array(256);

  /** Distinct signatures so far. */
  get signatureCount(): number {
    return this.#operators.size;
  }

  /** True if the signature of node `index` of the last iteration occurs for the first time, in the trace and in the iteration. */
  isNew(index: number): boolean {
    return this.#isNew[index] === 1;
  }

  /** Index of the first node of the last iteration with the same signature as node `index`. */
  canonical(index: number): number {
    return this.#canonical[index]!;
  }

  /** Checks the next iteration. @throws {TraceFormatError} naming file, line and field */
  check(iteration: TraceIteration, at: LinePosition): void {
    if (iteration.iteration !== this.#expected)
      fail(at, "iteration", `is ${iteration.iteration}; expected ${this.#expected}, iterations count 0, 1, 2 …`);
    const { base, nodes } = iteration;
    if (base !== undefined && base >= iteration.iteration)
      fail(at, "base", `is ${base}; expected an earlier iteration than ${iteration.iteration}`);
    this.#expected++;
    this.#reserve(nodes.length);
    const indexOf = this.#indexOf;
    const firstOf = this.#firstOf;
    indexOf.clear();
    firstOf.clear();
    let totalUs = 0;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      if (indexOf.has(node.id))
        fail(
          at,
          `nodes[${i}].id`,
          `"${node.id}" is taken by node ${indexOf.get(node.id)}; ids are unique in an iteration`,
        );
      totalUs += node.computeUs + (node.loadUs ?? 0) + (node.writeUs ?? 0);
      if (totalUs > maxExact)
        fail(at, `nodes[${i}].computeUs`, "brings all costs of the iteration to 2^53 or more; scale the costs down");
      this.#checkOperator(i, nodes, indexOf, firstOf, at);
      indexOf.set(node.id, i);
    }
    iteration.segments?.forEach((segment, s) => {
      const seen = new Set<string>();
      segment.nodes.forEach((id, k) => {
        if (!indexOf.has(id) || seen.has(id))
          fail(
            at,
            `segments[${s}].nodes[${k}]`,
            `"${id}" is ${seen.has(id) ? "listed twice" : "unknown"}; a segment names nodes of its iteration once each`,
          );
        seen.add(id);
      });
    });
  }

  #checkOperator(
    i: number,
    nodes: readonly TraceNode[],
    indexOf: ReadonlyMap<string, number>,
    firstOf: Map<string, number>,
    at: LinePosition,
  ): void {
    const node = nodes[i]!;
    const first = firstOf.get(node.signature);
    this.#canonical[i] = first ?? i;
    if (first === undefined) firstOf.set(node.signature, i);

    // Parents: known, before the child, once each; their distinct signatures by a stamp on the canonical node.
    const { parents } = node;
    const stamp = i + 1;
    let parentsHash = 0;
    let distinct = 0;
    const seen = parents.length > 8 ? new Set<string>() : undefined;
    for (let k = 0; k < parents.length; k++) {
      const parent = parents[k]!;
      const p = indexOf.get(parent);
      if (p === undefined) fail(at, `nodes[${i}].parents[${k}]`, unknownParent(nodes, i, parent));
      if (seen === undefined ? parents.indexOf(parent) < k : seen.has(parent))
        fail(at, `nodes[${i}].parents[${k}]`, `"${parent}" is listed twice; list each parent once`);
      seen?.add(parent);
      const c = this.#canonical[p]!;
      if (this.#stamps[c] === stamp) continue;
      this.#stamps[c] = stamp;
      distinct++;
      parentsHash = (parentsHash + finish(this.#lows[c]!)) | 0;
    }

    if (first !== undefined) {
      this.#isNew[i] = 0;
      if (node.op !== nodes[first]!.op || !this.#sameParents(nodes[first]!, indexOf, stamp, distinct))
        fail(at, `nodes[${i}].signature`, contradiction(node, `node "${nodes[first]!.id}" of this iteration`));
      return;
    }
    const hasher = this.#hasher;
    hasher.hash(node.signature);
    this.#lows[i] = hasher.low;
    const { low, high } = hasher;
    const tag = finish(parentsHash ^ this.#opHash(node.op)) & 0xffff;
    const known = this.#operators.add(low, high, tag);
    this.#isNew[i] = known < 0 ? 1 : 0;
    if (known >= 0 && known !== tag)
      fail(at, `nodes[${i}].signature`, contradiction(node, "a node of an earlier iteration"));
  }

  /** True if the distinct parents of `other`, `distinct` in number, all carry `stamp`. */
  #sameParents(other: TraceNode, indexOf: ReadonlyMap<string, number>, stamp: number, distinct: number): boolean {
    const set = new Set<number>();
    for (const parent of other.parents) {
      const c = this.#canonical[indexOf.get(parent) ?? -1] ?? -1;
      if (this.#stamps[c] !== stamp) return false;
      set.add(c);
    }
    return set.size === distinct;
  }

  #opHash(op: string): number {
    let hash = this.#opHashes.get(op);
    if (hash === undefined) {
      this.#hasher.hash(op);
      hash = this.#hasher.low;
      if (this.#opHashes.size < 10_000) this.#opHashes.set(op, hash);
    }
    return hash;
  }

  #reserve(nodeCount: number): void {
    if (this.#isNew.length < nodeCount) {
      const length = 2 * nodeCount;
      this.#isNew = new Uint8Array(length);
      this.#canonical = new Int32Array(length);
      this.#lows = new Uint32Array(length);
      this.#stamps = new Int32Array(length);
    } else this.#stamps.fill(0, 0, nodeCount);
  }
}

function fail(at: LinePosition, field: string, message: string): never {
  throw new TraceFormatError({ ...at, field }, message);
}

function contradiction(node: TraceNode, other: string): string {
  return `of node "${node.id}" is that of ${other} with another op or other parents; one signature is one operator with one set of parents' signatures`;
}

/** Tells apart an unknown parent, one listed too late and a cycle; only called to explain a failure. */
function unknownParent(nodes: readonly TraceNode[], i: number, parent: string): string {
  const node = nodes[i]!;
  const at = nodes.findIndex((other) => other.id === parent);
  if (at < 0) return `"${parent}" is unknown; parents name nodes of the same iteration`;
  const byId = new Map(nodes.map((other) => [other.id, other]));
  const stack = [parent];
  const seen = new Set<string>();
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (id === node.id) return `"${parent}" and "${node.id}" lie on a cycle; a workflow is a DAG`;
    if (seen.has(id)) continue;
    seen.add(id);
    stack.push(...(byId.get(id)?.parents ?? []));
  }
  return `"${parent}" is listed after "${node.id}"; nodes are listed parents first`;
}
