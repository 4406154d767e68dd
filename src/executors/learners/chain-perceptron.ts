/**
 * Averaged structured perceptron for linear chains, and the same without transitions.
 *
 * Source: Collins, EMNLP 2002 (training and averaging); averaging by two weight vectors as in Daumé's thesis, 2006, Alg. 1.
 * Departures: the order of sequences is drawn anew in each pass, from a seed.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { randomInt, rngStream } from "../../core/rng.ts";
import { emissionScores, emptyModel, longestSequence, type ChainModel, type SequenceData } from "./chain-data.ts";
import { bestPath, viterbiScratch } from "./chain-viterbi.ts";

/** Parameters of {@link trainChainPerceptron}. */
export interface PerceptronOptions {
  /** Passes over the training sequences. */
  readonly epochs: number;
  /** Seed of the order of sequences. */
  readonly seed: number;
  /** False leaves all transitions 0: every token is then tagged on its own. */
  readonly transitions: boolean;
}

/** What training gave. */
export interface TrainedChain {
  readonly model: ChainModel;
  /** Passes over the data, or iterations of the minimiser. */
  readonly passes: number;
}

/**
 * Trains on the sequences `train` (indices into `data`) with gold `tags` (shape (tokenCount), ids below `tagCount`).
 * Deterministic given its arguments. O(epochs · (features · tagCount + tokens · tagCount²)) time; 12 bytes a feature and tag. Yields to the event loop once a pass, so that `signal` can arrive.
 *
 * @throws what `signal` was aborted with
 */
export async function trainChainPerceptron(
  data: SequenceData,
  tags: Uint8Array,
  tagCount: number,
  train: Int32Array,
  options: PerceptronOptions,
  signal?: AbortSignal,
): Promise<TrainedChain> {
  const { sequenceOffsets, featureOffsets, featureIds } = data;
  const { weights: averaged, transitions } = emptyModel(data.featureCount, tagCount);
  // Weights are whole numbers until they are averaged: half the memory, so that more of it stays near.
  const weights = new Int32Array(averaged.length);
  // Updates weighted by the step they were made at: average = weights − late / steps.
  const lateWeights = averaged;
  const lateTransitions = new Float64Array(transitions.length);
  const longest = longestSequence(data);
  const scratch = viterbiScratch(longest, tagCount);
  const guess = new Uint8Array(longest);
  const order = train.slice();
  const rng = rngStream(options.seed, "chain-perceptron/order");
  let step = 1;

  const moveFeatures = (token: number, gold: number, guessed: number): void => {
    const end = featureOffsets[token + 1]!;
    for (let e = featureOffsets[token]!; e < end; e++) {
      const base = featureIds[e]! * tagCount;
      weights[base + gold]! += 1;
      lateWeights[base + gold]! += step;
      weights[base + guessed]! -= 1;
      lateWeights[base + guessed]! -= step;
    }
  };
  const moveTransition = (previous: number, tag: number, by: number): void => {
    const at = previous * tagCount + tag;
    transitions[at]! += by;
    lateTransitions[at]! += by * step;
  };

  for (let epoch = 0; epoch < options.epochs; epoch++) {
    await nextTurn();
    signal?.throwIfAborted();
    for (let i = order.length - 1; i > 0; i--) {
      const j = randomInt(rng, 0, i);
      const swap = order[i]!;
      order[i] = order[j]!;
      order[j] = swap;
    }
    for (const s of order) {
      const from = sequenceOffsets[s]!;
      const length = sequenceOffsets[s + 1]! - from;
      emissionScores(data, from, from + length, weights, tagCount, scratch.scores);
      bestPath(transitions, tagCount, length, scratch, guess, 0);
      let goldBefore = tagCount;
      let guessBefore = tagCount;
      for (let i = 0; i < length; i++) {
        const gold = tags[from + i]!;
        const guessed = guess[i]!;
        if (gold !== guessed) moveFeatures(from + i, gold, guessed);
        if (options.transitions && (gold !== guessed || goldBefore !== guessBefore)) {
          moveTransition(goldBefore, gold, 1);
          moveTransition(guessBefore, guessed, -1);
        }
        goldBefore = gold;
        guessBefore = guessed;
      }
      step++;
    }
  }

  for (let i = 0; i < averaged.length; i++) averaged[i] = weights[i]! - lateWeights[i]! / step;
  for (let i = 0; i < transitions.length; i++) transitions[i]! -= lateTransitions[i]! / step;
  const model: ChainModel = { tagCount, featureCount: data.featureCount, weights: averaged, transitions };
  return { model, passes: options.epochs };
}
