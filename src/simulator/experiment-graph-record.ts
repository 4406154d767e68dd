import type { ColumnBytes } from "../core/iteration.ts";

/** What one workflow version tells of one vertex. */
export interface VertexUpdate {
  readonly signature: string;
  /** Vertices of its inputs, each once. */
  readonly parents: readonly number[];
  readonly computeUs: number;
  readonly loadUs: number;
  readonly sizeBytes: number;
  readonly quality?: number | undefined;
  readonly columns?: readonly ColumnBytes[] | undefined;
  /** Columns are all it consists of, and bytes of columns never stored are expectations that may change; default false. */
  readonly columnsExpected?: boolean;
  /** Type of model, where it is one. */
  readonly model?: string | undefined;
  /** Whether the version computed or loaded it; default true. */
  readonly executed?: boolean;
}

/** A vertex as it is written to a file and merged: counts of all versions instead of one. */
export interface VertexRecord extends Omit<VertexUpdate, "executed" | "columnsExpected"> {
  readonly frequency: number;
  readonly executions: number;
  readonly stored: boolean;
}

/** Whether what `a` says of costs and size counts more than what `b` says. */
export function isBetterKnown(a: VertexRecord, b: VertexRecord): boolean {
  for (const key of ["frequency", "computeUs", "loadUs", "sizeBytes"] as const)
    if (a[key] !== b[key]) return a[key] > b[key];
  return false;
}
