/** A fast-check arbitrary for sequences of workflow versions, small enough to follow by hand. */
import fc from "fast-check";
import type { NodeKind, TraceIteration, TraceNode } from "../core/iteration.ts";

/** Bounds of {@link sequenceArbitrary}. */
export interface SequenceBounds {
  /** Most nodes of a version; 6 if left out. */
  readonly maxNodes?: number;
  /** Most edits after the first version; 5 if left out. */
  readonly maxEdits?: number;
}

interface DrawnNode {
  readonly links: readonly boolean[];
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  readonly sizeBytes: number;
  readonly kind: NodeKind;
  readonly output: boolean;
  readonly deterministic: boolean;
}

interface DrawnEdit {
  readonly node: number;
  readonly back: number;
  readonly undo: boolean;
}

/**
 * Sequences of edits to one workflow: each edit changes one node of an earlier version (mostly the last) or takes a change
 * back, so that results become stale and come again. Sizes are at least 1, costs small, so that ties are frequent.
 */
export function sequenceArbitrary(bounds: SequenceBounds = {}): fc.Arbitrary<readonly TraceIteration[]> {
  const { maxNodes = 6, maxEdits = 5 } = bounds;
  const node: fc.Arbitrary<DrawnNode> = fc.record({
    links: fc.array(fc.boolean(), { minLength: maxNodes, maxLength: maxNodes }),
    computeUs: fc.nat(40),
    loadUs: fc.nat(20),
    writeUs: fc.nat(20),
    sizeBytes: fc.integer({ min: 1, max: 30 }),
    kind: fc.constantFrom("dpr", "li", "ppr"),
    output: fc.boolean(),
    deterministic: fc.nat(9).map((draw) => draw > 0),
  });
  const edit: fc.Arbitrary<DrawnEdit> = fc.record({
    node: fc.nat(maxNodes - 1),
    back: fc.nat(2),
    undo: fc.boolean(),
  });
  return fc
    .tuple(fc.array(node, { minLength: 1, maxLength: maxNodes }), fc.array(edit, { maxLength: maxEdits }))
    .map(([nodes, edits]) => sequenceOf(nodes, edits));
}

function sequenceOf(nodes: readonly DrawnNode[], edits: readonly DrawnEdit[]): readonly TraceIteration[] {
  const versions: number[][] = [nodes.map(() => 0)];
  const iterations: TraceIteration[] = [{ iteration: 0, changeType: "initial", nodes: listed(nodes, versions[0]!) }];
  for (const { node, back, undo } of edits) {
    const iteration = versions.length;
    const base = Math.max(0, iteration - 1 - (back === 2 ? 1 : 0));
    const version = [...versions[base]!];
    const at = node % nodes.length;
    version[at] = undo ? 0 : iteration;
    versions.push(version);
    iterations.push({ iteration, base, changeType: nodes[at]!.kind, nodes: listed(nodes, version) });
  }
  return iterations;
}

function listed(nodes: readonly DrawnNode[], version: readonly number[]): readonly TraceNode[] {
  const signatures: string[] = [];
  return nodes.map(({ links, ...drawn }, i): TraceNode => {
    const parents = nodes.flatMap((_, p) => (p < i && links[p] === true ? [p] : []));
    signatures.push(`${i}.${version[i]}(${parents.map((p) => signatures[p]).join(",")})`);
    return { id: `n${i}`, op: `op${i}`, signature: signatures[i]!, parents: parents.map((p) => `n${p}`), ...drawn };
  });
}
