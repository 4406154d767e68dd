/**
 * Stores a result if the time this iteration spent on it and its ancestors exceeds what writing and reading it cost.
 *
 * Source: Xin et al., HELIX, PVLDB 2018, Algorithm 2 (streaming OMP): C(i) = t(i) + Σ ancestors' t, where t is the compute
 * cost of what was computed, the load cost of what was loaded and 0 for what was pruned; stored iff C(i) > 2·l and it fits.
 * Departures: none.
 */
import { sumOverAncestors, type OnlineMaterializer } from "../../core/materializer.ts";
import { helixParams, type HelixParams } from "./helix-params.ts";

/** First fit, no eviction; O(ancestors + their edges) per decision. */
export const helixOnline: OnlineMaterializer<HelixParams> = {
  kind: "online",
  id: "helix-online",
  title: "HELIX, Algorithm 2",
  roomOnly: true,
  decideAt: "scope",
  params: helixParams(2),
  keep({ index, workflow, sizeBytes, loadUs }, storage, { factor }) {
    if (sizeBytes > storage.freeBytes) return false;
    const spentUs = workflow.spentUs[index]! + sumOverAncestors(workflow, index, workflow.spentUs);
    return spentUs > factor * loadUs;
  },
};
