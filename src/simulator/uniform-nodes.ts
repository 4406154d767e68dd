import type { ColumnBytes, IterationNode } from "../core/iteration.ts";

/**
 * The same nodes with the same fields in the same order, undefined where one has none: code that goes through them is
 * compiled once instead of for every set of fields that lines happen to have. O(nodes).
 *
 * @param columnsOf gives the columns of a node, which may be another node's equal ones
 */
export function uniformNodes(
  nodes: readonly IterationNode[],
  columnsOf: (node: IterationNode) => readonly ColumnBytes[] | undefined,
): readonly IterationNode[] {
  return nodes.map((node) => uniform(node, columnsOf(node)) as IterationNode);
}

function uniform(
  node: IterationNode,
  columns: readonly ColumnBytes[] | undefined,
): { readonly [name in keyof Required<IterationNode>]: IterationNode[name] } {
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
    columns,
    quality: node.quality,
    operation: node.operation,
    operator: node.operator,
  };
}
