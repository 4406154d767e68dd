/**
 * A minimum cut that follows changes of its network: search trees from both terminals are kept between changes, so that an
 * edit costs what it disturbs.
 *
 * Source: Boykov and Kolmogorov, PAMI 2004; keeping flow and trees as Kohli and Torr, PAMI 2007.
 * Departures: work is counted and can be interrupted at any number of steps and taken up later, with further edits in
 * between; terminals are implicit, as one signed number per node; nodes and arcs can be added.
 */

const none = -1;
/** Parent of a root: the terminal itself. */
const terminal = -2;
/** Parent of a node that lost its tree and waits for adoption. */
const orphan = -3;

// Fields of a node's record.
/** First arc. */
const atFirst = 0;
/** Arc towards the parent, or none, terminal, orphan. */
const atParent = 1;
/** When the way to the terminal was last known to be sound, and its length then. */
const atStamp = 2;
const atDistance = 3;
/** The tree the node is in, if it is in one: 0 the source's, 1 the sink's. */
const atSide = 4;
/** Next in the queue of active nodes; none = not queued, itself = last. */
const atActive = 5;
// Fields of an arc's record.
const atHead = 0;
const atNext = 1;

/** Minimum cut of a network under edits. Node and arc numbers are given by the caller in order of creation. */
export class DynamicCut {
  nodeCount = 0;
  arcCount = 0;
  /** Arcs looked at since the object was made: a measure of work that does not depend on the machine. */
  steps = 0;
  /** Nodes whose side may have changed since {@link takeTouched}; may repeat. */
  readonly #touched: number[] = [];

  /** Shape (8 × nodes): one record per node, on one line of the cache; fields at {@link atFirst} …. */
  #node = new Int32Array(0);
  #terminal = new Float64Array(0); // > 0: residual from the source, < 0: residual to the sink
  #activeFirst = none;
  #activeLast = none;
  #orphans = new Int32Array(64); // ring buffer
  #orphanHead = 0;
  #orphanCount = 0;
  /** Shape (2 × arcs): head and next arc of the same tail; the opposite arc lies beside it. */
  #link = new Int32Array(0);
  #residual = new Float64Array(0);
  #time = 0;
  /** Arc at which the growth of the current node goes on after an interruption of adoption. */
  #current = none;

