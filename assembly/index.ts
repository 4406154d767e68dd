/** The exact planner, compiled: the caller writes a problem into the arrays, calls {@link plan} and reads the states. */
import * as flow from "./flow";
import { resetFlowStats } from "./flow";
import * as kernel from "./kernel";
import { resetKernelStats, settleKernel } from "./kernel";
import { tightenBounds } from "./rounds";
import { sweep } from "./sweep";
import * as w from "./workspace";

let listed: i32 = 0;

/** Makes room for a problem and moves all arrays; ask for their addresses anew. @returns false if there is no memory */
export function reserve(nodes: i32, arcs: i32): bool {
  return w.layOut(nodes, arcs);
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
