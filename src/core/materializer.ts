import type { ExperimentGraph } from "./experiment-graph.ts";
import type { IterationNode } from "./iteration.ts";
import type { PlugIn } from "./plug-in.ts";

/** The sliced, merged workflow of the running iteration in CSR form (ids topological), as materializers see it. */
export interface RunningWorkflow {
  readonly nodeCount: number;
  readonly parentOffsets: Int32Array;
  readonly parentIds: Int32Array;
  /** Node records by id. */
  readonly nodes: readonly IterationNode[];
  /** Full compute cost by id: this iteration's where computed already, else what was last observed, in microseconds. */
  readonly computeUs: Float64Array;
  /** Time spent on each node so far in this iteration: compute, load or 0, in microseconds. */
  readonly spentUs: Float64Array;
}

/** A result that was just computed and is up for a decision. */
export interface FinishedResult {
  readonly signature: string;
  readonly node: IterationNode;
  /** Index into `workflow`. */
  readonly index: number;
  readonly workflow: RunningWorkflow;
  /** Expected bytes on storage (a trace's `sizeBytes`). */
  readonly sizeBytes: number;
  readonly memoryBytes: number;
  readonly computeUs: number;
  /** Expected load cost. */
  readonly loadUs: number;
  /** Expected write cost. */
  readonly writeUs: number;
}

/** One stored result. */
export interface StoredResult {
  readonly signature: string;
  readonly bytes: number;
  readonly loadUs: number;
  /** Last observed compute cost of the node itself. */
  readonly computeUs: number;
  /** Iteration it was written in, and that it was last loaded in (−1: never). */
  readonly writtenAt: number;
  readonly loadedAt: number;
  readonly loads: number;
}

/** What a materializer may see of the storage. */
export interface StorageView {
  /** Infinity = no limit. */
  readonly budgetBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly iteration: number;
  has(signature: string): boolean;
  entries(): Iterable<StoredResult>;
}

/** Decides on each result as it finishes or leaves scope. Answers yes only to what fits in `storage.freeBytes` after its own `evict`. */
export interface OnlineMaterializer<P = object> extends PlugIn<P> {
  readonly kind: "online";
  /** `finish`: when computed; `scope`: when its last child to be computed in this iteration is done. */
  readonly decideAt: "finish" | "scope";
  /** Runs without a budget whatever is asked for. */
  readonly ignoresBudget?: true;
  /** True if it can never answer yes, so that an executor may fuse freely. */
  readonly neverKeeps?: true;
  /** Of the storage, `keep` reads nothing but the room that is left, and refuses for want of it only what does not fit; no `evict`. */
  readonly roomOnly?: true;
  keep(result: FinishedResult, storage: StorageView, params: P): boolean;
  /** Signatures to delete to make room, asked before `keep`. */
  evict?(result: FinishedResult, storage: StorageView, params: P): readonly string[];
}

/** Decides at the end of an iteration over the whole experiment graph; answers the vertices that shall be stored. */
export interface BatchMaterializer<P = object> extends PlugIn<P> {
  readonly kind: "batch";
  readonly ignoresBudget?: true;
  /** Counts parts that several selected results share once, where the executor keeps columns apart; so does the loop then. */
  readonly dedup?: true;
  /** Where all it would select without a budget fits into one, it selects just that. */
  readonly roomOnly?: true;
  /**
   * True if `select` looks at candidates only, and of each at what the graph says of it but its parents: a run over a long
   * trace then need not hold what never comes again.
   */
  candidatesOnly?(params: P): boolean;
  select(graph: ExperimentGraph, budgetBytes: number, params: P): readonly number[];
}

export type Materializer<P = object> = OnlineMaterializer<P> | BatchMaterializer<P>;

/**
 * Sum of `values` over the set of all ancestors of node `index`, itself excluded, each counted once; O(ancestors + their edges).
 * `values` in microseconds, shape (nodeCount).
 */
export function sumOverAncestors(workflow: RunningWorkflow, index: number, values: Float64Array): number {
  const { parentOffsets, parentIds } = workflow;
  if (seenIn.length < workflow.nodeCount) seenIn = new Int32Array(Math.max(workflow.nodeCount, 2 * seenIn.length));
  if (walk === maxWalk) {
    seenIn.fill(0);
    walk = 0;
  }
  const stamp = ++walk;
  const stack = [index];
  let us = 0;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
      const p = parentIds[e]!;
      if (seenIn[p] === stamp) continue;
      seenIn[p] = stamp;
      us += values[p]!;
      stack.push(p);
    }
  }
  return us;
}

/** Number of the last walk that saw each node; grows with the largest workflow. */
let seenIn = new Int32Array(64);
let walk = 0;
const maxWalk = 0x7fff_ffff;
