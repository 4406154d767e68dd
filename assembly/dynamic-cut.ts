/** Makes the cut minimum again after edits, as `flow/dynamic-cut.ts`. */
import * as t from "./cut-trees";
import { activate, CutArc, CutNode, none, orphan, pushOrphan, terminal, touch } from "./cut-trees";

/** Node whose growth goes on after an interruption of adoption. */
let current: i32 = none;

export function run(limit: i32): bool {
  const stop = t.steps + limit;
  t.tick();
  if (!adopt(stop)) return false;
  while (true) {
    let v = current;
    if (v == none || CutNode.at(t.nodes, v).parent == none) v = t.nextActive();
    current = none;
    if (v == none) return true;
    const meeting = grow(v);
    t.tick();
    if (meeting == none) {
      if (t.steps > stop) return false;
      continue;
    }
    current = v;
    augment(meeting);
    if (!adopt(stop)) {
      activate(v);
      return false;
    }
  }
}

function grow(v: i32): i32 {
  const nodes = t.nodes;
  const arcs = t.arcs;
  const node = CutNode.at(nodes, v);
  const side = node.side;
  const stamp = node.stamp;
  const distance = node.distance;
  let steps = 0;
  let meeting = none;
  for (let a = node.first; a != none; a = CutArc.at(arcs, a).next) {
    steps++;
    if (CutArc.at(arcs, a ^ side).residual <= 0) continue;
    const u = CutArc.at(arcs, a).head;
    const other = CutNode.at(nodes, u);
    const up = other.parent;
    if (up == none) {
      other.side = side;
      other.parent = a ^ 1;
      other.stamp = stamp;
      other.distance = distance + 1;
      if (side == 0) touch(u);
      activate(u);
    } else if (other.side != side) {
      if (up == orphan) continue;
      meeting = a ^ side;
      break;
    } else if (up >= 0 && other.stamp <= stamp && other.distance > distance) {
      other.parent = a ^ 1;
      other.stamp = stamp;
      other.distance = distance + 1;
    }
  }
  t.addSteps(steps);
  return meeting;
}

function augment(middle: i32): void {
  const nodes = t.nodes;
  const arcs = t.arcs;
  const terminalUs = t.terminalUs;
  const there = CutArc.at(arcs, middle);
  const back = CutArc.at(arcs, middle ^ 1);
  let us = there.residual;
  let v = back.head;
  let steps = 1;
  for (let a = CutNode.at(nodes, v).parent; a != terminal; a = CutNode.at(nodes, v).parent) {
    us = min(us, CutArc.at(arcs, a ^ 1).residual);
    v = CutArc.at(arcs, a).head;
    steps++;
  }
  us = min(us, terminalUs[v]);
  v = there.head;
  for (let a = CutNode.at(nodes, v).parent; a != terminal; a = CutNode.at(nodes, v).parent) {
    us = min(us, CutArc.at(arcs, a).residual);
    v = CutArc.at(arcs, a).head;
    steps++;
  }
  us = min(us, -terminalUs[v]);

  there.residual -= us;
  back.residual += us;
  v = back.head;
  for (let a = CutNode.at(nodes, v).parent; a != terminal; a = CutNode.at(nodes, v).parent) {
    const up = CutArc.at(arcs, a);
    const down = CutArc.at(arcs, a ^ 1);
    up.residual += us;
    down.residual -= us;
    if (down.residual == 0) pushOrphan(v);
    v = up.head;
  }
  terminalUs[v] -= us;
  if (terminalUs[v] == 0) pushOrphan(v);
  v = there.head;
  for (let a = CutNode.at(nodes, v).parent; a != terminal; a = CutNode.at(nodes, v).parent) {
    const up = CutArc.at(arcs, a);
    const down = CutArc.at(arcs, a ^ 1);
    down.residual += us;
    up.residual -= us;
    if (up.residual == 0) pushOrphan(v);
    v = up.head;
  }
  terminalUs[v] += us;
  if (terminalUs[v] == 0) pushOrphan(v);
  t.addSteps(2 * steps);
}

function adopt(stop: i32): bool {
  while (true) {
    if (t.steps > stop && t.hasOrphans()) return false;
    const v = t.nextOrphan();
    if (v == none) return true;
    adoptOne(v);
  }
}

function adoptOne(v: i32): void {
  const nodes = t.nodes;
  const arcs = t.arcs;
  const time = t.time;
  const node = CutNode.at(nodes, v);
  const side = node.side;
  const before = node.distance - 1;
  let steps = 0;
  let best = none;
  let nearest = 0x7fffffff;
  for (let a = node.first; a != none; a = CutArc.at(arcs, a).next) {
    steps++;
    if (CutArc.at(arcs, a ^ side ^ 1).residual <= 0) continue;
    const start = CutArc.at(arcs, a).head;
    const first = CutNode.at(nodes, start);
    if (first.side != side || first.parent == none || first.parent == orphan) continue;
    let u = start;
    let d = 0;
    let rooted = false;
    for (;;) {
      steps++;
      const at = CutNode.at(nodes, u);
      if (at.stamp == time) {
        d += at.distance;
        rooted = true;
        break;
      }
      const up = at.parent;
      d++;
      if (up == terminal) {
        at.stamp = time;
        at.distance = 1;
        rooted = true;
        break;
      }
      if (up == orphan || up == none) break;
      u = CutArc.at(arcs, up).head;
    }
    if (!rooted) continue;
    if (d < nearest) {
      best = a;
      nearest = d;
    }
    for (u = start; ;) {
      const at = CutNode.at(nodes, u);
      if (at.stamp == time) break;
      at.stamp = time;
      at.distance = d--;
      u = CutArc.at(arcs, at.parent).head;
    }
    if (nearest <= before) break;
  }
  if (best != none) {
    node.parent = best;
    node.stamp = time;
    node.distance = nearest + 1;
  } else {
    node.parent = none;
    if (side == 0) touch(v);
    for (let a = node.first; a != none; a = CutArc.at(arcs, a).next) {
      steps++;
      const u = CutArc.at(arcs, a).head;
      const other = CutNode.at(nodes, u);
      const up = other.parent;
      if (up == none || other.side != side) continue;
      if (CutArc.at(arcs, a ^ side ^ 1).residual > 0) activate(u);
      if (up == (a ^ 1)) pushOrphan(u);
    }
  }
  t.addSteps(steps);
}
