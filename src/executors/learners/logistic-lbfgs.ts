/** Minimiser behind logistic regression; see there for source and departures. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Scaling, Scalings } from "./logistic-scale.ts";

/** Writes the gradient at `w` into `gradient` and returns the value; both of shape (parameters). */
export type Objective = (w: Float64Array, gradient: Float64Array) => number;

/** L1 strengths per parameter, and guesses of the inverse Hessian. */
export interface Shape {
  readonly l1: Float64Array;
  readonly scalings: Scalings;
}

/** When to stop; `tolerance` bounds the largest absolute component of the pseudo-gradient. */
export interface Stopping {
  readonly maxIterations: number;
  readonly tolerance: number;
}

/** Where the minimiser ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
}

const memory = 10;
/** Iterations after which the Hessian is guessed anew: near enough to the end for p(1−p) to be right. */
const rescaleAfter = 6;
const sufficientDecrease = 1e-4;
const maxHalvings = 40;

/** Starts at `start`, else at 0. Deterministic; yields to the event loop once an iteration, so that `signal` can arrive. */
export async function minimise(
  objective: Objective,
  { l1, scalings }: Shape,
  { maxIterations, tolerance }: Stopping,
  signal?: AbortSignal,
  start?: Float64Array,
): Promise<Minimum> {
  const size = l1.length;
  let point: Float64Array = start?.slice() ?? new Float64Array(size);
  let gradient: Float64Array = new Float64Array(size);
  let value = objective(point, gradient) + absolute(point, l1);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  let scale = (start === undefined ? undefined : scalings.at(start)) ?? scalings.first;
  let iterations = 0;
  for (; iterations < maxIterations; iterations++) {
    await nextTurn();
    signal?.throwIfAborted();
    const pseudo = pseudoGradient(point, gradient, l1);
    if (largest(pseudo) <= tolerance) break;
    if (iterations === rescaleAfter && start === undefined) {
      const better = scalings.at(point);
      if (better !== undefined) {
        scale = better;
        steps.length = 0;
        changes.length = 0;
      }
    }
    const direction = descent(pseudo, steps, changes, scale, l1);
    let slope = inner(direction, pseudo);
    if (!(slope < 0)) {
      steps.length = 0;
      changes.length = 0;
      direction.set(pseudo);
      scale(direction);
      for (let j = 0; j < size; j++) direction[j] = l1[j]! > 0 && direction[j]! * pseudo[j]! <= 0 ? 0 : -direction[j]!;
      slope = inner(direction, pseudo);
    }
    const nextGradient = new Float64Array(size);
    let next = point;
    let nextValue = value;
    let found = false;
    for (let halving = 0, length = 1; halving < maxHalvings && !found; halving++, length /= 2) {
      next = moved(point, direction, length, pseudo, l1);
      nextValue = objective(next, nextGradient) + absolute(next, l1);
      let gain = 0;
      for (let j = 0; j < size; j++) gain += pseudo[j]! * (next[j]! - point[j]!);
      found = nextValue <= value + sufficientDecrease * gain;
    }
    if (!found || nextValue >= value) break;
    remember(steps, changes, difference(next, point), difference(nextGradient, gradient));
    point = next;
    gradient = nextGradient;
    value = nextValue;
  }
  return { point, value, iterations };
}

function absolute(w: Float64Array, l1: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < w.length; j++) sum += l1[j]! * Math.abs(w[j]!);
  return sum;
}

/** Steepest one-sided slope where L1 has a kink. */
function pseudoGradient(w: Float64Array, gradient: Float64Array, l1: Float64Array): Float64Array {
  return gradient.map((g, j) => {
    const bound = l1[j]!;
    if (w[j]! > 0) return g + bound;
    if (w[j]! < 0) return g - bound;
    if (g + bound < 0) return g + bound;
    return g - bound > 0 ? g - bound : 0;
  });
}

/** Two-loop recursion; components under L1 that would climb are dropped. */
function descent(
  pseudo: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
  scale: Scaling,
  l1: Float64Array,
): Float64Array {
  const q = pseudo.slice();
  const alphas: number[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    const alpha = inner(steps[k]!, q) / inner(steps[k]!, changes[k]!);
    alphas[k] = alpha;
    for (let j = 0; j < q.length; j++) q[j]! -= alpha * changes[k]![j]!;
  }
  const last = steps.length - 1;
  let gamma = 1;
  if (last >= 0) {
    const scaled = changes[last]!.slice();
    scale(scaled);
    gamma = inner(steps[last]!, changes[last]!) / inner(changes[last]!, scaled);
  }
  scale(q);
  for (let j = 0; j < q.length; j++) q[j]! *= gamma;
  for (let k = 0; k < steps.length; k++) {
    const beta = inner(changes[k]!, q) / inner(steps[k]!, changes[k]!);
    for (let j = 0; j < q.length; j++) q[j]! += (alphas[k]! - beta) * steps[k]![j]!;
  }
  return q.map((value, j) => (l1[j]! > 0 && value * pseudo[j]! <= 0 ? 0 : -value));
}

/** A step along the direction; where L1 acts, a sign is never crossed. */
function moved(
  point: Float64Array,
  direction: Float64Array,
  length: number,
  pseudo: Float64Array,
  l1: Float64Array,
): Float64Array {
  return point.map((w, j) => {
    const to = w + length * direction[j]!;
    if (l1[j] === 0) return to;
    const orthant = w === 0 ? -pseudo[j]! : w;
    return to * orthant > 0 ? to : 0;
  });
}

function remember(steps: Float64Array[], changes: Float64Array[], step: Float64Array, change: Float64Array): void {
  if (inner(step, change) <= 1e-12 * inner(change, change)) return;
  steps.push(step);
  changes.push(change);
  if (steps.length > memory) {
    steps.shift();
    changes.shift();
  }
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, j) => value - b[j]!);
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
