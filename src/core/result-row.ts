import type { ChangeType } from "./iteration.ts";

/** One iteration of one run; microseconds and bytes (DESIGN §5.3). */
export interface IterationRow {
  readonly iteration: number;
  readonly changeType: ChangeType;
  /** computeUs + loadUs + writeUs. */
  readonly runUs: number;
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  /** Bytes stored when the iteration ended. */
  readonly storedBytes: number;
  /** Bytes purged or evicted in the iteration. */
  readonly evictedBytes: number;
  /** Largest sum of bytes of results alive in memory at one moment. */
  readonly peakBytes: number;
  readonly computed: number;
  readonly loaded: number;
  /** Distinct results of the version that were neither computed nor loaded, sliced ones included. */
  readonly pruned: number;
  /** Σ runUs up to here. */
  readonly cumulativeUs: number;
}

/** Row names in the order files and tables use. */
export const rowColumns = [
  "iteration",
  "changeType",
  "runUs",
  "computeUs",
  "loadUs",
  "writeUs",
  "storedBytes",
  "evictedBytes",
  "peakBytes",
  "computed",
  "loaded",
  "pruned",
  "cumulativeUs",
] as const satisfies readonly (keyof IterationRow)[];

/** A row of a run together with what identifies the run; `simulate` and `execute` print these. */
export interface RunRow extends IterationRow {
  /** Name in the trace's header, or the workload's id. */
  readonly trace: string;
  readonly system: string;
  readonly planner: string;
  readonly materializer: string;
  /** null = no limit. */
  readonly budgetBytes: number | null;
  readonly accounting: string;
  readonly seed: number;
  /** `simulated`, `duckdb`, `spark`: never mixed unmarked. */
  readonly executor: string;
}

/** A system that was left out of a run, and why. */
export interface Exclusion {
  readonly trace: string;
  readonly system: string;
  readonly reason: string;
  /** First iteration it has no row for, if it ran up to there. */
  readonly fromIteration?: number;
}
