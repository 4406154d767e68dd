import type { Iteration } from "../core/iteration.ts";
import { FingerprintTable, TextHasher } from "../traces/format/fingerprint-table.ts";

/** Iterations that are told apart; of later ones it is only known that they are late. */
const lastTag = 0xffff;

/**
 * In which iteration of a trace a signature occurs for the last time, where it occurs more than once: so that a run over a long
 * trace need not remember what never comes again. 8 bytes per signature that does (13 with the table's slack), found by a
 * 60-bit fingerprint: a mix-up, likely once in 10^5 traces of ten million signatures, makes the run remember more, or forget a
 * stored result.
 */
export class SignatureUses {
  readonly #last = new FingerprintTable();
  readonly #hasher = new TextHasher();

  /** Those of versions in memory, in order. */
  static of(iterations: readonly Iteration[]): SignatureUses {
    const uses = new SignatureUses();
    const seen = new Set<string>();
    for (const { iteration, nodes } of iterations)
      for (const { signature } of nodes) {
        if (seen.has(signature)) uses.repeat(signature, iteration);
        seen.add(signature);
      }
    return uses;
  }

  /** Counts another occurrence of a signature that occurred before. Iterations in order. */
  repeat(signature: string, iteration: number): void {
    this.#hasher.hash(signature);
    this.#last.set(this.#hasher.low, this.#hasher.high, Math.min(iteration, lastTag));
  }

  /** True if the signature occurs in one place of the trace. */
  isSingle(signature: string): boolean {
    return this.#tag(signature) < 0;
  }

  /** True if no iteration after this one has the signature, which occurs in it; false also where that is not known. */
  isLast(signature: string, iteration: number): boolean {
    const tag = this.#tag(signature);
    return tag < lastTag && tag <= iteration;
  }

  #tag(signature: string): number {
    this.#hasher.hash(signature);
    return this.#last.get(this.#hasher.low, this.#hasher.high);
  }
}
