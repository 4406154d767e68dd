/**
 * Utility-based materialization that counts a column several results share once, and spends what that saves.
 *
 * Source: Derakhshan et al., SIGMOD 2020, §5.3 (storage-aware materialization): utility-based selection, deduplication, and
 * again with the budget that is left and the bytes that are new of each remaining candidate, until nothing is added.
 * Departures: candidates are normalised once per selection. A candidate all of whose columns are kept already is kept even
 * when no budget is left. With `codeCompat` what a candidate shares is taken off its size again in every round, as released;
 * but what was kept from earlier workloads is never free, and nothing is kept beyond the budget, which the release does.
 */
import type { ExperimentGraph } from "../../core/experiment-graph.ts";
import type { BatchMaterializer } from "../../core/materializer.ts";
import { byUtility, collabParams, scoreCandidates, type CollabParams } from "./collab-score.ts";

/** O(rounds · candidates · log candidates + parts of all candidates + candidates · ancestors). */
export const collabStorageAware: BatchMaterializer<CollabParams> = {
  kind: "batch",
  id: "collab-storage-aware",
  title: "Collab, storage-aware",
  roomOnly: true,
  candidatesOnly: ({ codeCompat }) => !codeCompat,
  params: collabParams,
  dedup: true,
  select(graph, budgetBytes, params) {
    const score = scoreCandidates(graph, params);
    const kept = new KeptParts(graph, score.worthwhile);
    const selected: number[] = [];
    let remaining = score.worthwhile;
    const shownBytes = new Float64Array(pastLast(remaining)); // by vertex
    for (const vertex of remaining) shownBytes[vertex] = kept.newBytes(vertex);
    const bytesOf = (vertex: number): number => shownBytes[vertex]!;
    while (remaining.length > 0) {
      let roundBytes = budgetBytes - kept.bytes;
      const added = new Set<number>();
      for (const vertex of byUtility(remaining, score, bytesOf)) {
        if (bytesOf(vertex) > roundBytes) continue;
        if (params.codeCompat && kept.bytes + kept.newBytes(vertex) > budgetBytes) continue;
        roundBytes -= bytesOf(vertex);
        added.add(vertex);
        kept.keep(vertex);
      }
      if (added.size === 0) break;
      for (const vertex of added) selected.push(vertex);
      remaining = remaining.filter((vertex) => !added.has(vertex));
      for (const vertex of remaining) {
        const shared = graph.sizeBytes(vertex) - kept.newBytes(vertex);
        shownBytes[vertex] = params.codeCompat ? Math.max(0, bytesOf(vertex) - shared) : kept.newBytes(vertex);
      }
    }
    return selected;
  },
};

/** Parts that are kept, and how many bytes each candidate would add to them. */
export class KeptParts {
  readonly #graph: ExperimentGraph;
  /** Place of a candidate in the arrays below, by vertex. */
  readonly #places: Int32Array;
  readonly #newBytes: Float64Array;
  /** 1 where the candidate itself is kept. */
  readonly #isKept: Uint8Array;
  /** Lists of the candidates that hold a column which is not kept yet: first entry by column, then the next by entry; −1 ends. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #holder: Int32Array;
  #bytes = 0;

  /** O(parts of all candidates + columns known). */
  constructor(graph: ExperimentGraph, candidates: readonly number[]) {
    this.#graph = graph;
    let entries = 0;
    let columns = 0;
    for (const vertex of candidates) {
      const parts = graph.parts(vertex);
      entries += parts.length;
      for (let k = 0; k < parts.length; k++) if (parts[k]! >= columns) columns = parts[k]! + 1;
    }
    this.#places = new Int32Array(pastLast(candidates));
    this.#newBytes = new Float64Array(candidates.length);
    this.#isKept = new Uint8Array(candidates.length);
    this.#first = new Int32Array(columns).fill(-1);
    this.#next = new Int32Array(entries);
    this.#holder = new Int32Array(entries);
    let entry = 0;
    for (let place = 0; place < candidates.length; place++) {
      const vertex = candidates[place]!;
      this.#places[vertex] = place;
      const parts = graph.parts(vertex);
      let newBytes = 0;
      for (let k = 0; k < parts.length; k++) {
        const part = parts[k]!;
        newBytes += graph.partBytes(part);
        if (part < 0) continue; // a vertex's own
        this.#holder[entry] = place;
        this.#next[entry] = this.#first[part]!;
        this.#first[part] = entry++;
      }
      this.#newBytes[place] = newBytes;
    }
  }

  /** Bytes of all parts kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes a candidate would add. O(1). */
  newBytes(vertex: number): number {
    return this.#newBytes[this.#places[vertex]!]!;
  }

  /** Keeps a candidate. O(holders of its parts); over all candidates O(parts of all candidates). */
  keep(vertex: number): void {
    const place = this.#places[vertex]!;
    if (this.#isKept[place] === 1) return;
    this.#isKept[place] = 1;
    const parts = this.#graph.parts(vertex);
    for (let k = 0; k < parts.length; k++) {
      const part = parts[k]!;
      const bytes = this.#graph.partBytes(part);
      if (part < 0) {
        this.#bytes += bytes;
        this.#newBytes[place]! -= bytes;
        continue;
      }
      let entry = this.#first[part]!;
      if (entry < 0) continue;
      this.#bytes += bytes;
      this.#first[part] = -1;
      for (; entry >= 0; entry = this.#next[entry]!) this.#newBytes[this.#holder[entry]!]! -= bytes;
    }
  }
}

/** Length of an array with a place for each of the vertices. */
function pastLast(vertices: readonly number[]): number {
  let length = 0;
  for (const vertex of vertices) if (vertex >= length) length = vertex + 1;
  return length;
}
