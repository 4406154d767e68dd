import { expect, test } from "vitest";
import { randomInt, type Rng, rngStream } from "../../../src/core/rng.ts";
import { crfObjective, tagMarginals, trainChainCrf } from "../../../src/executors/learners/chain-crf.ts";
import { type ChainModel, emptyModel, type SequenceData } from "../../../src/executors/learners/chain-data.ts";
import { trainChainPerceptron } from "../../../src/executors/learners/chain-perceptron.ts";
import { decodeChain } from "../../../src/executors/learners/chain-viterbi.ts";

/** Random sequences with 0–4 features a token. */
function randomData(rng: Rng, lengths: readonly number[], featureCount: number): SequenceData {
  const sequenceOffsets = [0];
  const featureOffsets = [0];
  const featureIds: number[] = [];
  for (const length of lengths) {
    for (let t = 0; t < length; t++) {
      for (let e = randomInt(rng, 0, 4); e > 0; e--) featureIds.push(randomInt(rng, 0, featureCount - 1));
      featureOffsets.push(featureIds.length);
    }
    sequenceOffsets.push(featureOffsets.length - 1);
  }
  return {
    tokenCount: featureOffsets.length - 1,
    sequenceCount: lengths.length,
    sequenceOffsets: Int32Array.from(sequenceOffsets),
    featureOffsets: Int32Array.from(featureOffsets),
    featureIds: Int32Array.from(featureIds),
    featureCount,
  };
}

function randomModel(rng: Rng, featureCount: number, tagCount: number, spread: number): ChainModel {
  const model = emptyModel(featureCount, tagCount);
  for (const values of [model.weights, model.transitions])
    for (let i = 0; i < values.length; i++) values[i] = spread * (rng() - 0.5);
  return model;
}

/** Score of one tag sequence, straight from the definition. */
function scoreOf(model: ChainModel, data: SequenceData, sequence: number, tags: readonly number[]): number {
  const from = data.sequenceOffsets[sequence]!;
  let score = 0;
  for (const [i, tag] of tags.entries()) {
    const before = i === 0 ? model.tagCount : tags[i - 1]!;
    score += model.transitions[before * model.tagCount + tag]!;
    for (let e = data.featureOffsets[from + i]!; e < data.featureOffsets[from + i + 1]!; e++)
      score += model.weights[data.featureIds[e]! * model.tagCount + tag]!;
  }
  return score;
}

/** All tag sequences of a length. */
function* sequences(length: number, tagCount: number): Generator<number[]> {
  const tags = Array.from({ length }, () => 0);
  for (;;) {
    yield [...tags];
    let i = length - 1;
    while (i >= 0 && tags[i] === tagCount - 1) tags[i--] = 0;
    if (i < 0) return;
    tags[i]!++;
  }
}

test("Viterbi finds the best of all tag sequences", () => {
  const rng = rngStream(1, "viterbi");
  for (let round = 0; round < 60; round++) {
    const tagCount = randomInt(rng, 1, 4);
    const data = randomData(rng, [randomInt(rng, 1, 6), 0, randomInt(rng, 1, 5)], 7);
    const model = randomModel(rng, 7, tagCount, 4);
    const found = decodeChain(model, data);
    for (let s = 0; s < data.sequenceCount; s++) {
      const [from, to] = [data.sequenceOffsets[s]!, data.sequenceOffsets[s + 1]!];
      let best = Number.NEGATIVE_INFINITY;
      for (const tags of sequences(to - from, tagCount)) best = Math.max(best, scoreOf(model, data, s, tags));
      expect(scoreOf(model, data, s, [...found.subarray(from, to)])).toBeCloseTo(best, 10);
    }
  }
});

test("forward–backward gives the partition function and the marginals of full enumeration, for small and large scores", () => {
  const rng = rngStream(2, "marginals");
  for (const spread of [1, 20, 100]) {
    const data = randomData(rng, [5, 1, 4], 6);
    const model = randomModel(rng, 6, 3, spread);
    for (let s = 0; s < data.sequenceCount; s++) {
      const length = data.sequenceOffsets[s + 1]! - data.sequenceOffsets[s]!;
      const all = [...sequences(length, 3)].map((tags) => ({ tags, score: scoreOf(model, data, s, tags) }));
      const top = Math.max(...all.map(({ score }) => score));
      const z = all.reduce((sum, { score }) => sum + Math.exp(score - top), 0);
      const { logZ, marginals } = tagMarginals(model, data, s);
      expect(logZ / (top + Math.log(z))).toBeCloseTo(1, 10);
      for (let i = 0; i < length; i++)
        for (let k = 0; k < 3; k++) {
          const share = all
            .filter(({ tags }) => tags[i] === k)
            .reduce((sum, { score }) => sum + Math.exp(score - top) / z, 0);
          expect(marginals[i * 3 + k]).toBeCloseTo(share, 9);
        }
    }
  }
});

