import { WordColumn } from "./columns.ts";

/**
 * Numbers distinct texts (signatures, node ids) 0, 1, 2 … in order of first appearance.
 *
 * Keeps a 64-bit fingerprint of each, not the text: 13 to 18 bytes per entry, whatever the texts' length. Two texts are taken
 * for one if their fingerprints agree; among a million texts that has a probability below 10⁻⁷. O(length) per look-up.
 */
export class TextIndex {
  #slots = new Int32Array(64);
  #size = 0;
  readonly #high = new WordColumn();
  readonly #low = new WordColumn();

  get size(): number {
    return this.#size;
  }

  /** Number of a text, given out now if it is new. */
  intern(text: string): number {
    fingerprint(text);
    const at = this.#find();
    const found = this.#slots[at]!;
    if (found !== 0) return found - 1;
    const index = this.#size++;
    this.#high.set(index, high);
    this.#low.set(index, low);
    this.#slots[at] = index + 1;
    if (this.#size * 5 > this.#slots.length * 4) this.#grow();
    return index;
  }

  /** Number of a text, −1 if it never appeared. */
  indexOf(text: string): number {
    fingerprint(text);
    return this.#slots[this.#find()]! - 1;
  }

  /** Slot of the fingerprint in `high` and `low`, or the free one where it belongs. */
  #find(): number {
    const slots = this.#slots;
    let at = homeOf(low, slots.length);
    for (let found = slots[at]!; found !== 0; found = slots[at]!) {
      if (this.#low.get(found - 1) === low && this.#high.get(found - 1) === high) return at;
      if (++at === slots.length) at = 0;
    }
    return at;
  }

  /** Doubles while small, then by a quarter: a large index shall not be held twice at double its size. */
  #grow(): void {
    const before = this.#slots.length;
    const slots = new Int32Array(before < 1_000_000 ? before * 2 : before + (before >>> 2));
    for (let index = 0; index < this.#size; index++) {
      let at = homeOf(this.#low.get(index), slots.length);
      while (slots[at] !== 0) if (++at === slots.length) at = 0;
      slots[at] = index + 1;
    }
    this.#slots = slots;
  }
}

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
