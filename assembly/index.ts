/**
 * The exact planner, compiled: the caller writes a problem into the arrays, calls {@link plan} and reads the states. Another instance
 * keeps a plan for a sequence of edits ({@link reserveKept} …) and plans anew in the same memory.
 */
import { addArc, addCapacity, addNode, addTerminal } from "./cut-trees";
import * as flow from "./flow";
import { resetFlowStats } from "./flow";
import * as kernel from "./kernel";
import { resetKernelStats, settleKernel } from "./kernel";
import * as kept from "./kept-plan";
import { beginLayout, endLayout } from "./memory";
import { tightenBounds } from "./rounds";
import { sweep } from "./sweep";
import * as w from "./workspace";

let listed: i32 = 0;

/** Makes room for a problem and moves all arrays; ask for their addresses anew. @returns false if there is no memory */
export function reserve(nodes: i32, arcs: i32): bool {
  beginLayout();
  w.layOutProblem(nodes, arcs);
  w.layOutRun(nodes, arcs);
  if (!endLayout()) return false;
  w.forgetSeen();
  return true;
}
export function atParentOffsets(): usize {
  return changetype<usize>(w.parentOffsets);
}
export function atParentIds(): usize {
  return changetype<usize>(w.parentIds);
}
export function atComputeUs(): usize {
  return changetype<usize>(w.computeUs);
}
export function atLoadUs(): usize {
  return changetype<usize>(w.loadUs);
}
export function atOutputs(): usize {
  return changetype<usize>(w.outputs);
}
export function atStates(): usize {
  return changetype<usize>(w.states);
}

/** Plans the problem in the arrays. @returns its cost in microseconds */
export function plan(nodes: i32, outputs: i32): f64 {
  w.setProblem(nodes, outputs);
  let costUs = sweep();
  listed = w.listed;
  resetKernelStats();
  resetFlowStats();
  if (w.gates > 0) costUs += tightenBounds();
  if (w.gates > 0) costUs += settleKernel();
  return costUs;
}

export function undecided(): i32 {
  return listed;
}
export function kernelNodes(): i32 {
  return kernel.kernelNodes;
}
export function passes(): i32 {
  return kernel.passes;
}
export function contractedNodes(): i32 {
  return kernel.contractedNodes;
}
export function flowNodes(): i32 {
  return kernel.flowNodes;
}
export function arcVisits(): f64 {
  return <f64>flow.arcVisits;
}

// Exported so that they are not all merged into one function, which has too many variables for the registers.
export { sweep } from "./sweep";
export { tightenBounds } from "./rounds";
export { settleKernel } from "./kernel";
export { buildKernel } from "./kernel-graph";
export { lower, raise } from "./contraction";
export { solveFlow } from "./flow";

/** Makes room to keep a plan, with or without that for planning anew; the caller moves what was there. @returns as {@link reserve} */
export function reserveKept(nodes: i32, arcs: i32, cold: bool): bool {
  beginLayout();
  w.layOutProblem(nodes, arcs);
  kept.layOutKept(nodes, arcs);
  if (cold) w.layOutRun(nodes, arcs);
  if (!endLayout()) return false;
  if (cold) w.forgetSeen();
  return true;
}
export function atKeptStates(): usize {
  return changetype<usize>(kept.states);
}
export function atTold(): usize {
  return changetype<usize>(kept.told);
}
export function atToldList(): usize {
  return changetype<usize>(kept.toldList);
}
export function atStrayed(): usize {
  return changetype<usize>(kept.strayed);
}
export function atStrayedList(): usize {
  return changetype<usize>(kept.strayedList);
}
export function atCutNodes(): usize {
  return kept.cutNodes;
}
export function atCutTerminals(): usize {
  return changetype<usize>(kept.cutTerminals);
}
export function atCutArcs(): usize {
  return kept.cutArcs;
}
export function atFigures(): usize {
  return changetype<usize>(kept.figures);
}

/**
 * The one entry for what is done to a kept plan: engines compile the entry of an export anew when it has been called often, which
 * takes as long as a hundred edits; this one has been called often when the network has been built.
 */
export function keep(act: i32, a: i32, b: i32, x: f64, y: f64): i32 {
  switch (act) {
    case 0:
      addNode(x);
      return 0;
    case 1:
      addArc(a, b, x, y);
      return 0;
    case 2:
      addTerminal(a, x);
      return 0;
    case 3:
      addCapacity(a, x);
      return 0;
    case 4:
      kept.setCompute(a, x);
      return 0;
    case 5:
      kept.setLoad(a, x);
      return 0;
    case 6:
      return kept.repair(a) ? 1 : 0;
    case 7:
      plan(a, b);
      kept.takeStates(a);
      return 0;
    default:
      kept.takeStates(a);
      return 0;
  }
}
