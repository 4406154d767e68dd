/** A network, a flow on it and its search trees, and what edits do to them, as `flow/cut-trees.ts`. */
import { Floats } from "./memory";

export const none: i32 = -1;
export const terminal: i32 = -2;
export const orphan: i32 = -3;

/** 32 bytes: two on a line of the cache. */
@unmanaged
export class CutNode {
  first: i32;
  parent: i32;
  stamp: i32;
  distance: i32;
  side: i32;
  active: i32;
  waiting: i32;
  touched: i32;

  @inline static at(base: usize, v: i32): CutNode {
    return changetype<CutNode>(base + ((<usize>v) << 5));
  }
}

/** 16 bytes; the opposite arc lies beside it. */
@unmanaged
export class CutArc {
  head: i32;
  next: i32;
  residual: f64;

  @inline static at(base: usize, a: i32): CutArc {
    return changetype<CutArc>(base + ((<usize>a) << 4));
  }
}

let nodeCount: i32 = 0;
let arcCount: i32 = 0;
export let nodes: usize = 0;
export let arcs: usize = 0;
export let terminalUs = changetype<Floats>(0);
/** Arcs looked at since {@link takeSteps}. */
export let steps: i32 = 0;
export let time: i32 = 0;
let activeFirst: i32 = none;
let activeLast: i32 = none;
let waitingFirst: i32 = none;
let waitingLast: i32 = none;
let touchedFirst: i32 = none;
let touchedLast: i32 = none;

/** Where the records lie; what is in them is moved by the caller. */
export function place(atNodes: usize, atTerminals: Floats, atArcs: usize): void {
  nodes = atNodes;
  terminalUs = atTerminals;
  arcs = atArcs;
}

export function addSteps(more: i32): void {
  steps += more;
}

export function takeSteps(): i32 {
  const taken = steps;
  steps = 0;
  return taken;
}

/** Forgets what was known to be rooted. */
export function tick(): void {
  if (time > 0x3fffffff) {
    for (let v = 0; v < nodeCount; v++) CutNode.at(nodes, v).stamp = 0;
    time = 0;
  }
  time++;
}

export function addNode(us: f64): void {
  const v = nodeCount++;
  const node = CutNode.at(nodes, v);
  node.first = none;
  node.parent = none;
  node.stamp = 0;
  node.distance = 0;
  node.side = 0;
  node.active = none;
  node.waiting = none;
  node.touched = none;
  terminalUs[v] = us;
  if (us != 0) reroot(v);
}

export function addArc(from: i32, to: i32, forwardUs: f64, backUs: f64): void {
  const a = arcCount;
  arcCount += 2;
  const there = CutArc.at(arcs, a);
  const back = CutArc.at(arcs, a + 1);
  const tail = CutNode.at(nodes, from);
  there.head = to;
  there.next = tail.first;
  there.residual = forwardUs;
  tail.first = a;
  const end = CutNode.at(nodes, to);
  back.head = from;
  back.next = end.first;
  back.residual = backUs;
  end.first = a + 1;
  activate(from);
  activate(to);
}

export function addTerminal(v: i32, byUs: f64): void {
  const before = terminalUs[v];
  const after = before + byUs;
  terminalUs[v] = after;
  if (before > 0 == after > 0 && before < 0 == after < 0) return;
  if (after == 0) {
    if (CutNode.at(nodes, v).parent != none) pushOrphan(v);
  } else reroot(v);
}

export function addCapacity(arc: i32, byUs: f64): void {
  const there = CutArc.at(arcs, arc);
  const back = CutArc.at(arcs, arc ^ 1);
  const before = there.residual;
  const from = back.head;
  const to = there.head;
  if (before + byUs >= 0) {
    there.residual = before + byUs;
    if (before == 0 && byUs > 0) {
      activate(from);
      activate(to);
    } else if (before + byUs == 0) detach(arc);
    return;
  }
  const overUs = -(before + byUs);
  there.residual = 0;
  back.residual -= overUs;
  detach(arc);
  if (back.residual == 0) detach(arc ^ 1);
  addTerminal(from, overUs);
  addTerminal(to, -overUs);
}

export function isSource(v: i32): bool {
  const node = CutNode.at(nodes, v);
  return node.parent != none && node.side == 0;
}

/** Next node whose side may have changed, none if there is no more. */
export function takeTouched(): i32 {
  const v = touchedFirst;
  if (v == none) return none;
  const node = CutNode.at(nodes, v);
  const next = node.touched;
  node.touched = none;
  if (next == v) touchedFirst = touchedLast = none;
  else touchedFirst = next;
  return v;
}

export function touch(v: i32): void {
  const node = CutNode.at(nodes, v);
  if (node.touched != none) return;
  if (touchedLast == none) touchedFirst = v;
  else CutNode.at(nodes, touchedLast).touched = v;
  node.touched = v;
  touchedLast = v;
}

export function activate(v: i32): void {
  const node = CutNode.at(nodes, v);
  if (node.active != none) return;
  if (activeLast == none) activeFirst = v;
  else CutNode.at(nodes, activeLast).active = v;
  node.active = v;
  activeLast = v;
}

export function nextActive(): i32 {
  while (true) {
    const v = activeFirst;
    if (v == none) return none;
    const node = CutNode.at(nodes, v);
    const next = node.active;
    node.active = none;
    if (next == v) activeFirst = activeLast = none;
    else activeFirst = next;
    if (node.parent != none && node.parent != orphan) return v;
  }
}

export function pushOrphan(v: i32): void {
  const node = CutNode.at(nodes, v);
  node.parent = orphan;
  if (node.waiting != none) return;
  if (waitingLast == none) waitingFirst = v;
  else CutNode.at(nodes, waitingLast).waiting = v;
  node.waiting = v;
  waitingLast = v;
}

/** Next node that lost its tree, none if there is no more. */
export function nextOrphan(): i32 {
  while (true) {
    const v = waitingFirst;
    if (v == none) return none;
    const node = CutNode.at(nodes, v);
    const next = node.waiting;
    node.waiting = none;
    if (next == v) waitingFirst = waitingLast = none;
    else waitingFirst = next;
    if (node.parent == orphan) return v;
  }
}

export function hasOrphans(): bool {
  return waitingFirst != none;
}

function detach(arc: i32): void {
  const from = CutArc.at(arcs, arc ^ 1).head;
  const to = CutArc.at(arcs, arc).head;
  const end = CutNode.at(nodes, to);
  if (end.parent == (arc ^ 1) && end.side == 0) pushOrphan(to);
  const start = CutNode.at(nodes, from);
  if (start.parent == arc && start.side == 1) pushOrphan(from);
}

function reroot(v: i32): void {
  const node = CutNode.at(nodes, v);
  const toSink = terminalUs[v] < 0 ? 1 : 0;
  if (node.parent == none || node.side != toSink) {
    for (let a = node.first; a != none; a = CutArc.at(arcs, a).next) {
      steps++;
      const u = CutArc.at(arcs, a).head;
      const other = CutNode.at(nodes, u);
      if (other.parent == (a ^ 1)) pushOrphan(u);
      if (other.side != toSink && CutArc.at(arcs, a ^ toSink).residual > 0) activate(u);
    }
    node.side = toSink;
    touch(v);
  }
  node.parent = terminal;
  node.stamp = time;
  node.distance = 1;
  activate(v);
}
