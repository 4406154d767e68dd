import type { ChangeType, NodeKind } from "./iteration.ts";

/** Stored results deleted when an iteration starts (DESIGN §6). */
export type Purge = "none" | "original" | "absent";

/** Whether sources are free, in the budget or stored outside it, and whether writes are charged (DESIGN §6). */
export const accountings = ["uniform", "helix", "collab"] as const;
export type Accounting = (typeof accountings)[number];

/** What planners and materializers know of costs: the last observation, the mean of all, or the current line (clairvoyant costs). */
export const estimateModes = ["last", "mean", "current"] as const;
export type EstimateMode = (typeof estimateModes)[number];

/** In-run caching of KeystoneML: what is computed once although used more often. `all` = every result stays in memory. */
export type InRunCache = "all" | "greedy" | "aggressive" | "none";

/** Named differences between systems; nothing in the loop asks for a system's id. */
export interface Switches {
  /** Drop nodes that reach no output, before planning. */
  readonly slicing: boolean;
  /** Nodes with one signature are one result. */
  readonly mergeEqual: boolean;
  readonly purge: Purge;
  readonly inRunCache: InRunCache;
  /** Run each version once in the engine's own way, without barriers (`fusedUs`). */
  readonly fusedWhole: boolean;
  /** Only results of these kinds are ever stored; undefined = all. */
  readonly materializeKinds?: readonly NodeKind[];
  /** The system ends before the first iteration of one of these change types. */
  readonly endsBefore: readonly ChangeType[];
  /** Nondeterministic results may be reused. */
  readonly reuseNondeterministic: boolean;
  /** The system runs without a budget whatever is asked for. */
  readonly noBudget?: true;
  /** Learners that opted in (`warmStart` of the operator) start from the best stored model of their type over the same input. */
  readonly warmStart?: true;
  /** Interactive work: what versions made stays in memory, and the next one starts from it. */
  readonly localPruning?: true;
  /** Declared outputs are stored whatever the materializer says, as far as they fit. */
  readonly alwaysStoreOutputs?: true;
}

/** Switches of a plain planner × materializer pair. */
export const defaultSwitches: Switches = {
  slicing: true,
  mergeEqual: true,
  purge: "none",
  inRunCache: "all",
  fusedWhole: false,
  endsBefore: [],
  reuseNondeterministic: false,
};

/** A system is data: a planner, a materializer and switches. */
export interface SystemSpec {
  readonly id: string;
  readonly title: string;
  /** Paper it stands for. */
  readonly source?: string;
  readonly planner: string;
  readonly materializer: string;
  readonly switches: Switches;
  /** Requirements of traces (`requires`) that it cannot meet. */
  readonly lacks?: readonly string[];
  /** Part of "all systems" unless set. */
  readonly explicitOnly?: true;
}
