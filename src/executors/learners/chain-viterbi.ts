/**
 * Most probable tag sequence of a linear-chain model by dynamic programming.
 *
 * Source: Viterbi 1967; Rabiner 1989, §III.B.
 * Departures: scores are sums (log domain); of several best sequences the one found by preferring the lower tag id at
 * every step from the end is returned, so that the answer is deterministic.
 */
import { emissionScores, longestSequence, type ChainModel, type SequenceData } from "./chain-data.ts";

/** Scratch memory for one sequence; grows, never shrinks. */
export interface ViterbiScratch {
  /** Emission scores; shape (tokens · tagCount). */
  scores: Float64Array;
  /** Best score of a path ending in each tag; shape (2 · tagCount). */
  best: Float64Array;
  /** Tag before, by token and tag; shape (tokens · tagCount). */
  back: Uint8Array;
}

/** Scratch for sequences of up to `tokens` tokens. */
export function viterbiScratch(tokens: number, tagCount: number): ViterbiScratch {
  return {
    scores: new Float64Array(tokens * tagCount),
    best: new Float64Array(2 * tagCount),
    back: new Uint8Array(tokens * tagCount),
  };
}

/**
 * Best path over the emission scores in `scratch.scores`; writes tags[at … at+length−1].
 * O(length · tagCount²) time.
 *
 * @returns score of the path, 0 for an empty sequence
 */
export function bestPath(
  transitions: Float64Array,
  tagCount: number,
  length: number,
  scratch: ViterbiScratch,
  tags: Uint8Array,
  at: number,
): number {
  if (length === 0) return 0;
  const { scores, best, back } = scratch;
  let now = 0;
  for (let k = 0; k < tagCount; k++) best[k] = scores[k]! + transitions[tagCount * tagCount + k]!;
  for (let i = 1; i < length; i++) {
    const next = tagCount - now;
    const row = i * tagCount;
    for (let k = 0; k < tagCount; k++) {
      let top = best[now]! + transitions[k]!;
      let from = 0;
      for (let p = 1; p < tagCount; p++) {
        const score = best[now + p]! + transitions[p * tagCount + k]!;
        if (score > top) {
          top = score;
          from = p;
        }
      }
      best[next + k] = top + scores[row + k]!;
      back[row + k] = from;
    }
    now = next;
  }
  let last = 0;
  for (let k = 1; k < tagCount; k++) if (best[now + k]! > best[now + last]!) last = k;
  const score = best[now + last]!;
  for (let i = length - 1; i >= 0; i--) {
    tags[at + i] = last;
    last = back[i * tagCount + last]!;
  }
  return score;
}

/**
 * Tags every token; returns tag ids, shape (tokenCount).
 * O(features · tagCount + tokenCount · tagCount²) time, memory for the longest sequence.
 */
export function decodeChain(model: ChainModel, data: SequenceData): Uint8Array {
  const tags = new Uint8Array(data.tokenCount);
  const scratch = viterbiScratch(longestSequence(data), model.tagCount);
  for (let s = 0; s < data.sequenceCount; s++) {
    const from = data.sequenceOffsets[s]!;
    const to = data.sequenceOffsets[s + 1]!;
    emissionScores(data, from, to, model.weights, model.tagCount, scratch.scores);
    bestPath(model.transitions, model.tagCount, to - from, scratch, tags, from);
  }
  return tags;
}
