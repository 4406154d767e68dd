/**
 * What a dynamic minimum cut keeps between changes: residual capacities, the two search trees, and who waits for what. Changes of
 * the network are made here; `dynamic-cut.ts` makes the cut minimum again.
 *
 * Source: Boykov and Kolmogorov, PAMI 2004; keeping flow and trees as Kohli and Torr, PAMI 2007.
 * Departures: terminals are implicit, as one signed number per node; nodes and arcs can be added.
 */

/** No node, no arc; as a parent: in no tree. */
export const none = -1;
/** Parent of a root: the terminal itself. */
export const terminal = -2;
/** Parent of a node that lost its tree and waits for adoption. */
export const orphan = -3;

// Fields of a node's record.
/** First arc, or none. */
export const atFirst = 0;
/** Arc towards the parent, or none, terminal, orphan. */
export const atParent = 1;
/** When the way to the terminal was last known to be sound. */
export const atStamp = 2;
/** Length of the way then, in arcs. */
export const atDistance = 3;
/** The tree the node is in, if it is in one: 0 the source's, 1 the sink's. */
export const atSide = 4;
/** Next in the queue of active nodes; none = not queued, itself = last. */
export const atActive = 5;
/** Next in the queue of nodes that lost their tree, as above. */
export const atWaiting = 6;
/** Next in the list of nodes whose side may have changed, as above. */
export const atTouched = 7;
// Fields of an arc's record.
/** Node the arc leads to. */
export const atHead = 0;
/** Next arc of the same tail, or none. */
export const atNext = 1;

/** A network, a flow on it and its search trees. Node and arc numbers are given by the caller in order of creation. */
export class CutTrees {
  nodeCount = 0;
  arcCount = 0;
  /** Arcs looked at since the object was made: a measure of work that does not depend on the machine. */
  steps = 0;
  /** Shape (8 × nodes): one record per node, on one line of the cache; fields at {@link atFirst} …. */
  protected node = new Int32Array(0);
  protected terminalUs = new Float64Array(0); // > 0: residual from the source, < 0: residual to the sink
  protected activeFirst = none;
  protected activeLast = none;
  protected waitingFirst = none;
  protected waitingLast = none;
  protected touchedFirst = none;
  protected touchedLast = none;
  /** Shape (2 × arcs): head and next arc of the same tail; the opposite arc lies beside it. */
  protected link = new Int32Array(0);
  protected residual = new Float64Array(0);
  protected time = 0;

  /** Makes room; contents are kept. */
  reserve(nodes: number, arcs: number): void {
    if (nodes > this.terminalUs.length) {
      const size = Math.max(nodes, Math.ceil(this.terminalUs.length * 1.5), 16);
      const node = new Int32Array(8 * size);
      node.set(this.node);
      for (let at = this.node.length; at < node.length; at += 8) {
        node[at + atFirst] = none;
        node[at + atParent] = none;
        node[at + atActive] = none;
        node[at + atWaiting] = none;
        node[at + atTouched] = none;
      }
      this.node = node;
      this.terminalUs = grownFloat(this.terminalUs, size);
    }
    if (arcs > this.residual.length) {
      const size = Math.max(arcs, Math.ceil(this.residual.length * 1.5), 32);
      const link = new Int32Array(2 * size);
      link.set(this.link);
      this.link = link;
      this.residual = grownFloat(this.residual, size);
    }
  }

  /** Adds a node; `terminalUs` > 0 is capacity from the source, < 0 to the sink. @returns its number */
  addNode(terminalUs: number): number {
    const v = this.nodeCount++;
    this.reserve(this.nodeCount, 0);
    this.terminalUs[v] = terminalUs;
    if (terminalUs !== 0) this.reroot(v);
    return v;
  }

  /** Adds an arc with a residual capacity each way. @returns its number; the opposite one is that + 1 */
  addArc(from: number, to: number, forwardUs: number, backUs: number): number {
    const a = this.arcCount;
    this.arcCount += 2;
    this.reserve(0, this.arcCount);
    this.link[2 * a + atHead] = to;
    this.link[2 * (a + 1) + atHead] = from;
    this.link[2 * a + atNext] = this.node[8 * from + atFirst]!;
    this.node[8 * from + atFirst] = a;
    this.link[2 * (a + 1) + atNext] = this.node[8 * to + atFirst]!;
    this.node[8 * to + atFirst] = a + 1;
    this.residual[a] = forwardUs;
    this.residual[a + 1] = backUs;
    this.activate(from);
    this.activate(to);
    return a;
  }

  /** Flow on an arc whose opposite had no capacity of its own, in the cut's own bookkeeping. */
  flowOf(arc: number): number {
    return this.residual[arc ^ 1]!;
  }

  /** True if the node is on the source side of the cut (valid once the cut is minimum). */
  isSource(v: number): boolean {
    return this.node[8 * v + atParent] !== none && this.node[8 * v + atSide] === 0;
  }

  /** First arc of a node, −1 if none; with {@link nextArc} and {@link headOf} a way to walk the network. */
  firstArc(v: number): number {
    return this.node[8 * v + atFirst]!;
  }
  nextArc(a: number): number {
    return this.link[2 * a + atNext]!;
  }
  headOf(a: number): number {
    return this.link[2 * a + atHead]!;
  }

