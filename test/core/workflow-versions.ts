import type { Operator } from "../../src/core/operators.ts";
import { inTopologicalOrder, type WorkflowNode, type WorkflowVersion } from "../../src/core/workflow.ts";
import fc from "fast-check";

/** A node that reads some others; `edge` tells operators apart. */
export function step(name: string, edge: number, ...parents: readonly string[]): WorkflowNode {
  const operator: Operator = { op: "bucketise", edges: [edge] };
  return { name, operator, parents, kind: "dpr" };
}

/** A version of some nodes, in topological order. */
export function version(outputs: readonly string[], ...nodes: readonly WorkflowNode[]): WorkflowVersion {
  return { nodes: inTopologicalOrder(nodes), outputs };
}

/** Random versions: up to 12 nodes named n0, n1 …, each reading any earlier ones; outputs are drawn too. */
export const anyVersion: fc.Arbitrary<WorkflowVersion> = fc
  .integer({ min: 1, max: 12 })
  .chain((count) =>
    fc.tuple(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.array(fc.nat({ max: 30 }), { maxLength: 3 })), {
        minLength: count,
        maxLength: count,
      }),
      fc.array(fc.nat({ max: count - 1 }), { minLength: 1, maxLength: 3 }),
    ),
  )
  .map(([drawn, outputs]) => ({
    nodes: drawn.map(([edge, reads], i) =>
      step(`n${i}`, edge, ...(i === 0 ? [] : [...new Set(reads.map((read) => `n${read % i}`))])),
    ),
    outputs: [...new Set(outputs.map((output) => `n${output}`))],
  }));
