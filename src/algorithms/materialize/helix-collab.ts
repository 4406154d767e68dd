/**
 * HELIX's rule as the evaluation of the Collaborative Optimizer runs it: at the end of a workflow, over the whole experiment
 * graph, with factor 1.
 *
 * Source: the released code of Derakhshan et al., SIGMOD 2020: vertices in topological order, taken if recreation costs more
 * than loading and the size fits, from an empty set every time; what is not taken is evicted.
 * Departures: recreation is over the set of ancestors, where the released one-pass code counts shared ancestors once per
 * path; the comparison is strict, as in HELIX.
 */
import type { BatchMaterializer } from "../../core/materializer.ts";
import { helixParams, type HelixParams } from "./helix-params.ts";

/** First fit in order of first appearance; O(candidates · their ancestors). */
export const helixCollab: BatchMaterializer<HelixParams> = {
  kind: "batch",
  id: "helix-collab",
  title: "HELIX as run for the Collaborative Optimizer",
  roomOnly: true,
  params: helixParams(1),
  select(graph, budgetBytes, { factor }) {
    const selected: number[] = [];
    let freeBytes = budgetBytes;
    for (const vertex of graph.candidates()) {
      const bytes = graph.sizeBytes(vertex);
      if (bytes > freeBytes || graph.recreationUs(vertex) <= factor * graph.loadUs(vertex)) continue;
      selected.push(vertex);
      freeBytes -= bytes;
    }
    return selected;
  },
};
