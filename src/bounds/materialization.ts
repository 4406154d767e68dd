/**
 * The materialization problem: choose results to store within a budget such that a set of known future workloads, each
 * planned best, costs least. NP-hard; the benefit of a set is neither sub- nor supermodular.
 */
import { exact } from "../algorithms/reuse/exact.ts";
import { WorkflowError } from "../core/errors.ts";
import type { ReuseProblem } from "../core/problem.ts";
import { isExact } from "../core/units.ts";
import { LinearProgram, type ProgramOutcome } from "./linear-program.ts";

/** A workload that will be run. */
export interface FutureWorkload {
  /** How often it is run, an integer ≥ 1. */
  readonly weight: number;
  /** Structure and costs; `loadUs` is what loading costs if stored (Infinity = can never be). Not written to. */
  readonly problem: ReuseProblem;
  /** Index of the storable result each node is, −1 = none. Shape (n). */
  readonly resultOf: Int32Array;
}

/** What may be stored, and for whom. */
export interface MaterializationInstance {
  /** Bytes of each storable result, integers. Shape (results). */
  readonly sizeBytes: Float64Array;
  /** Infinity = no limit. */
  readonly budgetBytes: number;
  readonly futures: readonly FutureWorkload[];
}

/** A choice and its exact cost. */
export interface MaterializationChoice {
  /** 1 = stored. Shape (results). */
  readonly stored: Uint8Array;
  readonly bytes: number;
  /** Σ weight · cost of the best plan, in microseconds. */
  readonly costUs: number;
}

function checkInstance({ sizeBytes, budgetBytes, futures }: MaterializationInstance): void {
  if (budgetBytes !== Infinity && !isExact(budgetBytes))
    throw new WorkflowError(`budget ${String(budgetBytes)}: expected an integer ≥ 0 below 2^53, or Infinity`);
  sizeBytes.forEach((bytes, v) => {
    if (!isExact(bytes))
      throw new WorkflowError(`result ${v}: size ${String(bytes)}; expected an integer ≥ 0 below 2^53`);
  });
  futures.forEach(({ weight, problem, resultOf }, w) => {
    if (!isExact(weight) || weight < 1)
      throw new WorkflowError(`workload ${w}: weight ${weight}; expected an integer ≥ 1`);
    if (resultOf.length !== problem.nodeCount || resultOf.some((v) => v < -1 || v >= sizeBytes.length))
      throw new WorkflowError(`workload ${w}: resultOf must name a storable result or −1 for each of its nodes`);
  });
}

/** Plans futures under changing loads; holds one array of loads per workload. */
export class FuturePlanner {
  readonly #instance: MaterializationInstance;
  readonly #problems: readonly ReuseProblem[];
  /** Workloads that have a result. */
  readonly users: readonly (readonly number[])[];

  /** @throws {WorkflowError} on a malformed instance */
  constructor(instance: MaterializationInstance) {
    checkInstance(instance);
    this.#instance = instance;
    this.#problems = instance.futures.map(({ problem }) => ({ ...problem, loadUs: problem.loadUs.slice() }));
    const users = Array.from(instance.sizeBytes, () => new Set<number>());
    instance.futures.forEach(({ resultOf }, w) => {
      for (const v of resultOf) if (v >= 0) users[v]!.add(w);
    });
    this.users = users.map((set) => [...set]);
  }

