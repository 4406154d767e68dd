import type { ColumnBytes, Iteration, IterationNode } from "./iteration.ts";

/** A value now, or later: the simulated executor answers at once, engines later. */
export type MaybePromise<T> = T | Promise<T>;

/** What an executor can do; shared code asks this, never for an id. */
export interface ExecutorCapabilities {
  /** Times are wall-clock measurements rather than a model's. */
  readonly measured: boolean;
  /** Runs several nodes as one statement; the loop then cuts the plan into segments, else every node is its own. */
  readonly fusesSegments: boolean;
  /** Bytes are known after a write only; before it they are estimated. */
  readonly measuresBytes: boolean;
  /** Stored results outlive the process. */
  readonly persistsAcrossSessions: boolean;
  /** Works in several processes, perhaps on several machines: the folder it stores in must be the same for all of them. */
  readonly isDistributed: boolean;
  /** Keeps the columns of results apart, so that one stored already is not stored again. */
  readonly storesColumns?: true;
}

/** A result held by the executor; only the executor that made it looks into `payload`. */
export interface ResultHandle {
  readonly node: IterationNode;
  /** Bytes it occupies in the engine's memory. */
  readonly memoryBytes: number;
  /** Expected bytes on storage. */
  readonly estimatedBytes: number;
  readonly rows: number;
  readonly payload: unknown;
}

/** Nodes to be computed by one statement, parents first. */
export interface Segment {
  readonly nodes: readonly IterationNode[];
  /** Ids of the nodes whose results must exist afterwards (barriers); the last node is always one. */
  readonly barriers: ReadonlySet<string>;
}

/** What computing a segment gave. */
export interface SegmentOutcome {
  /** By node id, one per barrier. */
  readonly results: ReadonlyMap<string, ResultHandle>;
  /** Time of the whole segment. */
  readonly computeUs: number;
  /** Time by node id where the executor can tell (a segment of one node need not). */
  readonly computeUsById?: ReadonlyMap<string, number>;
  /** Metric values produced by output reducers. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Quality of a model in [0, 1]. */
  readonly quality?: number;
  /** Iterations its learners took, by node id, where they say so. */
  readonly learnerIterations?: ReadonlyMap<string, number>;
}

/** What a write gave: bytes that now count against the budget. */
export interface WriteOutcome {
  readonly bytes: number;
  readonly writeUs: number;
}

/** What a load gave. */
export interface LoadOutcome {
  readonly result: ResultHandle;
  readonly loadUs: number;
  /** Metric values, if what was loaded is a reducer's result that is an output. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Options every executor call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** Options of a computation. */
export interface ComputeOptions extends CallOptions {
  /** By id of a learner that opted in: a model of its type over the same input to start from. An executor may pass it over. */
  readonly warmStart?: ReadonlyMap<string, ResultHandle>;
}

/** Options of a write. */
export interface WriteOptions extends CallOptions {
  /** Bytes of the result that are not stored yet; set only for an executor that stores columns. */
  readonly newBytes?: number;
}

/**
 * Runs nodes for the iteration loop: on a virtual clock (simulated) or on an engine. Keys are signatures.
 * Times are integer microseconds. Calls come one at a time.
 */
export interface Executor {
  readonly id: string;
  readonly title: string;
  readonly capabilities: ExecutorCapabilities;
  /** Called before the first call of an iteration; `active` are the nodes left after slicing. */
  beginIteration?(iteration: Iteration): MaybePromise<void>;
  /** `inputs` by node id: every parent outside the segment. @throws {ExecutorError} */
  compute(
    segment: Segment,
    inputs: ReadonlyMap<string, ResultHandle>,
    options: ComputeOptions,
  ): MaybePromise<SegmentOutcome>;
  /** Stores a result under a key, atomically. @throws {ExecutorError} on a full disk; nothing is left behind */
  write(result: ResultHandle, key: string, options: WriteOptions): MaybePromise<WriteOutcome>;
  /** Loads the result stored under a key for a node of the current iteration. */
  load(key: string, node: IterationNode, options: CallOptions): MaybePromise<LoadOutcome>;
  /** Frees a result held in memory. */
  release(result: ResultHandle): MaybePromise<void>;
  /** Deletes a stored result. */
  evict(key: string): MaybePromise<{ readonly freedBytes: number }>;
  /**
   * Columns of a stored result with the bytes each takes there; equal ids = equal content. Undefined for what has none, or
   * where the executor cannot tell. An executor that stores columns tells those of every stored result.
   */
  columnsOf?(key: string): MaybePromise<readonly ColumnBytes[] | undefined>;
  /** Columns of a result in memory, with the bytes each has or is expected to have on storage; none if it does not store columns. */
  columnsIn?(result: ResultHandle): readonly ColumnBytes[] | undefined;
  /** Expected load time of a result that was never loaded. */
  estimateLoadUs(node: IterationNode, bytes: number, memoryBytes: number): number;
  /** Expected write time of a result that was never written. */
  estimateWriteUs(node: IterationNode, bytes: number, memoryBytes: number): number;
  /** What is stored already when a run starts: key → bytes (a resumed store); empty for a fresh one. */
  stored(): MaybePromise<
    ReadonlyMap<string, { readonly bytes: number; readonly computeUs?: number; readonly loadUs?: number }>
  >;
  close(): MaybePromise<void>;
}
