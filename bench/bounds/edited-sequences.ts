import type { TraceIteration } from "../../src/core/iteration.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";

/**
 * A workflow of `nodes` nodes under `versions` − 1 random edits: each changes one node of the later three quarters and what
 * follows from it. Costs and sizes spread over three orders of magnitude; loads and writes by profile `helix-paper`.
 */
export function editedSequence(seed: number, nodes: number, versions: number): TraceIteration[] {
  const rng = rngStream(seed, `edited/${nodes}/${versions}`);
  const reach = Math.max(6, Math.floor(nodes / 4));
  const parents = Array.from({ length: nodes }, (_, i) => {
    const set = new Set<number>();
    if (i > 0) for (let k = randomInt(rng, 1, 3); k > 0; k--) set.add(randomInt(rng, Math.max(0, i - reach), i - 1));
    return [...set];
  });
  const computeUs = Array.from({ length: nodes }, () => Math.floor(2000 * Math.exp(7 * rng())));
  const sizeBytes = Array.from({ length: nodes }, () => Math.floor(20_000 * Math.exp(8 * rng())));
  const edited = new Int32Array(nodes);
  return Array.from({ length: versions }, (_, t): TraceIteration => {
    if (t > 0) {
      const changed = new Uint8Array(nodes);
      changed[randomInt(rng, Math.floor(nodes / 4), nodes - 1)] = 1;
      for (let i = 0; i < nodes; i++) {
        if (parents[i]!.some((p) => changed[p] === 1)) changed[i] = 1;
        if (changed[i] === 1) edited[i] = t;
      }
    }
    return {
      iteration: t,
      changeType: t === 0 ? "initial" : "dpr",
      nodes: parents.map((list, i) => ({
        id: `n${i}`,
        op: "op",
        signature: `${i}@${edited[i]}`,
        parents: list.map((p) => `n${p}`),
        computeUs: computeUs[i]!,
        sizeBytes: sizeBytes[i]!,
      })),
    };
  });
}