  /** Cost of workload `w`, once, if exactly `stored` is stored. */
  costUs(w: number, stored: Uint8Array): number {
    const { problem, resultOf } = this.#instance.futures[w]!;
    const { loadUs } = this.#problems[w]!;
    for (let i = 0; i < loadUs.length; i++)
      loadUs[i] = resultOf[i]! >= 0 && stored[resultOf[i]!] === 1 ? problem.loadUs[i]! : Infinity;
    return exact.plan(this.#problems[w]!, {}).costUs;
  }

  /** Plan of workload `w` if everything is stored at a surcharge per node. */
  withSurcharge(w: number, surchargeUs: Float64Array): { readonly states: Uint8Array; readonly costUs: number } {
    const { problem, resultOf } = this.#instance.futures[w]!;
    const { loadUs } = this.#problems[w]!;
    for (let i = 0; i < loadUs.length; i++)
      loadUs[i] = resultOf[i]! >= 0 ? problem.loadUs[i]! + surchargeUs[i]! : Infinity;
    return exact.plan(this.#problems[w]!, {});
  }

  /** A choice with its price. */
  choice(stored: Uint8Array): MaterializationChoice {
    let costUs = 0;
    this.#instance.futures.forEach(({ weight }, w) => (costUs += weight * this.costUs(w, stored)));
    return { stored, bytes: bytesOf(this.#instance, stored), costUs };
  }
}

/** Bytes of a set of results. */
export function bytesOf({ sizeBytes }: MaterializationInstance, stored: Uint8Array): number {
  return sizeBytes.reduce((sum, bytes, v) => sum + (stored[v] === 1 ? bytes : 0), 0);
}

/**
 * Greedy by true marginal benefit: adds the result that saves most (per byte, or at all) under best plans, until nothing
 * that fits saves anything. Benefits are looked up lazily, largest last known first, so a result whose benefit *grew*
 * because another was stored can be overlooked: where benefits only shrink it is the full greedy. The better of this and
 * the best single result is returned.
 */
export function greedyMarginal(
  instance: MaterializationInstance,
  by: "byte" | "whole" = "byte",
): MaterializationChoice {
  const planner = new FuturePlanner(instance);
  const { sizeBytes, budgetBytes, futures } = instance;
  const stored = new Uint8Array(sizeBytes.length);
  const costs = futures.map((_, w) => planner.costUs(w, stored));
  const gainOf = (v: number): number => {
    stored[v] = 1;
    let us = 0;
    for (const w of planner.users[v]!) us += futures[w]!.weight * (costs[w]! - planner.costUs(w, stored));
    stored[v] = 0;
    return us;
  };
  const scoreOf = (v: number, gainUs: number): number => (by === "byte" ? gainUs / (sizeBytes[v]! + 1) : gainUs);
  const open = Array.from(sizeBytes, (_, v) => ({ v, gainUs: gainOf(v), round: 0 })).filter(
    ({ v, gainUs }) => gainUs > 0 && sizeBytes[v]! <= budgetBytes,
  );
  const single = open.reduce<{ v: number; gainUs: number } | undefined>(
    (top, next) => (top === undefined || next.gainUs > top.gainUs ? next : top),
    undefined,
  );
  let usedBytes = 0;
  for (let round = 1; open.length > 0;) {
    let top = 0;
    for (let k = 1; k < open.length; k++)
      if (scoreOf(open[k]!.v, open[k]!.gainUs) > scoreOf(open[top]!.v, open[top]!.gainUs)) top = k;
    const item = open[top]!;
    if (usedBytes + sizeBytes[item.v]! > budgetBytes) open.splice(top, 1);
    else if (round > 1 && item.round < round) {
      item.gainUs = gainOf(item.v);
      item.round = round;
      if (item.gainUs <= 0) open.splice(top, 1);
    } else {
      stored[item.v] = 1;
      usedBytes += sizeBytes[item.v]!;
      for (const w of planner.users[item.v]!) costs[w] = planner.costUs(w, stored);
      open.splice(top, 1);
      round++;
    }
  }
  const all = planner.choice(stored);
  if (single === undefined) return all;
  const alone = new Uint8Array(sizeBytes.length);
  alone[single.v] = 1;
  const one = planner.choice(alone);
  return one.costUs < all.costUs ? one : all;
}

/** Counts of an instance's integer program: columns, and integer ones among them. */
export function materializationProgram(instance: MaterializationInstance): {
  readonly program: LinearProgram;
  /** Costs are microseconds divided by this. */
  readonly scale: number;
  readonly stored: readonly number[];
} {
  const { sizeBytes, budgetBytes, futures } = instance;
  let highest = 1;
  for (const { weight, problem } of futures)
    for (const us of problem.computeUs) highest = Math.max(highest, us * weight);
  let scale = 1;
  while (highest / scale > 4096) scale *= 2;
  const program = new LinearProgram();
  const stored = Array.from(sizeBytes, () => program.column(0, { integer: true }));
  for (const { weight, problem, resultOf } of futures) {
    const available = Array.from(problem.computeUs, (us): [number, number][] => [
      [program.column((us * weight) / scale), 1],
    ]);
    available.forEach((entries, i) => {
      const v = resultOf[i]!;
      if (v < 0 || problem.loadUs[i] === Infinity) return;
      const load = program.column((problem.loadUs[i]! * weight) / scale);
      entries.push([load, 1]);
      program.row(0, Infinity, [
        [stored[v]!, 1],
        [load, -1],
      ]);
    });
    for (const o of problem.outputs) program.row(1, Infinity, available[o]!);
    for (let i = 0; i < problem.nodeCount; i++)
      for (let e = problem.parentOffsets[i]!; e < problem.parentOffsets[i + 1]!; e++)
        program.row(0, Infinity, [...available[problem.parentIds[e]!]!, [available[i]![0]![0], -1]]);
  }
  if (Number.isFinite(budgetBytes)) {
    const unit = Math.max(1, budgetBytes);
    program.row(
      -Infinity,
      budgetBytes / unit,
      stored.map((column, v): [number, number] => [column, sizeBytes[v]! / unit]),
    );
  }
  return { program, scale, stored };
}

/**
 * The optimum by integer program, checked in integers; undefined when a limit is reached first or the check fails.
 *
 * @param maxNodes of branch and bound
 * @param maxIterations simplex iterations over all of it
 */
export async function optimalMaterialization(
  instance: MaterializationInstance,
  maxNodes = 20_000,
  maxIterations = 100_000,
): Promise<MaterializationChoice | undefined> {
  const { program, scale, stored } = materializationProgram(instance);
  const outcome: ProgramOutcome = await program.solve({ maxNodes, maxIterations });
  if (outcome.status !== "optimal") return undefined;
  const choice = new FuturePlanner(instance).choice(
    Uint8Array.from(stored, (column) => (outcome.values[column]! > 0.5 ? 1 : 0)),
  );
  const isProven = choice.costUs - outcome.dualBound * scale < Math.max(0.5, 1e-9 * choice.costUs);
  return isProven && choice.bytes <= instance.budgetBytes ? choice : undefined;
}

/** Value of the linear relaxation in microseconds: floating point, for comparison only. */
export async function relaxedCostUs(instance: MaterializationInstance): Promise<number> {
  const { program, scale } = materializationProgram(instance);
  return (await program.solve({ relaxed: true })).objective * scale;
}
