/** Cells that were run for real and predicted, and the plain statistics of their times in microseconds. */
import { linearQuantile } from "../statistics.ts";

/** What was run: an engine, a storage profile, a setting (system and parameters), a budget. */
export interface ValidationCell {
  readonly id: string;
  readonly executor: string;
  readonly profile: string;
  readonly setting: string;
  /** As asked for: `10%` or `none`. */
  readonly budget: string;
}

/** One run of a cell, real or predicted. */
export interface ValidationRun {
  /** By iteration. */
  readonly runUs: readonly number[];
  /** What of it were loads and writes, by iteration; runs of earlier versions of this program do not say. */
  readonly loadUs?: readonly number[];
  readonly writeUs?: readonly number[];
  /** By iteration one character per listed node: `c` computed, `l` loaded, `p` pruned, `s` sliced, `=` equal to another one. */
  readonly states: readonly string[];
}

/** A cell with its prediction and its real repetitions, all of the same length. */
export interface ComparedCell {
  readonly cell: ValidationCell;
  readonly predicted: ValidationRun;
  readonly real: readonly ValidationRun[];
}

/** Middle value, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  return linearQuantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Of no values 0. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Arithmetic; of no values NaN. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
