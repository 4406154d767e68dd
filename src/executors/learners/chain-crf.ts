/**
 * Linear-chain conditional random field: penalised log-likelihood with its gradient, minimised by limited-memory BFGS.
 *
 * Source: Lafferty et al., ICML 2001; forward–backward with scaling as in Rabiner 1989, §V.A.
 * Departures: the penalty l2/2·‖θ‖² is on weights and transitions alike; scores of a token are shifted by their maximum
 * before exponentiation (transitions beyond ±300, which no penalised model has, would still leave the range of doubles).
 */
import { emissionScores, longestSequence, type ChainModel, type SequenceData } from "./chain-data.ts";
import type { TrainedChain } from "./chain-perceptron.ts";
import { minimiseSmooth } from "./chain-lbfgs.ts";

/** Parameters of {@link trainChainCrf}. */
export interface CrfOptions {
  /** Strength of the penalty l2/2·‖θ‖². */
  readonly l2: number;
  /** Most iterations of the minimiser. */
  readonly maxIterations: number;
  /** Ends when the largest gradient component falls below this share of the number of training sequences. */
  readonly tolerance: number;
}

/** Scratch of forward–backward for one sequence. */
interface Lattice {
  readonly scores: Float64Array;
  /** exp(score − max of the token). */
  readonly potential: Float64Array;
  /** Scaled forward values, each token's sum is 1. */
  readonly alpha: Float64Array;
  /** Scaled backward values. */
  readonly beta: Float64Array;
  readonly scale: Float64Array;
}

function latticeFor(tokens: number, tagCount: number): Lattice {
  const cells = tokens * tagCount;
  return {
    scores: new Float64Array(cells),
    potential: new Float64Array(cells),
    alpha: new Float64Array(cells),
    beta: new Float64Array(cells),
    scale: new Float64Array(tokens),
  };
}

/**
 * Scaled forward–backward over the emission scores in `lattice.scores`, for transitions given as `exp(transition)`.
 * Afterwards alpha·beta of a token are its tag probabilities.
 *
 * @returns log of the partition function
 */
function forwardBackward(lattice: Lattice, moves: Float64Array, tagCount: number, length: number): number {
  const { scores, potential, alpha, beta, scale } = lattice;
  let logZ = 0;
  for (let i = 0; i < length; i++) {
    const row = i * tagCount;
    let top = scores[row]!;
    for (let k = 1; k < tagCount; k++) top = Math.max(top, scores[row + k]!);
    let sum = 0;
    for (let k = 0; k < tagCount; k++) {
      const p = Math.exp(scores[row + k]! - top);
      potential[row + k] = p;
      let reach = 0;
      if (i === 0) reach = moves[tagCount * tagCount + k]!;
      else for (let q = 0; q < tagCount; q++) reach += alpha[row - tagCount + q]! * moves[q * tagCount + k]!;
      alpha[row + k] = reach * p;
      sum += reach * p;
    }
    scale[i] = sum;
    for (let k = 0; k < tagCount; k++) alpha[row + k]! /= sum;
    logZ += top + Math.log(sum);
  }
  const lastRow = (length - 1) * tagCount;
  for (let k = 0; k < tagCount; k++) beta[lastRow + k] = 1;
  for (let i = length - 2; i >= 0; i--) {
    const row = i * tagCount;
    const next = row + tagCount;
    for (let k = 0; k < tagCount; k++) {
      let sum = 0;
      for (let q = 0; q < tagCount; q++) sum += moves[k * tagCount + q]! * potential[next + q]! * beta[next + q]!;
      beta[row + k] = sum / scale[i + 1]!;
    }
  }
  return logZ;
}

/** exp of the transitions, start row included. */
function exponentials(transitions: Float64Array): Float64Array {
  return transitions.map((value) => Math.exp(value));
}

/**
 * Probability of every tag of every token of one sequence; shape (length · tagCount).
 *
 * @param sequence index into `data`
 */
export function tagMarginals(
  model: ChainModel,
  data: SequenceData,
  sequence: number,
): { readonly logZ: number; readonly marginals: Float64Array } {
  const from = data.sequenceOffsets[sequence]!;
  const to = data.sequenceOffsets[sequence + 1]!;
  const lattice = latticeFor(to - from, model.tagCount);
  emissionScores(data, from, to, model.weights, model.tagCount, lattice.scores);
  const logZ = to > from ? forwardBackward(lattice, exponentials(model.transitions), model.tagCount, to - from) : 0;
  return { logZ, marginals: lattice.alpha.map((a, i) => a * lattice.beta[i]!) };
}