test("the gradient of the CRF is the slope of its value in every direction", () => {
  const rng = rngStream(3, "gradient");
  const data = randomData(rng, [4, 1, 6, 3], 8);
  const tags = Uint8Array.from({ length: data.tokenCount }, () => randomInt(rng, 0, 2));
  const objective = crfObjective(data, tags, 3, Int32Array.of(0, 1, 2), 0.3);
  const theta = Float64Array.from({ length: objective.size }, () => rng() - 0.5);
  const gradient = new Float64Array(objective.size);
  const scrap = new Float64Array(objective.size);
  objective.evaluate(theta, gradient);
  const h = 1e-5;
  for (let i = 0; i < theta.length; i++) {
    const at = theta[i]!;
    theta[i] = at + h;
    const above = objective.evaluate(theta, scrap);
    theta[i] = at - h;
    const below = objective.evaluate(theta, scrap);
    theta[i] = at;
    expect(gradient[i]).toBeCloseTo((above - below) / (2 * h), 6);
  }
});

/** Sequences whose tag is that of a feature seen once at the start and repeated: only transitions can tell the rest. */
function echoTask(): { readonly data: SequenceData; readonly tags: Uint8Array; readonly all: Int32Array } {
  const rng = rngStream(4, "echo");
  const count = 60;
  const length = 5;
  const ids: number[] = [];
  const featureOffsets = [0];
  const tags = new Uint8Array(count * length);
  for (let s = 0; s < count; s++) {
    const kind = randomInt(rng, 0, 1);
    for (let i = 0; i < length; i++) {
      tags[s * length + i] = kind;
      ids.push(i === 0 ? kind : 2);
      featureOffsets.push(ids.length);
    }
  }
  const data: SequenceData = {
    tokenCount: count * length,
    sequenceCount: count,
    sequenceOffsets: Int32Array.from({ length: count + 1 }, (_, s) => s * length),
    featureOffsets: Int32Array.from(featureOffsets),
    featureIds: Int32Array.from(ids),
    featureCount: 3,
  };
  return { data, tags, all: Int32Array.from({ length: count }, (_, s) => s) };
}

test("chain models learn what only the tag before tells; the same features without transitions cannot", async () => {
  const { data, tags, all } = echoTask();
  const share = (model: ChainModel): number => {
    const found = decodeChain(model, data);
    return found.filter((tag, t) => tag === tags[t]).length / tags.length;
  };
  const perceptron = { epochs: 20, seed: 1 };
  const chain = await trainChainPerceptron(data, tags, 2, all, { ...perceptron, transitions: true });
  const token = await trainChainPerceptron(data, tags, 2, all, { ...perceptron, transitions: false });
  const crf = await trainChainCrf(data, tags, 2, all, { l2: 0.1, maxIterations: 50, tolerance: 1e-4 });
  expect(share(chain.model)).toBe(1);
  expect(share(crf.model)).toBe(1);
  expect(share(token.model)).toBeLessThan(0.75);
});

test("training twice gives the same bits, another seed another model", async () => {
  const rng = rngStream(5, "twice");
  const data = randomData(rng, [6, 5, 7, 4, 6], 9);
  const tags = Uint8Array.from({ length: data.tokenCount }, () => randomInt(rng, 0, 2));
  const all = Int32Array.of(0, 1, 2, 3, 4);
  const train = (seed: number): ReturnType<typeof trainChainPerceptron> =>
    trainChainPerceptron(data, tags, 3, all, { epochs: 4, seed, transitions: true });
  const [first, second, other] = [await train(1), await train(1), await train(2)];
  expect(second).toEqual(first);
  expect(other.model.weights).not.toEqual(first.model.weights);
});

test("averaging is the mean of the weights over all steps, the start included", async () => {
  // One token a sequence, one shared feature, gold tags 0, 1: with all weights 0 tag 0 wins, so the sequence tagged 1 is missed
  // once. If it comes first, (−1, +1) holds for one step, then tag 0 is missed and (0, 0) holds for the last of three; if it
  // comes second, (−1, +1) holds for the last. Either way the mean over three steps is (−⅓, +⅓).
  const data: SequenceData = {
    tokenCount: 2,
    sequenceCount: 2,
    sequenceOffsets: Int32Array.of(0, 1, 2),
    featureOffsets: Int32Array.of(0, 1, 2),
    featureIds: Int32Array.of(0, 0),
    featureCount: 1,
  };
  const options = { epochs: 1, seed: 1, transitions: false };
  const { model } = await trainChainPerceptron(data, Uint8Array.of(0, 1), 2, Int32Array.of(0, 1), options);
  expect(model.weights[0]).toBeCloseTo(-1 / 3, 12);
  expect(model.weights[1]).toBeCloseTo(1 / 3, 12);
});

test("an aborted training ends with the reason", async () => {
  const { data, tags, all } = echoTask();
  const signal = AbortSignal.abort(new Error("enough"));
  const options = { epochs: 5, seed: 1, transitions: true };
  await expect(trainChainPerceptron(data, tags, 2, all, options, signal)).rejects.toThrow("enough");
});
