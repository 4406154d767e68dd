/** Values kept one by one before they are counted in buckets. */
const exactLimit = 65_536;
/** Buckets per power of two: values are known to within 1/1024. */
const perOctave = 1024;

/**
 * Quantiles of a stream of integers ≥ 0 below 2^53 in constant memory (at most 1 MB). Exact up to 65,536 values, then within
 * 0.1 % below the true value; deterministic and independent of the order.
 */
export class QuantileSketch {
  readonly #values: number[] = [];
  #counts: Float64Array | undefined;
  #max = 0;
  #count = 0;

  /** Values seen. */
  get count(): number {
    return this.#count;
  }

  /** Largest value, exact; 0 without values. */
  get max(): number {
    return this.#max;
  }

  add(value: number): void {
    this.#count++;
    if (value > this.#max) this.#max = value;
    if (this.#counts !== undefined) {
      this.#counts[bucketOf(value)]!++;
      return;
    }
    this.#values.push(value);
    if (this.#values.length <= exactLimit) return;
    this.#counts = new Float64Array(bucketOf(Number.MAX_SAFE_INTEGER) + 1);
    for (const kept of this.#values) this.#counts[bucketOf(kept)]!++;
    this.#values.length = 0;
  }

  /** The smallest value that a share `p` in (0, 1] of all values does not exceed (nearest rank); null without values. */
  quantile(p: number): number | null {
    if (this.#count === 0) return null;
    const rank = Math.max(1, Math.ceil(p * this.#count));
    const counts = this.#counts;
    if (counts === undefined) return Float64Array.from(this.#values).sort()[rank - 1]!;
    let below = 0;
    for (let b = 0; b < counts.length; b++) {
      below += counts[b]!;
      if (below >= rank) return lowestOf(b);
    }
    return this.#max;
  }
}

/** Bucket of a value: its own below 1024, then 1024 per power of two. */
function bucketOf(value: number): number {
  if (value < perOctave) return value;
  let scale = 1;
  let octave = 0;
  while (value / scale >= 2 * perOctave) {
    scale *= 2;
    octave++;
  }
  return octave * perOctave + Math.floor(value / scale);
}

function lowestOf(bucket: number): number {
  if (bucket < 2 * perOctave) return bucket;
  const octave = Math.floor(bucket / perOctave) - 1;
  let scale = 1;
  for (let i = 0; i < octave; i++) scale *= 2;
  return (bucket - octave * perOctave) * scale;
}
