/**
 * Search for prices that make the Lagrangian bound of a sequence high.
 *
 * Source: subgradient steps after Polyak, with the cost of the best known schedule as target.
 * Departures: directions are blended with the one before; after five steps without gain the search returns to the best
 * prices with half the step.
 */
import type { PriceRows } from "./clairvoyant-program.ts";
import { LagrangianBound, type LagrangianValue, noPrices, type Prices } from "./lagrangian.ts";
import type { PricedSequence } from "./sequence.ts";

/** What a search for good prices found. */
export interface DualSearch {
  readonly boundUs: number;
  readonly prices: Prices;
  /** Relaxed decisions at the best bound: what to keep, as a hint for schedules. */
  readonly keep: readonly Uint8Array[];
  readonly steps: number;
}

/** Options of {@link raiseBound}. */
export interface DualOptions {
  /** Steps; each plans every version once. */
  readonly steps: number;
  /** Cost of a known schedule, in microseconds. */
  readonly targetUs: number;
  readonly start?: Prices;
  /** Called with each relaxed answer; may answer a lower target. */
  readonly onStep?: (value: LagrangianValue, step: number) => number | undefined;
}

/**
 * Raises the bound by subgradient steps of length θ·(target − bound) ÷ |slope|², θ halved after five steps without gain;
 * stops when the bound meets the target. Deterministic.
 */
export function raiseBound(sequence: PricedSequence, budgetBytes: number, options: DualOptions): DualSearch {
  const lagrangian = new LagrangianBound(sequence, budgetBytes);
  // λ is moved in units that make one step worth as much as for the other prices.
  const unit = Number.isFinite(budgetBytes) && budgetBytes > 0 ? 1 / budgetBytes : 0;
  let prices = options.start ?? noPrices(sequence);
  let targetUs = options.targetUs;
  let best = lagrangian.evaluate(prices);
  let bestPrices = prices;
  let value = best;
  let theta = 1;
  let since = 0;
  let direction = noPrices(sequence);
  let step = 0;
  for (; step < options.steps && best.boundUs < targetUs; step++) {
    targetUs = Math.min(targetUs, options.onStep?.(value, step) ?? Infinity);
    direction = blend(direction, value.slope, unit, step === 0 ? 1 : 0.7);
    const norm = squaredNorm(direction);
    if (norm === 0) break;
    const length = (theta * Math.max(1, targetUs - value.boundUs)) / norm;
    prices = moved(prices, direction, length, unit);
    value = lagrangian.evaluate(prices);
    if (value.boundUs > best.boundUs) {
      best = value;
      bestPrices = prices;
      since = 0;
    } else if (++since >= 5) {
      theta /= 2;
      since = 0;
      prices = bestPrices;
      value = best;
      direction = noPrices(sequence);
      if (theta < 1e-4) break;
    }
  }
  return { boundUs: best.boundUs, prices: bestPrices, keep: best.keep, steps: step };
}

function blend(old: Prices, slope: Prices, unit: number, weight: number): Prices {
  const mix = (a: Float64Array, b: Float64Array, by: number): Float64Array =>
    a.map((value, i) => (1 - weight) * value + weight * by * b[i]!);
  return {
    load: old.load.map((list, id) => mix(list, slope.load[id]!, 1)),
    write: old.write.map((list, id) => mix(list, slope.write[id]!, 1)),
    perByte: mix(old.perByte, slope.perByte, unit),
  };
}

function squaredNorm({ load, write, perByte }: Prices): number {
  let sum = 0;
  for (const list of [...load, ...write, perByte]) for (const value of list) sum += value * value;
  return sum;
}

function moved(prices: Prices, direction: Prices, length: number, unit: number): Prices {
  const go = (a: Float64Array, b: Float64Array, by: number): Float64Array =>
    a.map((value, i) => Math.max(0, value + length * by * b[i]!));
  return {
    load: prices.load.map((list, id) => go(list, direction.load[id]!, 1)),
    write: prices.write.map((list, id) => go(list, direction.write[id]!, 1)),
    perByte: go(prices.perByte, direction.perByte, unit),
  };
}

/** Prices from the dual values of the linear relaxation of the sequence's program. */
export function pricesOfDuals(
  sequence: PricedSequence,
  rows: PriceRows,
  duals: Float64Array,
  scale: number,
  budgetBytes: number,
): Prices {
  const priceOf = (row: number): number => (row < 0 ? 0 : Math.abs(duals[row]!) * scale);
  return {
    load: sequence.results.map((_, id) => Float64Array.from(rows.load[id]!, priceOf)),
    write: sequence.results.map((_, id) => Float64Array.from(rows.write[id]!, priceOf)),
    perByte: Float64Array.from(rows.budget, (row) => priceOf(row) / Math.max(1, budgetBytes)),
  };
}