  /** Makes room; contents are kept. */
  reserve(nodes: number, arcs: number): void {
    if (nodes > this.#terminal.length) {
      const size = Math.max(nodes, Math.ceil(this.#terminal.length * 1.5), 16);
      const node = new Int32Array(8 * size);
      node.set(this.#node);
      for (let at = this.#node.length; at < node.length; at += 8) {
        node[at + atFirst] = none;
        node[at + atParent] = none;
        node[at + atActive] = none;
      }
      this.#node = node;
      this.#terminal = grownFloat(this.#terminal, size);
    }
    if (arcs > this.#residual.length) {
      const size = Math.max(arcs, Math.ceil(this.#residual.length * 1.5), 32);
      const link = new Int32Array(2 * size);
      link.set(this.#link);
      this.#link = link;
      this.#residual = grownFloat(this.#residual, size);
    }
  }

  /** Adds a node; `terminalUs` > 0 is capacity from the source, < 0 to the sink. @returns its number */
  addNode(terminalUs: number): number {
    const v = this.nodeCount++;
    this.reserve(this.nodeCount, 0);
    this.#terminal[v] = terminalUs;
    if (terminalUs !== 0) this.#reroot(v);
    return v;
  }

  /** Adds an arc with a residual capacity each way. @returns its number; the opposite one is that + 1 */
  addArc(from: number, to: number, forwardUs: number, backUs: number): number {
    const a = this.arcCount;
    this.arcCount += 2;
    this.reserve(0, this.arcCount);
    this.#link[2 * a + atHead] = to;
    this.#link[2 * (a + 1) + atHead] = from;
    this.#link[2 * a + atNext] = this.#node[8 * from + atFirst]!;
    this.#node[8 * from + atFirst] = a;
    this.#link[2 * (a + 1) + atNext] = this.#node[8 * to + atFirst]!;
    this.#node[8 * to + atFirst] = a + 1;
    this.#residual[a] = forwardUs;
    this.#residual[a + 1] = backUs;
    this.#activate(from);
    this.#activate(to);
    return a;
  }

  /** Flow on an arc whose opposite had no capacity of its own, in the cut's own bookkeeping. */
  flowOf(arc: number): number {
    return this.#residual[arc ^ 1]!;
  }

  /** True if the node is on the source side of the cut (valid once {@link run} has finished). */
  isSource(v: number): boolean {
    return this.#node[8 * v + atParent] !== none && this.#node[8 * v + atSide] === 0;
  }

  /** First arc of a node, −1 if none; with {@link nextArc} and {@link headOf} a way to walk the network. */
  firstArc(v: number): number {
    return this.#node[8 * v + atFirst]!;
  }
  nextArc(a: number): number {
    return this.#link[2 * a + atNext]!;
  }
  headOf(a: number): number {
    return this.#link[2 * a + atHead]!;
  }

  /** Nodes whose side may have changed since the last call; empties the list. */
  takeTouched(): readonly number[] {
    return this.#touched.splice(0);
  }

  /** Changes the capacity from the source (by +) or to the sink (by −) of a node. O(1) unless the sign changes. */
  addTerminal(v: number, byUs: number): void {
    const before = this.#terminal[v]!;
    const after = before + byUs;
    this.#terminal[v] = after;
    if (before > 0 === after > 0 && before < 0 === after < 0) return;
    if (after === 0) this.#orphan(v);
    else this.#reroot(v);
  }

  /**
   * Changes the capacity of a one-way arc. What flows above a smaller capacity is handed back to the ends: that changes every
   * cut by the same constant. O(1) unless the arc is or gets saturated.
   */
  addCapacity(arc: number, byUs: number): void {
    const before = this.#residual[arc]!;
    const from = this.#link[2 * (arc ^ 1) + atHead]!;
    const to = this.#link[2 * arc + atHead]!;
    if (before + byUs >= 0) {
      this.#residual[arc] = before + byUs;
      if (before === 0 && byUs > 0) {
        this.#activate(from);
        this.#activate(to);
      } else if (before + byUs === 0) this.#detach(arc);
      return;
    }
    const overUs = -(before + byUs);
    this.#residual[arc] = 0;
    this.#residual[arc ^ 1]! -= overUs;
    this.#detach(arc);
    if (this.#residual[arc ^ 1] === 0) this.#detach(arc ^ 1);
    this.addTerminal(from, overUs);
    this.addTerminal(to, -overUs);
  }

  /**
   * Goes on until the cut is minimum or `limit` further steps are used up.
   *
   * @returns true if it is minimum
   */
  run(limit: number): boolean {
    const stop = this.steps + limit;
    if (this.#time > 0x3fffffff) {
      for (let v = 0; v < this.nodeCount; v++) this.#node[8 * v + atStamp] = 0;
      this.#time = 0;
    }
    this.#time++; // what was known to be rooted may have been cut off by an edit
    if (!this.#adopt(stop)) return false;
    for (;;) {
      let v = this.#current;
      if (v === none || this.#node[8 * v + atParent] === none) v = this.#nextActive();
      this.#current = none;
      if (v === none) return true;
      const meeting = this.#node[8 * v + atSide] === 0 ? this.#growSource(v) : this.#growSink(v);
      this.#time++;
      if (meeting === none) {
        if (this.steps > stop) return false;
        continue;
      }
      this.#current = v;
      this.#augment(meeting);
      if (!this.#adopt(stop)) {
        this.#activate(v);
        return false;
      }
    }
  }

  #activate(v: number): void {
    if (this.#node[8 * v + atActive] !== none) return;
    if (this.#activeLast === none) this.#activeFirst = v;
    else this.#node[8 * this.#activeLast + atActive] = v;
    this.#node[8 * v + atActive] = v;
    this.#activeLast = v;
  }

  #nextActive(): number {
    for (;;) {
      const v = this.#activeFirst;
      if (v === none) return none;
      const next = this.#node[8 * v + atActive]!;
      this.#node[8 * v + atActive] = none;
      if (next === v) this.#activeFirst = this.#activeLast = none;
      else this.#activeFirst = next;
      if (this.#node[8 * v + atParent]! !== none && this.#node[8 * v + atParent] !== orphan) return v;
    }
  }

  #pushOrphan(v: number): void {
    if (this.#node[8 * v + atParent] === orphan) return;
    this.#node[8 * v + atParent] = orphan;
    const size = this.#orphans.length;
    if (this.#orphanCount === size) {
      const larger = new Int32Array(2 * size);
      for (let i = 0; i < size; i++) larger[i] = this.#orphans[(this.#orphanHead + i) % size]!;
      this.#orphans = larger;
      this.#orphanHead = 0;
    }
    this.#orphans[(this.#orphanHead + this.#orphanCount++) % this.#orphans.length] = v;
  }

  /** A node that lost its terminal: looks for another parent if it was in a tree. */
  #orphan(v: number): void {
    if (this.#node[8 * v + atParent] !== none) this.#pushOrphan(v);
  }

  /** The arc has no room left: if it carries a tree, its lower end is cut off. */
  #detach(arc: number): void {
    const from = this.#link[2 * (arc ^ 1) + atHead]!;
    const to = this.#link[2 * arc + atHead]!;
    if (this.#node[8 * to + atParent] === (arc ^ 1) && this.#node[8 * to + atSide] === 0) this.#pushOrphan(to);
    if (this.#node[8 * from + atParent] === arc && this.#node[8 * from + atSide] === 1) this.#pushOrphan(from);
  }

  /** A node that has a terminal of its own becomes a root of that terminal's tree. */
  #reroot(v: number): void {
    const toSink = this.#terminal[v]! < 0 ? 1 : 0;
    const had = this.#node[8 * v + atParent]!;
    if (had === none || this.#node[8 * v + atSide] !== toSink) {
      for (let a = this.#node[8 * v + atFirst]!; a !== none; a = this.#link[2 * a + atNext]!) {
        const u = this.#link[2 * a + atHead]!;
        if (this.#node[8 * u + atParent] === (a ^ 1)) this.#pushOrphan(u);
        // A passive neighbour of the other tree counts on this arc leading out of reach; should v be freed, it must look again.
        if (this.#node[8 * u + atSide] !== toSink && this.#residual[toSink === 0 ? a : a ^ 1]! > 0) this.#activate(u);
      }
      this.#node[8 * v + atSide] = toSink;
      this.#touched.push(v);
    }
    this.#node[8 * v + atParent] = terminal;
    this.#node[8 * v + atStamp] = this.#time;
    this.#node[8 * v + atDistance] = 1;
    this.#activate(v);
  }

  #growSource(v: number): number {
    const link = this.#link;
    const residual = this.#residual;
    const node = this.#node;
    let steps = 0;
    let meeting = none;
    for (let a = this.#node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
      steps++;
      if (residual[a]! <= 0) continue;
      const u = link[2 * a + atHead]!;
      const up = node[8 * u + atParent]!;
      if (up === none) {
        node[8 * u + atSide] = 0;
        node[8 * u + atParent] = a ^ 1;
        node[8 * u + atStamp] = node[8 * v + atStamp]!;
        node[8 * u + atDistance] = node[8 * v + atDistance]! + 1;
        this.#touched.push(u);
        this.#activate(u);
      } else if (node[8 * u + atSide] === 1) {
        if (up === orphan) continue;
        meeting = a;
        break;
      } else if (
        up >= 0 &&
        node[8 * u + atStamp]! <= node[8 * v + atStamp]! &&
        node[8 * u + atDistance]! > node[8 * v + atDistance]!
      ) {
        node[8 * u + atParent] = a ^ 1;
        node[8 * u + atStamp] = node[8 * v + atStamp]!;
        node[8 * u + atDistance] = node[8 * v + atDistance]! + 1;
      }
    }
    this.steps += steps;
    return meeting;
  }

  #growSink(v: number): number {
    const link = this.#link;
    const residual = this.#residual;
    const node = this.#node;
    let steps = 0;
    let meeting = none;
    for (let a = this.#node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
      steps++;
      if (residual[a ^ 1]! <= 0) continue;
      const u = link[2 * a + atHead]!;
      const up = node[8 * u + atParent]!;
      if (up === none) {
        node[8 * u + atSide] = 1;
        node[8 * u + atParent] = a ^ 1;
        node[8 * u + atStamp] = node[8 * v + atStamp]!;
        node[8 * u + atDistance] = node[8 * v + atDistance]! + 1;
        this.#activate(u);
      } else if (node[8 * u + atSide] === 0) {
        if (up === orphan) continue;
        meeting = a ^ 1;
        break;
      } else if (
        up >= 0 &&
        node[8 * u + atStamp]! <= node[8 * v + atStamp]! &&
        node[8 * u + atDistance]! > node[8 * v + atDistance]!
      ) {
        node[8 * u + atParent] = a ^ 1;
        node[8 * u + atStamp] = node[8 * v + atStamp]!;
        node[8 * u + atDistance] = node[8 * v + atDistance]! + 1;
      }
    }
    this.steps += steps;
    return meeting;
  }

  /** Sends as much as possible along the path through `middle`, which runs from the source's tree to the sink's. */
  #augment(middle: number): void {
    const residual = this.#residual;
    const node = this.#node;
    const link = this.#link;
    let us = residual[middle]!;
    let v = link[2 * (middle ^ 1) + atHead]!;
    let steps = 1;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      us = Math.min(us, residual[a ^ 1]!);
      v = link[2 * a + atHead]!;
      steps++;
    }
    us = Math.min(us, this.#terminal[v]!);
    v = link[2 * middle + atHead]!;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      us = Math.min(us, residual[a]!);
      v = link[2 * a + atHead]!;
      steps++;
    }
    us = Math.min(us, -this.#terminal[v]!);

    residual[middle]! -= us;
    residual[middle ^ 1]! += us;
    v = link[2 * (middle ^ 1) + atHead]!;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      residual[a]! += us;
      residual[a ^ 1]! -= us;
      const u = link[2 * a + atHead]!;
      if (residual[a ^ 1] === 0) this.#pushOrphan(v);
      v = u;
    }
    this.#terminal[v]! -= us;
    if (this.#terminal[v] === 0) this.#pushOrphan(v);
    v = link[2 * middle + atHead]!;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      residual[a ^ 1]! += us;
      residual[a]! -= us;
      const u = link[2 * a + atHead]!;
      if (residual[a] === 0) this.#pushOrphan(v);
      v = u;
    }
    this.#terminal[v]! += us;
    if (this.#terminal[v] === 0) this.#pushOrphan(v);
    this.steps += 2 * steps;
  }

  /** Finds new parents for orphans of either tree. @returns false if interrupted */
  #adopt(stop: number): boolean {
    while (this.#orphanCount > 0) {
      if (this.steps > stop) return false;
      const v = this.#orphans[this.#orphanHead]!;
      this.#orphanHead = (this.#orphanHead + 1) % this.#orphans.length;
      this.#orphanCount--;
      if (this.#node[8 * v + atParent] === orphan) this.#adoptOne(v);
    }
    return true;
  }

  #adoptOne(v: number): void {
    const link = this.#link;
    const residual = this.#residual;
    const node = this.#node;
    const time = this.#time;
    const side = node[8 * v + atSide]!;
    let steps = 0;
    let best = none;
    let nearest = 0x7fffffff;
    for (let a = this.#node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
      steps++;
      if (residual[side === 0 ? a ^ 1 : a]! <= 0) continue;
      const start = link[2 * a + atHead]!;
      if (
        node[8 * start + atSide] !== side ||
        node[8 * start + atParent] === none ||
        node[8 * start + atParent] === orphan
      )
        continue;
      // Does its path lead to the terminal?
      let u = start;
      let d = 0;
      let rooted = false;
      for (;;) {
        steps++;
        if (node[8 * u + atStamp] === time) {
          d += node[8 * u + atDistance]!;
          rooted = true;
          break;
        }
        const up = node[8 * u + atParent]!;
        d++;
        if (up === terminal) {
          node[8 * u + atStamp] = time;
          node[8 * u + atDistance] = 1;
          rooted = true;
          break;
        }
        if (up === orphan || up === none) break;
        u = link[2 * up + atHead]!;
      }
      if (!rooted) continue;
      if (d < nearest) {
        best = a;
        nearest = d;
      }
      for (u = start; node[8 * u + atStamp] !== time; u = link[2 * node[8 * u + atParent]! + atHead]!) {
        node[8 * u + atStamp] = time;
        node[8 * u + atDistance] = d--;
      }
    }
    if (best !== none) {
      node[8 * v + atParent] = best;
      node[8 * v + atStamp] = time;
      node[8 * v + atDistance] = nearest + 1;
    } else {
      node[8 * v + atParent] = none;
      if (side === 0) this.#touched.push(v);
      for (let a = this.#node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
        steps++;
        const u = link[2 * a + atHead]!;
        const up = node[8 * u + atParent]!;
        if (up === none || node[8 * u + atSide] !== side) continue;
        if (residual[side === 0 ? a ^ 1 : a]! > 0) this.#activate(u);
        if (up === (a ^ 1)) this.#pushOrphan(u);
      }
    }
    this.steps += steps;
  }
}

function grownFloat(from: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(size);
  to.set(from);
  return to;
}
