/** Feature columns → the integer feature ids a chain learner reads. */
import type { SequenceData } from "./chain-data.ts";

/** A categorical column as dictionary codes. */
export interface CodedColumn {
  /** Code of each token in [0, size); −1 = no feature (null, or a value unknown to the training data); shape (tokens). */
  readonly codes: Int32Array;
  /** Number of codes. */
  readonly size: number;
}

/**
 * Lays columns side by side: feature id = first id of its column + code; nothing for −1. Ids follow the order of columns.
 * O(tokens · columns) time, 4 bytes a feature.
 *
 * @param sequenceOffsets first token of each sequence, last entry the number of tokens
 */
export function sequenceData(columns: readonly CodedColumn[], sequenceOffsets: Int32Array): SequenceData {
  const tokenCount = sequenceOffsets.at(-1) ?? 0;
  const featureOffsets = new Int32Array(tokenCount + 1);
  for (const { codes } of columns) for (let t = 0; t < tokenCount; t++) if (codes[t]! >= 0) featureOffsets[t + 1]!++;
  for (let t = 0; t < tokenCount; t++) featureOffsets[t + 1]! += featureOffsets[t]!;
  const featureIds = new Int32Array(featureOffsets[tokenCount]!);
  const next = featureOffsets.slice(0, tokenCount);
  let base = 0;
  for (const { codes, size } of columns) {
    for (let t = 0; t < tokenCount; t++) if (codes[t]! >= 0) featureIds[next[t]!++] = base + codes[t]!;
    base += size;
  }
  return {
    tokenCount,
    sequenceCount: Math.max(0, sequenceOffsets.length - 1),
    sequenceOffsets,
    featureOffsets,
    featureIds,
    featureCount: base,
  };
}

/**
 * Codes text values by order of first appearance among the rows where `isTrain` is set; unseen and null values get −1.
 * O(rows).
 */
export function encodeColumn(values: readonly (string | null)[], isTrain: (row: number) => boolean): CodedColumn {
  const codes = new Int32Array(values.length);
  const known = new Map<string, number>();
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (value !== null && isTrain(i) && !known.has(value)) known.set(value, known.size);
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    codes[i] = value === null ? -1 : (known.get(value) ?? -1);
  }
  return { codes, size: known.size };
}

/** Sequence offsets from a sequence key per token: a new sequence starts wherever the key changes. O(tokens). */
export function offsetsOfKeys(keys: ArrayLike<number>): Int32Array {
  const starts: number[] = [];
  for (let t = 0; t < keys.length; t++) if (t === 0 || keys[t] !== keys[t - 1]) starts.push(t);
  starts.push(keys.length);
  return Int32Array.from(starts);
}
