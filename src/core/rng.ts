import seedrandom from "seedrandom";

/** A stream of uniform doubles in [0, 1). */
export type Rng = () => number;

/**
 * Opens the random stream of one purpose.
 *
 * Streams are independent by name: one more draw in one of them shifts nothing elsewhere. The same seed and name give the
 * same numbers on every platform and Node version.
 *
 * @param seed run's seed, any integer or text
 * @param name purpose, for example `"dag/100/1"`
 */
export function rngStream(seed: number | string, name: string): Rng {
  const generator = seedrandom(`${seed}\u0000${name}`);
  return () => generator();
}

/** Draws an integer uniformly from `low` to `high`, both included. */
export function randomInt(rng: Rng, low: number, high: number): number {
  return low + Math.floor(rng() * (high - low + 1));
}

/** Draws an element uniformly; the array must not be empty. */
export function randomPick<T>(rng: Rng, items: readonly T[]): T {
  return items[randomInt(rng, 0, items.length - 1)] as T;
}

/** Draws an index with probability proportional to `weights` (non-negative, positive sum). */
export function randomWeighted(rng: Rng, weights: readonly number[]): number {
  let total = 0;
  for (const w of weights) total += w;
  let x = rng() * total;
  for (let i = 0; i < weights.length; i++) {
    x -= weights[i]!;
    if (x < 0) return i;
  }
  return weights.length - 1;
}

/** Returns a shuffled copy (Fisher–Yates). */
export function shuffled<T>(rng: Rng, items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = randomInt(rng, 0, i);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
