/** fast-check arbitraries for whatever the harness takes: problems of all shapes, small enough to solve by hand. */
import fc from "fast-check";
import type { ReuseProblem } from "../core/problem.ts";

/** Bounds of {@link problemArbitrary}. */
export interface ProblemBounds {
  /** Most nodes; 8 if left out. */
  readonly maxNodes?: number;
  /** Largest cost in microseconds; 9 if left out, so that ties and zeros are frequent. */
  readonly maxCostUs?: number;
  /** `in-forest`: every node has at most one child and outputs have none, as where the linear pass is optimal. */
  readonly shape?: "dag" | "in-forest";
  /** True to store a node only with l ≤ c. */
  readonly cheapLoads?: boolean;
}

interface DrawnNode {
  readonly computeUs: number;
  readonly loadUs: number;
  readonly stored: boolean;
  readonly output: boolean;
  readonly links: readonly boolean[];
  readonly child: number;
}

/**
 * Legal problems with integer costs: ties, zero costs, several outputs, outputs with children, nodes no output needs.
 * Shrinks towards few nodes, no arcs and cost 0.
 */
export function problemArbitrary(bounds: ProblemBounds = {}): fc.Arbitrary<ReuseProblem> {
  const { maxNodes = 8, maxCostUs = 9, shape = "dag", cheapLoads = false } = bounds;
  const node: fc.Arbitrary<DrawnNode> = fc.record({
    computeUs: fc.nat(maxCostUs),
    loadUs: fc.nat(maxCostUs * 2),
    stored: fc.boolean(),
    output: fc.boolean(),
    links: fc.array(fc.boolean(), { minLength: maxNodes, maxLength: maxNodes }),
    child: fc.nat(maxNodes - 1),
  });
  return fc.array(node, { minLength: 1, maxLength: maxNodes }).map((nodes) => assemble(nodes, shape, cheapLoads));
}

function assemble(nodes: readonly DrawnNode[], shape: "dag" | "in-forest", cheapLoads: boolean): ReuseProblem {
  const n = nodes.length;
  const parents: number[][] = nodes.map(() => []);
  const hasChild = new Uint8Array(n);
  for (const [v, node] of nodes.entries()) {
    if (shape === "in-forest") {
      const child = v + 1 + (node.child % (n - v)); // n: no child
      if (child < n) parents[child]!.push(v);
      hasChild[v] = child < n ? 1 : 0;
    } else {
      for (let p = 0; p < v; p++) if (node.links[p] === true) parents[v]!.push(p);
    }
  }
  const outputs: number[] = [];
  for (const [v, node] of nodes.entries())
    if (shape === "in-forest" ? hasChild[v] === 0 : node.output || v === n - 1) outputs.push(v);
  const parentOffsets = new Int32Array(n + 1);
  for (let v = 0; v < n; v++) parentOffsets[v + 1] = parentOffsets[v]! + parents[v]!.length;
  return {
    nodeCount: n,
    parentOffsets,
    parentIds: Int32Array.from(parents.flat()),
    computeUs: Float64Array.from(nodes, (node) => node.computeUs),
    loadUs: Float64Array.from(nodes, (node) => {
      if (!node.stored) return Number.POSITIVE_INFINITY;
      return cheapLoads ? Math.min(node.loadUs, node.computeUs) : node.loadUs;
    }),
    outputs: Int32Array.from(outputs),
  };
}
