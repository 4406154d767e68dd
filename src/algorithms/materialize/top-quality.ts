/**
 * Keeps the best models, and nothing but models.
 *
 * Source: own; the baseline for α: what a model store does that knows quality but neither costs nor what leads to a model.
 * Departures: none.
 */
import type { BatchMaterializer } from "../../core/materializer.ts";

/** First fit by falling quality; of equals the one known longer first. O(candidates · log). */
export const topQuality: BatchMaterializer = {
  kind: "batch",
  id: "top-quality",
  title: "Best models",
  roomOnly: true,
  candidatesOnly: () => true,
  needs: ["quality"],
  select(graph, budgetBytes) {
    const models = graph.candidates().filter((vertex) => graph.quality(vertex) !== undefined);
    models.sort((a, b) => graph.quality(b)! - graph.quality(a)! || a - b);
    let freeBytes = budgetBytes;
    return models.filter((vertex) => {
      const bytes = graph.sizeBytes(vertex);
      if (bytes > freeBytes) return false;
      freeBytes -= bytes;
      return true;
    });
  },
};
