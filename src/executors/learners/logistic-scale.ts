/**
 * Guesses of the Hessian behind logistic regression: mean(p(1−p)·x·xᵀ) + l2/n of a sample of the rows as a whole matrix
 * if there are few parameters (crossed and bucketised features are nearly collinear, which a diagonal cannot see), else a
 * bound of its diagonal.
 */
import type { Examples } from "./learner.ts";

/** Multiplies a gradient by the inverse of the first guess, in place; shape (parameters). */
export type Scaling = (gradient: Float64Array) => void;

/** Above, only the diagonal is used: the matrix costs parameters² memory and parameters³ time. */
const maxDense = 1024;
const sampleRows = 20_000;

/** Guesses at a point; see {@link scalingsOf}. */
export interface Scalings {
  /** At 0, where p(1−p) = ¼. */
  readonly first: Scaling;
  /** At `w`; undefined if it would be no better. */
  readonly at: (w: Float64Array) => Scaling | undefined;
}

/**
 * @param offsets first parameter of each feature, and the end; parameter 0 is the intercept
 * @param l2 penalty per parameter, already divided by the number of rows
 * @param mayMix false keeps to the diagonal: steps along axes are what L1 needs
 */
export function scalingsOf(
  examples: Examples,
  offsets: readonly number[],
  l2: Float64Array,
  mayMix: boolean,
): Scalings {
  const diagonal = diagonalOf(examples, offsets, l2);
  if (diagonal.length > maxDense || !mayMix) {
    const first: Scaling = (gradient) => {
      for (let j = 0; j < gradient.length; j++) gradient[j]! /= diagonal[j]!;
    };
    return { first, at: () => undefined };
  }
  const scaling = (w: Float64Array | undefined): Scaling => {
    const matrix = sampled(examples, offsets, w);
    addDiagonal(matrix, diagonal, l2, w === undefined ? 1 : 0.1);
    factorise(matrix, diagonal.length);
    return (gradient) => solve(matrix, gradient);
  };
  return { first: scaling(undefined), at: scaling };
}

/** ¼·mean(x²) + l2 over all rows; 1 for parameters no row has. */
function diagonalOf(examples: Examples, offsets: readonly number[], l2: Float64Array): Float64Array {
  const sums = new Float64Array(l2.length);
  sums[0] = examples.rows;
  examples.features.forEach((feature, f) => {
    const at = offsets[f] ?? 0;
    if (feature.kind === "codes") {
      for (const code of feature.codes) sums[at + code]! += 1;
      sums[at] = 0;
    } else for (const x of feature.values) sums[at]! += x * x;
  });
  const n = Math.max(1, examples.rows);
  return sums.map((sum, j) => (sum === 0 ? 1 : (0.25 * sum) / n + l2[j]!));
}

/** mean(p(1−p)·x·xᵀ) of every k-th row at `w` (default 0); lower triangle, row by row. */
function sampled(examples: Examples, offsets: readonly number[], w: Float64Array | undefined): Float64Array {
  const size = offsets.at(-1) ?? 1;
  const { rows, features } = examples;
  const matrix = new Float64Array(size * size);
  const stride = Math.max(1, Math.floor(rows / sampleRows));
  const count = Math.max(1, Math.ceil(rows / stride));
  const at = new Int32Array(features.length + 1);
  const x = new Float64Array(features.length + 1);
  x[0] = 1;
  for (let row = 0; row < rows; row += stride) {
    let used = 1;
    for (let f = 0; f < features.length; f++) {
      const feature = features[f]!;
      if (feature.kind === "numbers") {
        at[used] = offsets[f]!;
        x[used++] = feature.values[row]!;
      } else if (feature.codes[row]! > 0) {
        at[used] = offsets[f]! + feature.codes[row]!;
        x[used++] = 1;
      }
    }
    let weight = 0.25;
    if (w !== undefined) {
      let z = 0;
      for (let a = 0; a < used; a++) z += x[a]! * w[at[a]!]!;
      const e = Math.exp(z < 0 ? z : -z);
      weight = e / ((1 + e) * (1 + e));
    }
    weight /= count;
    for (let a = 0; a < used; a++)
      for (let b = 0; b <= a; b++) matrix[at[a]! * size + at[b]!]! += weight * x[a]! * x[b]!;
  }
  return matrix;
}

/** Adds l2, and raises the diagonal to a share of its bound over all rows, so that what the sample lacks stays definite. */
function addDiagonal(matrix: Float64Array, bound: Float64Array, l2: Float64Array, share: number): void {
  const size = bound.length;
  for (let j = 0; j < size; j++) {
    const own = matrix[j * size + j]! + l2[j]!;
    matrix[j * size + j] = Math.max(own, share * bound[j]!) * (1 + 1e-6) + 1e-12;
  }
}

/** Cholesky factor in the lower triangle, in place; O(size³). */
function factorise(matrix: Float64Array, size: number): void {
  for (let j = 0; j < size; j++) {
    for (let k = 0; k <= j; k++) {
      let sum = matrix[j * size + k]!;
      for (let i = 0; i < k; i++) sum -= matrix[j * size + i]! * matrix[k * size + i]!;
      if (k === j) matrix[j * size + j] = Math.sqrt(Math.max(sum, 1e-12));
      else matrix[j * size + k] = sum / matrix[k * size + k]!;
    }
  }
}

function solve(factor: Float64Array, b: Float64Array): void {
  const size = b.length;
  for (let j = 0; j < size; j++) {
    let sum = b[j]!;
    for (let k = 0; k < j; k++) sum -= factor[j * size + k]! * b[k]!;
    b[j] = sum / factor[j * size + j]!;
  }
  for (let j = size - 1; j >= 0; j--) {
    let sum = b[j]!;
    for (let k = j + 1; k < size; k++) sum -= factor[k * size + j]! * b[k]!;
    b[j] = sum / factor[j * size + j]!;
  }
}
