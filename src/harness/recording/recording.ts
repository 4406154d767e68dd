import type { Executor, MaybePromise } from "../../core/executor.ts";
import type { ColumnBytes, Iteration } from "../../core/iteration.ts";

/** A freshly started engine with an empty store of its own. */
export interface RecordingEngine {
  readonly executor: Executor;
  /**
   * Makes the next load of each of these stored results come from the device.
   * @returns false where that cannot be done: the loads are then warm, and the trace says so
   */
  dropCaches?(keys: readonly string[]): MaybePromise<boolean>;
  /** Another executor in the same process, with a memory of its own that nothing ran in before; close it. */
  openFresh?(): Promise<Executor>;
  /** Stops the engine and deletes its store. */
  close(): MaybePromise<void>;
}

/** Called as work goes on; `done` of `total` engine calls, over all repetitions. */
export type RecordingProgress = (done: number, total: number, note: string) => void;

/** What to record, and how. */
export interface RecordingPlan {
  /** Versions in the order of the workload's runs, with operators. */
  readonly versions: readonly Iteration[];
  /** The same workload on about 1 % of the rows: warms the engine up and gives its fixed cost; default the versions themselves. */
  readonly warmUp?: readonly Iteration[];
  /** Times the warm-up runs before anything counts; default 1. */
  readonly warmUps?: number;
  /** At least 9 for a trace that is published. */
  readonly repetitions: number;
  /** Repetitions in which each version is also run as a whole without barriers; default all. */
  readonly wholeRepetitions?: number;
  readonly seed: number;
  /** Most bytes of results kept in the engine's memory between versions; default 4 GiB. */
  readonly keepBytes?: number;
  /** Largest difference of metric values (relative above 1) that is still the same answer; default 1e-9. */
  readonly metricTolerance?: number;
  /** Starts the engine; once per phase of each repetition. */
  openEngine(): MaybePromise<RecordingEngine>;
  readonly onProgress?: RecordingProgress;
  readonly signal?: AbortSignal;
}

/** What the first version takes as the first thing a session runs: its memory is not there yet, its files were never opened. */
export interface FreshSession {
  readonly freshUs: number;
  /** The same segments in a session that ran others before. */
  readonly usualUs: number;
}

/** What one repetition measured of one result; microseconds and bytes. */
export interface NodeSample {
  readonly computeUs: number;
  readonly sizeBytes: number;
  readonly writeUs: number;
  /** From the device. */
  readonly loadUs: number;
  /** Again, at once. */
  readonly loadHotUs: number;
  readonly memoryBytes: number;
  readonly rows: number;
  /** Columns of a relation, and the bytes of each in its file. */
  readonly columns?: readonly ColumnBytes[];
  /** Quality of a model, in [0, 1]. */
  readonly quality?: number;
  /** Metric values of a reducer. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** All one repetition measured; plain data, so that it can wait in a file. */
export interface Repetition {
  readonly repetition: number;
  /** By {@link ResultKey}. */
  readonly nodes: Readonly<Record<string, NodeSample>>;
  /** Fused segments by their key: microseconds. */
  readonly segments: Readonly<Record<string, number>>;
  /** Versions without barriers by their key: microseconds. */
  readonly wholes: Readonly<Record<string, number>>;
  /** Σ computeUs of the first version on the warm-up data, isolated; absent without such data. */
  readonly fixedCostUs?: number;
  /** By operator type: what its first execution in the engine's process took beyond one after the warm-up, on the warm-up data. */
  readonly firstUseUs?: Readonly<Record<string, number>>;
  /** The first version's segments in a fresh session of the warm engine, and the same ones later on; microseconds. */
  readonly freshSession?: FreshSession;
  /** True if loads came from the device. */
  readonly isCold: boolean;
}
