/** The storage part of the Lagrangian bound of the materialization problem. */

/** What fills a storage best. */
export interface Filled {
  /** Stored share of each result, in [0, 1]. */
  readonly share: Float64Array;
  /** Σ worth of what is stored, rounded up. */
  readonly us: number;
}

/** Nodes of the knapsack's search tree; beyond, the fractional answer is taken. */
const knapsackNodes = 20_000;

/**
 * Most worth that fits. Whole results by depth-first search with the fractional fill as bound, which makes the Lagrangian
 * bound stronger than the linear relaxation; if that takes too many nodes, the fractional fill itself, rounded up.
 *
 * @param sizeBytes integers, shape (results)
 * @param budgetBytes Infinity = no limit
 * @param worthUs integers ≥ 0, shape (results)
 */
export function fillKnapsack(sizeBytes: Float64Array, budgetBytes: number, worthUs: Float64Array): Filled {
  const order = Array.from(sizeBytes, (_, v) => v).filter((v) => worthUs[v]! > 0);
  // By worth per byte, those of no bytes first.
  order.sort((a, b) => worthUs[b]! * sizeBytes[a]! - worthUs[a]! * sizeBytes[b]! || a - b);
  const fractional = fillFractionally(order, sizeBytes, worthUs, budgetBytes);
  const share = new Float64Array(sizeBytes.length);
  const whole = fillWhole(order, sizeBytes, worthUs, budgetBytes);
  if (whole === undefined) return fractional;
  let us = 0;
  for (const v of whole) {
    share[v] = 1;
    us += worthUs[v]!;
  }
  return { share, us };
}

function fillFractionally(
  order: readonly number[],
  sizeBytes: Float64Array,
  worthUs: Float64Array,
  budgetBytes: number,
): Filled {
  const share = new Float64Array(sizeBytes.length);
  let leftBytes = budgetBytes;
  let us = 0;
  for (const v of order) {
    const bytes = sizeBytes[v]!;
    if (bytes <= leftBytes) {
      share[v] = 1;
      leftBytes -= bytes;
      us += worthUs[v]!;
      continue;
    }
    share[v] = leftBytes / bytes;
    us += Math.ceil(worthUs[v]! * (leftBytes / bytes) * (1 + 1e-12));
    break;
  }
  return { share, us };
}

/** Best set of whole results, undefined beyond the node limit. */
function fillWhole(
  order: readonly number[],
  sizeBytes: Float64Array,
  worthUs: Float64Array,
  budgetBytes: number,
): readonly number[] | undefined {
  /** No set of the results from position `k` on is worth more than this, rounded up. */
  const atMostUs = (k: number, bytes: number): number => {
    let leftBytes = bytes;
    let us = 0;
    for (let i = k; i < order.length; i++) {
      const size = sizeBytes[order[i]!]!;
      if (size > leftBytes) return us + Math.ceil(worthUs[order[i]!]! * (leftBytes / size) * (1 + 1e-12));
      leftBytes -= size;
      us += worthUs[order[i]!]!;
    }
    return us;
  };
  let best: readonly number[] = [];
  let bestUs = -1;
  const taken: number[] = [];
  let leftBytes = budgetBytes;
  let us = 0;
  let k = 0;
  for (let node = 0; ; node++) {
    if (node > knapsackNodes) return undefined;
    // Down: take whatever fits, as long as more than the best can come of it.
    let isHopeful = us + atMostUs(k, leftBytes) > bestUs;
    while (isHopeful && k < order.length) {
      const v = order[k]!;
      if (sizeBytes[v]! <= leftBytes) {
        taken.push(k);
        leftBytes -= sizeBytes[v]!;
        us += worthUs[v]!;
        k++;
      } else {
        k++;
        isHopeful = us + atMostUs(k, leftBytes) > bestUs;
      }
    }
    if (isHopeful && us > bestUs) {
      best = taken.map((i) => order[i]!);
      bestUs = us;
    }
    // Back: leave out the last one taken.
    const last = taken.pop();
    if (last === undefined) return best;
    leftBytes += sizeBytes[order[last]!]!;
    us -= worthUs[order[last]!]!;
    k = last + 1;
  }
}
