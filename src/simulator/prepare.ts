import { WorkflowError } from "../core/errors.ts";
import type { Segment } from "../core/executor.ts";
import type { Iteration, IterationNode } from "../core/iteration.ts";
import type { Switches } from "../core/system.ts";

/**
 * One workflow version as the loop runs it: equal nodes merged, what no output needs sliced away. The remaining *results* have
 * ids 0…n−1 in listed order, which is topological.
 */
export interface PreparedVersion {
  /** Number of results that are left. */
  readonly nodeCount: number;
  /** Record of each result: that of its first listed node. Shape (n). */
  readonly nodes: readonly IterationNode[];
  /** Signature number of each result. Shape (n). */
  readonly signatures: Int32Array;
  /** Shape (n+1) and (edges): parents of result i, each once. */
  readonly parentOffsets: Int32Array;
  readonly parentIds: Int32Array;
  /** Results that must be computed or loaded, ascending. */
  readonly outputs: Int32Array;
  /** 1 where a result, or one it follows from, is nondeterministic. Shape (n). */
  readonly volatile: Uint8Array;
  /** Signature number of each listed node, sliced ones included. Shape (listed). */
  readonly listedSignatures: Int32Array;
  /** Result of each listed node, −1 where it was sliced away. Shape (listed). */
  readonly resultOf: Int32Array;
  /** Distinct results of the version, sliced ones included. */
  readonly distinctCount: number;
  /** Segments of one result each, made when they are first computed. Shape (n). */
  readonly alone: (Segment | undefined)[];
}

/** A result as a segment by itself. */
export function segmentOf({ nodes, alone }: PreparedVersion, result: number): Segment {
  const known = alone[result];
  if (known !== undefined) return known;
  const node = nodes[result]!;
  return (alone[result] = { nodes: [node], barriers: new Set([node.id]) });
}

/**
 * Merges and slices one version.
 *
 * Without slicing every result is kept and every sink is an output, so that dead branches run too. O(V + E).
 *
 * @param signatures signature number of each listed node
 * @throws {WorkflowError} when an id comes twice or a parent does not stand before its child
 */
export function prepareVersion(
  iteration: Iteration,
  signatures: Int32Array,
  switches: Pick<Switches, "mergeEqual" | "slicing">,
): PreparedVersion {
  const listed = iteration.nodes;
  const count = listed.length;
  const at = new Map<string, number>();
  const firstOf = new Map<number, number>();
  const merged = new Int32Array(count); // listed node → the listed node that stands for it
  const isParent = new Uint8Array(count);
  let distinctCount = 0;
  let anyOutput = false;
  for (let i = 0; i < count; i++) {
    const node = listed[i]!;
    let first = switches.mergeEqual ? firstOf.get(signatures[i]!) : undefined;
    if (first === undefined) {
      first = i;
      distinctCount++;
      firstOf.set(signatures[i]!, i);
    }
    merged[i] = first;
    anyOutput ||= node.output === true;
    for (const parent of node.parents) {
      const p = at.get(parent);
      if (p === undefined)
        throw new WorkflowError(
          `iteration ${iteration.iteration}: node "${node.id}" has parent "${parent}", which does not stand before it; list parents first`,
        );
      isParent[p] = 1;
    }
    if (at.has(node.id))
      throw new WorkflowError(`iteration ${iteration.iteration}: node id "${node.id}" comes twice; ids must be unique`);
    at.set(node.id, i);
  }

  // Outputs as listed, then as results; without slicing every sink is one.
  const isOutput = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const declared = anyOutput ? listed[i]!.output === true : isParent[i] === 0;
    if (declared || (!switches.slicing && isParent[i] === 0)) isOutput[merged[i]!] = 1;
  }

  const needed = switches.slicing ? isOutput.slice() : new Uint8Array(count).fill(1);
  for (let i = count - 1; i >= 0; i--) {
    if (needed[i] === 0 || merged[i] !== i) continue;
    for (const parent of listed[i]!.parents) needed[merged[at.get(parent)!]!] = 1;
  }

  const resultOf = new Int32Array(count).fill(-1);
  const nodes: IterationNode[] = [];
  const outputs: number[] = [];
  for (let i = 0; i < count; i++) {
    if (merged[i] !== i) {
      resultOf[i] = resultOf[merged[i]!]!;
      continue;
    }
    if (needed[i] === 0) continue;
    resultOf[i] = nodes.length;
    if (isOutput[i] === 1) outputs.push(nodes.length);
    nodes.push(listed[i]!);
  }

  const n = nodes.length;
  const resultSignatures = new Int32Array(n);
  const volatile = new Uint8Array(n);
  for (let i = 0; i < count; i++) {
    const result = resultOf[i]!;
    if (result < 0) continue;
    resultSignatures[result] = signatures[i]!;
    if (listed[i]!.deterministic === false) volatile[result] = 1;
  }
  let edges = 0;
  for (const node of nodes) edges += node.parents.length;
  const parentOffsets = new Int32Array(n + 1);
  const parentIds = new Int32Array(edges);
  const linkedTo = new Int32Array(n).fill(-1);
  let e = 0;
  for (let r = 0; r < n; r++) {
    parentOffsets[r] = e;
    for (const parent of nodes[r]!.parents) {
      const p = resultOf[at.get(parent)!]!;
      if (linkedTo[p] === r) continue;
      linkedTo[p] = r;
      parentIds[e++] = p;
      if (volatile[p] === 1) volatile[r] = 1;
    }
  }
  parentOffsets[n] = e;
  return {
    nodeCount: n,
    nodes,
    signatures: resultSignatures,
    parentOffsets,
    parentIds: e === edges ? parentIds : parentIds.slice(0, e),
    outputs: Int32Array.from(outputs),
    volatile,
    listedSignatures: signatures,
    resultOf,
    distinctCount,
    alone: nodes.map(() => undefined),
  };
}
