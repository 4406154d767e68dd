/**
 * HELIX's rule as the evaluation of the Collaborative Optimizer runs it: at the end of a workflow, over the whole experiment
 * graph, with factor 1.
 *
 * Source: the released code of Derakhshan et al., SIGMOD 2020: vertices in topological order, taken if recreation costs more
 * than loading and the size fits, from an empty set every time; what is not taken is evicted.
 * Departures: recreation is over the set of ancestors, where the released one-pass code counts shared ancestors once per
 * path; the comparison is strict, as in HELIX.
 */
import type { ExperimentGraph } from "../../core/experiment-graph.ts";
import type { BatchMaterializer } from "../../core/materializer.ts";
import { helixParams, type HelixParams } from "./helix-params.ts";

/** First fit in order of first appearance; O(candidates · their ancestors). */
export const helixCollab: BatchMaterializer<HelixParams> = {
  kind: "batch",
  id: "helix-collab",
  title: "HELIX as run for the Collaborative Optimizer",
  params: helixParams(1),
  select(graph, budgetBytes, { factor }) {
    const selected: number[] = [];
    const seen = new Int32Array(graph.vertexCount).fill(-1);
    let freeBytes = budgetBytes;
    for (const vertex of graph.candidates()) {
      const bytes = graph.sizeBytes(vertex);
      if (bytes > freeBytes || recreationUs(graph, vertex, seen) <= factor * graph.loadUs(vertex)) continue;
      selected.push(vertex);
      freeBytes -= bytes;
    }
    return selected;
  },
};

/** Σ compute cost over a vertex and the set of its ancestors; `seen` is marked with the vertex. */
function recreationUs(graph: ExperimentGraph, vertex: number, seen: Int32Array): number {
  const stack = [vertex];
  seen[vertex] = vertex;
  let us = 0;
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    us += graph.computeUs(v);
    for (const parent of graph.parents(v)) {
      if (seen[parent] === vertex) continue;
      seen[parent] = vertex;
      stack.push(parent);
    }
  }
  return us;
}
