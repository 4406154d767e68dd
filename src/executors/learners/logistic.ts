/**
 * Logistic regression on one-hot codes and numbers.
 *
 * Source: limited-memory BFGS (Liu & Nocedal 1989), orthant-wise for L1 (Andrew & Gao, ICML 2007).
 * Departures: the initial Hessian is that of a sample of the rows (`logistic-scale.ts`), as one-hot columns differ in
 * frequency by orders of magnitude and overlap; the line search only asks for sufficient decrease, and pairs without curvature are skipped.
 */
import type { LearnOp } from "../../core/operators.ts";
import { type ExampleFeature, type Examples, type Learner, type TrainedModel } from "./learner.ts";
import { type Objective, minimise } from "./logistic-lbfgs.ts";
import { scalingsOf } from "./logistic-scale.ts";

/** Default stopping point: largest absolute component of the (pseudo-)gradient of the mean objective. */
export const defaultTolerance = 1e-5;
export const defaultMaxIterations = 100;

/** What {@link logisticRegression} learns. */
export interface LogisticModel extends TrainedModel {
  readonly model: "logistic-regression";
  readonly intercept: number;
  /** Per feature: weights by code (weight of code 0 is 0), or one weight for a number. */
  readonly weights: readonly Float64Array[];
  readonly iterations: number;
  /** Mean objective at the end, penalties included. */
  readonly objective: number;
}

/**
 * Minimises (Σ log-loss + ½·l2·|w|² + l1·|w|₁) / n; the intercept is not penalised. O(passes · rows · features) time,
 * 16 bytes a row beside the data. The same data in the same order give the same bits.
 */
export const logisticRegression: Learner = {
  model: "logistic-regression",
  keys: [],
  train: (op, examples, signal, from) => trainLogistic(op, examples, signal, from),
};

/** See {@link logisticRegression}. @param from a model of the same features to start from; any other is passed over */
export async function trainLogistic(
  op: LearnOp,
  examples: Examples,
  signal?: AbortSignal,
  from?: TrainedModel,
): Promise<LogisticModel> {
  const n = Math.max(1, examples.rows);
  const layout = layOut(examples.features);
  const l1 = penalty(op.l1, n, layout.size);
  const l2 = penalty(op.l2, n, layout.size);
  const end = await minimise(
    objectiveOf(examples, layout, l2),
    { l1, scalings: scalingsOf(examples, layout.offsets, l2, (op.l1 ?? 0) === 0) },
    { maxIterations: op.maxIterations ?? defaultMaxIterations, tolerance: op.tolerance ?? defaultTolerance },
    signal,
    startOf(from, layout),
  );
  return {
    model: "logistic-regression",
    intercept: end.point[0] ?? 0,
    weights: examples.features.map((_, f) => end.point.slice(layout.offsets[f], layout.offsets[f + 1])),
    iterations: end.iterations,
    objective: end.value,
  };
}

/** Parameters of a model of the same layout, else none. */
function startOf(from: TrainedModel | undefined, { offsets, size }: Layout): Float64Array | undefined {
  if (from?.model !== "logistic-regression") return undefined;
  const { intercept, weights } = from as LogisticModel;
  const fits =
    weights.length === offsets.length - 1 && weights.every((w, f) => w.length === offsets[f + 1]! - offsets[f]!);
  if (!fits) return undefined;
  const start = new Float64Array(size);
  start[0] = intercept;
  for (const [f, w] of weights.entries()) start.set(w, offsets[f]);
  return start;
}

interface Layout {
  /** Parameters in all; 0 is the intercept. */
  readonly size: number;
  /** First parameter of each feature, and the end; shape (features + 1). */
  readonly offsets: readonly number[];
}

function layOut(features: readonly ExampleFeature[]): Layout {
  const offsets = [1];
  for (const feature of features) offsets.push((offsets.at(-1) ?? 1) + (feature.kind === "codes" ? feature.levels : 1));
  return { size: offsets.at(-1) ?? 1, offsets };
}

/** Penalty per parameter, divided by n; none on the intercept. */
function penalty(strength: number | undefined, n: number, size: number): Float64Array {
  const each = new Float64Array(size).fill((strength ?? 0) / n);
  each[0] = 0;
  return each;
}

/** Rows per block: scores and residuals of a block stay in the first-level cache. */
const blockRows = 1024;

/** Mean log-loss + ½·l2·|w|² and its gradient. */
function objectiveOf(examples: Examples, { offsets, size }: Layout, l2: Float64Array): Objective {
  const { rows, features, labels } = examples;
  const scores = new Float64Array(blockRows);
  return (w, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let from = 0; from < rows; from += blockRows) {
      const count = Math.min(blockRows, rows - from);
      scores.fill(w[0]!, 0, count);
      for (let f = 0; f < features.length; f++) {
        const feature = features[f]!;
        if (feature.kind === "codes") addCodes(scores, feature.codes, w, offsets[f]!, from, count);
        else addNumbers(scores, feature.values, w[offsets[f]!]!, from, count);
      }
      loss += residuals(scores, labels, from, count);
      let sum = 0;
      for (let i = 0; i < count; i++) sum += scores[i]!;
      gradient[0]! += sum;
      for (let f = 0; f < features.length; f++) {
        const feature = features[f]!;
        if (feature.kind === "codes") scatterCodes(gradient, feature.codes, scores, offsets[f]!, from, count);
        else gradient[offsets[f]!]! += dot(feature.values, scores, from, count);
      }
    }
    const n = Math.max(1, rows);
    for (let f = 0; f < features.length; f++) if (features[f]!.kind === "codes") gradient[offsets[f]!] = 0;
    let value = loss / n;
    for (let j = 0; j < size; j++) {
      gradient[j] = gradient[j]! / n + l2[j]! * w[j]!;
      value += 0.5 * l2[j]! * w[j]! * w[j]!;
    }
    return value;
  };
}

function addCodes(
  scores: Float64Array,
  codes: Uint16Array | Uint32Array,
  w: Float64Array,
  at: number,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) scores[i]! += w[at + codes[from + i]!]!;
}

function addNumbers(scores: Float64Array, values: Float64Array, weight: number, from: number, count: number): void {
  for (let i = 0; i < count; i++) scores[i]! += weight * values[from + i]!;
}

/** Replaces scores by residuals p − y; @returns the sum of the block's log-losses. */
function residuals(scores: Float64Array, labels: Uint16Array, from: number, count: number): number {
  let loss = 0;
  // Products of up to 512 factors in [1, 2] stay finite, so one logarithm serves them all.
  let product = 1;
  for (let i = 0; i < count; i++) {
    const z = scores[i]!;
    const y = labels[from + i]! > 0 ? 1 : 0;
    const e = Math.exp(z < 0 ? z : -z);
    product *= 1 + e;
    if ((i & 511) === 511) {
      loss += Math.log(product);
      product = 1;
    }
    const p = (z < 0 ? e : 1) / (1 + e);
    if (z > 0 !== y > 0) loss += z < 0 ? -z : z;
    scores[i] = p - y;
  }
  return loss + Math.log(product);
}

function scatterCodes(
  gradient: Float64Array,
  codes: Uint16Array | Uint32Array,
  residual: Float64Array,
  at: number,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) gradient[at + codes[from + i]!]! += residual[i]!;
}

function dot(values: Float64Array, residual: Float64Array, from: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[from + i]! * residual[i]!;
  return sum;
}
