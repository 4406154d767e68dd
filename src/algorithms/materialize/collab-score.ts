/**
 * The utility of the Collaborative Optimizer: U = α·p′ + (1 − α)·r′, 0 where loading costs no less than recreating.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §5, potential and recreation rate, each divided by its sum over the experiment graph.
 * Departures: none with `codeCompat` off. With it, as in the released code: a result whose load costs exactly its recreation
 * is kept in the race, ancestors count once per path, frequencies stop growing for what reuse pruned, and a model's
 * children and grandchildren have its quality too.
 */
import { z } from "zod";
import type { ExperimentGraph } from "../../core/experiment-graph.ts";
import { addExact, maxExact } from "../../core/units.ts";

/** Parameters of the Collaborative Optimizer's materializers. */
export interface CollabParams {
  /** Weight of a result's potential, in [0, 1]; the rest is the weight of its recreation cost per byte. */
  readonly alpha: number;
  /** Do as the released code does where it differs from the paper. */
  readonly codeCompat: boolean;
}

/** Schema of {@link CollabParams}. */
export const collabParams: z.ZodType<CollabParams> = z.object({
  alpha: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("weight of the quality a result leads to, against time saved per byte"),
  codeCompat: z.boolean().default(false).describe("as the released code, where it differs from the paper"),
});

/** Utility of vertices at sizes that may shrink. */
export interface UtilityScore {
  /** Candidates that are worth storing, ascending. */
  readonly worthwhile: readonly number[];
  /** Utility of a worthwhile candidate that takes `bytes` bytes; 0 counts as 1. O(1). */
  utility(vertex: number, bytes: number): number;
}

/** Scores all candidates. O(candidates · their ancestors); with `codeCompat` O(V + E). */
export function scoreCandidates(graph: ExperimentGraph, { alpha, codeCompat }: CollabParams): UtilityScore {
  const shares = codeCompat ? asReleased(graph) : asPublished(graph);
  const worthwhile = graph.candidates().filter((v) => {
    const savedUs = shares.recreationUs(v) - graph.loadUs(v);
    return codeCompat ? savedUs >= 0 : savedUs > 0;
  });
  // By vertex; a candidate that is not worthwhile has neither.
  const ofPotential = new Float64Array(graph.vertexCount);
  const ofRate = new Float64Array(graph.vertexCount);
  for (const v of worthwhile) {
    ofPotential[v] = alpha * shares.potentialShare(v);
    ofRate[v] = (1 - alpha) * shares.perByteShare(v);
  }
  const utility = (vertex: number, bytes: number): number =>
    ofPotential[vertex]! + ofRate[vertex]! / Math.max(1, bytes);
  return { worthwhile: worthwhile.filter((v) => utility(v, graph.sizeBytes(v)) > 0), utility };
}

/** Vertices by falling utility at their sizes; of equals the one known longer first. */
export function byUtility(
  vertices: readonly number[],
  score: UtilityScore,
  bytesOf: (vertex: number) => number,
): number[] {
  const worth = Float64Array.from(vertices, (v) => score.utility(v, bytesOf(v)));
  const places = [...vertices.keys()].sort((a, b) => worth[b]! - worth[a]! || vertices[a]! - vertices[b]!);
  return places.map((place) => vertices[place]!);
}

interface Shares {
  recreationUs(vertex: number): number;
  /** Share of the recreation rate the vertex would have if it had one byte. */
  perByteShare(vertex: number): number;
  potentialShare(vertex: number): number;
}

function asPublished(graph: ExperimentGraph): Shares {
  return {
    recreationUs: (v) => graph.recreationUs(v),
    perByteShare: (v) => graph.recreationShare(v, 1),
    potentialShare: (v) => graph.potentialShare(v),
  };
}

function asReleased(graph: ExperimentGraph): Shares {
  const n = graph.vertexCount;
  const pathUs = new Float64Array(n);
  const quality = new Float64Array(n);
  for (let v = 0; v < n; v++) {
    let us = graph.computeUs(v);
    let best = graph.quality(v) ?? 0;
    for (const parent of graph.parents(v)) {
      us = addExact(us, pathUs[parent]!);
      best = Math.max(best, graph.quality(parent) ?? 0);
      for (const above of graph.parents(parent)) best = Math.max(best, graph.quality(above) ?? 0);
    }
    pathUs[v] = Math.min(us, maxExact);
    quality[v] = best;
  }
  for (let v = n - 1; v >= 0; v--)
    for (const parent of graph.parents(v)) quality[parent] = Math.max(quality[parent]!, quality[v]!);
  let rates = 0;
  let potentials = 0;
  for (let v = 0; v < n; v++) {
    rates += (graph.executions(v) * pathUs[v]!) / Math.max(1, graph.sizeBytes(v));
    potentials += quality[v]!;
  }
  return {
    recreationUs: (v) => pathUs[v]!,
    perByteShare: (v) => (rates === 0 ? 0 : (graph.executions(v) * pathUs[v]!) / rates),
    potentialShare: (v) => (potentials === 0 ? 0 : quality[v]! / potentials),
  };
}
