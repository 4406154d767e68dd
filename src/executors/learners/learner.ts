import type { LearnOp } from "../../core/operators.ts";

/** A feature of all examples: codes 0 … levels−1 (0 = no known value, carries no weight) or numbers. */
export type ExampleFeature =
  | { readonly kind: "codes"; readonly codes: Uint16Array | Uint32Array; readonly levels: number }
  | { readonly kind: "numbers"; readonly values: Float64Array };

/** The train split as columns, in the order of rows; every array has shape (rows). */
export interface Examples {
  readonly rows: number;
  /** Label codes. */
  readonly labels: Uint16Array;
  /** What the codes mean; `["", positive]` for a binary target. */
  readonly labelValues: readonly string[];
  readonly features: readonly ExampleFeature[];
  /** Row keys the learner asked for, for example `doc`, `sentence`. */
  readonly keys: ReadonlyMap<string, Int32Array>;
}

/** A trained model: JSON-able but for typed arrays, which are stored exactly. */
export interface TrainedModel {
  readonly model: LearnOp["model"];
  readonly [field: string]: unknown;
}

/** Learns outside the engine. Deterministic: sums run in the order of rows. */
export interface Learner {
  readonly model: LearnOp["model"];
  /** Integer row keys it reads besides features and label. */
  readonly keys: readonly string[];
  /**
   * @param from a model of this type learned from the same examples, to start from; a learner that cannot starts anew
   * @throws what `signal` was aborted with; it looks between passes
   */
  train(op: LearnOp, examples: Examples, signal?: AbortSignal, from?: TrainedModel): Promise<TrainedModel>;
}
