import { WorkflowError } from "../core/errors.ts";
import { addExact } from "../core/units.ts";

/** Recomputing without a cache takes longer than can be counted exactly. */
export class Uncountable extends Error {}

/** What an iteration has been charged so far, by result and in all. Microseconds. */
export class Charges {
  /** By result, shape (n): charged for computing, loading and writing it. */
  readonly computedUs: Float64Array;
  readonly loadedUs: Float64Array;
  readonly writtenUs: Float64Array;
  /** 1 where the compute charge is a share of a segment's time that was attributed. Shape (n). */
  readonly attributed: Uint8Array;
  /** Time spent on each result: computing or loading it, 0 if neither. Shape (n). */
  readonly spentUs: Float64Array;
  computeUs = 0;
  loadUs = 0;
  writeUs = 0;
  /** Results computed and results loaded. */
  computed = 0;
  loaded = 0;

  /** @param resultCount results of the version */
  constructor(resultCount: number) {
    this.computedUs = new Float64Array(resultCount);
    this.loadedUs = new Float64Array(resultCount);
    this.writtenUs = new Float64Array(resultCount);
    this.attributed = new Uint8Array(resultCount);
    this.spentUs = new Float64Array(resultCount);
  }

  /**
   * Charges `executions` computations of `us` each.
   *
   * @param id node id, for the error
   * @throws {Uncountable} when that is 2^53 or more
   */
  compute(result: number, id: string, us: number, executions: number): void {
    const chargedUs = us * executions;
    if (!Number.isSafeInteger(chargedUs))
      throw new Uncountable(`computing "${id}" as often as it is asked for takes more than 2^53 µs`);
    this.computed++;
    this.computeUs = addExact(this.computeUs, chargedUs);
    this.computedUs[result] = chargedUs;
    this.spentUs[result] = chargedUs;
  }

  load(result: number, us: number): void {
    this.loaded++;
    this.loadUs += us;
    this.loadedUs[result] = us;
    this.spentUs[result] = us;
  }

  write(result: number, us: number): void {
    this.writeUs = addExact(this.writeUs, us);
    this.writtenUs[result] = us;
  }
}

/** Adds charges. @param what named in the error @throws {WorkflowError} when the sum leaves the exact range */
export function sumExact(what: string, ...values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum = addExact(sum, value);
  if (Number.isFinite(sum)) return sum;
  throw new WorkflowError(`${what} reaches 2^53 µs; scale the costs down`);
}
