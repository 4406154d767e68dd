import type { MaterializationInstance } from "../../src/bounds/materialization.ts";
import { randomInt, type Rng } from "../../src/core/rng.ts";

/** How the costs of an instance are drawn. */
export interface FutureOptions {
  readonly nodes: number;
  readonly futures: number;
  /** Share of all bytes. */
  readonly budgetShare: number;
  /** Spread of costs and sizes: `small` integers with ties, or `wide` over three orders of magnitude. */
  readonly costs: "small" | "wide";
  /** Every node has one consumer. */
  readonly tree?: boolean;
}

/**
 * A random workflow and single-edit future workloads: in each, one node and what follows from it cannot be loaded. Loads cost
 * some 0.3 µs a byte.
 */
export function futureInstance(rng: Rng, options: FutureOptions): MaterializationInstance {
  const { nodes: n, futures, budgetShare, costs, tree = false } = options;
  const parents: number[][] = Array.from({ length: n }, () => []);
  for (let i = 1; i < n; i++) {
    // Edges go to later nodes within reach, so that depth grows with size.
    if (tree) parents[Math.min(n - 1, i - 1 + randomInt(rng, 1, 4))]!.push(i - 1);
    else
      for (let k = randomInt(rng, 1, 3); k > 0; k--) {
        const p = randomInt(rng, Math.max(0, i - 8), i - 1);
        if (!parents[i]!.includes(p)) parents[i]!.push(p);
      }
  }
  if (tree) for (const [i, list] of parents.entries()) parents[i] = [...new Set(list.filter((p) => p < i))];
  const isParent = new Uint8Array(n);
  for (const list of parents) for (const p of list) isParent[p] = 1;
  const draw = (): number => (costs === "small" ? randomInt(rng, 0, 9) : Math.floor(1000 * Math.exp(7 * rng())));
  const computeUs = Float64Array.from({ length: n }, draw);
  const sizeBytes = Float64Array.from({ length: n }, () => (costs === "small" ? randomInt(rng, 0, 5) : draw()));
  const offsets = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) offsets[i + 1] = offsets[i]! + parents[i]!.length;
  const problem = {
    nodeCount: n,
    parentOffsets: offsets,
    parentIds: Int32Array.from(parents.flat()),
    computeUs,
    loadUs: sizeBytes.map((bytes) => Math.ceil(bytes * 0.3)),
    outputs: Int32Array.from(Array.from(isParent, (_, i) => i).filter((i) => isParent[i] === 0)),
  };
  return {
    sizeBytes,
    budgetBytes: Math.floor(sizeBytes.reduce((sum, bytes) => sum + bytes, 0) * budgetShare),
    futures: Array.from({ length: futures }, () => {
      const changed = new Uint8Array(n);
      changed[randomInt(rng, 0, n - 1)] = 1;
      for (let i = 0; i < n; i++) if (parents[i]!.some((p) => changed[p] === 1)) changed[i] = 1;
      return {
        weight: randomInt(rng, 1, 2),
        problem,
        resultOf: Int32Array.from(changed, (c, i) => (c === 1 ? -1 : i)),
      };
    }),
  };
}
