/** Growing columns of numbers: a long trace has millions of signatures, too many for objects. */

const chunkBits = 12;
const chunkSize = 1 << chunkBits;
const chunkMask = chunkSize - 1;
const firstSize = 32;

/**
 * One 32-bit number per index 0, 1, 2 …; indices never written hold 0. Chunks of 4,096 entries are made when they are
 * first written to (the first one starts small), so that growing never holds two copies of the column. O(1) amortised.
 */
export class WordColumn {
  readonly #chunks: (Uint32Array | undefined)[] = [];

  get(index: number): number {
    return this.#chunks[index >>> chunkBits]?.[index & chunkMask] ?? 0;
  }

  set(index: number, value: number): void {
    const chunk = this.#chunks[index >>> chunkBits];
    const within = index & chunkMask;
    if (chunk !== undefined && within < chunk.length) chunk[within] = value;
    else this.#grow(index >>> chunkBits, within)[within] = value;
  }

  /** @returns the chunk `at`, now long enough */
  #grow(at: number, within: number): Uint32Array {
    const old = this.#chunks[at];
    let size = at > 0 ? chunkSize : (old?.length ?? firstSize);
    while (size <= within) size *= 2;
    const chunk = new Uint32Array(size);
    if (old !== undefined) chunk.set(old);
    while (this.#chunks.length < at) this.#chunks.push(undefined);
    this.#chunks[at] = chunk;
    return chunk;
  }
}

/** A column of non-negative integers below 2^53, −1 where never written: 4 bytes each but for the few of 2^32 − 1 or more. */
export class CountColumn {
  readonly #small = new WordColumn();
  readonly #large = new Map<number, number>();

  get(index: number): number {
    const stored = this.#small.get(index);
    return stored === beyond ? this.#large.get(index)! : stored - 1;
  }

  set(index: number, value: number): void {
    if (value + 1 < beyond) {
      this.#small.set(index, value + 1);
      return;
    }
    this.#small.set(index, beyond);
    this.#large.set(index, value);
  }
}

const beyond = 0xffff_ffff;
