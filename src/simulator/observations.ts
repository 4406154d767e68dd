import type { EstimateMode } from "../core/system.ts";
import { CountColumn, WordColumn } from "./columns.ts";
import { firstSingle } from "./signature-numbers.ts";

const never = -1;

/**
 * What planners and materializers know of costs (DESIGN §5.2): per signature the last observation or the mean of all, before
 * the first one what the running line says. Signatures are the numbers of `SignatureNumbers`; of those that occur once nothing is kept. All values in integer microseconds.
 */
export class Observations {
  readonly #mode: EstimateMode;
  readonly #compute: Series;
  readonly #load: Series;

  constructor(mode: EstimateMode) {
    this.#mode = mode;
    this.#compute = new Series(mode === "mean");
    this.#load = new Series(mode === "mean");
  }

  observeCompute(signature: number, us: number): void {
    if (signature < firstSingle) this.#compute.add(signature, us);
  }

  observeLoad(signature: number, us: number): void {
    if (signature < firstSingle) this.#load.add(signature, us);
  }

  /** Expected compute cost; `lineUs` is the running line's, undefined where there is none. Undefined if nothing is known. */
  computeUs(signature: number, lineUs: number | undefined): number | undefined {
    return this.#estimate(this.#compute, signature, lineUs);
  }

  /** Expected load cost, likewise. */
  loadUs(signature: number, lineUs: number | undefined): number | undefined {
    return this.#estimate(this.#load, signature, lineUs);
  }

  #estimate(series: Series, signature: number, lineUs: number | undefined): number | undefined {
    if (this.#mode === "current" && lineUs !== undefined) return lineUs;
    const seen = series.get(signature);
    return seen === never ? lineUs : seen;
  }
}

/** Last value, or rounded mean of all values, by signature. */
class Series {
  readonly #values = new CountColumn();
  readonly #counts: WordColumn | undefined;

  constructor(mean: boolean) {
    this.#counts = mean ? new WordColumn() : undefined;
  }

  add(signature: number, us: number): void {
    if (this.#counts === undefined) {
      this.#values.set(signature, us);
      return;
    }
    const count = this.#counts.get(signature);
    this.#values.set(signature, count === 0 ? us : this.#values.get(signature) + us);
    this.#counts.set(signature, count + 1);
  }

  get(signature: number): number {
    const value = this.#values.get(signature);
    return this.#counts === undefined || value === never ? value : Math.round(value / this.#counts.get(signature));
  }
}
