/** A plan kept up to date with its cut, as `incremental/script-keeper.ts`; node v of the problem is x = 2v and y = 2v + 1 of the cut. */
import { addCapacity, addTerminal, isSource, none, place, takeSteps, takeTouched } from "./cut-trees";
import { run } from "./dynamic-cut";
import { Bytes, bytes, Floats, floats, Ints, ints, records } from "./memory";
import * as w from "./workspace";

/** Arc capacity that is never reached; the same as in `growing-problem.ts`. */
const unlimited: f64 = 2251799813685248;

export let states = changetype<Bytes>(0);
/** State as last told + 1 of nodes whose state was changed since, else 0. */
export let told = changetype<Bytes>(0);
export let toldList = changetype<Ints>(0);
let toldCount: i32 = 0;
/** 1 for nodes whose states may not be what the cut says. */
export let strayed = changetype<Bytes>(0);
export let strayedList = changetype<Ints>(0);
let strayedCount: i32 = 0;
export let cutNodes: usize = 0;
export let cutTerminals = changetype<Floats>(0);
export let cutArcs: usize = 0;
/** For the caller to read after a repair: cost of the plan, steps since the last one, entries of `toldList` (which begins anew). */
export let figures = changetype<Floats>(0);
let costUs: f64 = 0;

/** Makes room beside the problem; contents are moved by the caller. */
export function layOutKept(nodes: i32, arcs: i32): void {
  figures = floats(3);
  states = bytes(nodes);
  told = bytes(nodes);
  toldList = ints(nodes);
  strayed = bytes(nodes);
  strayedList = ints(nodes);
  cutNodes = records(2 * nodes, 32);
  cutTerminals = floats(2 * nodes);
  cutArcs = records(2 * (nodes + arcs), 16);
  place(cutNodes, cutTerminals, cutArcs);
}

export function setCompute(v: i32, us: f64): void {
  const by = us - w.computeUs[v];
  w.computeUs[v] = us;
  if (states[v] == 1) costUs += by;
  addTerminal(2 * v + 1, -by);
}

export function setLoad(v: i32, us: f64): void {
  const before = w.loadUs[v];
  if (before == us) return;
  if (states[v] == 2) {
    if (us == Infinity) {
      setState(v, 0);
      stray(v);
    } else costUs += us - before;
  }
  w.loadUs[v] = us;
  addCapacity(2 * (v + w.parentOffsets[v]), capacityOf(us) - capacityOf(before));
}

/** Takes the cut's answer for everything that may have changed, if the cut is minimum within `limit` steps. */
export function repair(limit: i32): bool {
  if (!run(limit)) return false;
  for (let node = takeTouched(); node != none; node = takeTouched()) setState(node >> 1, stateInCut(node >> 1));
  for (let i = 0; i < strayedCount; i++) {
    const v = strayedList[i];
    strayed[v] = 0;
    setState(v, stateInCut(v));
  }
  strayedCount = 0;
  tell();
  return true;
}

/** Takes over the states of another plan, which the workspace holds. */
export function takeStates(nodes: i32): void {
  const next = w.states;
  const now = states;
  for (let at = 0; at < nodes; at += 8) {
    // The arrays end on a multiple of 64 bytes.
    if (load<u64>(changetype<usize>(next) + <usize>at) == load<u64>(changetype<usize>(now) + <usize>at)) continue;
    for (let v = at, end = min(at + 8, nodes); v < end; v++) {
      if (next[v] == now[v]) continue;
      setState(v, next[v]);
      stray(v);
    }
  }
  tell();
}

function tell(): void {
  figures[0] = costUs;
  figures[1] = <f64>takeSteps();
  figures[2] = <f64>toldCount;
  toldCount = 0;
}

function stray(v: i32): void {
  if (strayed[v] != 0) return;
  strayed[v] = 1;
  strayedList[strayedCount++] = v;
}

function stateInCut(v: i32): i32 {
  if (isSource(2 * v + 1)) return 1;
  return isSource(2 * v) ? 2 : 0;
}

function setState(v: i32, state: i32): void {
  const before = states[v];
  if (before == state) return;
  if (told[v] == 0) {
    told[v] = before + 1;
    toldList[toldCount++] = v;
  }
  costUs += priceOf(v, state) - priceOf(v, before);
  states[v] = state;
}

function priceOf(v: i32, state: i32): f64 {
  if (state == 1) return w.computeUs[v];
  return state == 2 ? w.loadUs[v] : 0;
}

function capacityOf(us: f64): f64 {
  return us == Infinity ? unlimited : us;
}
