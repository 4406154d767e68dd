/**
 * A flow network in the form every solver here works on: arcs in pairs, grouped by tail, source and sink implicit.
 *
 * The source is the initial `excess` of the nodes, the sink is the `drain` each node may still pass to it.
 */

/** A network under solution; solvers change `residual`, `excess` and `drain` in place. */
export interface FlowNetwork {
  readonly nodeCount: number;
  /** Shape (n+1): arcs leaving v are `firstArc[v] … firstArc[v+1])`; both members of a pair are listed, each at its tail. */
  readonly firstArc: Int32Array;
  /** Shape (arcs): node an arc leads to. */
  readonly head: Int32Array;
  /** Shape (arcs): index of the opposite arc of the pair. */
  readonly mate: Int32Array;
  /** Shape (arcs): what may still be sent along, an integer; the opposite arc holds what may be taken back. */
  readonly residual: Float64Array;
  /** Shape (n): units waiting at a node; initially what the source sends there. */
  readonly excess: Float64Array;
  /** Shape (n): what the node may still send to the sink. */
  readonly drain: Float64Array;
  /** Shape (a): where arc number e of the list it was built from stands; its flow is `residual[mate[arcAt[e]]]`. */
  readonly arcAt: Int32Array;
}

/**
 * Builds a {@link FlowNetwork} from a list of one-way arcs; both members of a pair are made, the opposite one empty.
 *
 * O(V + A).
 *
 * @param nodeCount number of nodes besides source and sink
 * @param tails shape (a): node each arc leaves
 * @param heads shape (a): node each arc enters
 * @param capacityOf capacity of arc number e; an integer, for "unlimited" anything above the largest possible flow
 * @param excess shape (n): capacity from the source; kept, not copied
 * @param drain shape (n): capacity to the sink; kept, not copied
 */
export function flowNetwork(
  nodeCount: number,
  tails: Int32Array,
  heads: Int32Array,
  capacityOf: (arc: number) => number,
  excess: Float64Array,
  drain: Float64Array,
): FlowNetwork {
  const a = tails.length;
  const firstArc = new Int32Array(nodeCount + 1);
  for (let e = 0; e < a; e++) {
    firstArc[tails[e]! + 1]!++;
    firstArc[heads[e]! + 1]!++;
  }
  for (let v = 0; v < nodeCount; v++) firstArc[v + 1]! += firstArc[v]!;
  const at = firstArc.slice(0, nodeCount);
  const head = new Int32Array(2 * a);
  const mate = new Int32Array(2 * a);
  const residual = new Float64Array(2 * a);
  const arcAt = new Int32Array(a);
  for (let e = 0; e < a; e++) {
    const u = tails[e]!;
    const v = heads[e]!;
    const there = at[u]!++;
    const back = at[v]!++;
    head[there] = v;
    head[back] = u;
    mate[there] = back;
    mate[back] = there;
    residual[there] = capacityOf(e);
    arcAt[e] = there;
  }
  return { nodeCount, firstArc, head, mate, residual, excess, drain, arcAt };
}
