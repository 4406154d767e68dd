/**
 * Cuts the computed results of a plan into segments for executors that run several operators as one statement (DESIGN §7).
 */
import { operatorTraits, type OperatorTraits } from "../core/operators.ts";
import { COMPUTE, LOAD, PRUNE } from "../core/plan.ts";
import type { IterationNode } from "../core/iteration.ts";
import type { PreparedVersion } from "./prepare.ts";

/** One step of an iteration: a load, or a segment with those of its results that must exist afterwards. Ids ascending. */
export type Step =
  | { readonly kind: "load"; readonly result: number }
  | { readonly kind: "compute"; readonly results: readonly number[]; readonly barriers: readonly number[] };

const plainTraits: OperatorTraits = { kind: "dpr", rowAligned: false, barrier: false };

function traitsOf(node: IterationNode): OperatorTraits {
  const op = node.operator?.op;
  return op === undefined ? plainTraits : operatorTraits[op];
}

/** Steps of one result each, by result: they are the same in every iteration. */
const loadSteps: Step[] = [];
const computeSteps: Step[] = [];

/** Every result by itself, in listed order: for executors that do not fuse. */
export function singleSteps(version: PreparedVersion, states: Uint8Array): Step[] {
  for (let i = loadSteps.length; i < version.nodeCount; i++) {
    const one = [i];
    loadSteps.push({ kind: "load", result: i });
    computeSteps.push({ kind: "compute", results: one, barriers: one });
  }
  const steps: Step[] = [];
  for (let i = 0; i < version.nodeCount; i++) {
    if (states[i] === LOAD) steps.push(loadSteps[i]!);
    else if (states[i] === COMPUTE) steps.push(computeSteps[i]!);
  }
  return steps;
}

/** All computed results as one segment that leaves only the outputs: the engine's own way to run a version. */
export function wholeStep(version: PreparedVersion): Step[] {
  const results = Array.from({ length: version.nodeCount }, (_, i) => i);
  return [{ kind: "compute", results, barriers: [...version.outputs] }];
}

/**
 * Fuses. Row-aligned results over one relation form one segment with several results (columns of that relation); results
 * whose consumers all lie in one segment join it, unless one of them is an output, its operator demands a barrier, or it may
 * be stored. A result whose operator demands a barrier is thus the last of its segment. Segments come in listed order of
 * their first result, after what they need. O(V + E).
 *
 * @param mayStore whether the policy could store a result that is computed
 */
export function fusedSteps(
  version: PreparedVersion,
  states: Uint8Array,
  mayStore: (result: number) => boolean,
): Step[] {
  const { nodeCount: n, outputs } = version;
  const groups = rowAlignedGroups(version, states);
  const isOutput = new Uint8Array(n);
  for (const o of outputs) isOutput[o] = 1;
  const isHeld = (i: number): boolean => isOutput[i] === 1 || mayStore(i);

  // Upwards: a unit that nothing holds back joins the one unit that consumes it, until nothing changes.
  const joins = Int32Array.from({ length: n }, (_, i) => i);
  const rootOf = (i: number): number => {
    let unit = groups[i]!;
    while (joins[unit] !== unit) unit = joins[unit]!;
    return unit;
  };
  for (let changed = true; changed;) {
    changed = false;
    const consumer = onlyConsumers(version, states, rootOf);
    for (let i = 0; i < n; i++)
      if (states[i] === COMPUTE && (isHeld(i) || traitsOf(version.nodes[i]!).barrier)) consumer[rootOf(i)] = several;
    for (let unit = n - 1; unit >= 0; unit--) {
      if (states[unit] !== COMPUTE || joins[unit] !== unit || consumer[unit]! < 0) continue;
      joins[unit] = consumer[unit]!;
      changed = true;
    }
  }
  return inOrder(
    version,
    states,
    Int32Array.from({ length: n }, (_, i) => rootOf(i)),
    isHeld,
  );
}

const none = -1;
const several = -2;

