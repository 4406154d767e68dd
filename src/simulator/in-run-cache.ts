/**
 * How often KeystoneML computes each result within one run, under its caching policies.
 *
 * Source: Sparks et al., KeystoneML, ICDE 2017, automatic materialization, and its released optimizer.
 * Departures: costs are known, not profiled on samples; learners are no exception; the greedy policy stops when nothing it
 * could cache saves time.
 */
import { addExact } from "../core/units.ts";
import type { InRunCache } from "../core/system.ts";
import type { PreparedVersion } from "./prepare.ts";

/** Size of the in-run cache and what the greedy policy needs to know. */
export interface CacheSetting {
  readonly policy: InRunCache;
  /** Memory of the cache in bytes; Infinity = no limit. Only the greedy policy has one. */
  readonly memoryBytes: number;
}

/**
 * Executions of each result, shape (n): runs(n) = Σ over children of weight(child) · (1 if the child is cached, else
 * runs(child)), 1 for sinks; a cached result is executed once. Undefined means once each. Saturates at Infinity.
 *
 * `none` and `aggressive` O(V + E); `greedy` O(cached · (V + E)).
 *
 * @param costUs expected cost of one execution, shape (n)
 * @param bytes memory a cached result takes, shape (n)
 */
export function executionsOf(
  version: PreparedVersion,
  setting: CacheSetting,
  costUs: Float64Array,
  bytes: (result: number) => number,
): Float64Array | undefined {
  switch (setting.policy) {
    case "none":
      return requests(version, new Uint8Array(version.nodeCount));
    case "greedy":
      return greedy(version, setting.memoryBytes, costUs, bytes);
    case "all":
    case "aggressive":
    default:
      // Caching all that has more than one weighted use leaves chains of single uses: each result is computed once.
      return undefined;
  }
}

/** Weighted requests of each result, given which are cached. */
function requests(version: PreparedVersion, cached: Uint8Array): Float64Array {
  const { nodeCount: n, nodes, parentOffsets, parentIds } = version;
  const runs = new Float64Array(n);
  const hasChild = new Uint8Array(n);
  for (let i = n - 1; i >= 0; i--) {
    if (hasChild[i] === 0) runs[i] = 1;
    const passes = multiply(nodes[i]!.weight ?? 1, cached[i] === 1 ? 1 : runs[i]!);
    for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
      const p = parentIds[e]!;
      hasChild[p] = 1;
      runs[p] = addExact(runs[p]!, passes);
    }
  }
  return runs;
}

function greedy(
  version: PreparedVersion,
  memoryBytes: number,
  costUs: Float64Array,
  bytes: (result: number) => number,
): Float64Array | undefined {
  const { nodeCount: n, nodes, parentOffsets, parentIds } = version;
  let allBytes = 0;
  for (let i = 0; i < n; i++) allBytes += bytes(i);
  if (allBytes <= memoryBytes) return undefined; // it goes on until nothing is executed twice, at whatever order
  const cached = new Uint8Array(n);
  let freeBytes = memoryBytes;
  for (;;) {
    const runs = requests(version, cached);
    // One execution of i, with the uncached results it asks for again.
    const onceUs = new Float64Array(n);
    let best = -1;
    let bestUs = 0;
    for (let i = 0; i < n; i++) {
      let inputsUs = 0;
      for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
        const p = parentIds[e]!;
        if (cached[p] === 0) inputsUs = addExact(inputsUs, onceUs[p]!);
      }
      onceUs[i] = addExact(costUs[i]!, multiply(nodes[i]!.weight ?? 1, inputsUs));
      if (cached[i] === 1 || runs[i]! <= 1 || bytes(i) > freeBytes) continue;
      const savedUs = multiply(runs[i]! - 1, onceUs[i]!);
      if (savedUs > bestUs) {
        best = i;
        bestUs = savedUs;
      }
    }
    if (best < 0) {
      for (let i = 0; i < n; i++) if (cached[i] === 1) runs[i] = 1;
      return runs;
    }
    cached[best] = 1;
    freeBytes -= bytes(best);
  }
}

/** Product that saturates at Infinity beyond 2^53; 0 · Infinity is 0. */
function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : addExact(a * b, 0);
}
