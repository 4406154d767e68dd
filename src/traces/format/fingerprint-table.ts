/**
 * A set of 60-bit keys with a 16-bit tag each, in 8 bytes a slot: ten million entries take some 125 MB.
 *
 * Keys come as two independent 32-bit hashes of one thing. 4,096 shards, chosen by the low bits of the second hash, grow
 * one by one by a quarter, so that growing never holds the table twice. Two different things share a key with probability
 * 2^-60 per pair (4 in 100,000 for a whole trace of ten million), two tags agree by chance with probability 2^-16.
 */
export class FingerprintTable {
  readonly #shards: (Uint32Array | undefined)[] = [];
  readonly #counts = new Uint32Array(shardCount);
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
    const shardId = high & (shardCount - 1);
    const word = ((((high >>> shardBits) & 0xffff) << 16) | (tag & 0xffff)) >>> 0;
    let shard = this.#shards[shardId];
    if (shard === undefined) this.#shards[shardId] = shard = new Uint32Array(16);
    const found = place(shard, low >>> 0, word, true);
    if (found >= 0) return found;
    this.#size++;
    const count = ++this.#counts[shardId]!;
    if (count * 10 > shard.length * 4) this.#shards[shardId] = grown(shard);
    return -1;
  }
}

const shardBits = 12;
const shardCount = 1 << shardBits;

/** Finds or inserts by linear probing. A slot is two words; an empty one is (0, 0), so the one full pair (0, 0) reads as (1, 0). */
function place(shard: Uint32Array, low: number, word: number, lookUp: boolean): number {
  const first = low === 0 && word >>> 16 === 0 ? 1 : low;
  const slots = shard.length >>> 1;
  let slot = Math.floor((low * slots) / 4_294_967_296);
  for (;;) {
    const a = shard[2 * slot]!;
    const b = shard[2 * slot + 1]!;
    if (a === 0 && b >>> 16 === 0) {
      shard[2 * slot] = first;
      shard[2 * slot + 1] = word;
      return -1;
    }
    if (lookUp && a === first && b >>> 16 === word >>> 16) return b & 0xffff;
    slot++;
    if (slot === slots) slot = 0;
  }
}

function grown(old: Uint32Array): Uint32Array {
  const slots = old.length >>> 1;
  const next = new Uint32Array(2 * (slots + Math.max(8, slots >>> 2)));
  for (let i = 0; i < old.length; i += 2) {
    if (old[i] === 0 && old[i + 1]! >>> 16 === 0) continue;
    place(next, old[i]!, old[i + 1]!, false);
  }
  return next;
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
