import { WordColumn } from "./columns.ts";

/**
 * Numbers distinct texts (signatures, node ids) 0, 1, 2 … in order of first appearance.
 *
 * Keeps a 64-bit fingerprint of each, not the text: 13 to 18 bytes per entry, whatever the texts' length. Two texts are taken
 * for one if their fingerprints agree; among a million texts that has a probability below 10⁻⁷. O(length) per look-up.
 */
export class TextIndex {
  /** Number + 1 of each text by fingerprint, 0 = free; one shard while small, then {@link shardCount} that grow apart. */
  #shards: Int32Array[] = [new Int32Array(64)];
  #counts = new Int32Array(1);
  #size = 0;
  readonly #high = new WordColumn();
  readonly #low = new WordColumn();

  get size(): number {
    return this.#size;
  }

  /** Number of a text, given out now if it is new. */
  intern(text: string): number {
    fingerprint(text);
    const shard = high & (this.#shards.length - 1);
    const slots = this.#shards[shard]!;
    const at = this.#find(slots);
    const found = slots[at]!;
    if (found !== 0) return found - 1;
    const index = this.#size++;
    this.#high.set(index, high);
    this.#low.set(index, low);
    slots[at] = index + 1;
    const count = ++this.#counts[shard]!;
    if (count * 5 > slots.length * 4) this.#grow(shard);
    return index;
  }

  /** Number of a text, −1 if it never appeared. */
  indexOf(text: string): number {
    fingerprint(text);
    const slots = this.#shards[high & (this.#shards.length - 1)]!;
    return slots[this.#find(slots)]! - 1;
  }

  /** Slot of the fingerprint in `high` and `low`, or the free one where it belongs. */
  #find(slots: Int32Array): number {
    let at = homeOf(low, slots.length);
    for (let found = slots[at]!; found !== 0; found = slots[at]!) {
      if (this.#low.get(found - 1) === low && this.#high.get(found - 1) === high) return at;
      if (++at === slots.length) at = 0;
    }
    return at;
  }

  /** Doubles a small index; a large one is split into shards, which grow by a quarter, so that it is never held twice. */
  #grow(shard: number): void {
    const slots = this.#shards[shard]!;
    if (this.#shards.length === 1 && this.#size >= splitSize) {
      this.#shards = Array.from({ length: shardCount }, () => new Int32Array(Math.ceil((splitSize * 2) / shardCount)));
      this.#counts = new Int32Array(shardCount);
      this.#place(slots);
      return;
    }
    this.#shards[shard] = new Int32Array(
      this.#shards.length === 1 ? slots.length * 2 : slots.length + (slots.length >>> 2),
    );
    this.#counts[shard] = 0;
    this.#place(slots);
  }

  /** Puts the entries of an old shard where they belong now. */
  #place(old: Int32Array): void {
    for (const entry of old) {
      if (entry === 0) continue;
      const shard = this.#high.get(entry - 1) & (this.#shards.length - 1);
      const slots = this.#shards[shard]!;
      let at = homeOf(this.#low.get(entry - 1), slots.length);
      while (slots[at] !== 0) if (++at === slots.length) at = 0;
      slots[at] = entry;
      this.#counts[shard]!++;
    }
  }
}

const shardCount = 256;
const splitSize = 100_000;

function homeOf(hash: number, slotCount: number): number {
  return Math.floor((hash * slotCount) / 4_294_967_296);
}

let high = 0;
let low = 0;

/** Two multiplicative hashes side by side, each mixed with the other at the end; leaves its result in `high` and `low`. */
function fingerprint(text: string): void {
  let a = 0x9e3779b9 ^ text.length;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ unit, 0xcc9e2d51);
    b = (b << 13) | (b >>> 19);
  }
  a = mix(a ^ Math.imul(b, 0x1b873593));
  b = mix(b ^ Math.imul(a, 0xc2b2ae35));
  high = a >>> 0;
  low = b >>> 0;
}

function mix(word: number): number {
  let w = word;
  w = Math.imul(w ^ (w >>> 16), 0x85ebca6b);
  w = Math.imul(w ^ (w >>> 13), 0xc2b2ae35);
  return w ^ (w >>> 16);
}
