/**
 * Certified lower bounds of the materialization problem by Lagrangian decomposition: the link "a load needs a stored result"
 * gets a price μ ≥ 0 per workload and node, after which every workload is one planning problem with loads l + μ, and what
 * remains of the storage is a knapsack of the prices:
 *
 *   Σ w·plan(l + μ) − max { Σ μ of stored results : bytes ≤ budget }
 *
 * is at most the optimum for any prices. Plans are exact, prices are integers, the knapsack is filled exactly or (when large)
 * fractionally and rounded against the bound, so nothing depends on floating point. Only loads change between steps.
 *
 * Source: own; subgradient after Polyak with the cost of the best known choice as target.
 */
import { LOAD } from "../core/plan.ts";
import { type Filled, fillKnapsack } from "./knapsack.ts";
import { FuturePlanner, type MaterializationChoice, type MaterializationInstance } from "./materialization.ts";

/** What a search for prices found. */
export interface MaterializationBound {
  /** Certified, an integer, in microseconds. */
  readonly lowerBoundUs: number;
  /** Best choice met on the way. */
  readonly choice: MaterializationChoice;
  readonly steps: number;
}

/** Prices per workload and node, already multiplied by the weight, in microseconds. */
type Surcharges = readonly Float64Array[];

/**
 * Raises the bound step by step; each step plans every workload once. Stops when the bound meets the best known cost.
 *
 * @param known any choice that fits, for example of `greedyMarginal`; default nothing stored
 */
export function materializationBound(
  instance: MaterializationInstance,
  options: { readonly steps?: number; readonly known?: MaterializationChoice } = {},
): MaterializationBound {
  const search = new Search(instance, (worthUs) => fillKnapsack(instance.sizeBytes, instance.budgetBytes, worthUs));
  const known = options.known ?? search.planner.choice(new Uint8Array(instance.sizeBytes.length));
  const { boundUs, choice, steps } = search.raise(options.steps ?? 150, known, instance.budgetBytes);
  return { lowerBoundUs: Math.min(boundUs, choice.costUs), choice, steps };
}

/** A point of a sweep over the price of storage. */
export interface SweepPoint {
  /** Microseconds per byte stored. */
  readonly pricePerByteUs: number;
  /** Certified lower bound of cost + price · bytes over all choices. */
  readonly boundUs: number;
  /** Best choice met at this price; it need not keep any budget. */
  readonly choice: MaterializationChoice;
}

/**
 * Lower bounds with storage at a price instead of a budget, for rising prices. Each point bounds *every* budget:
 * cost ≥ boundUs − price · budget, see {@link boundAtBudget}.
 *
 * @param prices µs per byte, ≥ 0, ascending
 */
export function sweepPrices(
  instance: MaterializationInstance,
  prices: readonly number[],
  steps = 100,
): readonly SweepPoint[] {
  const { sizeBytes } = instance;
  let start: Surcharges | undefined;
  return prices.map((price) => {
    const rented = (worthUs: Float64Array): Filled => {
      const share = new Float64Array(sizeBytes.length);
      let us = 0;
      sizeBytes.forEach((bytes, v) => {
        const gainUs = worthUs[v]! - price * bytes;
        if (gainUs <= 0) return;
        share[v] = 1;
        us += gainUs;
      });
      return { share, us: us === 0 ? 0 : Math.ceil(us * (1 + 1e-12) + 1e-6) };
    };
    const search = new Search(instance, rented, (choice) => choice.costUs + price * choice.bytes);
    const none = search.planner.choice(new Uint8Array(sizeBytes.length));
    const found = search.raise(steps, none, Infinity, start);
    start = found.surcharges;
    return { pricePerByteUs: price, boundUs: found.boundUs, choice: found.choice };
  });
}

/** The best bound a sweep gives for one budget, rounded down. */
export function boundAtBudget(points: readonly SweepPoint[], budgetBytes: number): number {
  return Math.max(
    0,
    ...points.map(({ boundUs, pricePerByteUs }) => Math.floor(boundUs - pricePerByteUs * budgetBytes * (1 + 1e-12))),
  );
}

/** A relaxed answer. */
interface Relaxed {
  readonly boundUs: number;
  readonly filled: Filled;
  /** How often the plans load each result. */
  readonly loaded: Float64Array;
  readonly slope: Surcharges;
}

class Search {
  readonly planner: FuturePlanner;
  readonly #instance: MaterializationInstance;
  readonly #fill: (worthUs: Float64Array) => Filled;
  readonly #priceOf: (choice: MaterializationChoice) => number;

