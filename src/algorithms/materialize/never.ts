/**
 * Stores nothing.
 *
 * Source: HELIX NM (Xin et al., PVLDB 2018); KeystoneML across iterations.
 * Departures: none.
 */
import type { OnlineMaterializer } from "../../core/materializer.ts";

/** Never answers yes, so that an executor may fuse freely. O(1). */
export const never: OnlineMaterializer = {
  kind: "online",
  id: "never",
  title: "Never",
  roomOnly: true,
  decideAt: "finish",
  neverKeeps: true,
  keep: () => false,
};
