import type { Iteration } from "./iteration.ts";
import type { SourceOp } from "./operators.ts";
import type { PlugIn } from "./plug-in.ts";

/** The data a workload reads, ready on disk: source operators by name. */
export interface WorkloadData {
  readonly sources: Readonly<Record<string, SourceOp>>;
}

/**
 * A first workflow version and a tree of edits with an order of runs. Flattened, it is a list of versions, each with its
 * `base`; the same version may come again (roll-backs, branches).
 */
export interface Workload<P = object> extends PlugIn<P> {
  readonly domain: string;
  /** What a system must support to run it. */
  readonly requires?: readonly string[];
  /** Id of the data set (`reuselab data`) that provides its sources. */
  readonly dataset: string;
  /**
   * The versions in order of runs, signed, with operators, without costs.
   * @param seed of everything drawn, for example the change types
   */
  versions(data: WorkloadData, seed: number, params: P): readonly Iteration[];
  /** What `describe` says besides, by name: values that JSON has. */
  facts?(): Readonly<Record<string, unknown>>;
}
