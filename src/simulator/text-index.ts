import { words } from "./columns.ts";

/**
 * Numbers distinct texts (signatures, node ids) 0, 1, 2 … in order of first appearance.
 *
 * Keeps a 64-bit fingerprint of each, not the text: 12 to 16 bytes per entry, whatever the texts' length. Two texts are taken
 * for one if their fingerprints agree; among a million texts that has a probability below 10⁻⁷. O(length) per look-up.
 */
export class TextIndex {
  #slots = new Int32Array(64);
  #mask = 63;
  #size = 0;
  readonly #high = words();
  readonly #low = words();

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
    if (this.#size * 4 > this.#slots.length * 3) this.#rehash();
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
    let at = low & this.#mask;
    for (let found = slots[at]!; found !== 0; found = slots[at]!) {
      if (this.#low.get(found - 1) === low && this.#high.get(found - 1) === high) return at;
      at = (at + 1) & this.#mask;
    }
    return at;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      let at = this.#low.get(index) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = index + 1;
    }
    this.#slots = slots;
    this.#mask = mask;
  }
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
