import { expect, test } from "vitest";
import { WorkflowError } from "../../../src/core/errors.ts";
import { randomInt, rngStream } from "../../../src/core/rng.ts";
import { spanScore } from "../../../src/executors/learners/chain-evaluate.ts";
import { decodeTags, encodeTags, type Span, spansOf, tagSetOf } from "../../../src/executors/learners/chain-tags.ts";

const offsets = Int32Array.of(0, 4, 6);

test("I- tags become BIO by sentence: a mention starts where the type changes, and in a new sentence", () => {
  const labels = ["I-PER", "I-PER", "I-ORG", "O", "I-ORG", "I-ORG"];
  const tags = tagSetOf(labels, "bio");
  expect(tags.labels).toEqual(["O", "B-ORG", "I-ORG", "B-PER", "I-PER"]);
  expect(decodeTags(encodeTags(labels, offsets, tags), tags)).toEqual([
    "B-PER",
    "I-PER",
    "B-ORG",
    "O",
    "B-ORG",
    "I-ORG",
  ]);
  const plain = tagSetOf(labels, "io");
  expect(decodeTags(encodeTags(labels, offsets, plain), plain)).toEqual(labels);
});

test("mentions end with the sentence, at another type, at O and at a new B-; a stray I- starts one", () => {
  expect(spansOf(["B-PER", "B-PER", "I-PER", "I-ORG", "I-ORG", "O"], offsets)).toEqual([
    { start: 0, end: 1, type: "PER" },
    { start: 1, end: 3, type: "PER" },
    { start: 3, end: 4, type: "ORG" },
    { start: 4, end: 5, type: "ORG" },
  ]);
});

test("tags survive coding: spans of coded labels are the spans of the labels", () => {
  const rng = rngStream(1, "tags");
  const kinds = ["O", "O", "I-PER", "B-PER", "I-ORG", "B-ORG"];
  for (let round = 0; round < 200; round++) {
    const lengths = [randomInt(rng, 1, 5), randomInt(rng, 1, 5)];
    const at = Int32Array.of(0, lengths[0]!, lengths[0]! + lengths[1]!);
    const labels = Array.from({ length: at[2]! }, () => kinds[randomInt(rng, 0, 5)]!);
    const tags = tagSetOf(["I-PER", "I-ORG"], "bio");
    expect(spansOf(decodeTags(encodeTags(labels, at, tags), tags), at)).toEqual(spansOf(labels, at));
  }
});

test("a type the model does not know is O, an unknown form is refused", () => {
  const tags = tagSetOf(["I-PER"], "bio");
  expect([...encodeTags(["I-LOC", "I-PER", null, "O", "O", "O"], offsets, tags)]).toEqual([0, 1, 0, 0, 0, 0]);
  expect(() => tagSetOf(["PER"], "bio")).toThrow(WorkflowError);
});

test("precision, recall and F1 count exact matches of one type", () => {
  const span = (start: number, end: number, type = "PER"): Span => ({ start, end, type });
  const gold = [span(0, 2), span(3, 4), span(6, 8), span(9, 10, "ORG")];
  const found = [span(0, 2), span(3, 5), span(9, 10)];
  const score = spanScore(gold, found, "PER");
  expect([score.truePositives, score.falsePositives, score.falseNegatives]).toEqual([1, 2, 2]);
  expect([score.precision, score.recall, score.f1]).toEqual([1 / 3, 1 / 3, 1 / 3]);
  expect(spanScore([], [], "PER").f1).toBe(0);
});