  constructor(
    instance: MaterializationInstance,
    fill: (worthUs: Float64Array) => Filled,
    priceOf: (choice: MaterializationChoice) => number = ({ costUs }) => costUs,
  ) {
    this.#instance = instance;
    this.#fill = fill;
    this.#priceOf = priceOf;
    this.planner = new FuturePlanner(instance);
  }

  raise(
    steps: number,
    known: MaterializationChoice,
    budgetBytes: number,
    start?: Surcharges,
  ): {
    readonly boundUs: number;
    readonly choice: MaterializationChoice;
    readonly surcharges: Surcharges;
    readonly steps: number;
  } {
    const { futures } = this.#instance;
    let choice = known;
    let prices: Surcharges = start ?? futures.map(({ resultOf }) => new Float64Array(resultOf.length));
    let bestPrices = prices;
    let value = this.#evaluate(prices);
    let best = value;
    let direction = value.slope;
    let theta = 1;
    let since = 0;
    let step = 0;
    for (; step < steps && best.boundUs < this.#priceOf(choice); step++) {
      if (step % 10 === 0) {
        choice = this.#better(choice, value, budgetBytes);
      }
      const slope = value.slope;
      direction = step === 0 ? slope : direction.map((d, w) => d.map((x, i) => 0.3 * x + 0.7 * slope[w]![i]!));
      let norm = 0;
      for (const d of direction) for (const x of d) norm += x * x;
      if (norm === 0) break;
      const length = (theta * Math.max(1, this.#priceOf(choice) - value.boundUs)) / norm;
      prices = prices.map((p, w) => p.map((us, i) => Math.max(0, us + length * direction[w]![i]!)));
      value = this.#evaluate(prices);
      if (value.boundUs > best.boundUs) {
        best = value;
        bestPrices = prices;
        since = 0;
      } else if (++since >= 5) {
        since = 0;
        theta /= 2;
        prices = bestPrices;
        value = best;
        direction = value.slope;
        if (theta < 1e-4) break;
      }
    }
    choice = this.#better(choice, best, budgetBytes);
    return { boundUs: best.boundUs, choice, surcharges: bestPrices, steps: step };
  }

  #evaluate(prices: Surcharges): Relaxed {
    const { futures, sizeBytes } = this.#instance;
    const worthUs = new Float64Array(sizeBytes.length);
    const loaded = new Float64Array(sizeBytes.length);
    let boundUs = 0;
    const slope = futures.map(({ weight, resultOf }, w) => {
      const surcharge = prices[w]!.map((us, i) => (resultOf[i]! < 0 ? 0 : Math.round(us)));
      const { states, costUs } = this.planner.withSurcharge(w, surcharge);
      boundUs += weight * costUs;
      resultOf.forEach((v, i) => {
        if (v < 0) return;
        worthUs[v]! += weight * surcharge[i]!;
        if (states[i] === LOAD) loaded[v]! += weight;
      });
      return Float64Array.from(resultOf, (v, i) => (v >= 0 && states[i] === LOAD ? weight : 0));
    });
    const filled = this.#fill(worthUs);
    futures.forEach(({ weight, resultOf }, w) =>
      resultOf.forEach((v, i) => {
        if (v >= 0) slope[w]![i]! -= weight * filled.share[v]!;
      }),
    );
    return { boundUs: boundUs - filled.us, filled, loaded, slope };
  }

  /** The better of what is known and two choices made of a relaxed answer: what it stores, and what its plans load. */
  #better(known: MaterializationChoice, { filled, loaded }: Relaxed, budgetBytes: number): MaterializationChoice {
    let best = known;
    for (const rank of [filled.share, loaded]) {
      const next = this.planner.choice(this.#fitting(rank, budgetBytes));
      if (this.#priceOf(next) < this.#priceOf(best)) best = next;
    }
    return best;
  }

  /** Results of positive rank, highest first, as far as they fit. */
  #fitting(rank: Float64Array, budgetBytes: number): Uint8Array {
    const { sizeBytes } = this.#instance;
    const stored = new Uint8Array(rank.length);
    const order = Array.from(rank, (_, v) => v).filter((v) => rank[v]! > 0);
    order.sort((a, b) => rank[b]! - rank[a]! || a - b);
    let leftBytes = budgetBytes;
    for (const v of order) {
      if (sizeBytes[v]! > leftBytes) continue;
      stored[v] = 1;
      leftBytes -= sizeBytes[v]!;
    }
    return stored;
  }
}
