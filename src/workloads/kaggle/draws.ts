/** Draws that the Home Credit generator needs, one uniform number each unless said otherwise. */
import { randomWeighted, type Rng } from "../../core/rng.ts";

/** What stands between two commas; null is an empty cell. */
export type Cell = string | number | null;

/** Values with weights. */
export interface Choice {
  readonly values: readonly string[];
  readonly weights: readonly number[];
}

/** `value weight` pairs, separated by `, `; spaces in values are written as `_`. */
export function choiceOf(text: string): Choice {
  const entries = text.split(", ").map((entry) => entry.split(" ") as [string, string]);
  return {
    values: entries.map(([value]) => value.replaceAll("_", " ")),
    weights: entries.map(([, weight]) => Number(weight)),
  };
}

/** One of the values. */
export function pick(rng: Rng, choice: Choice): string {
  return choice.values[randomWeighted(rng, choice.weights)] ?? "";
}

/** Roughly normal with mean 0 and deviation 1 (four uniform draws). */
export function normal(rng: Rng): number {
  return (rng() + rng() + rng() + rng() - 2) * Math.sqrt(3);
}

/** An integer from 0 with a geometric tail and about this mean. */
export function countAround(rng: Rng, mean: number): number {
  return Math.floor(-Math.log(1 - rng()) * (mean + 0.5));
}

/** An integer, both ends included. */
export function between(rng: Rng, low: number, high: number): number {
  return low + Math.floor(rng() * (high - low + 1));
}

/** 1 with a probability. */
export function flag(rng: Rng, probability: number): 0 | 1 {
  return rng() < probability ? 1 : 0;
}

/** 1 ÷ (1 + e^−x). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** An amount of money: multiples of a half. */
export function money(x: number): number {
  return Math.round(2 * Math.max(0, x)) / 2;
}

/** Rounded to so many decimals. */
export function rounded(x: number, decimals: number): number {
  const shift = 10 ** decimals;
  return Math.round(x * shift) / shift;
}

/** The value, or nothing with a probability. */
export function orNull<T>(rng: Rng, probability: number, value: T): T | null {
  return rng() < probability ? null : value;
}

/** A line of a file. */
export function line(cells: readonly Cell[]): string {
  return `${cells.map((cell) => cell ?? "").join(",")}\n`;
}
