import type { ExperimentGraph } from "../core/experiment-graph.ts";
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
}

interface Vertex {
  readonly signature: string;
  readonly parents: readonly number[];
  frequency: number;
  computeUs: number;
  loadUs: number;
  sizeBytes: number;
  quality: number | undefined;
  columns: readonly ColumnBytes[] | undefined;
}

/**
 * The union of all executed workflow versions, kept in memory.
 *
 * Source: Derakhshan et al., SIGMOD 2020, the Experiment Graph and its updater.
 * Departures: a vertex counts every version it is in, also where reuse pruned it; operations sit on vertices, not on edges.
 */
export class UnionGraph implements ExperimentGraph {
  readonly #vertices: Vertex[] = [];
  readonly #ids = new Map<string, number>();
  #stored: ReadonlySet<number> = new Set();
  #candidates: readonly number[] = [];
  #content: ReadonlySet<number> = new Set();

  /** Adds or refreshes a vertex and counts one version for it. Parents come first. @returns its id */
  update(seen: VertexUpdate): number {
    const known = this.#ids.get(seen.signature);
    if (known === undefined) {
      const { signature, parents, computeUs, loadUs, sizeBytes, quality, columns } = seen;
      const id = this.#vertices.length;
      this.#ids.set(signature, id);
      this.#vertices.push({ signature, parents, frequency: 1, computeUs, loadUs, sizeBytes, quality, columns });
      return id;
    }
    const vertex = this.#vertices[known]!;
    vertex.frequency++;
    vertex.computeUs = seen.computeUs;
    vertex.loadUs = seen.loadUs;
    vertex.sizeBytes = seen.sizeBytes;
    vertex.quality = seen.quality ?? vertex.quality;
    vertex.columns = seen.columns ?? vertex.columns;
    return known;
  }

  /**
   * Says what is stored and what can be stored when an iteration has ended.
   *
   * @param stored vertices whose results are stored, also outside the budget
   * @param candidates vertices that may be selected: stored inside the budget, or computed just now
   */
  settle(stored: ReadonlySet<number>, candidates: Iterable<number>): void {
    this.#stored = stored;
    this.#content = new Set(candidates);
    this.#candidates = [...this.#content].sort((a, b) => a - b);
  }

  get vertexCount(): number {
    return this.#vertices.length;
  }
  signature(vertex: number): string {
    return this.#at(vertex).signature;
  }
  idOf(signature: string): number | undefined {
    return this.#ids.get(signature);
  }
  parents(vertex: number): readonly number[] {
    return this.#at(vertex).parents;
  }
  frequency(vertex: number): number {
    return this.#at(vertex).frequency;
  }
  computeUs(vertex: number): number {
    return this.#at(vertex).computeUs;
  }
  loadUs(vertex: number): number {
    return this.#at(vertex).loadUs;
  }
  sizeBytes(vertex: number): number {
    return this.#at(vertex).sizeBytes;
  }
  quality(vertex: number): number | undefined {
    return this.#at(vertex).quality;
  }
  columns(vertex: number): readonly ColumnBytes[] | undefined {
    return this.#at(vertex).columns;
  }
  isSource(vertex: number): boolean {
    return this.#at(vertex).parents.length === 0;
  }
  isStored(vertex: number): boolean {
    return this.#stored.has(vertex);
  }
  hasContent(vertex: number): boolean {
    return this.#content.has(vertex) || this.#stored.has(vertex);
  }
  candidates(): readonly number[] {
    return this.#candidates;
  }

  #at(vertex: number): Vertex {
    const found = this.#vertices[vertex];
    if (found === undefined) throw new RangeError(`vertex ${vertex}: expected 0 … ${this.#vertices.length - 1}`);
    return found;
  }
}
