import { expect, it } from "vitest";
import type { TraceIteration, TraceNode } from "../../../src/core/iteration.ts";
import { randomInt, type Rng, rngStream } from "../../../src/core/rng.ts";
import { simulatedExecutor } from "../../../src/executors/simulated/simulated-executor.ts";
import { recordWorkload } from "../../../src/harness/recording/record-workload.ts";

/** A trace of random shape and costs in which a signature has the same costs in every iteration, as recordings do. */
function randomTrace(rng: Rng): TraceIteration[] {
  const costs = new Map<string, Partial<TraceNode> & { computeUs: number; sizeBytes: number }>();
  const costsOf = (signature: string): Partial<TraceNode> & { computeUs: number; sizeBytes: number } => {
    const drawn = costs.get(signature) ?? {
      computeUs: randomInt(rng, 0, 1e9),
      sizeBytes: randomInt(rng, 0, 1e9),
      loadUs: randomInt(rng, 0, 1e6),
      writeUs: randomInt(rng, 0, 1e6),
      memoryBytes: randomInt(rng, 0, 1e9),
    };
    costs.set(signature, drawn);
    return drawn;
  };
  let edited: number[] = Array.from({ length: 12 }, () => 0);
  return Array.from({ length: 6 }, (_, iteration) => {
    if (iteration > 0) edited = edited.map((version) => version + (rng() < 0.15 ? 1 : 0));
    const nodes: TraceNode[] = [];
    for (const [i, version] of edited.entries()) {
      const parents = nodes.filter(() => rng() < 0.3).map(({ id }) => id);
      const signature = `${i}.${version}(${nodes
        .filter(({ id }) => parents.includes(id))
        .map((node) => node.signature)
        .join()})`;
      nodes.push({ id: `n${i}`, op: "any", signature, parents, output: i === 11, ...costsOf(signature) });
    }
    return { iteration, changeType: iteration === 0 ? ("initial" as const) : ("dpr" as const), nodes };
  });
}

it.each([1, 2, 3, 4, 5])("recording a replayed trace reproduces its costs exactly (seed %i)", async (seed) => {
  const trace = randomTrace(rngStream(seed, "replay"));
  const { iterations } = await recordWorkload({
    versions: trace,
    repetitions: 3,
    seed,
    openEngine: () => {
      const executor = simulatedExecutor();
      return { executor, close: () => executor.close() };
    },
  });
  const costsOnly = iterations.map((iteration) => ({
    ...iteration,
    nodes: iteration.nodes.map(({ loadHotUs, computeCv, ...node }) => {
      expect(loadHotUs).toBe(node.loadUs);
      expect(computeCv).toBe(0);
      return node;
    }),
  }));
  expect(costsOnly).toEqual(trace);
});
