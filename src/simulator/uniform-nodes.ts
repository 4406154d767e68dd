import type { IterationNode } from "../core/iteration.ts";

/**
 * The same nodes with the same fields in the same order, undefined where one has none: code that goes through them is
 * compiled once instead of for every set of fields that lines happen to have. O(nodes).
 */
export function uniformNodes(nodes: readonly IterationNode[]): readonly IterationNode[] {
  return nodes.map((node) => uniform(node) as IterationNode);
}

function uniform(node: IterationNode): { readonly [name in keyof Required<IterationNode>]: IterationNode[name] } {
  return {
    id: node.id,
    op: node.op,
    signature: node.signature,
    parents: node.parents,
    kind: node.kind,
    deterministic: node.deterministic,
    output: node.output,
    weight: node.weight,
    computeUs: node.computeUs,
    sizeBytes: node.sizeBytes,
    loadUs: node.loadUs,
    loadHotUs: node.loadHotUs,
    writeUs: node.writeUs,
    memoryBytes: node.memoryBytes,
    computeCv: node.computeCv,
    columns: node.columns,
    quality: node.quality,
    operation: node.operation,
    operator: node.operator,
  };
}
