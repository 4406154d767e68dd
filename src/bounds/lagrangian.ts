/**
 * Lower bounds for long sequences by Lagrangian decomposition: once the links between versions have prices, every version is
 * one planning problem, every reusable result one small shortest path, and both are solved exactly in integers.
 *
 * Relaxed, each with a price ≥ 0: a load needs the result kept before it (μ), a write needs the result computed (ν), and the
 * budget after each version (λ per byte). For any prices
 *
 *   Σ versions min(c·x + (l+μ)·ℓ − ν·x) + Σ results min((w+ν)·u − μ·k_before + bytes·Σλ·k) − budget·Σλ
 *
 * is at most the optimum. μ and ν are integers, and what λ makes of bytes is rounded against the bound, so it is certified
 * without trust in floating point. Best prices give the value of the linear relaxation.
 *
 * Source: own; the search for prices is in `raise-bound.ts`.
 */
import { exact } from "../algorithms/reuse/exact.ts";
import { COMPUTE, LOAD, type ReuseProblem } from "../core/plan.ts";
import { segmentFloorUs } from "./reuse-floor.ts";
import type { PricedSequence, PricedVersion } from "./sequence.ts";

/** Prices by result and occurrence, in microseconds, and per byte by time (before the first version first). */
export interface Prices {
  readonly load: readonly Float64Array[];
  readonly write: readonly Float64Array[];
  readonly perByte: Float64Array;
}

/** The bound at some prices, what attains it, and in which direction prices should move. */
export interface LagrangianValue {
  /** Certified lower bound in microseconds, an integer. */
  readonly boundUs: number;
  /** By result and occurrence: 1 where the relaxed answer keeps it until the next one. */
  readonly keep: readonly Uint8Array[];
  /** Violations: the slope of the bound along each price. */
  readonly slope: Prices;
}

/** All prices 0: everything ever seen is there for free. */
export function noPrices({ versions, results }: PricedSequence): Prices {
  return {
    load: results.map(({ occurrences }) => new Float64Array(occurrences.length)),
    write: results.map(({ occurrences }) => new Float64Array(occurrences.length)),
    perByte: new Float64Array(versions.length + 1),
  };
}

/** Evaluates the bound; builds the planning problems once. */
export class LagrangianBound {
  readonly #sequence: PricedSequence;
  readonly #budgetBytes: number;
  readonly #plans: readonly VersionPlan[];
  readonly #bytes: Float64Array;

