/**
 * The experiment graph: union by signature of all executed workflow versions (Derakhshan et al., SIGMOD 2020).
 * Vertex ids are dense and in order of first appearance, parents before children.
 */
export interface ExperimentGraph {
  readonly vertexCount: number;
  signature(vertex: number): string;
  idOf(signature: string): number | undefined;
  parents(vertex: number): readonly number[];
  /** Number of workflow versions it was in. */
  frequency(vertex: number): number;
  /** Last observed compute cost in microseconds. */
  computeUs(vertex: number): number;
  /** Last observed or modelled load cost in microseconds, as if it were stored. */
  loadUs(vertex: number): number;
  sizeBytes(vertex: number): number;
  /** Quality in [0, 1] of a model, else undefined. */
  quality(vertex: number): number | undefined;
  columns(vertex: number): readonly { readonly id: string; readonly bytes: number }[] | undefined;
  isSource(vertex: number): boolean;
  isStored(vertex: number): boolean;
  /** Stored, or computed or loaded in the iteration that just ended: what can be (kept) stored now. */
  hasContent(vertex: number): boolean;
  /** Vertices with content, ascending. */
  candidates(): readonly number[];
}
