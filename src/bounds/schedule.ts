import { InfeasiblePlanError } from "../core/errors.ts";
import { COMPUTE, LOAD, PRUNE } from "../core/plan.ts";
import { addExact } from "../core/units.ts";
import type { PricedSequence, PricedVersion } from "./sequence.ts";

/** What is done in one iteration. */
export interface ScheduledIteration {
  /** Shape (n): prune, compute or load. */
  readonly states: Uint8Array;
  /** Results stored when the iteration ends, by number of their reusable result, ascending. */
  readonly stored: readonly number[];
}

/** One iteration's part of the price of a schedule, in microseconds and bytes. */
export interface PricedIteration {
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  /** Bytes stored when it ended. */
  readonly storedBytes: number;
  readonly evictedBytes: number;
}

/** The exact price of a schedule. */
export interface SchedulePrice {
  readonly costUs: number;
  readonly perIteration: readonly PricedIteration[];
}

/**
 * Checks a schedule against every rule and prices it in integers; nothing a solver says is believed beyond this.
 *
 * Legal: outputs are there, inputs of computed results are there, what is loaded was stored when the iteration began, what
 * becomes stored is computed in that iteration (sources under `collab` accounting become so by themselves), and the stored bytes stay within the budget after every iteration. Within an
 * iteration they do too: all loads first, then evictions, then writes.
 *
 * @param budgetBytes Infinity = no limit
 * @param initial reusable results stored before the first version
 * @throws {InfeasiblePlanError} on any breach
 */
export function priceSchedule(
  sequence: PricedSequence,
  schedule: readonly ScheduledIteration[],
  budgetBytes: number,
  initial: readonly number[] = [],
): SchedulePrice {
  const { versions, results } = sequence;
  const nodesOf = nodeByResult(sequence);
  const bytesOf = new Map<number, number>();
  let usedBytes = 0;
  for (const id of initial) {
    const bytes = results[id]?.initialBytes;
    if (bytes === undefined) throw illegal(`result ${id} cannot be stored before the first iteration`);
    bytesOf.set(id, bytes);
    usedBytes += bytes;
  }
  if (usedBytes > budgetBytes)
    throw illegal(`${usedBytes} bytes are stored at the start; the budget is ${budgetBytes}`);
  let costUs = 0;
  const autoStored = new Set<number>(); // by class
  const perIteration = versions.map((version, t) => {
    const { states, stored } = schedule[t]!;
    checkPlan(version, t, states);
    const nodes = nodesOf[t]!;
    const written = new Uint8Array(version.nodeCount);
    let computeUs = 0;
    let loadUs = 0;
    let writeUs = 0;
    for (const [id, node] of nodes)
      if (states[node] === LOAD && !bytesOf.has(id) && !autoStored.has(version.classOf[node]!))
        throw illegal(`iteration ${t} loads "${version.ids[node]}", which is not stored`);
    for (let i = 0; i < version.nodeCount; i++) {
      if (states[i] === LOAD) {
        if (version.classOf[i]! < 0)
          throw illegal(`iteration ${t} loads "${version.ids[i]}", which can never be stored`);
        loadUs = addExact(loadUs, version.loadUs[i]!);
      }
      if (states[i] === COMPUTE) computeUs = addExact(computeUs, version.computeUs[i]!);
    }
    const keep = new Set(stored);
    let evictedBytes = 0;
    for (const [id, bytes] of bytesOf) {
      if (keep.has(id)) continue;
      bytesOf.delete(id);
      usedBytes -= bytes;
      evictedBytes += bytes;
    }
    for (const id of stored) {
      if (bytesOf.has(id)) continue;
      const node = nodes.get(id);
      if (node === undefined || states[node] !== COMPUTE)
        throw illegal(`iteration ${t} stores result ${id}, which is not computed in it`);
      bytesOf.set(id, version.sizeBytes[node]!);
      usedBytes += version.sizeBytes[node]!;
      writeUs = addExact(writeUs, version.writeUs[node]!);
      written[node] = 1;
    }
    for (let i = 0; i < version.nodeCount; i++) {
      if (version.autoStored[i] !== 1 || states[i] !== COMPUTE || autoStored.has(version.classOf[i]!)) continue;
      autoStored.add(version.classOf[i]!);
      written[i] = 1;
    }
    if (usedBytes > budgetBytes)
      throw illegal(`${usedBytes} bytes are stored after iteration ${t}; the budget is ${budgetBytes}`);
    computeUs -= segmentDiscountUs(version, states, written);
    costUs = addExact(costUs, computeUs + loadUs + writeUs);
    return { computeUs, loadUs, writeUs, storedBytes: usedBytes, evictedBytes };
  });
  return { costUs, perIteration };
}

/** For each version: reusable result → node. */
export function nodeByResult({ versions, results }: PricedSequence): readonly Map<number, number>[] {
  const maps = versions.map(() => new Map<number, number>());
  results.forEach(({ occurrences }, id) => {
    for (const { version, node } of occurrences) maps[version]!.set(id, node);
  });
  return maps;
}

/** Time saved by charging recorded segments as wholes, by the rule of the loop: first come, first charged. */
function segmentDiscountUs(version: PricedVersion, states: Uint8Array, written: Uint8Array): number {
  if (version.segments.length === 0) return 0;
  const taken = new Uint8Array(version.nodeCount);
  let discountUs = 0;
  for (const { results, last, fusedUs } of version.segments) {
    if (results.some((i) => states[i] !== COMPUTE || taken[i] === 1 || (written[i] === 1 && i !== last))) continue;
    let nodesUs = 0;
    for (const i of results) {
      taken[i] = 1;
      nodesUs += version.computeUs[i]!;
    }
    discountUs += nodesUs - fusedUs;
  }
  return discountUs;
}

function checkPlan(version: PricedVersion, t: number, states: Uint8Array): void {
  const { nodeCount, parentOffsets, parentIds, outputs, ids } = version;
  for (const o of outputs) if (states[o] === PRUNE) throw illegal(`iteration ${t} prunes its output "${ids[o]}"`);
  for (let i = 0; i < nodeCount; i++) {
    if (states[i] !== COMPUTE) continue;
    for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++)
      if (states[parentIds[e]!] === PRUNE)
        throw illegal(`iteration ${t} computes "${ids[i]}" without its input "${ids[parentIds[e]!]}"`);
  }
}

function illegal(message: string): InfeasiblePlanError {
  return new InfeasiblePlanError("oracle", "", message);
}
