/**
 * Stores every result that fits, when it is finished.
 *
 * Source: HELIX AM (Xin et al., PVLDB 2018); DeepDive's tables; the line ALL of Derakhshan et al., SIGMOD 2020.
 * Departures: what does not fit is left out and later, smaller results are still taken.
 */
import type { OnlineMaterializer } from "../../core/materializer.ts";

/** First fit, no eviction. O(1). */
export const always: OnlineMaterializer = {
  kind: "online",
  id: "always",
  title: "Always (what fits)",
  roomOnly: true,
  decideAt: "finish",
  keep: ({ sizeBytes }, storage) => sizeBytes <= storage.freeBytes,
};
