/** Seeded random problems, small and mean: ties, zero costs, several outputs, outputs with children. */
import type { ReuseProblem } from "../../src/core/problem.ts";
import { randomInt, type Rng } from "../../src/core/rng.ts";

/** Knobs of {@link randomProblem}; all have defaults. */
export interface RandomProblemKnobs {
  readonly minNodes?: number;
  readonly maxNodes?: number;
  /** Probability of each arc. */
  readonly density?: number;
  /** Probability that a node is stored. */
  readonly stored?: number;
  /** Largest cost; small values make ties. */
  readonly maxCostUs?: number;
  /** Probability of a further output per node. */
  readonly outputs?: number;
}

/** Draws a problem over ids 0…n−1 in topological order. */
export function randomProblem(rng: Rng, knobs: RandomProblemKnobs = {}): ReuseProblem {
  const { minNodes = 1, maxNodes = 7, maxCostUs = 9 } = knobs;
  const n = randomInt(rng, minNodes, maxNodes);
  const density = knobs.density ?? [0.15, 0.3, 0.5, 0.8][randomInt(rng, 0, 3)]!;
  const stored = knobs.stored ?? [0.2, 0.5, 0.8, 1][randomInt(rng, 0, 3)]!;
  const zeros = [0, 0.2, 0.6][randomInt(rng, 0, 2)]!;
  const cost = (max: number): number => (rng() < zeros ? 0 : randomInt(rng, 0, max));
  const loadScale = randomInt(rng, 1, 4);
  const parentOffsets = new Int32Array(n + 1);
  const parentIds: number[] = [];
  const computeUs = new Float64Array(n);
  const loadUs = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (let v = 0; v < n; v++) {
    for (let p = 0; p < v; p++) if (rng() < density) parentIds.push(p);
    parentOffsets[v + 1] = parentIds.length;
    computeUs[v] = cost(maxCostUs);
    if (rng() < stored) loadUs[v] = cost(maxCostUs * loadScale);
  }
  const chosen = new Set<number>([rng() < 0.7 ? n - 1 : randomInt(rng, 0, n - 1)]);
  const more = knobs.outputs ?? [0, 0.2, 0.5][randomInt(rng, 0, 2)]!;
  for (let v = 0; v < n; v++) if (rng() < more) chosen.add(v);
  return {
    nodeCount: n,
    parentOffsets,
    parentIds: Int32Array.from(parentIds),
    computeUs,
    loadUs,
    outputs: Int32Array.from(chosen),
  };
}
