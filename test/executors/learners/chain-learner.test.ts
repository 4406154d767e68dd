import { expect, test } from "vitest";
import type { LearnOp } from "../../../src/core/operators.ts";
import { chainLearners, type ChainRecord, predictChain } from "../../../src/executors/learners/chain-learner.ts";
import { decodeTags } from "../../../src/executors/learners/chain-tags.ts";
import { encodeColumn, offsetsOfKeys, sequenceData } from "../../../src/executors/learners/features.ts";
import { learners } from "../../../src/executors/learners/index.ts";
import type { ExampleFeature, Examples } from "../../../src/executors/learners/learner.ts";

const words = "Ann Lee met Bo . Bo Lee met Ann . Cy Lee left . they left .".split(" ");
const tags = words.map((word) => (/^(?:Ann|Lee|Bo|Cy)$/u.test(word) ? "I-PER" : "O"));
const sentence = Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3]);
const title = words.map((word) => (/^[A-Z]/u.test(word) ? "0" : null));
const features: readonly ExampleFeature[] = [encodeColumn(words, () => true), encodeColumn(title, () => true)];
const labelValues = ["I-PER", "O"];
const examples: Examples = {
  rows: words.length,
  labels: Uint16Array.from(tags, (tag) => labelValues.indexOf(tag)),
  labelValues,
  features,
  keys: new Map([["sentence", sentence]]),
};

for (const { model } of chainLearners)
  test(`${model} is registered, learns four sentences and tags them; its record holds used features only`, async () => {
    const op: LearnOp = { op: "learn", model, ...(model === "chain-crf" ? { l2: 0.01 } : {}) };
    const record = (await learners[model]?.train(op, examples)) as ChainRecord;
    const found = decodeTags(predictChain(record, features, sentence), record);
    expect(found.map((tag) => tag.replace("B-", "I-"))).toEqual(tags);
    expect(record.weights).toHaveLength(record.featureIds.length * record.labels.length);
    if (model === "token-perceptron") expect(record.transitions.every((weight) => weight === 0)).toBe(true);
  });

test("code 0 is no feature, ids follow the columns, sentences follow their key", () => {
  const [a, b] = [
    encodeColumn(["x", null, "y", "x"], (row) => row < 3),
    encodeColumn(["u", "v", "w", "u"], (row) => row < 2),
  ];
  expect([...a.codes]).toEqual([1, 0, 2, 1]);
  expect([...b.codes]).toEqual([1, 2, 0, 1]);
  const data = sequenceData([a, b], offsetsOfKeys([7, 7, 9, 9]));
  expect([...data.sequenceOffsets]).toEqual([0, 2, 4]);
  expect(data.featureCount).toBe(4);
  expect([...data.featureOffsets]).toEqual([0, 2, 3, 4, 6]);
  expect([...data.featureIds]).toEqual([0, 2, 3, 1, 0, 2]);
});

test("examples without sentences, numeric features, an unknown encoding and other features are refused", async () => {
  const learner = learners["chain-perceptron"];
  const op: LearnOp = { op: "learn", model: "chain-perceptron", maxIterations: 1 };
  await expect(learner?.train(op, { ...examples, keys: new Map() })).rejects.toThrow("no sentences");
  const numbers: ExampleFeature = { kind: "numbers", values: new Float64Array(words.length) };
  await expect(learner?.train(op, { ...examples, features: [numbers] })).rejects.toThrow("numeric");
  await expect(learner?.train({ ...op, encoding: "iob" }, examples)).rejects.toThrow("bio or io");
  const record = (await learner?.train(op, examples)) as ChainRecord;
  expect(() => predictChain(record, features.slice(1), sentence)).toThrow("trained on");
});
