/** Token sequences and chain models as typed arrays, and the score every chain algorithm starts from. */

/** Sequences of tokens with binary features, flat: sequence s holds tokens sequenceOffsets[s] … sequenceOffsets[s+1]−1. */
export interface SequenceData {
  readonly tokenCount: number;
  readonly sequenceCount: number;
  /** First token of each sequence, ascending; shape (sequenceCount + 1), last entry tokenCount. */
  readonly sequenceOffsets: Int32Array;
  /** CSR row offsets of the features of each token; shape (tokenCount + 1). */
  readonly featureOffsets: Int32Array;
  /** Feature ids in [0, featureCount), token after token. */
  readonly featureIds: Int32Array;
  readonly featureCount: number;
}

/** A linear-chain model: a tag's score is Σ of its features' weights plus the transition from the tag before. */
export interface ChainModel {
  readonly tagCount: number;
  readonly featureCount: number;
  /** weights[feature · tagCount + tag]; shape (featureCount · tagCount). */
  readonly weights: Float64Array;
  /** transitions[previous · tagCount + tag]; row tagCount is the start of a sequence; shape ((tagCount + 1) · tagCount). */
  readonly transitions: Float64Array;
}

/** A model with all weights 0. */
export function emptyModel(featureCount: number, tagCount: number): ChainModel {
  return {
    tagCount,
    featureCount,
    weights: new Float64Array(featureCount * tagCount),
    transitions: new Float64Array((tagCount + 1) * tagCount),
  };
}

/** Number of tokens of the longest sequence; 0 without sequences. O(sequenceCount). */
export function longestSequence(data: SequenceData): number {
  let longest = 0;
  for (let s = 0; s < data.sequenceCount; s++)
    longest = Math.max(longest, data.sequenceOffsets[s + 1]! - data.sequenceOffsets[s]!);
  return longest;
}

/**
 * Writes scores[i · tagCount + tag] = Σ weights of the features of token `from + i`, for the tokens from … to−1.
 * O(features of those tokens · tagCount).
 */
export function emissionScores(
  data: SequenceData,
  from: number,
  to: number,
  weights: Float64Array | Int32Array,
  tagCount: number,
  scores: Float64Array,
): void {
  const { featureOffsets, featureIds } = data;
  for (let t = from, row = 0; t < to; t++, row += tagCount) {
    const begin = featureOffsets[t]!;
    const end = featureOffsets[t + 1]!;
    let k = 0;
    // Three sums at a time stay in registers; a row of scores in memory would be read and written for every feature.
    for (; k + 2 < tagCount; k += 3) {
      let a = 0;
      let b = 0;
      let c = 0;
      for (let e = begin; e < end; e++) {
        const at = featureIds[e]! * tagCount + k;
        a += weights[at]!;
        b += weights[at + 1]!;
        c += weights[at + 2]!;
      }
      scores[row + k] = a;
      scores[row + k + 1] = b;
      scores[row + k + 2] = c;
    }
    for (; k < tagCount; k++) {
      let a = 0;
      for (let e = begin; e < end; e++) a += weights[featureIds[e]! * tagCount + k]!;
      scores[row + k] = a;
    }
  }
}
