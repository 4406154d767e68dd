/**
 * Maximum flow by shortest augmenting paths.
 *
 * Source: Edmonds and Karp, J. ACM 1972.
 * Departures: the source is the node number given, the sink is implicit in `drain`.
 */
import type { FlowNetwork } from "./flow-network.ts";

/**
 * Sends as much as possible from `source` to the sink, in place; `excess` is neither read nor written. O(V · A²).
 *
 * @returns shape (n): 1 where the source still reaches, the smallest source side of a minimum cut
 */
export function edmondsKarp(network: FlowNetwork, source: number): Uint8Array {
  const { nodeCount: n, firstArc, head, mate, residual, drain } = network;
  const via = new Int32Array(n); // arc by which the search came
  const queue = new Int32Array(n);
  const seen = new Uint8Array(n);
  for (;;) {
    // Breadth first from the source until some node can still drain.
    seen.fill(0);
    seen[source] = 1;
    queue[0] = source;
    let tail = 1;
    let end = -1;
    for (let q = 0; q < tail && end < 0; q++) {
      const v = queue[q]!;
      if (drain[v]! > 0) {
        end = v;
        break;
      }
      for (let e = firstArc[v]!; e < firstArc[v + 1]!; e++) {
        const u = head[e]!;
        if (seen[u] === 1 || residual[e]! <= 0) continue;
        seen[u] = 1;
        via[u] = e;
        queue[tail++] = u;
      }
    }
    if (end < 0) return seen;

    // Back along the path: first its bottleneck, then the change.
    let us = drain[end]!;
    for (let v = end; v !== source; v = head[mate[via[v]!]!]!) us = Math.min(us, residual[via[v]!]!);
    for (let v = end; v !== source; v = head[mate[via[v]!]!]!) {
      residual[via[v]!]! -= us;
      residual[mate[via[v]!]!]! += us;
    }
    drain[end]! -= us;
  }
}
