import { picked, type ParentPool } from "./experiment-graph-retire.ts";

/** Base of the low half of the weights. */
const base = 0x1_0000_0000;
/** Weight of one version of a vertex of one byte: 2^60. */
const unit = 1n << 60n;

/**
 * The sum over all vertices of frequency × recreation cost ÷ size, kept up to date as costs, sizes and frequencies change.
 *
 * With w(v) = frequency(v) · ⌊2^60 ÷ size(v)⌋ and D(a) = Σ w over a and all that follows from it, the sum is Σ t(a)·D(a): a
 * vertex whose cost changes touches its own D only, one whose weight changes touches those of its ancestors. So an update
 * costs O(ancestors + their edges), however many other vertices there are. All numbers are integers, so the sum is exact: it
 * equals a recount in any order. Exact while Σ frequency ÷ size stays below 2^25 per byte.
 */
export class RateSums {
  readonly #parents: ParentPool;
  #computeUs: number[] = [];
  #sizeBytes: number[] = [];
  /** {@link inverse} of each size. */
  #inverse: bigint[] = [];
  #frequency: number[] = [];
  /** D in two halves: high · 2^32 + low. */
  #high: number[] = [];
  #low: number[] = [];
  #total = 0n;
  #seen = new Int32Array(64);
  #walk = 0;
  readonly #stack: number[] = [];
  /** Recreation costs found since the last change, and the number of changes before them. By vertex. */
  #knownUs: number[] = [];
  #knownAt: number[] = [];
  #changes = 0;
  /** Σ compute costs of ancestors that were retired, of vertices that have some. */
  #goneUs = new Map<number, number>();

  constructor(parents: ParentPool) {
    this.#parents = parents;
  }

  /** Σ frequency · recreation cost · ⌊2^60 ÷ size⌋ over all vertices. */
  get total(): bigint {
    return this.#total;
  }

  computeUs(vertex: number): number {
    return this.#computeUs[vertex]!;
  }
  sizeBytes(vertex: number): number {
    return this.#sizeBytes[vertex]!;
  }
  frequency(vertex: number): number {
    return this.#frequency[vertex]!;
  }

  /** Makes room for the next vertex, of weight 0; its parents are in the pool already. */
  add(): void {
    this.#computeUs.push(0);
    this.#sizeBytes.push(0);
    this.#inverse.push(inverse(0));
    this.#frequency.push(0);
    this.#high.push(0);
    this.#low.push(0);
    this.#knownUs.push(0);
    this.#knownAt.push(-1);
  }

  /** Changes what is known of a vertex. O(ancestors + their edges). */
  set(vertex: number, frequency: number, computeUs: number, sizeBytes: number): void {
    const beforeUs = this.#computeUs[vertex]!;
    if (computeUs !== beforeUs) {
      this.#changes++;
      const weight = BigInt(this.#high[vertex]!) * BigInt(base) + BigInt(this.#low[vertex]!);
      this.#total += BigInt(computeUs - beforeUs) * weight;
      this.#computeUs[vertex] = computeUs;
    }
    const before = this.#inverse[vertex]!;
    const after = sizeBytes === this.#sizeBytes[vertex] ? before : inverse(sizeBytes);
    const isOnceMore = after === before && frequency === this.#frequency[vertex]! + 1;
    const grows = isOnceMore ? after : BigInt(frequency) * after - BigInt(this.#frequency[vertex]!) * before;
    this.#frequency[vertex] = frequency;
    this.#sizeBytes[vertex] = sizeBytes;
    this.#inverse[vertex] = after;
    if (grows === 0n) return;
    const size = grows < 0n ? -grows : grows;
    const sign = grows < 0n ? -1 : 1;
    const high = sign * Number(size >> 32n);
    const low = sign * Number(size & 0xffff_ffffn);
    this.#total += grows * BigInt(this.#visit(vertex, high, low));
  }

  /** Σ computeUs over a vertex and the set of its ancestors. O(ancestors + their edges), O(1) until a cost changes. */
  recreationUs(vertex: number): number {
    if (this.#knownAt[vertex] === this.#changes) return this.#knownUs[vertex]!;
    const us = this.#visit(vertex, 0, 0) + (this.#goneUs.get(vertex) ?? 0);
    this.#knownAt[vertex] = this.#changes;
    this.#knownUs[vertex] = us;
    return us;
  }

  /**
   * Keeps some vertices only, under new ids; the sum stays what it is. Costs, sizes and frequencies of the others, and of what
   * follows from them, do not change any more.
   *
   * @param kept ascending, closed but for ancestors that go
   * @param goneUs Σ compute costs of the ancestors of each that go, shape (kept)
   */
  retain(kept: Int32Array, goneUs: Float64Array): void {
    const before = this.#goneUs;
    this.#goneUs = new Map();
    for (const [at, vertex] of kept.entries()) {
      const us = (before.get(vertex) ?? 0) + goneUs[at]!;
      if (us > 0) this.#goneUs.set(at, us);
    }
    this.#computeUs = picked(this.#computeUs, kept);
    this.#sizeBytes = picked(this.#sizeBytes, kept);
    this.#inverse = picked(this.#inverse, kept);
    this.#frequency = picked(this.#frequency, kept);
    this.#high = picked(this.#high, kept);
    this.#low = picked(this.#low, kept);
    this.#knownUs = picked(this.#knownUs, kept);
    this.#knownAt = picked(this.#knownAt, kept);
    this.#seen = new Int32Array(Math.max(64, kept.length));
    this.#walk = 0;
  }

  /** frequency × recreation cost ÷ bytes as a share of the sum over all vertices. */
  share(vertex: number, bytes: number): number {
    if (this.#total === 0n) return 0;
    const rate = BigInt(this.#frequency[vertex]!) * BigInt(this.recreationUs(vertex)) * inverse(bytes);
    return Number(rate) / Number(this.#total);
  }

  /** Goes through a vertex and its ancestors once each, adding to their D. @returns Σ of their compute costs */
  #visit(vertex: number, high: number, low: number): number {
    const { offsets, ids } = this.#parents;
    if (this.#seen.length < this.#computeUs.length) {
      const grown = new Int32Array(2 * this.#computeUs.length);
      grown.set(this.#seen);
      this.#seen = grown;
    }
    if (this.#walk === 0x7fff_ffff) {
      this.#seen.fill(0);
      this.#walk = 0;
    }
    const stamp = ++this.#walk;
    const seen = this.#seen;
    const stack = this.#stack;
    stack.push(vertex);
    seen[vertex] = stamp;
    let us = 0;
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      us += this.#computeUs[v]!;
      if (high !== 0 || low !== 0) {
        const sum = this.#low[v]! + low;
        const carry = Math.floor(sum / base);
        this.#low[v] = sum - carry * base;
        this.#high[v]! += high + carry;
      }
      for (let e = offsets[v]!; e < offsets[v + 1]!; e++) {
        const p = ids[e]!;
        if (seen[p] === stamp) continue;
        seen[p] = stamp;
        stack.push(p);
      }
    }
    return us;
  }
}

/** ⌊2^60 ÷ bytes⌋; nothing is smaller than a byte. */
export function inverse(bytes: number): bigint {
  return unit / BigInt(Math.max(1, bytes));
}
