/**
 * Tunes the parameters of a system's planner and materializer on training traces that nothing is judged on. The set of
 * candidates follows from the schemas alone, so every policy gets the same kind of search.
 */
import { z } from "zod";
import type { PlugIn } from "../core/plug-in.ts";
import type { SystemSpec } from "../core/system.ts";
import { parseBudget } from "../core/units.ts";
import { simulateCell } from "../simulator/simulate.ts";
import type { Scalar } from "./cells.ts";
import { partsOf, plugInParts } from "./contenders.ts";
import { combinationsOf, paramsText, type PartParams, type SweptParam } from "./parameters.ts";
import type { LoadedPlugIns } from "./plug-ins/loaded.ts";
import { simulatedTrace, type ReplayTrace } from "./run-replay.ts";

/** Most parameter sets that are tried; beyond it one parameter at a time is varied from the defaults. */
const mostCandidates = 32;

/** Added to run times before they are divided, so that very short runs do not decide. */
const shiftUs = 10_000;

/** What tuning found. */
export interface Tuned {
  /** Parameters that differ from the defaults; empty when nothing is better. */
  readonly params: PartParams;
  /** As text, `defaults` when empty. */
  readonly says: string;
  /** Parameter sets tried, the defaults among them. */
  readonly tried: number;
  /** Training runs per set: traces the system can run × budgets. */
  readonly runs: number;
  /** Mean over those runs of run time ÷ that with the defaults; at most 1. */
  readonly ratio: number;
}

/** What is tuned, and on what. */
export interface TuningTask {
  readonly system: SystemSpec;
  readonly plugIns: Pick<LoadedPlugIns, "planners" | "materializers">;
  readonly traces: readonly ReplayTrace[];
  readonly budgets: readonly string[];
  readonly signal?: AbortSignal;
}

interface ParamSchema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Parts of a system that have typed parameters to tune. */
export function tunableParts(system: SystemSpec, plugIns: TuningTask["plugIns"]): readonly PlugIn[] {
  return partsOf(system, plugIns).filter((part) => sweepsOfPart(part).length > 0);
}

/** Parameters of a part, each with the values to try, its default first; those with one value only are left out. */
export function sweepsOfPart(part: PlugIn): readonly SweptParam[] {
  if (part.params === undefined) return [];
  const { properties = {} } = z.toJSONSchema(part.params, { io: "input", unrepresentable: "any" });
  return Object.entries(properties).flatMap(([name, schema]) => {
    const accepted = valuesOf(schema as ParamSchema).filter(
      (value) => part.params?.safeParse({ [name]: value }).success === true,
    );
    const values = [...new Set(accepted)];
    return values.length > 1 ? [{ part, name, values }] : [];
  });
}

/** The default, then: of a truth value both, of an enumeration all, of a bounded number five steps, else multiples of the default. */
function valuesOf({ type, enum: options, default: given, minimum, maximum }: ParamSchema): readonly Scalar[] {
  const isScalar = (value: unknown): value is Scalar => typeof value !== "object" && value !== undefined;
  if (!isScalar(given)) return [];
  if (options !== undefined) return [given, ...options.filter(isScalar)];
  if (type === "boolean") return [given, true, false];
  if (typeof given !== "number") return [given];
  const round = (value: number): number => (type === "integer" ? Math.round(value) : value);
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const steps =
    isBound(minimum) && isBound(maximum)
      ? [0, 0.25, 0.5, 0.75, 1].map((share) => minimum + share * (maximum - minimum))
      : [0, 0.25, 0.5, 0.75, 1.5, 2, 4].map((times) => times * given);
  return [given, ...steps.map(round)];
}

/** Parameter sets to try, the defaults (an empty set) first. */
export function candidatesOf(parts: readonly PlugIn[]): readonly PartParams[] {
  const swept = parts.flatMap(sweepsOfPart);
  const count = swept.reduce((product, { values }) => product * values.length, 1);
  const all =
    count <= mostCandidates
      ? combinationsOf(swept)
      : swept.flatMap((one) => combinationsOf([one])).slice(0, mostCandidates);
  const [, ...others] = new Map(all.map((params) => [paramsText(withoutDefaults(params, swept)), params])).values();
  return [new Map(), ...others.map((params) => withoutDefaults(params, swept))];
}

function withoutDefaults(params: PartParams, swept: readonly SweptParam[]): PartParams {
  const kept = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { part, name, values } of swept) {
    const value = params.get(part.id)?.[name];
    if (value !== undefined && value !== values[0]) kept.set(part.id, { ...kept.get(part.id), [name]: value });
  }
  return kept;
}

/**
 * Tries every candidate on every training trace and budget; the least mean of run time ÷ run time with the defaults wins, a
 * tie goes to the one tried first. Traces the system cannot run whole with its defaults are left out. Deterministic.
 * @throws {ReuseError} what the system's failure with its defaults is; other candidates that fail are passed over
 */
export async function tune(task: TuningTask): Promise<Tuned> {
  const candidates = candidatesOf(tunableParts(task.system, task.plugIns));
  const runs: { readonly trace: ReplayTrace; readonly budget: string; readonly us: number }[] = [];
  for (const trace of task.traces)
    for (const budget of task.budgets) {
      const us = await totalUs(task, trace, budget, new Map());
      if (us !== undefined) runs.push({ trace, budget, us });
    }
  let best: { readonly params: PartParams; readonly ratio: number } = { params: new Map(), ratio: 1 };
  for (const params of runs.length === 0 ? [] : candidates.slice(1)) {
    const ratio = await meanRatio(task, runs, params);
    if (ratio < best.ratio) best = { params, ratio };
  }
  const says = best.params.size === 0 ? "defaults" : paramsText(best.params);
  return { ...best, says, tried: candidates.length, runs: runs.length };
}

/** Infinity when a run fails or ends early. Divisions and sums only: the same on every machine. */
async function meanRatio(
  task: TuningTask,
  runs: readonly { readonly trace: ReplayTrace; readonly budget: string; readonly us: number }[],
  params: PartParams,
): Promise<number> {
  let sum = 0;
  for (const { trace, budget, us } of runs) {
    let own: number | undefined;
    try {
      own = await totalUs(task, trace, budget, params);
    } catch (error) {
      if (task.signal?.aborted === true) throw error;
    }
    if (own === undefined) return Number.POSITIVE_INFINITY;
    sum += (own + shiftUs) / (us + shiftUs);
  }
  return sum / runs.length;
}

async function totalUs(
  { system, plugIns, signal }: TuningTask,
  trace: ReplayTrace,
  budget: string,
  params: PartParams,
): Promise<number | undefined> {
  const { rows, failure } = await simulateCell({
    trace: simulatedTrace(trace),
    system,
    budget: parseBudget(budget),
    params,
    ...plugInParts(system, plugIns),
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure;
  return rows.length === trace.iterations.length ? rows.at(-1)?.cumulativeUs : undefined;
}