  /** @param budgetBytes Infinity = no limit */
  constructor(sequence: PricedSequence, budgetBytes: number) {
    this.#sequence = sequence;
    this.#budgetBytes = budgetBytes;
    this.#plans = versionPlans(sequence);
    // A result written with different sizes counts with its least one.
    this.#bytes = Float64Array.from(sequence.results, ({ occurrences, initialBytes }) =>
      Math.min(
        initialBytes ?? Infinity,
        ...occurrences.map(({ version, node }) => sequence.versions[version]!.sizeBytes[node]!),
      ),
    );
  }

  /** One planning problem per version: O(Σ planner) time. */
  evaluate(prices: Prices): LagrangianValue {
    const { versions, results } = this.#sequence;
    const slope = noPrices(this.#sequence);
    let boundUs = 0;
    versions.forEach((_, t) => (boundUs += this.#plans[t]!.solve(prices, slope)));

    const isLimited = Number.isFinite(this.#budgetBytes);
    const until = new Float64Array(versions.length + 2); // Σ of prices per byte before a time
    for (let t = 0; t <= versions.length; t++) until[t + 1] = until[t]! + (isLimited ? prices.perByte[t]! : 0);
    const used = new Float64Array(versions.length + 2); // differences of bytes held
    const keep = results.map(({ occurrences, initialBytes }, id) => {
      const bytes = this.#bytes[id]!;
      const rent = (from: number, to: number): number =>
        Math.max(0, Math.floor((until[to]! - until[from]!) * bytes * (1 - 1e-12) - 1e-6));
      const chain = new Chain(occurrences.length);
      if (initialBytes !== undefined) chain.start(rent(0, occurrences[0]!.version + 1));
      occurrences.forEach(({ version, node }, i) => {
        const us = versions[version]!.writeUs[node]! + Math.round(prices.write[id]![i]!);
        const next = occurrences[i + 1];
        chain.step(
          us,
          Math.round(prices.load[id]![i]!),
          next === undefined ? undefined : rent(version + 1, next.version + 1),
        );
      });
      boundUs += chain.best();
      const kept = chain.trace();
      // Index 0 is before the first occurrence.
      if (kept[0] === 1) hold(used, 0, occurrences[0]!.version + 1, bytes);
      occurrences.forEach(({ version }, i) => {
        if (kept[i] === 1) slope.load[id]![i]! -= 1;
        if (kept[i + 1] !== 1) return;
        hold(used, version + 1, occurrences[i + 1]!.version + 1, bytes);
        if (kept[i] === 0) slope.write[id]![i]! += 1;
      });
      return kept.slice(1);
    });
    if (isLimited) {
      let held = 0;
      for (let t = 0; t <= versions.length; t++) {
        held += used[t]!;
        slope.perByte[t] = held - this.#budgetBytes;
      }
      boundUs -= Math.ceil(
        until[versions.length + 1]! * this.#budgetBytes * (1 + 1e-12) + 1e-6 * Math.sign(until[versions.length + 1]!),
      );
    }
    return { boundUs, keep, slope };
  }
}

function hold(used: Float64Array, from: number, to: number, bytes: number): void {
  used[from]! += bytes;
  used[to]! -= bytes;
}

/** Shortest path over the two states "kept" and "not kept" along the occurrences of one result. */
class Chain {
  /** Least cost so far when not kept, and when kept, until the next occurrence. */
  #dropped = 0;
  #kept = Infinity;
  readonly #droppedFromKept: Uint8Array;
  readonly #keptFromKept: Uint8Array;
  #length = 0;

  constructor(length: number) {
    this.#droppedFromKept = new Uint8Array(length);
    this.#keptFromKept = new Uint8Array(length);
  }

  /** Kept from the start on, at this rent. */
  start(rentUs: number): void {
    this.#kept = rentUs;
  }

  /**
   * One occurrence.
   * @param writeUs price of writing it here
   * @param creditUs price of loads, earned by having kept it
   * @param rentUs of keeping it until the next occurrence; undefined: there is none
   */
  step(writeUs: number, creditUs: number, rentUs: number | undefined): void {
    const i = this.#length++;
    const before = this.#kept - creditUs;
    this.#droppedFromKept[i] = before < this.#dropped ? 1 : 0;
    const dropped = Math.min(this.#dropped, before);
    if (rentUs === undefined) this.#kept = Infinity;
    else {
      const written = this.#dropped + writeUs;
      this.#keptFromKept[i] = before <= written ? 1 : 0;
      this.#kept = Math.min(before, written) + rentUs;
    }
    this.#dropped = dropped;
  }

  /** Nothing is kept after the last occurrence. */
  best(): number {
    return this.#dropped;
  }

  /** Shape (occurrences + 1): entry i is 1 where it is kept just before occurrence i; the last is 0. */
  trace(): Uint8Array {
    const kept = new Uint8Array(this.#length + 1);
    let state = 0;
    for (let i = this.#length - 1; i >= 0; i--) {
      state = state === 1 ? this.#keptFromKept[i]! : this.#droppedFromKept[i]!;
      kept[i] = state;
    }
    return kept;
  }
}

interface Place {
  readonly id: number;
  readonly occurrence: number;
  /** In the planning problem: the act of computing it, the result, and the prize for having computed it (−1: none). */
  readonly act: number;
  readonly result: number;
  readonly prize: number;
  readonly loadUs: number;
}

/**
 * The planning problem of one version with prices. A result that may be written becomes three nodes: the act of computing
 * it, the result (load it, or have the act), and a prize that must be paid (load ν) unless the act takes place.
 */
class VersionPlan {
  readonly #problem: ReuseProblem;
  readonly #places: readonly Place[];

  constructor(problem: ReuseProblem, places: readonly Place[]) {
    this.#problem = problem;
    this.#places = places;
  }

  /** Adds what happened to the slope; @returns the cost less all prizes. */
  solve(prices: Prices, slope: Prices): number {
    const { loadUs } = this.#problem;
    let prizesUs = 0;
    for (const { id, occurrence, result, prize, loadUs: us } of this.#places) {
      if (us !== Infinity) loadUs[result] = us + Math.round(prices.load[id]![occurrence]!);
      if (prize < 0) continue;
      loadUs[prize] = Math.round(prices.write[id]![occurrence]!);
      prizesUs += loadUs[prize];
    }
    const { states, costUs } = exact.plan(this.#problem, {});
    for (const { id, occurrence, act, result } of this.#places) {
      if (states[result] === LOAD) slope.load[id]![occurrence]! += 1;
      if (states[act] === COMPUTE) slope.write[id]![occurrence]! -= 1;
    }
    return costUs - prizesUs;
  }
}

function versionPlans({ versions, results }: PricedSequence): readonly VersionPlan[] {
  const at = versions.map(
    () => new Map<number, { id: number; occurrence: number; isWritable: boolean; isLoadable: boolean }>(),
  );
  results.forEach(({ occurrences, initialBytes }, id) => {
    occurrences.forEach(({ version, node }, occurrence) => {
      const isLoadable = occurrence > 0 || initialBytes !== undefined;
      at[version]!.set(node, { id, occurrence, isWritable: occurrence < occurrences.length - 1, isLoadable });
    });
  });
  return versions.map((version, t) => versionPlan(version, at[t]!));
}

function versionPlan(
  version: PricedVersion,
  at: ReadonlyMap<number, { id: number; occurrence: number; isWritable: boolean; isLoadable: boolean }>,
): VersionPlan {
  const offsets = [0];
  const parents: number[] = [];
  const computeUs: number[] = [];
  const loadUs: number[] = [];
  const outputs: number[] = [];
  const places: Place[] = [];
  const newId = new Int32Array(version.nodeCount);
  const floorUs = segmentFloorUs(version);
  const add = (us: number, load: number): number => {
    computeUs.push(us);
    loadUs.push(load);
    offsets.push(parents.length);
    return computeUs.length - 1;
  };
  for (let i = 0; i < version.nodeCount; i++) {
    const place = at.get(i);
    for (let e = version.parentOffsets[i]!; e < version.parentOffsets[i + 1]!; e++)
      parents.push(newId[version.parentIds[e]!]!);
    const act = add(floorUs[i]!, Infinity);
    newId[i] = act;
    if (place === undefined) continue;
    const us = place.isLoadable ? version.loadUs[i]! : Infinity;
    let result = act;
    let prize = -1;
    if (place.isWritable) {
      parents.push(act);
      result = add(0, us);
      parents.push(act);
      prize = add(0, 0);
      outputs.push(prize);
    } else loadUs[act] = us;
    newId[i] = result;
    places.push({ id: place.id, occurrence: place.occurrence, act, result, prize, loadUs: us });
  }
  for (const o of version.outputs) outputs.push(newId[o]!);
  const problem: ReuseProblem = {
    nodeCount: computeUs.length,
    parentOffsets: Int32Array.from(offsets),
    parentIds: Int32Array.from(parents),
    computeUs: Float64Array.from(computeUs),
    loadUs: Float64Array.from(loadUs),
    outputs: Int32Array.from(outputs),
  };
  return new VersionPlan(problem, places);
}
