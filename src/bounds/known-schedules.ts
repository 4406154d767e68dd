import { exact } from "../algorithms/reuse/exact.ts";
import { COMPUTE, LOAD } from "../core/plan.ts";
import { nodeByResult, priceSchedule, type ScheduledIteration, type SchedulePrice } from "./schedule.ts";
import type { PricedSequence } from "./sequence.ts";

/** A schedule and its exact price. */
export interface PricedSchedule {
  readonly schedule: readonly ScheduledIteration[];
  /** Reusable results stored before the first version. */
  readonly initial: readonly number[];
  readonly price: SchedulePrice;
}

/**
 * Plays a wish list forward: each version is planned best with what is stored, then what is wished for and at hand is kept,
 * by time saved per byte, as long as it fits. Always legal. One planning problem per version.
 *
 * @param wanted by result and occurrence: 1 = keep it until the next one; also read for a free start (all wishes of
 *   occurrence 0 that fit)
 * @param budgetBytes Infinity = no limit
 */
export function playForward(
  sequence: PricedSequence,
  wanted: readonly Uint8Array[],
  budgetBytes: number,
): PricedSchedule {
  const { versions, results } = sequence;
  const nodesOf = nodeByResult(sequence);
  const occurrenceOf = versions.map(() => new Map<number, number>());
  results.forEach(({ occurrences }, id) => occurrences.forEach(({ version }, i) => occurrenceOf[version]!.set(id, i)));
  const stored = new Map<number, number>();
  let usedBytes = 0;
  const initial: number[] = [];
  const byBytes = results.flatMap(({ initialBytes }, id) =>
    initialBytes === undefined ? [] : [{ id, bytes: initialBytes }],
  );
  byBytes.sort((a, b) => a.bytes - b.bytes || a.id - b.id);
  for (const { id, bytes } of byBytes) {
    if (usedBytes + bytes > budgetBytes) break;
    initial.push(id);
    stored.set(id, bytes);
    usedBytes += bytes;
  }
  const schedule = versions.map((version, t): ScheduledIteration => {
    const nodes = nodesOf[t]!;
    const loadUs = new Float64Array(version.nodeCount).fill(Infinity);
    for (const [id, node] of nodes) if (stored.has(id)) loadUs[node] = version.loadUs[node]!;
    const { states } = exact.plan({ ...version, loadUs }, {});

    // Keep: what is stored and still wanted first costs nothing; the rest must be at hand.
    const candidates: { id: number; bytes: number; worth: number }[] = [];
    for (const [id, node] of nodes) {
      const occurrence = occurrenceOf[t]!.get(id)!;
      const isWanted = wanted[id]![occurrence] === 1 && occurrence < results[id]!.occurrences.length - 1;
      const old = stored.get(id);
      if (!isWanted || (old === undefined && states[node] !== COMPUTE)) {
        if (old !== undefined) usedBytes -= old;
        stored.delete(id);
        continue;
      }
      const bytes = old ?? version.sizeBytes[node]!;
      const savedUs =
        version.computeUs[node]! - version.loadUs[node]! + (old === undefined ? 0 : version.writeUs[node]!);
      if (old !== undefined) usedBytes -= old;
      stored.delete(id);
      candidates.push({ id, bytes, worth: (savedUs + 1) / (bytes + 1) });
    }
    candidates.sort((a, b) => b.worth - a.worth || a.id - b.id);
    for (const { id, bytes } of candidates) {
      if (usedBytes + bytes > budgetBytes) continue;
      stored.set(id, bytes);
      usedBytes += bytes;
    }
    return { states, stored: [...stored.keys()] };
  });
  return { schedule, initial, price: priceSchedule(sequence, schedule, budgetBytes, initial) };
}

/**
 * The same decisions on storage with the best plans for them: each version computes what it must write, and everything else
 * as is cheapest. Never dearer than the given schedule unless recorded segments are charged as wholes.
 */
export function withBestPlans(
  sequence: PricedSequence,
  schedule: readonly ScheduledIteration[],
  budgetBytes: number,
  initial: readonly number[],
): PricedSchedule {
  const nodesOf = nodeByResult(sequence);
  let before = new Set(initial);
  const improved = schedule.map((iteration, t): ScheduledIteration => {
    const version = sequence.versions[t]!;
    const loadUs = new Float64Array(version.nodeCount).fill(Infinity);
    const outputs = new Set(version.outputs);
    const isStored = new Set(iteration.stored);
    for (const [id, node] of nodesOf[t]!) {
      if (before.has(id)) loadUs[node] = version.loadUs[node]!;
      if (isStored.has(id) && !before.has(id)) outputs.add(node);
    }
    before = isStored;
    const { states } = exact.plan({ ...version, loadUs, outputs: Int32Array.from(outputs) }, {});
    return { ...iteration, states };
  });
  return { schedule: improved, initial, price: priceSchedule(sequence, improved, budgetBytes, initial) };
}

/** Nothing is ever stored. */
export function nothingWanted({ results }: PricedSequence): readonly Uint8Array[] {
  return results.map(({ occurrences }) => new Uint8Array(occurrences.length));
}

/** Everything that occurs again is wished for. */
export function allWanted({ results }: PricedSequence): readonly Uint8Array[] {
  return results.map(({ occurrences }) => new Uint8Array(occurrences.length).fill(1));
}

/** Keeps what a schedule loads later, and nothing else: what is stored in vain is not written. */
export function wantedByLoads(sequence: PricedSequence, { schedule }: PricedSchedule): readonly Uint8Array[] {
  return sequence.results.map(({ occurrences }) =>
    Uint8Array.from(occurrences, (_, i) => {
      const next = occurrences[i + 1];
      if (next === undefined) return 0;
      // Wanted as long as some later occurrence loads it without a gap in between.
      for (const { version, node } of occurrences.slice(i + 1)) {
        const state = schedule[version]!.states[node];
        if (state === LOAD) return 1;
        if (state === COMPUTE) return 0;
      }
      return 0;
    }),
  );
}
