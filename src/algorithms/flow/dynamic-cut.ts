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

/** Minimum cut of a network under edits. Node and arc numbers are given by the caller in order of creation. */
export class DynamicCut {
  nodeCount = 0;
  arcCount = 0;
  /** Arcs looked at since the object was made: a measure of work that does not depend on the machine. */
  steps = 0;
  /** Nodes whose side may have changed since {@link takeTouched}; may repeat. */
  readonly #touched: number[] = [];

  #first = new Int32Array(0);
  #parent = new Int32Array(0); // arc towards the parent, or none, terminal, orphan
  #toSink = new Uint8Array(0); // the tree a node is in, if it is in one
  #stamp = new Int32Array(0);
  #distance = new Int32Array(0);
  #terminal = new Float64Array(0); // > 0: residual from the source, < 0: residual to the sink
  #activeNext = new Int32Array(0); // queue of active nodes; none = not queued, itself = last
  #activeFirst = none;
  #activeLast = none;
  #orphans = new Int32Array(64); // ring buffer
  #orphanHead = 0;
  #orphanCount = 0;
  #head = new Int32Array(0);
  #next = new Int32Array(0);
  #residual = new Float64Array(0);
  #time = 0;
  /** Arc at which the growth of the current node goes on after an interruption of adoption. */
  #current = none;

