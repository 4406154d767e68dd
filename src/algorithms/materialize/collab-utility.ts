/**
 * Keeps the results of highest utility, over the whole experiment graph, as far as they fit.
 *
 * Source: Derakhshan et al., SIGMOD 2020, Algorithm 1 (heuristics-based materialization).
 * Departures: what is stored and what is new is ranked together and the rest evicted, as in the released code; the printed
 * algorithm starts from nothing and inserts only what is not stored. A sort stands for the heap.
 */
import type { BatchMaterializer } from "../../core/materializer.ts";
import { byUtility, collabParams, scoreCandidates, type CollabParams } from "./collab-score.ts";

/** First fit by falling utility: what does not fit is passed over. O(candidates · (ancestors + log candidates)). */
export const collabUtility: BatchMaterializer<CollabParams> = {
  kind: "batch",
  id: "collab-utility",
  title: "Collab, utility-based",
  roomOnly: true,
  candidatesOnly: ({ codeCompat }) => !codeCompat,
  params: collabParams,
  select(graph, budgetBytes, params) {
    const score = scoreCandidates(graph, params);
    const bytesOf = (vertex: number): number => graph.sizeBytes(vertex);
    let freeBytes = budgetBytes;
    return byUtility(score.worthwhile, score, bytesOf).filter((vertex) => {
      const bytes = bytesOf(vertex);
      if (bytes > freeBytes) return false;
      freeBytes -= bytes;
      return true;
    });
  },
};
