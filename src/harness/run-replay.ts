/** Replays traces held in memory for figures: `simulateCell` by system id and budget text, facts of a trace computed once. */
import { systemById, systemIds } from "../baselines/index.ts";
import { UsageError } from "../core/errors.ts";
import type { TraceHeader, TraceIteration } from "../core/iteration.ts";
import { nearest } from "../core/nearest.ts";
import type { Accounting, EstimateMode, SystemSpec } from "../core/system.ts";
import { parseBudget } from "../core/units.ts";
import { simulateCell, type CellOutcome, type SimulatedTrace, type SimulationCell } from "../simulator/simulate.ts";
import type { IterationReport } from "../simulator/iteration-report.ts";
import type { PartParams } from "./parameters.ts";
import { surveyTrace, type TraceFacts } from "../simulator/trace-facts.ts";

/** A trace to replay: a recorded one, or versions priced from one. */
export interface ReplayTrace {
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
}

/** Asked once per replay; what it answers is told of every iteration. */
export type WatchReplay = (system: string) => ((report: IterationReport) => void) | undefined;

/** How a trace is replayed. */
export interface ReplayOptions {
  /** Id of a system, or the system itself. */
  readonly system: string | SystemSpec;
  /** `10GB`, `25%` (of all distinct intermediate bytes) or `none`; default `none`. */
  readonly budget?: string;
  readonly accounting?: Accounting;
  readonly estimates?: EstimateMode;
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onIteration?: SimulationCell["onIteration"];
  readonly watch?: WatchReplay;
  /** Parameters by id of the planner or materializer. */
  readonly params?: PartParams;
  /** Where plug-ins bring them. */
  readonly planner?: SimulationCell["planner"];
  readonly materializer?: SimulationCell["materializer"];
}

const factsByTrace = new WeakMap<readonly TraceIteration[], TraceFacts>();

/** Facts of a trace, computed once per trace held in memory. */
export function traceFacts(trace: ReplayTrace): TraceFacts {
  const known = factsByTrace.get(trace.iterations);
  if (known !== undefined) return known;
  const facts = surveyTrace(trace.iterations);
  factsByTrace.set(trace.iterations, facts);
  return facts;
}

/** A trace as the simulator takes it. */
export function simulatedTrace(trace: ReplayTrace): SimulatedTrace {
  const { name, requires, source } = trace.header;
  return {
    name,
    iterations: trace.iterations,
    facts: traceFacts(trace),
    ...(requires === undefined ? {} : { requires }),
    ...(source === undefined ? {} : { source }),
  };
}

/** A system by id. @throws {UsageError} naming the nearest ones */
export function knownSystem(id: string): SystemSpec {
  const system = systemById(id);
  if (system === undefined)
    throw new UsageError(
      `unknown system "${id}"; nearest: ${nearest(id, systemIds).join(", ")}; see: reuselab list systems`,
    );
  return system;
}

/**
 * Replays a trace under one system and budget.
 * @throws {UsageError} for an unknown system or budget; {ReuseError} what the loop reports as a failure of a plug-in
 */
export async function replay(trace: ReplayTrace, options: ReplayOptions): Promise<CellOutcome> {
  const { system, budget = "none", planner, materializer, onIteration, watch, ...rest } = options;
  const watched = watch?.(typeof system === "string" ? system : system.id);
  const told = [onIteration, watched].filter((one) => one !== undefined);
  const outcome = await simulateCell({
    ...rest,
    ...(planner === undefined ? {} : { planner }),
    ...(materializer === undefined ? {} : { materializer }),
    ...(told.length === 0
      ? {}
      : {
          onIteration: async (report) => {
            for (const tell of told) await tell(report);
          },
        }),
    trace: simulatedTrace(trace),
    system: typeof system === "string" ? knownSystem(system) : system,
    budget: parseBudget(budget),
  });
  if (outcome.failure !== undefined) throw outcome.failure;
  return outcome;
}