  /** Makes room; contents are kept. */
  reserve(nodes: number, arcs: number): void {
    if (nodes > this.#first.length) {
      const size = Math.max(nodes, Math.ceil(this.#first.length * 1.5), 16);
      this.#first = grownInt(this.#first, size, none);
      this.#parent = grownInt(this.#parent, size, none);
      this.#stamp = grownInt(this.#stamp, size, 0);
      this.#distance = grownInt(this.#distance, size, 0);
      this.#activeNext = grownInt(this.#activeNext, size, none);
      const toSink = new Uint8Array(size);
      toSink.set(this.#toSink);
      this.#toSink = toSink;
      this.#terminal = grownFloat(this.#terminal, size);
    }
    if (arcs > this.#head.length) {
      const size = Math.max(arcs, Math.ceil(this.#head.length * 1.5), 32);
      this.#head = grownInt(this.#head, size, none);
      this.#next = grownInt(this.#next, size, none);
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
    this.#head[a] = to;
    this.#head[a + 1] = from;
    this.#next[a] = this.#first[from]!;
    this.#first[from] = a;
    this.#next[a + 1] = this.#first[to]!;
    this.#first[to] = a + 1;
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
    return this.#parent[v] !== none && this.#toSink[v] === 0;
  }

  /** First arc of a node, −1 if none; with {@link nextArc} and {@link headOf} a way to walk the network. */
  firstArc(v: number): number {
    return this.#first[v]!;
  }
  nextArc(a: number): number {
    return this.#next[a]!;
  }
  headOf(a: number): number {
    return this.#head[a]!;
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
    const from = this.#head[arc ^ 1]!;
    const to = this.#head[arc]!;
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
      this.#stamp.fill(0);
      this.#time = 0;
    }
    this.#time++; // what was known to be rooted may have been cut off by an edit
    if (!this.#adopt(stop)) return false;
    for (;;) {
      let v = this.#current;
      if (v === none || this.#parent[v] === none) v = this.#nextActive();
      this.#current = none;
      if (v === none) return true;
      const meeting = this.#toSink[v] === 0 ? this.#growSource(v) : this.#growSink(v);
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
    if (this.#activeNext[v] !== none) return;
    if (this.#activeLast === none) this.#activeFirst = v;
    else this.#activeNext[this.#activeLast] = v;
    this.#activeNext[v] = v;
    this.#activeLast = v;
  }

  #nextActive(): number {
    for (;;) {
      const v = this.#activeFirst;
      if (v === none) return none;
      const next = this.#activeNext[v]!;
      this.#activeNext[v] = none;
      if (next === v) this.#activeFirst = this.#activeLast = none;
      else this.#activeFirst = next;
      if (this.#parent[v]! !== none && this.#parent[v] !== orphan) return v;
    }
  }

  #pushOrphan(v: number): void {
    if (this.#parent[v] === orphan) return;
    this.#parent[v] = orphan;
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
    if (this.#parent[v] !== none) this.#pushOrphan(v);
  }

  /** The arc has no room left: if it carries a tree, its lower end is cut off. */
  #detach(arc: number): void {
    const from = this.#head[arc ^ 1]!;
    const to = this.#head[arc]!;
    if (this.#parent[to] === (arc ^ 1) && this.#toSink[to] === 0) this.#pushOrphan(to);
    if (this.#parent[from] === arc && this.#toSink[from] === 1) this.#pushOrphan(from);
  }

  /** A node that has a terminal of its own becomes a root of that terminal's tree. */
  #reroot(v: number): void {
    const toSink = this.#terminal[v]! < 0 ? 1 : 0;
    const had = this.#parent[v]!;
    if (had === none || this.#toSink[v] !== toSink) {
      for (let a = this.#first[v]!; a !== none; a = this.#next[a]!) {
        const u = this.#head[a]!;
        if (this.#parent[u] === (a ^ 1)) this.#pushOrphan(u);
        // A passive neighbour of the other tree counts on this arc leading out of reach; should v be freed, it must look again.
        if (this.#toSink[u] !== toSink && this.#residual[toSink === 0 ? a : a ^ 1]! > 0) this.#activate(u);
      }
      this.#toSink[v] = toSink;
      this.#touched.push(v);
    }
    this.#parent[v] = terminal;
    this.#stamp[v] = this.#time;
    this.#distance[v] = 1;
    this.#activate(v);
  }

  #growSource(v: number): number {
    const next = this.#next;
    const head = this.#head;
    const residual = this.#residual;
    const parent = this.#parent;
    const toSink = this.#toSink;
    const stamp = this.#stamp;
    const distance = this.#distance;
    let steps = 0;
    let meeting = none;
    for (let a = this.#first[v]!; a !== none; a = next[a]!) {
      steps++;
      if (residual[a]! <= 0) continue;
      const u = head[a]!;
      const up = parent[u]!;
      if (up === none) {
        toSink[u] = 0;
        parent[u] = a ^ 1;
        stamp[u] = stamp[v]!;
        distance[u] = distance[v]! + 1;
        this.#touched.push(u);
        this.#activate(u);
      } else if (toSink[u] === 1) {
        if (up === orphan) continue;
        meeting = a;
        break;
      } else if (up >= 0 && stamp[u]! <= stamp[v]! && distance[u]! > distance[v]!) {
        parent[u] = a ^ 1;
        stamp[u] = stamp[v]!;
        distance[u] = distance[v]! + 1;
      }
    }
    this.steps += steps;
    return meeting;
  }

  #growSink(v: number): number {
    const next = this.#next;
    const head = this.#head;
    const residual = this.#residual;
    const parent = this.#parent;
    const toSink = this.#toSink;
    const stamp = this.#stamp;
    const distance = this.#distance;
    let steps = 0;
    let meeting = none;
    for (let a = this.#first[v]!; a !== none; a = next[a]!) {
      steps++;
      if (residual[a ^ 1]! <= 0) continue;
      const u = head[a]!;
      const up = parent[u]!;
      if (up === none) {
        toSink[u] = 1;
        parent[u] = a ^ 1;
        stamp[u] = stamp[v]!;
        distance[u] = distance[v]! + 1;
        this.#activate(u);
      } else if (toSink[u] === 0) {
        if (up === orphan) continue;
        meeting = a ^ 1;
        break;
      } else if (up >= 0 && stamp[u]! <= stamp[v]! && distance[u]! > distance[v]!) {
        parent[u] = a ^ 1;
        stamp[u] = stamp[v]!;
        distance[u] = distance[v]! + 1;
      }
    }
    this.steps += steps;
    return meeting;
  }

  /** Sends as much as possible along the path through `middle`, which runs from the source's tree to the sink's. */
  #augment(middle: number): void {
    const residual = this.#residual;
    const parent = this.#parent;
    const head = this.#head;
    let us = residual[middle]!;
    let v = head[middle ^ 1]!;
    let steps = 1;
    for (let a = parent[v]!; a !== terminal; a = parent[v]!) {
      us = Math.min(us, residual[a ^ 1]!);
      v = head[a]!;
      steps++;
    }
    us = Math.min(us, this.#terminal[v]!);
    v = head[middle]!;
    for (let a = parent[v]!; a !== terminal; a = parent[v]!) {
      us = Math.min(us, residual[a]!);
      v = head[a]!;
      steps++;
    }
    us = Math.min(us, -this.#terminal[v]!);

    residual[middle]! -= us;
    residual[middle ^ 1]! += us;
    v = head[middle ^ 1]!;
    for (let a = parent[v]!; a !== terminal; a = parent[v]!) {
      residual[a]! += us;
      residual[a ^ 1]! -= us;
      const u = head[a]!;
      if (residual[a ^ 1] === 0) this.#pushOrphan(v);
      v = u;
    }
    this.#terminal[v]! -= us;
    if (this.#terminal[v] === 0) this.#pushOrphan(v);
    v = head[middle]!;
    for (let a = parent[v]!; a !== terminal; a = parent[v]!) {
      residual[a ^ 1]! += us;
      residual[a]! -= us;
      const u = head[a]!;
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
      if (this.#parent[v] === orphan) this.#adoptOne(v);
    }
    return true;
  }

  #adoptOne(v: number): void {
    const next = this.#next;
    const head = this.#head;
    const residual = this.#residual;
    const parent = this.#parent;
    const toSink = this.#toSink;
    const stamp = this.#stamp;
    const distance = this.#distance;
    const time = this.#time;
    const side = toSink[v]!;
    let steps = 0;
    let best = none;
    let nearest = 0x7fffffff;
    for (let a = this.#first[v]!; a !== none; a = next[a]!) {
      steps++;
      if (residual[side === 0 ? a ^ 1 : a]! <= 0) continue;
      const start = head[a]!;
      if (toSink[start] !== side || parent[start] === none || parent[start] === orphan) continue;
      // Does its path lead to the terminal?
      let u = start;
      let d = 0;
      let rooted = false;
      for (;;) {
        steps++;
        if (stamp[u] === time) {
          d += distance[u]!;
          rooted = true;
          break;
        }
        const up = parent[u]!;
        d++;
        if (up === terminal) {
          stamp[u] = time;
          distance[u] = 1;
          rooted = true;
          break;
        }
        if (up === orphan || up === none) break;
        u = head[up]!;
      }
      if (!rooted) continue;
      if (d < nearest) {
        best = a;
        nearest = d;
      }
      for (u = start; stamp[u] !== time; u = head[parent[u]!]!) {
        stamp[u] = time;
        distance[u] = d--;
      }
    }
    if (best !== none) {
      parent[v] = best;
      stamp[v] = time;
      distance[v] = nearest + 1;
    } else {
      parent[v] = none;
      if (side === 0) this.#touched.push(v);
      for (let a = this.#first[v]!; a !== none; a = next[a]!) {
        steps++;
        const u = head[a]!;
        const up = parent[u]!;
        if (up === none || toSink[u] !== side) continue;
        if (residual[side === 0 ? a ^ 1 : a]! > 0) this.#activate(u);
        if (up === (a ^ 1)) this.#pushOrphan(u);
      }
    }
    this.steps += steps;
  }
}

function grownInt(from: Int32Array, size: number, filler: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(size).fill(filler);
  to.set(from);
  return to;
}

function grownFloat(from: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(size);
  to.set(from);
  return to;
}
