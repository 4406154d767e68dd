/**
 * The network that `cut-solver.ts` solves: arcs as they are described, then grouped by node. Arrays are kept from one network to the next.
 */

/** Networks of so many arcs have arrays of their own whatever is lent. */
const smallNetwork = 1 << 14;

/** Arrays over the arcs, `residual`, `head` and `mate` over both directions of each. */
interface ArcArrays {
  readonly capacities: Float64Array<ArrayBuffer>;
  readonly flows: Float64Array<ArrayBuffer>;
  readonly residual: Float64Array<ArrayBuffer>;
  readonly head: Int32Array<ArrayBuffer>;
  readonly mate: Int32Array<ArrayBuffer>;
}

/** Cuts the arrays out of larger ones, of 4 × `arcs` elements at least. */
function arcArrays(arcs: number, floats = new Float64Array(4 * arcs), ints = new Int32Array(4 * arcs)): ArcArrays {
  return {
    capacities: floats.subarray(0, arcs),
    flows: floats.subarray(arcs, 2 * arcs),
    residual: floats.subarray(2 * arcs, 4 * arcs),
    head: ints.subarray(0, 2 * arcs),
    mate: ints.subarray(2 * arcs, 4 * arcs),
  };
}

/** A network with supplies and drains. Describe it with {@link begin} and {@link arc}. */
export class CutNetwork {
  /** Shape (n): capacity from the source; set by the caller after {@link begin}. */
  supply = new Float64Array(0);
  /** Shape (n): capacity to the sink; as `supply`. */
  drain = new Float64Array(0);
  protected arcCount = 0;
  protected tails = new Int32Array(0);
  protected heads = new Int32Array(0);
  /** Arrays of the last network: its own, or laid over lent ones. */
  protected capacities = new Float64Array(0);
  protected flows = new Float64Array(0);
  #own = arcArrays(0);
  protected firstArc = new Int32Array(1);
  protected fill = new Int32Array(0);
  protected head = new Int32Array(0);
  protected mate = new Int32Array(0);
  protected residual = new Float64Array(0);

  /**
   * Starts a network of at most `nodes` nodes and `arcs` arcs; supplies and drains are zero. If it is large, arrays that the caller
   * does not need until it is solved save memory; what is in them is lost.
   */
  begin(nodes: number, arcs: number, lentFloats?: Float64Array<ArrayBuffer>, lentInts?: Int32Array<ArrayBuffer>): void {
    if (nodes > this.supply.length) {
      const size = Math.max(nodes, Math.min(2 * this.supply.length, nodes + 65_536), 128);
      this.supply = new Float64Array(size);
      this.drain = new Float64Array(size);
      this.firstArc = new Int32Array(size + 1);
      this.fill = new Int32Array(size);
    } else {
      this.supply.fill(0, 0, nodes);
      this.drain.fill(0, 0, nodes);
    }
    if (arcs > this.tails.length) {
      const size = Math.max(arcs, Math.min(2 * this.tails.length, arcs + 65_536), 256);
      this.tails = new Int32Array(size);
      this.heads = new Int32Array(size);
    }
    this.#takeArcArrays(arcs, lentFloats, lentInts);
    this.arcCount = 0;
  }

  #takeArcArrays(arcs: number, floats?: Float64Array<ArrayBuffer>, ints?: Int32Array<ArrayBuffer>): void {
    const isLent =
      arcs > smallNetwork &&
      floats !== undefined &&
      ints !== undefined &&
      4 * arcs <= Math.min(floats.length, ints.length);
    if (!isLent && arcs > this.#own.capacities.length)
      this.#own = arcArrays(Math.max(arcs, Math.min(2 * this.#own.capacities.length, arcs + 65_536), 256));
    const own = isLent ? arcArrays(arcs, floats, ints) : this.#own;
    this.capacities = own.capacities;
    this.flows = own.flows;
    this.residual = own.residual;
    this.head = own.head;
    this.mate = own.mate;
  }

  /**
   * Adds an arc; capacities are integers, "unlimited" is anything above the sum of all drains. Any order will do; the start is
   * best if tails ascend and every head is smaller than its tail.
   */
  arc(tail: number, head: number, capacity: number): void {
    const a = this.arcCount++;
    this.tails[a] = tail;
    this.heads[a] = head;
    this.capacities[a] = capacity;
  }

  /** Groups the arcs of the first n nodes by node, turned around. */
  protected layOut(n: number): void {
    const arcs = this.arcCount;
    const tails = this.tails;
    const heads = this.heads;
    const firstArc = this.firstArc;
    const fill = this.fill;
    firstArc.fill(0, 0, n + 1);
    for (let a = 0; a < arcs; a++) {
      firstArc[tails[a]! + 1]!++;
      firstArc[heads[a]! + 1]!++;
    }
    for (let v = 0; v < n; v++) {
      firstArc[v + 1]! += firstArc[v]!;
      fill[v] = firstArc[v]!;
    }
    for (let a = 0; a < arcs; a++) {
      const from = heads[a]!;
      const to = tails[a]!;
      const there = fill[from]!++;
      const back = fill[to]!++;
      this.head[there] = to;
      this.head[back] = from;
      this.mate[there] = back;
      this.mate[back] = there;
      this.residual[there] = this.capacities[a]!;
      this.residual[back] = this.flows[a]!;
    }
  }
}
