import type { ScalarType, SourceFile } from "../../core/operators.ts";

/** A column of a result: its logical name, the IR's type and the engine's. */
export interface ColumnShape {
  readonly name: string;
  readonly type: ScalarType;
  readonly sqlType: string;
  /** How a learner treats it; text is categorical and numbers numeric unless said otherwise. */
  readonly role?: "categorical" | "numeric";
  /** Set if the values are categorical codes 0 … levels−1 (null possible outside examples). */
  readonly levels?: number;
}

/** What makes a relation one a learner reads (result of `assemble`): features `f0 …` and `label`. */
export interface ExamplesShape {
  /** Meaning of the label codes: `labels[1]` is the positive value of a binary target. */
  readonly labels: readonly string[];
  /** Feature columns in order; categorical ones hold codes, 0 = a value the train split lacks (or null). */
  readonly features: readonly string[];
}

/** Layout of a relation: plain data, stored with it. */
export interface RelationShape {
  /** Row identity: relations of one space have the same rows in the same order. */
  readonly space: string;
  /** Columns every relation of the space carries (`split`, and document, sentence … for text). */
  readonly keys: readonly ColumnShape[];
  readonly columns: readonly ColumnShape[];
  readonly examples?: ExamplesShape;
}

/** Where a column lies in the engine. */
export interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/** A relation held by the engine; columns may lie in several tables of one space. */
export interface RelationPayload {
  readonly kind: "relation";
  readonly shape: RelationShape;
  /** By logical name, keys included. */
  readonly columns: ReadonlyMap<string, TableColumn>;
  readonly rows: number;
}

/** A source: nothing is read before a scan needs it. */
export interface FilesPayload {
  readonly kind: "files";
  readonly files: readonly SourceFile[];
}

/** A trained model: plain JSON-able data that its learner understands. */
export interface ModelPayload {
  readonly kind: "model";
  readonly model: ModelRecord;
}

/** What every learner returns; further fields are the learner's own (typed arrays are stored exactly). */
export interface ModelRecord {
  readonly model: string;
  /** Bytes of it that stay in the engine, about. */
  readonly engineBytes?: number;
  readonly [field: string]: unknown;
}

/** A reducer's values by metric name. */
export interface MetricsPayload {
  readonly kind: "metrics";
  readonly values: Readonly<Record<string, number>>;
}

/** Any result of this executor. */
export type Payload = RelationPayload | FilesPayload | ModelPayload | MetricsPayload;
