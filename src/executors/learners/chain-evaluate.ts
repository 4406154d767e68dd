/** Exact-match evaluation of mentions. */
import type { Span } from "./chain-tags.ts";

/** Counts behind precision and recall, with the values; all 0 where a denominator is 0. */
export interface SpanScore {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Precision, recall and F1 from counts. */
export function scoreOf(truePositives: number, falsePositives: number, falseNegatives: number): SpanScore {
  const found = truePositives + falsePositives;
  const present = truePositives + falseNegatives;
  const precision = found === 0 ? 0 : truePositives / found;
  const recall = present === 0 ? 0 : truePositives / present;
  const f1 = found + present === 0 ? 0 : (2 * truePositives) / (found + present);
  return { truePositives, falsePositives, falseNegatives, precision, recall, f1 };
}

/** Scores found spans of one type against the gold ones: start, end and type must agree. O(spans). */
export function spanScore(gold: readonly Span[], found: readonly Span[], type: string): SpanScore {
  const ends = new Map<number, number>();
  let present = 0;
  for (const span of gold)
    if (span.type === type) {
      ends.set(span.start, span.end);
      present++;
    }
  let truePositives = 0;
  let predicted = 0;
  for (const span of found)
    if (span.type === type) {
      predicted++;
      if (ends.get(span.start) === span.end) truePositives++;
    }
  return scoreOf(truePositives, predicted - truePositives, present - truePositives);
}