  /** A node whose side may have changed since it was last returned, none if there is no more; in order of the first change. */
  takeTouched(): number {
    const v = this.touchedFirst;
    if (v === none) return none;
    const next = this.node[8 * v + atTouched]!;
    this.node[8 * v + atTouched] = none;
    if (next === v) this.touchedFirst = this.touchedLast = none;
    else this.touchedFirst = next;
    return v;
  }

  /** Changes the capacity from the source (by +) or to the sink (by −) of a node. O(1) unless the sign changes. */
  addTerminal(v: number, byUs: number): void {
    const before = this.terminalUs[v]!;
    const after = before + byUs;
    this.terminalUs[v] = after;
    if (before > 0 === after > 0 && before < 0 === after < 0) return;
    if (after === 0) {
      if (this.node[8 * v + atParent] !== none) this.pushOrphan(v);
    } else this.reroot(v);
  }

  /**
   * Changes the capacity of a one-way arc. What flows above a smaller capacity is handed back to the ends: that changes every
   * cut by the same constant. O(1) unless the arc is or gets saturated.
   */
  addCapacity(arc: number, byUs: number): void {
    const before = this.residual[arc]!;
    const from = this.link[2 * (arc ^ 1) + atHead]!;
    const to = this.link[2 * arc + atHead]!;
    if (before + byUs >= 0) {
      this.residual[arc] = before + byUs;
      if (before === 0 && byUs > 0) {
        this.activate(from);
        this.activate(to);
      } else if (before + byUs === 0) this.detach(arc);
      return;
    }
    const overUs = -(before + byUs);
    this.residual[arc] = 0;
    this.residual[arc ^ 1]! -= overUs;
    this.detach(arc);
    if (this.residual[arc ^ 1] === 0) this.detach(arc ^ 1);
    this.addTerminal(from, overUs);
    this.addTerminal(to, -overUs);
  }

  protected activate(v: number): void {
    if (this.node[8 * v + atActive] !== none) return;
    if (this.activeLast === none) this.activeFirst = v;
    else this.node[8 * this.activeLast + atActive] = v;
    this.node[8 * v + atActive] = v;
    this.activeLast = v;
  }

  protected nextActive(): number {
    for (;;) {
      const v = this.activeFirst;
      if (v === none) return none;
      const next = this.node[8 * v + atActive]!;
      this.node[8 * v + atActive] = none;
      if (next === v) this.activeFirst = this.activeLast = none;
      else this.activeFirst = next;
      if (this.node[8 * v + atParent]! !== none && this.node[8 * v + atParent] !== orphan) return v;
    }
  }

  protected touch(v: number): void {
    if (this.node[8 * v + atTouched] !== none) return;
    if (this.touchedLast === none) this.touchedFirst = v;
    else this.node[8 * this.touchedLast + atTouched] = v;
    this.node[8 * v + atTouched] = v;
    this.touchedLast = v;
  }

  protected pushOrphan(v: number): void {
    this.node[8 * v + atParent] = orphan;
    if (this.node[8 * v + atWaiting] !== none) return;
    if (this.waitingLast === none) this.waitingFirst = v;
    else this.node[8 * this.waitingLast + atWaiting] = v;
    this.node[8 * v + atWaiting] = v;
    this.waitingLast = v;
  }

  /** Next node that lost its tree, none if there is no more. */
  protected nextOrphan(): number {
    for (;;) {
      const v = this.waitingFirst;
      if (v === none) return none;
      const next = this.node[8 * v + atWaiting]!;
      this.node[8 * v + atWaiting] = none;
      if (next === v) this.waitingFirst = this.waitingLast = none;
      else this.waitingFirst = next;
      if (this.node[8 * v + atParent] === orphan) return v;
    }
  }

  /** The arc has no room left: if it carries a tree, its lower end is cut off. */
  protected detach(arc: number): void {
    const from = this.link[2 * (arc ^ 1) + atHead]!;
    const to = this.link[2 * arc + atHead]!;
    if (this.node[8 * to + atParent] === (arc ^ 1) && this.node[8 * to + atSide] === 0) this.pushOrphan(to);
    if (this.node[8 * from + atParent] === arc && this.node[8 * from + atSide] === 1) this.pushOrphan(from);
  }

  /** A node that has a terminal of its own becomes a root of that terminal's tree. */
  protected reroot(v: number): void {
    const toSink = this.terminalUs[v]! < 0 ? 1 : 0;
    const had = this.node[8 * v + atParent]!;
    if (had === none || this.node[8 * v + atSide] !== toSink) {
      for (let a = this.node[8 * v + atFirst]!; a !== none; a = this.link[2 * a + atNext]!) {
        this.steps++;
        const u = this.link[2 * a + atHead]!;
        if (this.node[8 * u + atParent] === (a ^ 1)) this.pushOrphan(u);
        // A passive neighbour of the other tree counts on this arc leading out of reach; should v be freed, it must look again.
        if (this.node[8 * u + atSide] !== toSink && this.residual[toSink === 0 ? a : a ^ 1]! > 0) this.activate(u);
      }
      this.node[8 * v + atSide] = toSink;
      this.touch(v);
    }
    this.node[8 * v + atParent] = terminal;
    this.node[8 * v + atStamp] = this.time;
    this.node[8 * v + atDistance] = 1;
    this.activate(v);
  }
}

function grownFloat(from: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(size);
  to.set(from);
  return to;
}
