import type { IterationNode } from "./iteration.ts";
import type { WorkflowVersion } from "./workflow.ts";

/** What slicing and merging need of a node. */
interface Linked {
  readonly parents: readonly string[];
}

/** Names reachable upwards from `outputs`, outputs included; nodes parents first; O(V + E). */
function needed<N extends Linked>(
  nodes: readonly N[],
  nameOf: (node: N) => string,
  outputs: Iterable<string>,
): Set<string> {
  const wanted = new Set(outputs);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    if (wanted.has(nameOf(node))) for (const parent of node.parents) wanted.add(parent);
  }
  return wanted;
}

/** Drops every node that leads to no output; order is kept. */
export function sliceVersion(version: WorkflowVersion): WorkflowVersion {
  const wanted = needed(version.nodes, ({ name }) => name, version.outputs);
  return { ...version, nodes: version.nodes.filter(({ name }) => wanted.has(name)) };
}

/** The nodes of an iteration (parents first) that lead to an output; without a declared output, its sinks are the outputs. */
export function sliceNodes<N extends IterationNode>(nodes: readonly N[]): readonly N[] {
  const declared = nodes.filter(({ output }) => output === true);
  if (declared.length === 0) return nodes; // every node leads to a sink
  const wanted = needed(
    nodes,
    ({ id }) => id,
    declared.map(({ id }) => id),
  );
  return nodes.filter(({ id }) => wanted.has(id));
}

/**
 * Merges nodes of one signature into the first one listed: children read that one, it is an output if any of them is.
 * Nondeterministic nodes are never merged: two random results are two results. Parents listed twice after merging stand once.
 */
export function mergeEqual<N extends IterationNode>(nodes: readonly N[]): readonly N[] {
  const first = new Map<string, string>();
  const standsFor = new Map<string, string>();
  const isOutput = new Set<string>();
  const random = new Set<string>();
  for (const { id, signature, output, deterministic, parents } of nodes) {
    const isRandom = deterministic === false || parents.some((parent) => random.has(parent));
    if (isRandom) random.add(id);
    const representative = isRandom ? id : (first.get(signature) ?? id);
    if (!isRandom && representative === id) first.set(signature, id);
    standsFor.set(id, representative);
    if (output === true) isOutput.add(representative);
  }
  const merged: N[] = [];
  for (const node of nodes) {
    if (standsFor.get(node.id) !== node.id) continue;
    const parents = [...new Set(node.parents.map((parent) => standsFor.get(parent) ?? parent))];
    merged.push(isOutput.has(node.id) ? { ...node, parents, output: true } : { ...node, parents });
  }
  return merged;
}
