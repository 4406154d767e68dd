/** Chain models as learners: examples in, a storable model out, tags for any examples of the same features. */
import { WorkflowError } from "../../core/errors.ts";
import type { LearnOp } from "../../core/operators.ts";
import { trainChainCrf } from "./chain-crf.ts";
import { type ChainModel, emptyModel, type SequenceData } from "./chain-data.ts";
import { type TrainedChain, trainChainPerceptron } from "./chain-perceptron.ts";
import { encodeTags, type TagEncoding, type TagSet, tagSetOf } from "./chain-tags.ts";
import { decodeChain } from "./chain-viterbi.ts";
import { offsetsOfKeys, sequenceData } from "./features.ts";
import type { ExampleFeature, Examples, Learner, TrainedModel } from "./learner.ts";

/** Models that tag sequences. */
export const chainModels = ["chain-perceptron", "chain-crf", "token-perceptron"] as const;
export type ChainModelId = (typeof chainModels)[number];

/** A trained tagger; weights only of features that have any. */
export interface ChainRecord extends TrainedModel {
  readonly model: ChainModelId;
  readonly encoding: TagEncoding;
  /** Mention types, as in {@link TagSet}. */
  readonly types: readonly string[];
  /** Label of each tag. */
  readonly labels: readonly string[];
  readonly featureCount: number;
  /** Features with a weight other than 0, ascending. */
  readonly featureIds: Int32Array;
  /** Their weights by tag; shape (featureIds.length · labels.length). */
  readonly weights: Float64Array;
  /** As in {@link ChainModel}. */
  readonly transitions: Float64Array;
  readonly passes: number;
}

/** True for the models of this file. */
export function isChainModel(model: string): model is ChainModelId {
  return (chainModels as readonly string[]).includes(model);
}

/** Learners that need the rows' `sentence`: tokens of one sentence stand together, in order. */
export const chainLearners: readonly Learner[] = chainModels.map((model) => ({
  model,
  keys: ["sentence"],
  train: (op, examples, signal) => trainChain(model, op, examples, signal),
}));

/**
 * Trains on all examples. Parameters of the operator: `maxIterations` (passes of a perceptron, default 10; iterations of a CRF,
 * default 60), `seed` (order of sentences, default 1), `encoding` (`bio`, the default, or `io`), `l2` (CRF, default 0.5),
 * `tolerance` (CRF, default 1e-4 of the number of sentences).
 */
async function trainChain(
  model: ChainModelId,
  op: LearnOp,
  examples: Examples,
  signal?: AbortSignal,
): Promise<ChainRecord> {
  const encoding = op["encoding"] ?? "bio";
  if (encoding !== "bio" && encoding !== "io")
    throw new WorkflowError(`${model}: encoding is "${String(encoding)}"; expected bio or io`);
  const data = sequencesOf(model, examples.features, examples.keys.get("sentence"));
  const tags = tagSetOf(examples.labelValues, encoding);
  const labels = Array.from(examples.labels, (code) => examples.labelValues[code] ?? "O");
  const gold = encodeTags(labels, data.sequenceOffsets, tags);
  const all = Int32Array.from({ length: data.sequenceCount }, (_, s) => s);
  const trained = await train(model, op, { data, gold, tagCount: tags.labels.length, all }, signal);
  return record(model, tags, trained);
}

interface Task {
  readonly data: SequenceData;
  readonly gold: Uint8Array;
  readonly tagCount: number;
  readonly all: Int32Array;
}

function train(
  model: ChainModelId,
  op: LearnOp,
  { data, gold, tagCount, all }: Task,
  signal: AbortSignal | undefined,
): Promise<TrainedChain> {
  if (model === "chain-crf") {
    const options = { l2: op.l2 ?? 0.5, maxIterations: op.maxIterations ?? 60, tolerance: op.tolerance ?? 1e-4 };
    return trainChainCrf(data, gold, tagCount, all, options, signal);
  }
  const seed = Number(op["seed"] ?? 1);
  const options = { epochs: op.maxIterations ?? 10, seed, transitions: model === "chain-perceptron" };
  return trainChainPerceptron(data, gold, tagCount, all, options, signal);
}

function sequencesOf(
  model: string,
  features: readonly ExampleFeature[],
  sentence: Int32Array | undefined,
): SequenceData {
  if (sentence === undefined)
    throw new WorkflowError(`${model}: the examples have no sentences; expected rows that come from tokens`);
  return sequenceData(features, offsetsOfKeys(sentence));
}

function record(model: ChainModelId, tags: TagSet, { model: dense, passes }: TrainedChain): ChainRecord {
  const k = dense.tagCount;
  const used: number[] = [];
  for (let f = 0; f < dense.featureCount; f++) {
    let isUsed = false;
    for (let i = f * k; i < (f + 1) * k; i++) if (dense.weights[i] !== 0) isUsed = true;
    if (isUsed) used.push(f);
  }
  const weights = new Float64Array(used.length * k);
  for (const [i, f] of used.entries()) weights.set(dense.weights.subarray(f * k, (f + 1) * k), i * k);
  const { encoding, types, labels } = tags;
  const { featureCount, transitions } = dense;
  return {
    model,
    encoding,
    types,
    labels,
    featureCount,
    featureIds: Int32Array.from(used),
    weights,
    transitions,
    passes,
  };
}

/** The model with a weight for every feature, as {@link decodeChain} reads it. */
export function denseModel({ labels, featureCount, featureIds, weights, transitions }: ChainRecord): ChainModel {
  const k = labels.length;
  const dense = emptyModel(featureCount, k);
  for (const [i, f] of featureIds.entries()) dense.weights.set(weights.subarray(i * k, (i + 1) * k), f * k);
  dense.transitions.set(transitions);
  return dense;
}

/**
 * Tag of every token by Viterbi decoding; ids are indices into `model.labels`.
 *
 * @param features as the model was trained on, codes of the same dictionaries
 * @param sentence sentence of each token; shape (tokens)
 */
export function predictChain(
  model: ChainRecord,
  features: readonly ExampleFeature[],
  sentence: Int32Array,
): Uint8Array {
  const data = sequencesOf(model.model, features, sentence);
  if (data.featureCount !== model.featureCount)
    throw new WorkflowError(
      `${model.model}: the examples have ${data.featureCount} features, the model ${model.featureCount}; predict with the examples it was trained on`,
    );
  return decodeChain(denseModel(model), data);
}
