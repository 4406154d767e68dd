import type { Iteration, IterationNode } from "../../core/iteration.ts";

/** A recorded segment: its nodes, their time with a barrier at each, and with none inside. */
interface Priced {
  readonly count: number;
  readonly fusedUs: number;
  /** Time that each barrier inside it costs; negative where fusing is dearer. */
  readonly barrierUs: number;
}

/**
 * Prices statements that compute any part of a version, from what a recording knows: each node by itself, and whole segments.
 *
 * A barrier inside a recorded segment costs (Σ isolated − fused) ÷ (nodes − 1). A statement with k nodes of the segment costs
 * Σ isolated − (k − 1) barriers: the isolated time for one node, the fused time for all of them. Nodes of several segments, and
 * those of none, are added up. O(nodes).
 *
 * @returns microseconds of a statement, a whole number
 */
export function statementCosts(recorded: Iteration): (nodes: readonly IterationNode[]) => number {
  const costOf = new Map(recorded.nodes.map(({ id, computeUs }) => [id, computeUs ?? 0]));
  const segmentOf = new Map<string, Priced>();
  for (const { nodes, fusedUs } of recorded.segments ?? []) {
    const isolatedUs = nodes.reduce((sum, id) => sum + (costOf.get(id) ?? 0), 0);
    const barrierUs = nodes.length < 2 ? 0 : (isolatedUs - fusedUs) / (nodes.length - 1);
    const priced = { count: nodes.length, fusedUs, barrierUs };
    for (const id of nodes) segmentOf.set(id, priced);
  }
  return (nodes) => {
    let us = 0;
    const parts = new Map<Priced, { count: number; us: number }>();
    for (const { id } of nodes) {
      const own = costOf.get(id) ?? 0;
      const segment = segmentOf.get(id);
      if (segment === undefined) {
        us += own;
        continue;
      }
      const part = parts.get(segment);
      if (part === undefined) parts.set(segment, { count: 1, us: own });
      else {
        part.count++;
        part.us += own;
      }
    }
    for (const [{ count, fusedUs, barrierUs }, part] of parts)
      us += part.count === count ? fusedUs : Math.max(0, part.us - (part.count - 1) * barrierUs);
    return Math.round(us);
  };
}
