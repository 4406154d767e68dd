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
  params: collabParams,
  dedup: true,
  select(graph, budgetBytes, params) {
    const score = scoreCandidates(graph, params);
    const kept = new KeptParts(graph, score.worthwhile);
    const selected: number[] = [];
    let remaining = score.worthwhile;
    const shownBytes = new Map(remaining.map((vertex) => [vertex, kept.newBytes(vertex)]));
    for (;;) {
      const bytesOf = (vertex: number): number => shownBytes.get(vertex)!;
      let roundBytes = budgetBytes - kept.bytes;
      const added = new Set<number>();
      for (const vertex of byUtility(remaining, score, bytesOf)) {
        if (bytesOf(vertex) > roundBytes) continue;
        if (params.codeCompat && kept.bytes + kept.newBytes(vertex) > budgetBytes) continue;
        roundBytes -= bytesOf(vertex);
        added.add(vertex);
        kept.keep(vertex);
      }
      if (added.size === 0) return selected;
      for (const vertex of added) selected.push(vertex);
      remaining = remaining.filter((vertex) => !added.has(vertex));
      for (const vertex of remaining) {
        const shared = graph.sizeBytes(vertex) - kept.newBytes(vertex);
        shownBytes.set(vertex, params.codeCompat ? Math.max(0, bytesOf(vertex) - shared) : kept.newBytes(vertex));
      }
    }
  },
};

/** Parts that are kept, and how many bytes each candidate would add to them. */
export class KeptParts {
  readonly #graph: ExperimentGraph;
  /** Candidates that hold a part which is not kept yet. */
  readonly #holders = new Map<number, number[]>();
  readonly #newBytes = new Map<number, number>();
  #bytes = 0;

  /** O(parts of all candidates). */
  constructor(graph: ExperimentGraph, candidates: readonly number[]) {
    this.#graph = graph;
    for (const vertex of candidates) {
      let bytes = 0;
      for (const part of graph.parts(vertex)) {
        bytes += graph.partBytes(part);
        const holders = this.#holders.get(part);
        if (holders === undefined) this.#holders.set(part, [vertex]);
        else holders.push(vertex);
      }
      this.#newBytes.set(vertex, bytes);
    }
  }

  /** Bytes of all parts kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes a candidate would add. O(1). */
  newBytes(vertex: number): number {
    return this.#newBytes.get(vertex)!;
  }

  /** Keeps a candidate. O(holders of its parts); over all candidates O(parts of all candidates). */
  keep(vertex: number): void {
    for (const part of this.#graph.parts(vertex)) {
      const holders = this.#holders.get(part);
      if (holders === undefined) continue;
      this.#holders.delete(part);
      const bytes = this.#graph.partBytes(part);
      this.#bytes += bytes;
      for (const holder of holders) this.#newBytes.set(holder, this.#newBytes.get(holder)! - bytes);
    }
  }
}
