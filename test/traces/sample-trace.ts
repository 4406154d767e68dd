import type { TraceHeader, TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import { randomInt, rngStream } from "../../src/core/rng.ts";

/** A node with the required fields, others as given. */
export function node(id: string, parents: readonly string[], fields: Partial<TraceNode> = {}): TraceNode {
  return { id, op: `op-${id}`, signature: `${id}@1`, parents, computeUs: 1000, sizeBytes: 500, ...fields };
}

/** A header with a name. */
export function header(name = "sample"): TraceHeader {
  return { format: "reuselab.trace", version: 1, name };
}

/** Two iterations of four nodes; the second changes `model`. */
export function sampleIterations(): TraceIteration[] {
  const rows = node("rows", [], { computeUs: 800_000, sizeBytes: 4_000_000, kind: "dpr" });
  const age = node("age", ["rows"], { computeUs: 50_000, sizeBytes: 300_000, loadUs: 9_000, writeUs: 12_000 });
  const model = node("model", ["age"], { computeUs: 400_000, sizeBytes: 2_000, quality: 0.84, kind: "li" });
  const score = node("score", ["model"], { computeUs: 5_000, sizeBytes: 10, output: true, kind: "ppr" });
  return [
    {
      iteration: 0,
      label: "initial",
      changeType: "initial",
      nodes: [rows, age, model, score],
      segments: [{ nodes: ["rows", "age"], fusedUs: 500_000 }],
      metrics: { accuracy: 0.851 },
    },
    {
      iteration: 1,
      changeType: "li",
      base: 0,
      nodes: [rows, age, { ...model, signature: "model@2" }, { ...score, signature: "score@2" }],
    },
  ];
}

/** A seeded trace in which every iteration changes one node and what follows from it, as an edit does. */
export function* editedIterations(iterationCount: number, nodeCount: number, seed: number): Generator<TraceIteration> {
  const rng = rngStream(seed, "edited");
  const versions = new Int32Array(nodeCount);
  const parents = Array.from({ length: nodeCount }, (_, i) => {
    const set = new Set<number>();
    if (i > 0) for (let k = randomInt(rng, 1, 3); k > 0; k--) set.add(randomInt(rng, Math.max(0, i - 50), i - 1));
    return [...set];
  });
  for (let iteration = 0; iteration < iterationCount; iteration++) {
    if (iteration > 0) {
      const dirty = new Uint8Array(nodeCount);
      dirty[randomInt(rng, Math.floor(nodeCount / 2), nodeCount - 1)] = 1;
      for (let i = 0; i < nodeCount; i++) {
        if (parents[i]!.some((p) => dirty[p] === 1)) dirty[i] = 1;
        if (dirty[i] === 1) versions[i] = iteration;
      }
    }
    yield {
      iteration,
      changeType: iteration === 0 ? "initial" : "dpr",
      nodes: parents.map((list, i) => ({
        id: `n${i}`,
        op: `op${i % 7}`,
        signature: `sha256-of-node-${i}-at-version-${versions[i]}`,
        parents: list.map((p) => `n${p}`),
        computeUs: 1000 + 7 * i,
        sizeBytes: 100 * i,
      })),
    };
  }
}