/** By unit: the one other unit that consumes results of it, else `none` or `several`. */
function onlyConsumers(
  { nodeCount: n, parentOffsets, parentIds }: PreparedVersion,
  states: Uint8Array,
  rootOf: (result: number) => number,
): Int32Array {
  const consumer = new Int32Array(n).fill(none);
  for (let i = 0; i < n; i++) {
    if (states[i] !== COMPUTE) continue;
    const unit = rootOf(i);
    for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
      const parent = rootOf(parentIds[e]!);
      if (states[parentIds[e]!] !== COMPUTE || parent === unit) continue;
      if (consumer[parent] === none) consumer[parent] = unit;
      else if (consumer[parent] !== unit) consumer[parent] = several;
    }
  }
  return consumer;
}

/**
 * Unit of each computed result: the smallest id of its group. Two row-aligned results are in one group if they have the same
 * base relation and stage; a stage ends at every edge that leaves a group or touches an operator that demands a barrier, so
 * that units depend on each other in one direction only.
 */
function rowAlignedGroups(version: PreparedVersion, states: Uint8Array): Int32Array {
  const { nodeCount: n, nodes, parentOffsets, parentIds } = version;
  const unitOf = new Int32Array(n);
  const base = new Int32Array(n); // the relation a result is columns of: itself unless row-aligned
  const stage = new Int32Array(n);
  const groups = new Map<string, number>();
  for (let i = 0; i < n; i++) {
    const traits = traitsOf(nodes[i]!);
    const from = parentOffsets[i]!;
    const to = parentOffsets[i + 1]!;
    let relation = traits.rowAligned && from < to ? base[parentIds[from]!]! : i;
    for (let e = from; e < to && relation !== i; e++) if (base[parentIds[e]!] !== relation) relation = i;
    base[i] = relation;
    unitOf[i] = i;
    if (states[i] !== COMPUTE) continue;
    for (let e = from; e < to; e++) {
      const p = parentIds[e]!;
      if (states[p] !== COMPUTE) continue;
      const isInner =
        relation !== i && base[p] === relation && p !== relation && !traits.barrier && !traitsOf(nodes[p]!).barrier;
      stage[i] = Math.max(stage[i]!, stage[p]! + (isInner ? 0 : 1));
    }
    if (relation === i || traits.barrier) continue;
    const key = `${relation}/${stage[i]}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, i);
    else unitOf[i] = group;
  }
  return unitOf;
}

function inOrder(
  version: PreparedVersion,
  states: Uint8Array,
  unitOf: Int32Array,
  isHeld: (result: number) => boolean,
): Step[] {
  const { nodeCount: n, parentOffsets, parentIds } = version;
  const members = new Map<number, number[]>();
  const isRead = new Uint8Array(n); // by a result of another segment
  for (let i = 0; i < n; i++) {
    if (states[i] !== COMPUTE) continue;
    const unit = unitOf[i]!;
    const list = members.get(unit);
    if (list === undefined) members.set(unit, [i]);
    else list.push(i);
    for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++)
      if (unitOf[parentIds[e]!] !== unit) isRead[parentIds[e]!] = 1;
  }

  const steps: Step[] = [];
  const emitted = new Uint8Array(n); // by first result of the step
  const keyOf = (i: number): number => (states[i] === COMPUTE ? unitOf[i]! : i);
  for (let first = 0; first < n; first++) {
    if (states[first] !== COMPUTE && states[first] !== LOAD) continue;
    const stack = [keyOf(first)];
    while (stack.length > 0) {
      const unit = stack.at(-1)!;
      if (emitted[unit] === 1) {
        stack.pop();
        continue;
      }
      const results = states[unit] === LOAD ? [unit] : members.get(unit)!;
      const waiting = stack.length;
      if (states[unit] === COMPUTE)
        for (const i of results)
          for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
            if (states[parentIds[e]!] === PRUNE) continue; // in memory already
            const needs = keyOf(parentIds[e]!);
            if (needs !== unit && emitted[needs] === 0) stack.push(needs);
          }
      if (stack.length > waiting) continue;
      stack.pop();
      emitted[unit] = 1;
      if (states[unit] === LOAD) steps.push({ kind: "load", result: unit });
      else steps.push({ kind: "compute", results, barriers: results.filter((i) => isRead[i] === 1 || isHeld(i)) });
    }
  }
  return steps;
}
