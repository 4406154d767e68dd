/** Slots of a page, two words each; a page is split beyond `pageLimit` entries. */
const pageSlots = 512;
const pageWords = 2 * pageSlots;
const pageLimit = 435;
/** Pages allocated at once. */
const slabPages = 64;
/** Bits of the second hash that choose a page and are not stored. */
const impliedBits = 12;

/**
 * A set of 60-bit keys with a 16-bit tag each, in 8 bytes a slot: ten million entries take some 130 MB.
 *
 * Keys come as two independent 32-bit hashes of one thing. Two different things share a key with probability 2^-60 per pair
 * (4 in 100,000 for a whole trace of ten million), two tags agree by chance with probability 2^-16.
 *
 * Extendible hashing: a directory of pages of 512 slots; a full page is split in two by one more bit of the first hash.
 * Nothing is ever freed or held twice, so that memory does not fragment. Expected O(1) per operation.
 */
export class FingerprintTable {
  readonly #slabs: Uint32Array[] = [];
  #directory = new Int32Array(1 << impliedBits).fill(-1);
  #directoryBits = impliedBits;
  /** By page: bits that all of its entries share, and number of entries. */
  readonly #pageBits: number[] = [];
  readonly #counts: number[] = [];
  #size = 0;

  /** Entries. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a key with its tag unless the key is there.
   *
   * @param low first hash, 32 bits
   * @param high second hash, 32 bits, of which 28 are used
   * @param tag 16 bits
   * @returns −1 if the key is new, else the tag it was first added with
   */
  add(low: number, high: number, tag: number): number {
    // A slot of two zero words is empty, so the one full pair that would look like it is stored as another.
    const first = low >>> 0 === 0 ? 1 : low >>> 0;
    const word = ((((high >>> impliedBits) & 0xffff) << 16) | (tag & 0xffff)) >>> 0;
    const implied = high & ((1 << impliedBits) - 1);
    for (;;) {
      const page = this.#pageAt(this.#indexOf(implied, first));
      const words = this.#slabs[Math.floor(page / slabPages)]!;
      const found = place(words, (page % slabPages) * pageWords, first, word, this.#counts[page]! < pageLimit);
      if (found >= 0) return found;
      if (found === full) {
        this.#split(page, this.#indexOf(implied, first));
        continue;
      }
      this.#counts[page]!++;
      this.#size++;
      return -1;
    }
  }

  /** Adds a key with its tag, or gives a known key another tag. Parameters as in {@link add}. */
  set(low: number, high: number, tag: number): void {
    if (this.add(low, high, tag) < 0) return;
    const { words, at } = this.#find(low, high);
    words[at + 1] = ((words[at + 1]! & 0xffff0000) | (tag & 0xffff)) >>> 0;
  }

  /** Tag of a key, −1 if it is unknown. Hashes as in {@link add}. */
  get(low: number, high: number): number {
    const { words, at } = this.#find(low, high);
    return at < 0 ? -1 : words[at + 1]! & 0xffff;
  }

  /** Page words and place of a key in them, −1 if it is unknown. */
  #find(low: number, high: number): { readonly words: Uint32Array; readonly at: number } {
    const first = low >>> 0 === 0 ? 1 : low >>> 0;
    const stored = (high >>> impliedBits) & 0xffff;
    const page = this.#directory[this.#indexOf(high & ((1 << impliedBits) - 1), first)]!;
    if (page < 0) return { words: noWords, at: -1 };
    const words = this.#slabs[Math.floor(page / slabPages)]!;
    const from = (page % slabPages) * pageWords;
    for (let slot = Math.imul(first, 0x9e3779b1) >>> 23; ; slot = (slot + 1) % pageSlots) {
      const at = from + 2 * slot;
      if (words[at] === 0) return { words, at: -1 };
      if (words[at] === first && words[at + 1]! >>> 16 === stored) return { words, at };
    }
  }

  #indexOf(implied: number, first: number): number {
    return implied | ((first & ((1 << (this.#directoryBits - impliedBits)) - 1)) << impliedBits);
  }

  #pageAt(index: number): number {
    const page = this.#directory[index]!;
    if (page >= 0) return page;
    // Never split: one page for all indices with these implied bits.
    const fresh = this.#addPage(impliedBits);
    const step = 1 << impliedBits;
    for (let i = index & (step - 1); i < this.#directory.length; i += step) this.#directory[i] = fresh;
    return fresh;
  }

  #addPage(bits: number): number {
    const page = this.#counts.length;
    if (page % slabPages === 0) this.#slabs.push(new Uint32Array(slabPages * pageWords));
    this.#counts.push(0);
    this.#pageBits.push(bits);
    return page;
  }

  /** Moves the entries whose next bit is set to a new page. */
  #split(page: number, index: number): void {
    const bits = this.#pageBits[page]!;
    if (bits === this.#directoryBits) {
      if (bits === 30) throw new RangeError("fingerprint table: more than 435 keys agree in 30 bits");
      const twice = new Int32Array(2 * this.#directory.length);
      twice.set(this.#directory);
      twice.set(this.#directory, this.#directory.length);
      this.#directory = twice;
      this.#directoryBits++;
    }
    const fresh = this.#addPage(bits + 1);
    this.#pageBits[page] = bits + 1;
    const from = (page % slabPages) * pageWords;
    const to = (fresh % slabPages) * pageWords;
    const words = this.#slabs[Math.floor(page / slabPages)]!;
    const others = this.#slabs[Math.floor(fresh / slabPages)]!;
    const entries = words.slice(from, from + pageWords);
    words.fill(0, from, from + pageWords);
    let moved = 0;
    for (let i = 0; i < pageWords; i += 2) {
      const first = entries[i]!;
      if (first === 0) continue;
      const isMoved = ((first >>> (bits - impliedBits)) & 1) === 1;
      if (isMoved) moved++;
      place(isMoved ? others : words, isMoved ? to : from, first, entries[i + 1]!, true);
    }
    this.#counts[page]! -= moved;
    this.#counts[fresh] = moved;
    for (let i = (index & ((1 << bits) - 1)) | (1 << bits); i < this.#directory.length; i += 1 << (bits + 1))
      this.#directory[i] = fresh;
  }
}

const noWords = new Uint32Array(0);
const added = -1;
const full = -2;

/** Finds a key in a page, or adds it by linear probing; @returns its tag, `added`, or `full` if it is new and may not be added. */
function place(words: Uint32Array, from: number, first: number, word: number, mayAdd: boolean): number {
  let slot = Math.imul(first, 0x9e3779b1) >>> 23;
  for (;;) {
    const at = from + 2 * slot;
    const a = words[at]!;
    if (a === 0) {
      if (!mayAdd) return full;
      words[at] = first;
      words[at + 1] = word;
      return added;
    }
    if (a === first && words[at + 1]! >>> 16 === word >>> 16) return words[at + 1]! & 0xffff;
    slot = (slot + 1) % pageSlots;
  }
}

/** Two independent 32-bit hashes of texts, mixed as MurmurHash3's finalizer does; the same on every platform. */
export class TextHasher {
  /** Hashes of the last text. */
  low = 0;
  high = 0;

  /** O(length). */
  hash(text: string): void {
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x5bd1e995);
      b ^= b >>> 13;
    }
    this.low = finish(a ^ text.length);
    this.high = finish(b ^ Math.imul(text.length, 0x27d4eb2f));
  }
}

/** Spreads the bits of a 32-bit number over all 32; a bijection. */
export function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