/** Negative penalised log-likelihood of some sequences as a function of θ = weights then transitions. */
export interface CrfObjective {
  /** Number of parameters. */
  readonly size: number;
  /** Value at `theta`; writes the gradient. O(features · tagCount + tokens · tagCount²). */
  evaluate(theta: Float64Array, gradient: Float64Array): number;
}

/** The objective over the sequences `train` of `data` with gold `tags`. */
export function crfObjective(
  data: SequenceData,
  tags: Uint8Array,
  tagCount: number,
  train: Int32Array,
  l2: number,
): CrfObjective {
  const { sequenceOffsets, featureOffsets, featureIds } = data;
  const weightCount = data.featureCount * tagCount;
  const size = weightCount + (tagCount + 1) * tagCount;
  const lattice = latticeFor(longestSequence(data), tagCount);
  const { scores, potential, alpha, beta, scale } = lattice;
  const excess = new Float64Array(tagCount);

  const evaluate = (theta: Float64Array, gradient: Float64Array): number => {
    const weights = theta.subarray(0, weightCount);
    const transitions = theta.subarray(weightCount);
    const moves = exponentials(transitions);
    const towards = gradient.subarray(weightCount);
    let value = 0;
    for (let i = 0; i < size; i++) {
      const x = theta[i]!;
      value += 0.5 * l2 * x * x;
      gradient[i] = l2 * x;
    }
    for (const s of train) {
      const from = sequenceOffsets[s]!;
      const to = sequenceOffsets[s + 1]!;
      if (from === to) continue;
      emissionScores(data, from, to, weights, tagCount, scores);
      value += forwardBackward(lattice, moves, tagCount, to - from);
      let before = tagCount;
      for (let t = from; t < to; t++) {
        const row = (t - from) * tagCount;
        const gold = tags[t]!;
        const edge = before * tagCount + gold;
        value -= scores[row + gold]! + transitions[edge]!;
        towards[edge]! -= 1;
        for (let k = 0; k < tagCount; k++) excess[k] = alpha[row + k]! * beta[row + k]!;
        if (t === from) for (let k = 0; k < tagCount; k++) towards[tagCount * tagCount + k]! += excess[k]!;
        else {
          const scaled = 1 / scale[t - from]!;
          for (let k = 0; k < tagCount; k++) {
            const arrive = potential[row + k]! * beta[row + k]! * scaled;
            for (let q = 0; q < tagCount; q++)
              towards[q * tagCount + k]! += alpha[row - tagCount + q]! * moves[q * tagCount + k]! * arrive;
          }
        }
        excess[gold]! -= 1;
        const end = featureOffsets[t + 1]!;
        for (let e = featureOffsets[t]!; e < end; e++) {
          const base = featureIds[e]! * tagCount;
          for (let k = 0; k < tagCount; k++) gradient[base + k]! += excess[k]!;
        }
        before = gold;
      }
    }
    return value;
  };
  return { size, evaluate };
}

/**
 * Trains on the sequences `train` (indices into `data`) with gold `tags` (shape (tokenCount), ids below `tagCount`).
 * Deterministic. O(iterations · (features · tagCount + tokens · tagCount²)) time.
 *
 * @throws what `signal` was aborted with
 */
export async function trainChainCrf(
  data: SequenceData,
  tags: Uint8Array,
  tagCount: number,
  train: Int32Array,
  options: CrfOptions,
  signal?: AbortSignal,
): Promise<TrainedChain> {
  const objective = crfObjective(data, tags, tagCount, train, options.l2);
  const theta = new Float64Array(objective.size);
  const passes = await minimiseSmooth((at, gradient) => objective.evaluate(at, gradient), theta, {
    maxIterations: options.maxIterations,
    tolerance: options.tolerance * Math.max(1, train.length),
    signal,
  });
  const weightCount = data.featureCount * tagCount;
  return {
    model: {
      tagCount,
      featureCount: data.featureCount,
      weights: theta.slice(0, weightCount),
      transitions: theta.slice(weightCount),
    },
    passes,
  };
}
