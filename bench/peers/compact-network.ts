import type { ReuseProblem } from "../../src/core/problem.ts";

/** The network a peer gets: pruned to what the outputs need, x and y of nodes that are not stored in one. */
export interface CompactNetwork {
  readonly nodeCount: number;
  /** Node 0 is the source, node 1 the sink. */
  readonly tails: Int32Array;
  readonly heads: Int32Array;
  readonly capacities: Float64Array;
  /** Shape (nodes of the problem): the node that drains the compute cost, −1 where no output needs it. */
  readonly sinkNodes: Int32Array;
}

/** Builds the compact network of a problem (see `src/core/certificate.ts`); unlimited arcs have capacity Σc + 1. O(V + E). */
export function compactNetwork(problem: ReuseProblem): CompactNetwork {
  const { nodeCount: n, parentOffsets, parentIds, computeUs, loadUs, outputs } = problem;
  const needed = new Uint8Array(n);
  for (const o of outputs) needed[o] = 1;
  for (let v = n - 1; v >= 0; v--)
    if (needed[v] === 1) for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) needed[parentIds[e]!] = 1;
  const x = new Int32Array(n);
  const y = new Int32Array(n);
  let count = 2;
  let unlimited = 1;
  for (let v = 0; v < n; v++) {
    if (needed[v] === 0) continue;
    unlimited += computeUs[v]!;
    x[v] = y[v] = count++;
    if (loadUs[v] !== Number.POSITIVE_INFINITY) y[v] = count++;
  }
  let arcs = outputs.length;
  for (let v = 0; v < n; v++)
    if (needed[v] === 1) arcs += (x[v] === y[v] ? 1 : 2) + parentOffsets[v + 1]! - parentOffsets[v]!;
  const tails = new Int32Array(arcs);
  const heads = new Int32Array(arcs);
  const capacities = new Float64Array(arcs);
  let at = 0;
  const add = (tail: number, head: number, capacity: number): void => {
    tails[at] = tail;
    heads[at] = head;
    capacities[at++] = capacity;
  };
  for (const o of outputs) add(0, x[o]!, unlimited);
  for (let v = 0; v < n; v++) {
    if (needed[v] === 0) continue;
    if (x[v] !== y[v]) add(x[v]!, y[v]!, loadUs[v]!);
    add(y[v]!, 1, computeUs[v]!);
    for (let e = parentOffsets[v]!; e < parentOffsets[v + 1]!; e++) add(y[v]!, x[parentIds[e]!]!, unlimited);
  }
  return {
    nodeCount: count,
    tails,
    heads,
    capacities,
    sinkNodes: y.map((node, v) => (needed[v] === 1 ? node : -1)),
  };
}

/** Packs networks the way `peers.py` reads them. */
export function packNetworks(networks: readonly Omit<CompactNetwork, "sinkNodes">[]): Buffer {
  const parts: Buffer[] = [Buffer.from(Int32Array.of(networks.length, 0).buffer)];
  for (const { nodeCount, tails, heads, capacities } of networks) {
    parts.push(Buffer.from(Int32Array.of(nodeCount, tails.length).buffer));
    for (const array of [tails, heads, capacities]) {
      parts.push(Buffer.from(array.buffer, array.byteOffset, array.byteLength));
      if (array.byteLength % 8 !== 0) parts.push(Buffer.alloc(8 - (array.byteLength % 8)));
    }
  }
  return Buffer.concat(parts);
}
