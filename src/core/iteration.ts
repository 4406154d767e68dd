import type { Operator } from "./operators.ts";

/** What kind of edit led to an iteration. */
export const changeTypes = ["initial", "dpr", "li", "ppr"] as const;
export type ChangeType = (typeof changeTypes)[number];

/** Phase of the workflow an operator belongs to: data pre-processing, learning/inference, post-processing. */
export type NodeKind = "dpr" | "li" | "ppr";

/** A column of a result with its bytes on storage; equal ids = the same operations applied to the same data. */
export interface ColumnBytes {
  readonly id: string;
  readonly bytes: number;
  /** In the engine's memory. */
  readonly memoryBytes?: number;
  /** The engine's name of its type: columns of one type compress alike. */
  readonly type?: string;
}

/**
 * A node of one workflow version, as the iteration loop sees it: structure always, costs where a trace has them,
 * the operator itself where an engine is to run it. All costs integer microseconds, all sizes integer bytes.
 */
export interface IterationNode {
  readonly id: string;
  /** Operator type, free text. */
  readonly op: string;
  /** Equivalence across iterations (DESIGN §3). */
  readonly signature: string;
  /** Ids of the parents, each listed once; parents stand before their children. */
  readonly parents: readonly string[];
  readonly kind?: NodeKind;
  /** Default true. */
  readonly deterministic?: boolean;
  /** Default false; without any output in an iteration, its sinks are the outputs. */
  readonly output?: boolean;
  /** Passes an iterative operator makes over its input, default 1. */
  readonly weight?: number;
  readonly computeUs?: number;
  /** Bytes on storage. */
  readonly sizeBytes?: number;
  /** Cold load. */
  readonly loadUs?: number;
  readonly loadHotUs?: number;
  readonly writeUs?: number;
  /** Bytes in the engine's memory. */
  readonly memoryBytes?: number;
  /** Coefficient of variation of the recorded compute times. */
  readonly computeCv?: number;
  readonly columns?: readonly ColumnBytes[];
  /** Quality of a model, in [0, 1]. */
  readonly quality?: number;
  /** Hash of the operator alone (type and parameters, without parents and data), to price the same step on other inputs. */
  readonly operation?: string;
  /** What to execute; present in real runs. */
  readonly operator?: Operator;
}

/** Nodes an engine runs as one statement, parents first, with the recorded time of that statement. */
export interface RecordedSegment {
  readonly nodes: readonly string[];
  readonly fusedUs: number;
}

/** One workflow version to be run. */
export interface Iteration {
  /** 0, 1, 2 … */
  readonly iteration: number;
  readonly label?: string;
  readonly changeType: ChangeType;
  /** Iteration this version was edited from; default the previous one. */
  readonly base?: number;
  readonly nodes: readonly IterationNode[];
  readonly segments?: readonly RecordedSegment[];
  /** The engine's own way to run the whole version once, without barriers. */
  readonly fusedUs?: number;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A node of a trace: costs are there. */
export interface TraceNode extends IterationNode {
  readonly computeUs: number;
  readonly sizeBytes: number;
}

/** An iteration of a trace (`reuselab.trace` v1, one line). */
export interface TraceIteration extends Iteration {
  readonly nodes: readonly TraceNode[];
}

/** First line of a trace. */
export interface TraceHeader {
  readonly format: "reuselab.trace";
  readonly version: 1;
  readonly name: string;
  readonly domain?: string;
  /** What a system must support, for example `structured-prediction`. */
  readonly requires?: readonly string[];
  readonly source?: TraceSource;
}

/** Where a trace comes from; informative but for `imputed`. */
export interface TraceSource {
  readonly tool?: string;
  readonly version?: string;
  readonly executor?: string;
  readonly machine?: unknown;
  readonly recordedAt?: string;
  readonly dataset?: string;
  readonly rows?: number;
  /** Fields that were modelled rather than measured. */
  readonly imputed?: readonly string[];
  readonly [key: string]: unknown;
}
