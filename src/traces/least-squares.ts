import type { LinearCost } from "../core/cost-model.ts";
import type { FitQuality } from "./format/storage-model.ts";

/** One measured load or write. */
export interface CostSample {
  readonly us: number;
  readonly sizeBytes: number;
  /** undefined where it was not recorded. */
  readonly memoryBytes: number | undefined;
  /** Columns of the result; only {@link fitColumnCost} reads them. */
  readonly columns?: number;
}

/**
 * Fits us ≈ a + b·sizeBytes + d·memoryBytes with a, b, d ≥ 0, minimizing the sum of squared errors.
 *
 * With few unknowns the constrained optimum is the best of the unconstrained optima over all subsets of the unknowns that has no
 * negative coefficient, so all are tried: exact, no iteration, deterministic. A subset whose columns depend on each other is
 * skipped. d is 0 unless every sample knows its memory.
 *
 * @returns null without samples
 */
export function fitLinearCost(samples: readonly CostSample[]): (LinearCost & FitQuality) | null {
  if (samples.length === 0) return null;
  const usesMemory = samples.every(({ memoryBytes }) => memoryBytes !== undefined);
  const rows = samples.map(({ us, sizeBytes, memoryBytes }): Row => ({
    us,
    x: usesMemory ? [1, sizeBytes, memoryBytes ?? 0] : [1, sizeBytes],
  }));
  const { coefficients, squared } = fitted(rows);
  const [baseUs = 0, usPerByte = 0, usPerMemoryByte = 0] = coefficients.map(shortened);
  return { baseUs, usPerByte, usPerMemoryByte, ...quality(rows, coefficients, squared) };
}

/**
 * The same with a fourth coefficient ≥ 0: microseconds for each column of a result, whatever it holds. Statements over wide
 * relations take them at any number of rows.
 *
 * @returns null without samples
 */
export function fitColumnCost(
  samples: readonly CostSample[],
): (LinearCost & FitQuality & { readonly usPerColumn: number }) | null {
  if (samples.length === 0) return null;
  const rows = samples.map(({ us, sizeBytes, memoryBytes = 0, columns = 0 }): Row => ({
    us,
    x: [1, sizeBytes, memoryBytes, columns],
  }));
  const { coefficients, squared } = fitted(rows);
  const [baseUs = 0, usPerByte = 0, usPerMemoryByte = 0, usPerColumn = 0] = coefficients.map(shortened);
  return { baseUs, usPerByte, usPerMemoryByte, usPerColumn, ...quality(rows, coefficients, squared) };
}

const shortened = (value: number): number => Number(value.toPrecision(9));

/** Coefficients ≥ 0 of the columns of `x` with the least sum of squared errors. */
function fitted(rows: readonly Row[]): { readonly coefficients: readonly number[]; readonly squared: number } {
  const width = rows[0]?.x.length ?? 0;
  const all = Array.from({ length: width }, (_, k) => k);
  // Columns are scaled to at most 1, so that the normal equations stay well conditioned.
  const scales = all.map((k) => rows.reduce((high, { x }) => Math.max(high, x[k]!), 0) || 1);
  const gram = all.map(() => all.map(() => 0));
  const moment = all.map(() => 0);
  for (const { us, x } of rows) {
    for (let i = 0; i < width; i++) {
      const xi = x[i]! / scales[i]!;
      moment[i]! += xi * us;
      for (let j = 0; j < width; j++) gram[i]![j]! += (xi * x[j]!) / scales[j]!;
    }
  }
  let best = all.map(() => 0);
  let bestError = Number.POSITIVE_INFINITY;
  for (let subset = 0; subset < 1 << width; subset++) {
    const free = all.filter((k) => (subset & (1 << k)) !== 0);
    const solution = solveSymmetric(gram, moment, free);
    if (solution === undefined || solution.some((value) => value < 0)) continue;
    const scaled = all.map((k) => (solution[free.indexOf(k)] ?? 0) / scales[k]!);
    const error = squaredError(rows, scaled);
    // A larger subset must earn its place: equal errors keep the simpler model.
    if (error < bestError * (1 - 1e-12)) {
      best = scaled;
      bestError = error;
    }
  }
  return { coefficients: best, squared: bestError };
}

type Row = { readonly us: number; readonly x: readonly number[] };

function predicted({ x }: Row, c: readonly number[]): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += c[k]! * x[k]!;
  return sum;
}

function squaredError(rows: readonly Row[], c: readonly number[]): number {
  let sum = 0;
  for (const row of rows) sum += (predicted(row, c) - row.us) * (predicted(row, c) - row.us);
  return sum;
}

function quality(rows: readonly Row[], c: readonly number[], squared: number): FitQuality {
  const mean = rows.reduce((sum, { us }) => sum + us, 0) / rows.length;
  const deviation = rows.reduce((sum, { us }) => sum + (us - mean) * (us - mean), 0);
  const relative = rows.filter(({ us }) => us > 0).map((row) => Math.abs(predicted(row, c) - row.us) / row.us);
  relative.sort((a, b) => a - b);
  const middle = relative.length / 2;
  const median = relative.length === 0 ? null : (relative[Math.ceil(middle) - 1]! + relative[Math.floor(middle)]!) / 2;
  return {
    samples: rows.length,
    r2: deviation === 0 ? null : rounded(1 - squared / deviation),
    medianRelativeError: median === null ? null : rounded(median),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Solves the normal equations over the chosen unknowns by elimination with pivoting; undefined if (nearly) singular. */
function solveSymmetric(
  gram: readonly (readonly number[])[],
  moment: readonly number[],
  free: readonly number[],
): number[] | undefined {
  const n = free.length;
  const a = free.map((i) => [...free.map((j) => gram[i]![j]!), moment[i]!]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[pivot]![k]!)) pivot = i;
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    const top = a[k]!;
    if (Math.abs(top[k]!) <= 1e-12 * gram[0]![0]!) return undefined;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i]![k]! / top[k]!;
      for (let j = k; j <= n; j++) a[i]![j]! -= factor * top[j]!;
    }
  }
  const solution = Array.from({ length: n }, () => 0);
  for (let i = n - 1; i >= 0; i--) {
    let rest = a[i]![n]!;
    for (let j = i + 1; j < n; j++) rest -= a[i]![j]! * solution[j]!;
    solution[i] = rest / a[i]![i]!;
  }
  return solution;
}
