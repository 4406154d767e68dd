/**
 * The rule exactly as the HELIX vision paper prints it, which stores what should not be stored.
 *
 * Source: Xin et al., HILML/DEEM 2018: r = (c + Σ ancestors' c) − 2·l, "store if negative", and the load cost, not the size,
 * compared with the rest of the budget.
 * Departures: the size must fit too, because a budget holds whatever a formula says. For `docs/fidelity.md`; in no ranking.
 */
import { sumOverAncestors, type OnlineMaterializer } from "../../core/materializer.ts";
import { helixParams, type HelixParams } from "./helix-params.ts";

/** First fit, no eviction; O(ancestors + their edges) per decision. */
export const helixHilmlLiteral: OnlineMaterializer<HelixParams> = {
  kind: "online",
  id: "helix-hilml-literal",
  title: "HELIX, formula as printed in HILML",
  decideAt: "scope",
  params: helixParams(2),
  keep({ index, workflow, sizeBytes, loadUs }, storage, { factor }) {
    if (sizeBytes > storage.freeBytes || loadUs > storage.freeBytes) return false;
    const recreateUs = workflow.computeUs[index]! + sumOverAncestors(workflow, index, workflow.computeUs);
    return recreateUs - factor * loadUs < 0;
  },
};
