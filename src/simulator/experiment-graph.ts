import { WorkflowError } from "../core/errors.ts";
import type { ExperimentGraph } from "../core/experiment-graph.ts";
import type { ColumnBytes } from "../core/iteration.ts";
import type { ColumnTable } from "./column-table.ts";
import { ColumnParts } from "./experiment-graph-parts.ts";
import { KnownModels } from "./experiment-graph-models.ts";
import { keptVertices, picked, rekeyed } from "./experiment-graph-retire.ts";
import { RateSums } from "./experiment-graph-sums.ts";
import { isBetterKnown, type VertexRecord, type VertexUpdate } from "./experiment-graph-record.ts";
import { SettledVertices } from "./settled-vertices.ts";

export type { VertexRecord, VertexUpdate } from "./experiment-graph-record.ts";

/** Potentials are summed as multiples of 2^-52. */
const potentialUnit = 0x10_0000_0000_0000;

/**
 * The union of all executed workflow versions, kept in memory.
 *
 * Source: Derakhshan et al., SIGMOD 2020, the Experiment Graph and its updater.
 * Departures: a vertex counts every version it is in, also where reuse pruned it (`executions` counts the others apart);
 * operations sit on vertices, not on edges; columns are those of the first version that names them, a model's quality is the
 * best it has shown.
 *
 * An update costs O(ancestors + their edges), whatever else the graph holds. All sums are exact.
 */
export class UnionGraph implements ExperimentGraph {
  readonly #ids = new Map<string, number>();
  #signatures: string[] = [];
  readonly #parents: { offsets: number[]; ids: number[] } = { offsets: [0], ids: [] };
  #executions: number[] = [];
  #loadUs: number[] = [];
  #qualities = new Map<number, number>();
  #models = new KnownModels();
  #potentials: number[] = [];
  #potentialTotal = 0n;
  readonly #sums = new RateSums(this.#parents);
  readonly #sizeOf = (vertex: number): number => this.sizeBytes(vertex);
  readonly #parts: ColumnParts;
  #content = new SettledVertices();

  /** @param columns shared by runs over the same trace, on an executor that measures no columns */
  constructor(columns?: ColumnTable) {
    this.#parts = new ColumnParts(columns);
  }

  /**
   * Adds or refreshes a vertex and counts one version for it. Parents come first. O(ancestors + their edges).
   *
   * @returns its id
   * @throws {WorkflowError} when a quality is outside [0, 1], a column id is known with other bytes, or the signature with
   * other parents; nothing has changed then
   */
  update(seen: VertexUpdate): number {
    const known = this.#ids.get(seen.signature);
    this.#check(seen, known);
    const executed = seen.executed === false ? 0 : 1;
    const vertex = known ?? this.#add(seen);
    this.#executions[vertex]! += executed;
    this.#sums.set(vertex, this.#sums.frequency(vertex) + 1, seen.computeUs, seen.sizeBytes);
    this.#loadUs[vertex] = seen.loadUs;
    this.#learn(vertex, seen);
    return vertex;
  }

