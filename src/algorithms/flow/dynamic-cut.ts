/**
 * A minimum cut that follows changes of its network: search trees from both terminals are kept between changes, so that an
 * edit costs what it disturbs.
 *
 * Source: Boykov and Kolmogorov, PAMI 2004; keeping flow and trees as Kohli and Torr, PAMI 2007.
 * Departures: work is counted and can be interrupted at any number of steps and taken up later, with further edits in
 * between.
 */
import {
  atDistance,
  atFirst,
  atHead,
  atNext,
  atParent,
  atSide,
  atStamp,
  CutTrees,
  none,
  orphan,
  terminal,
} from "./cut-trees.ts";

/** Minimum cut of a network under edits; how it is edited is told at {@link CutTrees}. */
export class DynamicCut extends CutTrees {
  /** Node whose growth goes on after an interruption of adoption. */
  #current = none;

  /**
   * Goes on until the cut is minimum or `limit` further steps are used up.
   *
   * @returns true if it is minimum
   */
  run(limit: number): boolean {
    const stop = this.steps + limit;
    if (this.time > 0x3fffffff) {
      for (let v = 0; v < this.nodeCount; v++) this.node[8 * v + atStamp] = 0;
      this.time = 0;
    }
    this.time++; // what was known to be rooted may have been cut off by an edit
    if (!this.#adopt(stop)) return false;
    for (;;) {
      let v = this.#current;
      if (v === none || this.node[8 * v + atParent] === none) v = this.nextActive();
      this.#current = none;
      if (v === none) return true;
      const meeting = this.#grow(v);
      this.time++;
      if (meeting === none) {
        if (this.steps > stop) return false;
        continue;
      }
      this.#current = v;
      this.#augment(meeting);
      if (!this.#adopt(stop)) {
        this.activate(v);
        return false;
      }
    }
  }

  /** Lets the node's tree take in its neighbours. @returns an arc from the source's tree to the sink's, or none */
  #grow(v: number): number {
    const link = this.link;
    const residual = this.residual;
    const node = this.node;
    const side = node[8 * v + atSide]!;
    let steps = 0;
    let meeting = none;
    for (let a = node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
      steps++;
      if (residual[a ^ side]! <= 0) continue; // the sink's tree grows against the arcs
      const u = link[2 * a + atHead]!;
      const up = node[8 * u + atParent]!;
      if (up === none) {
        node[8 * u + atSide] = side;
        node[8 * u + atParent] = a ^ 1;
        node[8 * u + atStamp] = node[8 * v + atStamp]!;
        node[8 * u + atDistance] = node[8 * v + atDistance]! + 1;
        if (side === 0) this.touch(u);
        this.activate(u);
      } else if (node[8 * u + atSide] !== side) {
        if (up === orphan) continue;
        meeting = a ^ side;
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
    const residual = this.residual;
    const node = this.node;
    const link = this.link;
    let us = residual[middle]!;
    let v = link[2 * (middle ^ 1) + atHead]!;
    let steps = 1;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      us = Math.min(us, residual[a ^ 1]!);
      v = link[2 * a + atHead]!;
      steps++;
    }
    us = Math.min(us, this.terminalUs[v]!);
    v = link[2 * middle + atHead]!;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      us = Math.min(us, residual[a]!);
      v = link[2 * a + atHead]!;
      steps++;
    }
    us = Math.min(us, -this.terminalUs[v]!);

    residual[middle]! -= us;
    residual[middle ^ 1]! += us;
    v = link[2 * (middle ^ 1) + atHead]!;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      residual[a]! += us;
      residual[a ^ 1]! -= us;
      const u = link[2 * a + atHead]!;
      if (residual[a ^ 1] === 0) this.pushOrphan(v);
      v = u;
    }
    this.terminalUs[v]! -= us;
    if (this.terminalUs[v] === 0) this.pushOrphan(v);
    v = link[2 * middle + atHead]!;
    for (let a = node[8 * v + atParent]!; a !== terminal; a = node[8 * v + atParent]!) {
      residual[a ^ 1]! += us;
      residual[a]! -= us;
      const u = link[2 * a + atHead]!;
      if (residual[a] === 0) this.pushOrphan(v);
      v = u;
    }
    this.terminalUs[v]! += us;
    if (this.terminalUs[v] === 0) this.pushOrphan(v);
    this.steps += 2 * steps;
  }

  /** Finds new parents for orphans of either tree. @returns false if interrupted */
  #adopt(stop: number): boolean {
    for (;;) {
      if (this.steps > stop && this.waitingFirst !== none) return false;
      const v = this.nextOrphan();
      if (v === none) return true;
      this.#adoptOne(v);
    }
  }

  #adoptOne(v: number): void {
    const link = this.link;
    const residual = this.residual;
    const node = this.node;
    const time = this.time;
    const side = node[8 * v + atSide]!;
    const before = node[8 * v + atDistance]! - 1;
    let steps = 0;
    let best = none;
    let nearest = 0x7fffffff;
    for (let a = this.node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
      steps++;
      if (residual[a ^ side ^ 1]! <= 0) continue;
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
      if (nearest <= before) break; // as near as the last one was
    }
    if (best !== none) {
      node[8 * v + atParent] = best;
      node[8 * v + atStamp] = time;
      node[8 * v + atDistance] = nearest + 1;
    } else {
      node[8 * v + atParent] = none;
      if (side === 0) this.touch(v);
      for (let a = this.node[8 * v + atFirst]!; a !== none; a = link[2 * a + atNext]!) {
        steps++;
        const u = link[2 * a + atHead]!;
        const up = node[8 * u + atParent]!;
        if (up === none || node[8 * u + atSide] !== side) continue;
        if (residual[a ^ side ^ 1]! > 0) this.activate(u);
        if (up === (a ^ 1)) this.pushOrphan(u);
      }
    }
    this.steps += steps;
  }
}
