/** Feature columns → the integer feature ids a chain learner reads. */
import { WorkflowError } from "../../core/errors.ts";
import type { SequenceData } from "./chain-data.ts";
import type { ExampleFeature } from "./learner.ts";

/** A categorical feature of all tokens: code 0 = no known value, which is no feature at all. */
export type CodedFeature = Extract<ExampleFeature, { readonly kind: "codes" }>;

/**
 * Lays features side by side: id = first id of the feature + code − 1, nothing for code 0. Ids follow the order of features.
 * O(tokens · features) time, 4 bytes a token and feature.
 *
 * @param sequenceOffsets first token of each sequence, last entry the number of tokens
 * @throws {WorkflowError} for a numeric feature
 */
export function sequenceData(features: readonly ExampleFeature[], sequenceOffsets: Int32Array): SequenceData {
  const tokenCount = sequenceOffsets.at(-1) ?? 0;
  const featureOffsets = new Int32Array(tokenCount + 1);
  const coded = features.map((feature, i): CodedFeature => {
    if (feature.kind === "codes") return feature;
    throw new WorkflowError(`chain model: feature ${i} is numeric; expected categorical features only; bucketise it`);
  });
  for (const { codes } of coded) for (let t = 0; t < tokenCount; t++) if (codes[t]! > 0) featureOffsets[t + 1]!++;
  for (let t = 0; t < tokenCount; t++) featureOffsets[t + 1]! += featureOffsets[t]!;
  const featureIds = new Int32Array(featureOffsets[tokenCount]!);
  const next = featureOffsets.slice(0, tokenCount);
  let base = 0;
  for (const { codes, levels } of coded) {
    for (let t = 0; t < tokenCount; t++) if (codes[t]! > 0) featureIds[next[t]!++] = base + codes[t]! - 1;
    base += Math.max(0, levels - 1);
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
 * Codes text values 1, 2 … in the order of first appearance among the rows where `isTrain` holds; unseen and null values get 0.
 * O(rows).
 */
export function encodeColumn(values: readonly (string | null)[], isTrain: (row: number) => boolean): CodedFeature {
  const codes = new Uint32Array(values.length);
  const known = new Map<string, number>();
  for (const [i, value] of values.entries())
    if (value !== null && isTrain(i) && !known.has(value)) known.set(value, known.size + 1);
  for (const [i, value] of values.entries()) codes[i] = value === null ? 0 : (known.get(value) ?? 0);
  return { kind: "codes", codes, levels: known.size + 1 };
}

/** Sequence offsets from a sequence key per token: a new sequence starts wherever the key changes. O(tokens). */
export function offsetsOfKeys(keys: ArrayLike<number>): Int32Array {
  let count = 0;
  for (let t = 0; t < keys.length; t++) if (t === 0 || keys[t] !== keys[t - 1]) count++;
  const offsets = new Int32Array(count + 1);
  let s = 0;
  for (let t = 0; t < keys.length; t++) if (t === 0 || keys[t] !== keys[t - 1]) offsets[s++] = t;
  offsets[count] = keys.length;
  return offsets;
}
