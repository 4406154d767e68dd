import type { SignatureUses } from "./signature-uses.ts";
import { TextIndex } from "./text-index.ts";

/** Numbers from here on are of signatures that occur once: nothing is remembered of them but while they are stored. */
export const firstSingle = 0x4000_0000;

/** Numbers the signatures of a run. */
export class SignatureNumbers {
  readonly #index: TextIndex;
  readonly #uses: SignatureUses | undefined;
  #singles = 0;

  /**
   * @param index shared with other runs over the same trace
   * @param uses of the trace's signatures, where they are known; without them every signature is remembered
   */
  constructor(index: TextIndex = new TextIndex(), uses?: SignatureUses) {
    this.#index = index;
    this.#uses = uses;
  }

  /** Number of a signature; one that occurs once gets a new one every time. */
  number(signature: string): number {
    if (this.#uses?.isSingle(signature) !== true) return this.#index.intern(signature);
    return firstSingle + this.#singles++;
  }

  /** Number of a signature that is remembered, −1 if there is none. */
  find(signature: string): number {
    return this.#index.indexOf(signature);
  }
}
