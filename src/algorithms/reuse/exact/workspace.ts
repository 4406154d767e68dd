/** Arrays that `exact` keeps between calls, so that planning allocates nothing but the plan once they are large enough. */

/** Some needed child that is not settled itself may ask for the node. */
export const needed = 1;
/** The node is available in some optimal plan whatever else is decided: an output, or a parent of a node certainly computed. */
export const available = 2;
/** Loading and computing are both still possible. */
export const open = 4;
/** The node is loaded if it is needed at all. */
export const cut = 8;

/** How far each step of one run got; counts, so that they are the same on every machine. */
export interface ExactStats {
  /** Nodes undecided (or loaded for undecided ones) after one pass up and one down. */
  undecided: number;
  /** Nodes left by the rounds of bounds: the kernel before contraction. */
  kernelNodes: number;
  /** Contraction passes over the kernel. */
  passes: number;
  /** Nodes left by contraction. */
  contractedNodes: number;
  /** Nodes of the flow network; 0 if none was needed. */
  flowNodes: number;
  /** Arcs the flow solver looked at. */
  arcVisits: number;
}

/** State of one planning run; shapes are (capacity), entries beyond the problem's nodes mean nothing. */
export class Workspace {
  capacity = 0;
  /** Upper bound on the price of having the node, in microseconds. */
  priceUs = new Float64Array(0);
  /** Lower bound on what computing the node costs beyond what happens anyway. */
  leastUs = new Float64Array(0);
  /** Bits {@link needed} … {@link cut}; a node without {@link open} and {@link cut} is computed if it is needed. */
  flags = new Uint8Array(0);
  /**
   * Undecided consumers of the node; meaningful for nodes that are needed but not available. Before they are counted, a search
   * keeps here the next arc to follow at each of its depths.
   */
  consumers = new Int32Array(0);
  /** Undecided nodes and the certain loads they may ask for, in descending order; `listed` of them. */
  list = new Int32Array(0);
  listed = 0;
  /** Listed nodes that are available: where undecided regions begin. */
  gates = 0;
  /** For searches: a node was seen iff its entry equals `stamp`. Made by the first search: with many outputs there is none. */
  seen = new Int32Array(0);
  stamp = 0;
  /** Nodes in topological order, when only part of the problem is swept. */
  order = new Int32Array(0);

  readonly stats: ExactStats = {
    undecided: 0,
    kernelNodes: 0,
    passes: 0,
    contractedNodes: 0,
    flowNodes: 0,
    arcVisits: 0,
  };

  /** Begins the counts of a run whose sweep is done. */
  resetStats(): void {
    const { stats } = this;
    stats.undecided = this.listed;
    stats.kernelNodes = 0;
    stats.passes = 0;
    stats.contractedNodes = 0;
    stats.flowNodes = 0;
    stats.arcVisits = 0;
  }

  /** A value that no entry of `seen` has. */
  nextStamp(): number {
    if (this.seen.length < this.capacity) {
      this.seen = new Int32Array(this.capacity);
      this.stamp = 0;
    } else if (this.stamp === 0x7fffffff) {
      this.seen.fill(0);
      this.stamp = 0;
    }
    return ++this.stamp;
  }

  /** Makes room for n nodes; contents are lost when it grows. */
  reserve(n: number): void {
    if (n <= this.capacity) return;
    const size = Math.max(n, Math.min(2 * this.capacity, n + 65_536), 1_024);
    this.capacity = size;
    this.priceUs = new Float64Array(size);
    this.leastUs = new Float64Array(size);
    this.flags = new Uint8Array(size);
    this.consumers = new Int32Array(size);
    this.list = new Int32Array(size);
    this.seen = new Int32Array(0);
    this.order = new Int32Array(size);
  }
}
