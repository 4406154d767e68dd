/**
 * The experiment graph: union by signature of all executed workflow versions (Derakhshan et al., SIGMOD 2020).
 * Vertex ids are dense and in order of first appearance, parents before children.
 */
export interface ExperimentGraph {
  readonly vertexCount: number;
  signature(vertex: number): string;
  idOf(signature: string): number | undefined;
  parents(vertex: number): readonly number[];
  /** Number of workflow versions it was in, whether or not they had to run it. */
  frequency(vertex: number): number;
  /** Number of workflow versions that computed or loaded it. */
  executions(vertex: number): number;
  /** Last observed compute cost in microseconds. */
  computeUs(vertex: number): number;
  /** Last observed or modelled load cost in microseconds, as if it were stored. */
  loadUs(vertex: number): number;
  sizeBytes(vertex: number): number;
  /** Best quality in [0, 1] a model has shown, else undefined. */
  quality(vertex: number): number | undefined;
  columns(vertex: number): readonly { readonly id: string; readonly bytes: number }[] | undefined;
  isSource(vertex: number): boolean;
  isStored(vertex: number): boolean;
  /** Stored, or computed or loaded in the iteration that just ended: what can be (kept) stored now. */
  hasContent(vertex: number): boolean;
  /** Vertices with content, ascending. */
  candidates(): readonly number[];

  /** Σ computeUs over the vertex and the set of its ancestors, in microseconds. O(ancestors + their edges). */
  recreationUs(vertex: number): number;
  /** Best quality among the vertex and all that follows from it; 0 where there is no model. O(1). */
  potential(vertex: number): number;
  /** `potential` ÷ its sum over all vertices; 0 while no vertex has any. O(1). */
  potentialShare(vertex: number): number;
  /**
   * Frequency × recreation cost ÷ size, divided by the sum of that over all vertices; 0 while every recreation cost is 0.
   * O(ancestors + their edges).
   *
   * @param bytes taken instead of the vertex's size; 0 counts as 1
   */
  recreationShare(vertex: number, bytes?: number): number;

  /**
   * Numbers of the parts it consists of on a storage that keeps equal columns once: its columns, and what is left of it.
   * A vertex without column ids is one part of its own. Ascending; equal numbers are equal content.
   */
  parts(vertex: number): Int32Array;
  /** Bytes of a part. */
  partBytes(part: number): number;
}
