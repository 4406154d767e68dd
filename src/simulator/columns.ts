/** Growing columns of numbers: a long trace has millions of signatures, too many for objects. */

const chunkBits = 16;
const chunkSize = 1 << chunkBits;
const chunkMask = chunkSize - 1;
const firstSize = 32;

type Numbers = Float64Array | Uint32Array | Int32Array;

/**
 * One number per index 0, 1, 2 …; indices never written hold `empty`. The first chunk doubles up to 65,536 entries, then
 * whole chunks are appended, so that growing never holds two copies of the column. O(1) amortised.
 */
export class Column {
  readonly #make: (length: number) => Numbers;
  readonly #empty: number;
  readonly #chunks: Numbers[];

  constructor(make: (length: number) => Numbers, empty: number) {
    this.#make = make;
    this.#empty = empty;
    this.#chunks = [this.#blank(firstSize)];
  }

  get(index: number): number {
    return this.#chunks[index >>> chunkBits]?.[index & chunkMask] ?? this.#empty;
  }

  set(index: number, value: number): void {
    const at = index >>> chunkBits;
    const within = index & chunkMask;
    const chunk = this.#chunks[at];
    if (chunk === undefined || within >= chunk.length) this.#grow(at, within);
    this.#chunks[at]![within] = value;
  }

  #grow(at: number, within: number): void {
    if (at === 0) {
      const old = this.#chunks[0]!;
      let size = old.length;
      while (size <= within) size *= 2;
      const bigger = this.#blank(size);
      bigger.set(old);
      this.#chunks[0] = bigger;
      return;
    }
    const first = this.#chunks[0]!;
    if (first.length < chunkSize) this.#grow(0, chunkMask);
    while (this.#chunks.length <= at) this.#chunks.push(this.#blank(chunkSize));
  }

  #blank(length: number): Numbers {
    const chunk = this.#make(length);
    return this.#empty === 0 ? chunk : chunk.fill(this.#empty);
  }
}

/** A column of doubles. */
export function doubles(empty: number): Column {
  return new Column((length) => new Float64Array(length), empty);
}

/** A column of unsigned 32-bit integers. */
export function words(): Column {
  return new Column((length) => new Uint32Array(length), 0);
}
