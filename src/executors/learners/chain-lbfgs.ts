/**
 * Minimises a smooth function by limited-memory BFGS.
 *
 * Source: Nocedal and Wright, Numerical Optimization, 2006, Alg. 7.4 (two loops) and Alg. 3.5/3.6 in outline.
 * Departures: the step comes from bisection between the Armijo and the weak curvature condition, which needs no second
 * kind of interpolation and ends after a fixed number of trials; a pair without positive curvature is left out.
 * Logistic regression has a minimiser of its own, for L1 and one-hot data; this one asks for curvature, which saves passes
 * where each is dear.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** A function and its gradient: returns the value at `theta` and writes `gradient` (same length). */
export type SmoothFunction = (theta: Float64Array, gradient: Float64Array) => number;

/** Limits of {@link minimiseSmooth}. */
export interface SmoothOptions {
  readonly maxIterations: number;
  /** Ends when the largest absolute gradient component is at most this. */
  readonly tolerance: number;
  readonly signal?: AbortSignal | undefined;
}

/** Pairs kept. */
const memory = 7;

const armijo = 1e-4;
const curvature = 0.9;
const maxTrials = 30;

/**
 * Moves `theta` to a local minimum of `f`, in place. Deterministic; O(theta.length) beside each evaluation. Yields to the event
 * loop once an iteration.
 *
 * @returns calls of the function
 * @throws what `signal` was aborted with
 */
export async function minimiseSmooth(f: SmoothFunction, theta: Float64Array, options: SmoothOptions): Promise<number> {
  const n = theta.length;
  let gradient: Float64Array = new Float64Array(n);
  let nextGradient: Float64Array = new Float64Array(n);
  const trial = new Float64Array(n);
  const direction = new Float64Array(n);
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  const rho: number[] = [];
  let value = f(theta, gradient);
  let evaluations = 1;

  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    await nextTurn();
    options.signal?.throwIfAborted();
    if (largest(gradient) <= options.tolerance) break;

    for (let i = 0; i < n; i++) direction[i] = -gradient[i]!;
    const share = new Float64Array(steps.length);
    for (let j = steps.length - 1; j >= 0; j--) {
      share[j] = rho[j]! * dot(steps[j]!, direction);
      addScaled(direction, changes[j]!, -share[j]!);
    }
    if (steps.length > 0) {
      const y = changes.at(-1)!;
      const gamma = 1 / (rho.at(-1)! * dot(y, y));
      for (let i = 0; i < n; i++) direction[i]! *= gamma;
    }
    for (let j = 0; j < steps.length; j++) {
      const back = rho[j]! * dot(changes[j]!, direction);
      addScaled(direction, steps[j]!, share[j]! - back);
    }

    let slope = dot(gradient, direction);
    if (!(slope < 0)) {
      for (let i = 0; i < n; i++) direction[i] = -gradient[i]!;
      slope = dot(gradient, direction);
      steps.length = changes.length = rho.length = 0;
    }

    let low = 0;
    let high = Number.POSITIVE_INFINITY;
    let step = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let nextValue = value;
    let accepted = false;
    for (let t = 0; t < maxTrials; t++) {
      for (let i = 0; i < n; i++) trial[i] = theta[i]! + step * direction[i]!;
      nextValue = f(trial, nextGradient);
      evaluations++;
      if (!(nextValue <= value + armijo * step * slope)) high = step;
      else {
        accepted = true;
        if (dot(nextGradient, direction) >= curvature * slope) break;
        low = step;
      }
      step = high === Number.POSITIVE_INFINITY ? 2 * low : 0.5 * (low + high);
    }
    // The last trial is kept only if it goes down: rounding has eaten what is left otherwise.
    if (!accepted || !(nextValue < value)) break;

    const s = steps.length === memory ? steps.shift()! : new Float64Array(n);
    const y = changes.length === memory ? changes.shift()! : new Float64Array(n);
    if (rho.length === memory) rho.shift();
    for (let i = 0; i < n; i++) {
      s[i] = trial[i]! - theta[i]!;
      y[i] = nextGradient[i]! - gradient[i]!;
    }
    const sy = dot(s, y);
    if (sy > 1e-12 * dot(y, y)) {
      steps.push(s);
      changes.push(y);
      rho.push(1 / sy);
    } else steps.length = changes.length = rho.length = 0;
    theta.set(trial);
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
  }
  return evaluations;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(a: Float64Array, b: Float64Array, by: number): void {
  for (let i = 0; i < a.length; i++) a[i]! += by * b[i]!;
}

function largest(a: Float64Array): number {
  let top = 0;
  for (const x of a) top = Math.max(top, Math.abs(x));
  return top;
}