  /**
   * Adds what another user's graph knows: counts add up, costs and size are those of the graph that saw the vertex in more
   * versions (of two equals, the dearer), qualities are the best shown, stored is what either stores. Which of two graphs is
   * merged into the other does not change what is known of a signature.
   *
   * @throws {WorkflowError} when the graphs contradict each other; this one has not changed then
   */
  merge(other: UnionGraph): void {
    const n = other.vertexCount;
    const parentsOf = (vertex: number, at: (parent: number) => number): number[] => other.parents(vertex).map(at);
    for (let v = 0; v < n; v++) {
      const known = this.#ids.get(other.signature(v));
      // A new vertex has no parents here yet to compare with.
      const parents = known === undefined ? [] : parentsOf(v, (p) => this.#ids.get(other.signature(p)) ?? -1);
      this.#check({ ...other.record(v), parents }, known);
    }
    const stored = new Set(this.#content.stored);
    const here = new Int32Array(n);
    for (let v = 0; v < n; v++) {
      here[v] = this.restore({ ...other.record(v), parents: parentsOf(v, (p) => here[p]!) });
      if (other.isStored(v)) stored.add(here[v]!);
    }
    this.settle(stored, this.#content.candidates);
  }

  /** Adds a vertex with its counts, or adds its counts to those known. Says nothing of what is stored. @throws {WorkflowError} */
  restore(record: VertexRecord): number {
    const known = this.#ids.get(record.signature);
    this.#check(record, known);
    const vertex = known ?? this.#add(record);
    const before = known === undefined ? undefined : this.record(vertex);
    const best = before === undefined || isBetterKnown(record, before) ? record : before;
    this.#executions[vertex]! += record.executions;
    const frequency = this.#sums.frequency(vertex) + record.frequency;
    this.#sums.set(vertex, frequency, best.computeUs, best.sizeBytes);
    this.#loadUs[vertex] = best.loadUs;
    this.#learn(vertex, record);
    return vertex;
  }

  /**
   * The best of the models of a type that were learned from an input, of equals the one known longer; models without quality
   * come last. O(models over it).
   *
   * @param isEligible which of them come into question
   */
  bestModel(input: number, model: string, isEligible: (vertex: number) => boolean): number | undefined {
    let best: number | undefined;
    for (const vertex of this.#models.over(input, model))
      if (isEligible(vertex) && (best === undefined || (this.quality(vertex) ?? -1) > (this.quality(best) ?? -1)))
        best = vertex;
    return best;
  }

  /** Takes the columns of a vertex as they were stored. O(columns + ancestors + their edges). */
  measure(vertex: number, columns: readonly ColumnBytes[]): void {
    this.#parts.measure(this.#at(vertex), columns);
    const sizeBytes = columns.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#sums.set(vertex, this.#sums.frequency(vertex), this.#sums.computeUs(vertex), sizeBytes);
  }

  /** All that is known of a vertex; columns only where the bytes of all of them are known. */
  record(vertex: number): VertexRecord {
    return {
      signature: this.signature(vertex),
      parents: this.parents(vertex),
      frequency: this.frequency(vertex),
      executions: this.executions(vertex),
      computeUs: this.computeUs(vertex),
      loadUs: this.loadUs(vertex),
      sizeBytes: this.sizeBytes(vertex),
      quality: this.quality(vertex),
      model: this.#models.typeOf(vertex),
      columns: this.#parts.areMeasured(vertex) ? this.columns(vertex) : undefined,
      stored: this.isStored(vertex),
    };
  }

  /**
   * Says what is stored and what can be stored when an iteration has ended.
   *
   * @param stored vertices whose results are stored, also outside the budget
   * @param candidates vertices that may be selected: stored inside the budget, or computed just now
   */
  settle(stored: Iterable<number>, candidates: Iterable<number>): void {
    this.#content.settle(this.vertexCount, stored, candidates);
  }

  /**
   * Forgets vertices without content that no later version has, and gives those that are left new ids. Candidates, and all
   * that the graph says of them but who their parents are, stay what they are; so do its sums over all vertices.
   *
   * @param comesAgain says whether a later version has a signature
   */
  retire(comesAgain: (signature: string) => boolean): void {
    const again = Uint8Array.from(this.#signatures, (signature) => (comesAgain(signature) ? 1 : 0));
    const stays = again.map((is, v) => (is === 1 || this.hasContent(v) ? 1 : 0));
    const { kept, parents, goneUs } = keptVertices(this.#parents, (v) => this.#sums.computeUs(v), stays, again);
    const newIds = new Map(Array.from(kept, (vertex, at) => [vertex, at]));
    const renamed = (vertices: readonly number[]): number[] =>
      vertices.flatMap((v) => (newIds.has(v) ? [newIds.get(v)!] : []));
    const stored = renamed(this.#content.stored);
    const candidates = renamed(this.#content.candidates);
    this.#sums.retain(kept, goneUs);
    this.#parents.offsets = [...parents.offsets];
    this.#parents.ids = [...parents.ids];
    this.#signatures = picked(this.#signatures, kept);
    this.#executions = picked(this.#executions, kept);
    this.#loadUs = picked(this.#loadUs, kept);
    this.#potentials = picked(this.#potentials, kept);
    this.#qualities = rekeyed(this.#qualities, newIds);
    this.#models = this.#models.retained(newIds);
    this.#ids.clear();
    for (const [v, signature] of this.#signatures.entries()) this.#ids.set(signature, v);
    this.#parts.retain(newIds);
    this.#content = new SettledVertices();
    this.settle(stored, candidates);
  }

  get vertexCount(): number {
    return this.#signatures.length;
  }
  signature(vertex: number): string {
    return this.#signatures[this.#at(vertex)]!;
  }
  idOf(signature: string): number | undefined {
    return this.#ids.get(signature);
  }
  parents(vertex: number): readonly number[] {
    const { offsets, ids } = this.#parents;
    return ids.slice(offsets[this.#at(vertex)], offsets[vertex + 1]);
  }
  frequency(vertex: number): number {
    return this.#sums.frequency(this.#at(vertex));
  }
  executions(vertex: number): number {
    return this.#executions[this.#at(vertex)]!;
  }
  computeUs(vertex: number): number {
    return this.#sums.computeUs(this.#at(vertex));
  }
  loadUs(vertex: number): number {
    return this.#loadUs[this.#at(vertex)]!;
  }
  sizeBytes(vertex: number): number {
    return this.#sums.sizeBytes(this.#at(vertex));
  }
  quality(vertex: number): number | undefined {
    return this.#qualities.get(this.#at(vertex));
  }
  columns(vertex: number): readonly ColumnBytes[] | undefined {
    return this.#parts.columns(this.#at(vertex));
  }
  isSource(vertex: number): boolean {
    return this.#parents.offsets[this.#at(vertex)] === this.#parents.offsets[vertex + 1];
  }
  isStored(vertex: number): boolean {
    return this.#content.isStored(vertex);
  }
  hasContent(vertex: number): boolean {
    return this.#content.isStored(vertex) || this.#content.isCandidate(vertex);
  }
  candidates(): readonly number[] {
    return this.#content.candidates;
  }
  recreationUs(vertex: number): number {
    return this.#sums.recreationUs(this.#at(vertex));
  }
  potential(vertex: number): number {
    return this.#potentials[this.#at(vertex)]!;
  }
  potentialShare(vertex: number): number {
    if (this.#potentialTotal === 0n) return 0;
    return Math.round(this.potential(vertex) * potentialUnit) / Number(this.#potentialTotal);
  }
  recreationShare(vertex: number, bytes = this.sizeBytes(vertex)): number {
    return this.#sums.share(this.#at(vertex), bytes);
  }
  parts(vertex: number): Int32Array {
    return this.#parts.of(this.#at(vertex));
  }
  partBytes(part: number): number {
    return this.#parts.bytes(part, this.#sizeOf);
  }
  /** Bytes of distinct vertices on a storage that keeps equal columns once. O(parts). */
  distinctBytes(vertices: Iterable<number>): number {
    return this.#parts.distinctBytes(vertices, this.#sizeOf);
  }
  /** Vertices that can be selected, as {@link settle} was told. */
  isCandidate(vertex: number): boolean {
    return this.#content.isCandidate(vertex);
  }

  #add({ signature, parents }: VertexUpdate): number {
    const vertex = this.#signatures.length;
    this.#ids.set(signature, vertex);
    this.#signatures.push(signature);
    for (const parent of parents) this.#parents.ids.push(parent);
    this.#parents.offsets.push(this.#parents.ids.length);
    this.#executions.push(0);
    this.#loadUs.push(0);
    this.#potentials.push(0);
    this.#sums.add();
    return vertex;
  }

  /** Takes over columns and quality, and raises the potential of all ancestors. */
  #learn(vertex: number, { quality, columns, columnsExpected, model }: VertexUpdate): void {
    if (model !== undefined) this.#models.add(vertex, model, this.parents(vertex));
    if (columns !== undefined && columnsExpected === true) this.#parts.expect(vertex, columns);
    else if (columns !== undefined) this.#parts.set(vertex, columns);
    if (quality === undefined || quality <= (this.#qualities.get(vertex) ?? -1)) return;
    this.#qualities.set(vertex, quality);
    const { offsets, ids } = this.#parents;
    const stack = [vertex];
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      const before = this.#potentials[v]!;
      if (before >= quality) continue; // so have its ancestors
      this.#potentials[v] = quality;
      this.#potentialTotal += BigInt(Math.round(quality * potentialUnit) - Math.round(before * potentialUnit));
      for (let e = offsets[v]!; e < offsets[v + 1]!; e++) stack.push(ids[e]!);
    }
  }

  #check({ signature, parents, quality, columns, columnsExpected }: VertexUpdate, known: number | undefined): void {
    if (quality !== undefined && !(quality >= 0 && quality <= 1))
      throw new WorkflowError(`vertex ${signature}: quality is ${quality}; expected a number from 0 to 1`);
    if (columns !== undefined && columnsExpected !== true) this.#parts.check(signature, columns);
    if (known === undefined) return;
    if (!this.#hasParents(known, parents))
      throw new WorkflowError(
        `vertex ${signature}: is known with other inputs; one signature is one operator over the same inputs`,
      );
  }

  #hasParents(vertex: number, parents: readonly number[]): boolean {
    const { offsets, ids } = this.#parents;
    const end = offsets[vertex + 1]!;
    if (end - offsets[vertex]! !== parents.length) return false;
    for (let e = offsets[vertex]!; e < end; e++) if (!parents.includes(ids[e]!)) return false;
    return true;
  }

  #at(vertex: number): number {
    if (!(vertex >= 0 && vertex < this.#signatures.length))
      throw new RangeError(`vertex ${vertex}: expected 0 … ${this.#signatures.length - 1}`);
    return vertex;
  }
}
