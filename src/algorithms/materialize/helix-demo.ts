/**
 * Stores a result if making it again from scratch costs more than writing and reading it.
 *
 * Source: Xin et al., HELIX demonstration, PVLDB 2018: r = 2·l − (c + Σ ancestors' c), stored iff r < 0 and the size fits.
 * Departures: none. Ancestors are a set, each at its full compute cost whatever its state in this iteration.
 */
import { sumOverAncestors, type OnlineMaterializer } from "../../core/materializer.ts";
import { helixParams, type HelixParams } from "./helix-params.ts";

/** First fit, no eviction; O(ancestors + their edges) per decision. */
export const helixDemo: OnlineMaterializer<HelixParams> = {
  kind: "online",
  id: "helix-demo",
  title: "HELIX, demo rule",
  roomOnly: true,
  decideAt: "scope",
  params: helixParams(2),
  keep({ index, workflow, sizeBytes, loadUs }, storage, { factor }) {
    if (sizeBytes > storage.freeBytes) return false;
    const recreateUs = workflow.computeUs[index]! + sumOverAncestors(workflow, index, workflow.computeUs);
    return recreateUs > factor * loadUs;
  },
};
