/** The problem, the plan and what one planning run keeps; the same fields as `Workspace` of the JavaScript planner. */
import { Bytes, bytes, Floats, floats, Ints, ints } from "./memory";

export const needed: i32 = 1;
export const available: i32 = 2;
export const open: i32 = 4;
export const cut: i32 = 8;
export const folded: i32 = 16;
export const merged: i32 = 32;
export const settled: i32 = 64;
export const hopeless: i32 = 128;

/** The largest number up to which all integers are exact. */
export const maxExact: f64 = 9007199254740991;

export let nodeCapacity: i32 = 0;

// the problem
export let nodeCount: i32 = 0;
export let outputCount: i32 = 0;
export let parentOffsets = changetype<Ints>(0);
export let parentIds = changetype<Ints>(0);
export let computeUs = changetype<Floats>(0);
export let loadUs = changetype<Floats>(0);
export let outputs = changetype<Ints>(0);
// the plan
export let states = changetype<Bytes>(0);
// the run
export let priceUs = changetype<Floats>(0);
export let leastUs = changetype<Floats>(0);
export let flags = changetype<Bytes>(0);
export let consumers = changetype<Ints>(0);
export let list = changetype<Ints>(0);
export let seen = changetype<Ints>(0);
export let order = changetype<Ints>(0);
export let stamp: i32 = 0;
export let listed: i32 = 0;
export let gates: i32 = 0;
// the kernel
export let kOrigin = changetype<Ints>(0);
export let kOwnUs = changetype<Floats>(0);
export let kLoadUs = changetype<Floats>(0);
export let kPriceUs = changetype<Floats>(0);
export let kLeastUs = changetype<Floats>(0);
export let kSupplyUs = changetype<Floats>(0);
export let kFlags = changetype<Bytes>(0);
export let kConsumers = changetype<Ints>(0);
export let kFirstArc = changetype<Ints>(0);
export let kLastArc = changetype<Ints>(0);
export let kSeenBy = changetype<Ints>(0);
export let kAlive = changetype<Ints>(0);
export let kArcTo = changetype<Ints>(0);
export let kArcNext = changetype<Ints>(0);
// the flow
export let supply = changetype<Floats>(0);
export let drain = changetype<Floats>(0);
export let room = changetype<Floats>(0);
export let tails = changetype<Ints>(0);
export let heads = changetype<Ints>(0);
export let capacities = changetype<Floats>(0);
export let flows = changetype<Floats>(0);
export let firstArc = changetype<Ints>(0);
export let fill = changetype<Ints>(0);
export let label = changetype<Ints>(0);
export let queue = changetype<Ints>(0);
export let search = changetype<Ints>(0);
export let queued = changetype<Bytes>(0);
export let head = changetype<Ints>(0);
export let mate = changetype<Ints>(0);
export let residual = changetype<Floats>(0);

export function setProblem(nodes: i32, outs: i32): void {
  nodeCount = nodes;
  outputCount = outs;
}
export function setListed(nodes: i32, open: i32): void {
  listed = nodes;
  gates = open;
}
export function nextStamp(): i32 {
  if (stamp == i32.MAX_VALUE) {
    memory.fill(changetype<usize>(seen), 0, (<usize>nodeCapacity) << 2);
    stamp = 0;
  }
  return ++stamp;
}

/** Lays out the problem and the plan. */
export function layOutProblem(nodes: i32, arcs: i32): void {
  parentOffsets = ints(nodes + 1);
  parentIds = ints(arcs);
  computeUs = floats(nodes);
  loadUs = floats(nodes);
  outputs = ints(nodes);
  states = bytes(nodes);
  nodeCapacity = nodes;
}

/** Lays out everything else a plan needs. */
export function layOutRun(nodes: i32, arcs: i32): void {
  priceUs = floats(nodes);
  leastUs = floats(nodes);
  flags = bytes(nodes);
  consumers = ints(nodes);
  list = ints(nodes);
  seen = ints(nodes);
  order = ints(nodes);
  kOrigin = ints(nodes);
  kOwnUs = floats(nodes);
  kLoadUs = floats(nodes);
  kPriceUs = floats(nodes);
  kLeastUs = floats(nodes);
  kSupplyUs = floats(nodes);
  kFlags = bytes(nodes);
  kConsumers = ints(nodes);
  kFirstArc = ints(nodes);
  kLastArc = ints(nodes);
  kSeenBy = ints(nodes);
  kAlive = ints(nodes);
  kArcTo = ints(arcs);
  kArcNext = ints(arcs);
  const flowNodes = 2 * nodes;
  const flowArcs = arcs + nodes;
  supply = floats(flowNodes);
  drain = floats(flowNodes);
  room = floats(flowNodes);
  tails = ints(flowArcs);
  heads = ints(flowArcs);
  capacities = floats(flowArcs);
  flows = floats(flowArcs);
  firstArc = ints(flowNodes + 1);
  fill = ints(flowNodes);
  label = ints(flowNodes);
  queue = ints(flowNodes + 1);
  search = ints(flowNodes);
  queued = bytes(flowNodes);
  head = ints(2 * flowArcs);
  mate = ints(2 * flowArcs);
  residual = floats(2 * flowArcs);
}

/** In memory laid out anew anything may stand: the first search clears it, so that none is taken up where there are no searches. */
export function forgetSeen(): void {
  stamp = i32.MAX_VALUE;
}
