/** Replays a recorded trace under one system: the iteration loop on the virtual clock, with what figures need beside the rows. */
import { materializerById } from "../algorithms/materialize/index.ts";
import { reusePlannerById } from "../algorithms/reuse/index.ts";
import { systemById } from "../baselines/index.ts";
import { UsageError } from "../core/errors.ts";
import type { TraceHeader, TraceIteration } from "../core/iteration.ts";
import type { Exclusion, RunRow } from "../core/result-row.ts";
import type { Accounting, EstimateMode, SystemSpec } from "../core/system.ts";
import { addExact, budgetBytesOf, parseBudget } from "../core/units.ts";
import { simulatedExecutor } from "../executors/simulated/simulated-executor.ts";
import { runLoop } from "../simulator/loop.ts";
import { addSegments, barrierTaxLimit, barrierTaxOf, type SegmentTotals } from "../simulator/recorded-segments.ts";

/** A trace to replay: a recorded one, or versions priced from one. */
export interface ReplayTrace {
  readonly header: TraceHeader;
  readonly iterations: readonly TraceIteration[];
}

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
}

/** What a replay gave. */
export interface Replay {
  readonly rows: readonly RunRow[];
  readonly exclusion: Exclusion | undefined;
  /** The budget turned away at least one result. */
  readonly budgetBound: boolean;
  readonly budgetBytes: number | null;
}

/** Facts of a trace that every system's replay shares. */
export interface TraceFacts {
  /** Σ sizeBytes over distinct signatures of nodes with parents, first size each: what a budget of 100 % is. */
  readonly intermediateBytes: number;
  /** Isolated ÷ fused time; undefined without recorded segments. */
  readonly barrierTax: number | undefined;
}

const factsByTrace = new WeakMap<readonly TraceIteration[], TraceFacts>();

/** Facts of a trace, computed once per trace held in memory. */
export function traceFacts(trace: ReplayTrace): TraceFacts {
  const known = factsByTrace.get(trace.iterations);
  if (known !== undefined) return known;
  const seen = new Set<string>();
  const totals: SegmentTotals = { isolatedUs: 0, fusedUs: 0 };
  let intermediateBytes = 0;
  for (const iteration of trace.iterations) {
    addSegments(totals, iteration);
    for (const node of iteration.nodes) {
      if (node.parents.length === 0 || seen.has(node.signature)) continue;
      seen.add(node.signature);
      intermediateBytes = addExact(intermediateBytes, node.sizeBytes);
    }
  }
  const facts = { intermediateBytes, barrierTax: barrierTaxOf(totals) };
  factsByTrace.set(trace.iterations, facts);
  return facts;
}

function systemOf(system: string | SystemSpec): SystemSpec {
  const found = typeof system === "string" ? systemById(system) : system;
  if (found === undefined) throw new UsageError(`unknown system "${system as string}"; see: reuselab list systems`);
  return found;
}

/**
 * Replays a trace.
 * @throws {UsageError} for an unknown system or budget; {ReuseError} what the loop reports as a failure of a plug-in
 */
export async function replay(trace: ReplayTrace, options: ReplayOptions): Promise<Replay> {
  const system = systemOf(options.system);
  const planner = reusePlannerById(system.planner);
  const materializer = materializerById(system.materializer);
  if (planner === undefined || materializer === undefined)
    throw new UsageError(
      `system "${system.id}": needs ${system.planner} and ${system.materializer}, which are not registered`,
    );
  const { intermediateBytes, barrierTax } = traceFacts(trace);
  const budgetBytes = budgetBytesOf(parseBudget(options.budget ?? "none"), intermediateBytes);
  const accounting = options.accounting ?? "uniform";
  const outcome = await runLoop({
    iterations: trace.iterations,
    trace: trace.header.name,
    ...(trace.header.requires === undefined ? {} : { requires: trace.header.requires }),
    system,
    planner,
    materializer,
    budgetBytes,
    accounting,
    ...(options.estimates === undefined ? {} : { estimates: options.estimates }),
    chargeSegments: barrierTax !== undefined && barrierTax > barrierTaxLimit,
    executor: simulatedExecutor(),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (outcome.failure !== undefined) throw outcome.failure;
  const shared = {
    trace: trace.header.name,
    system: system.id,
    planner: system.planner,
    materializer: system.materializer,
    budgetBytes,
    accounting,
    seed: options.seed ?? 1,
    executor: "simulated",
  };
  return {
    rows: outcome.rows.map((row) => Object.assign({}, shared, row)),
    exclusion: outcome.exclusion,
    budgetBound: outcome.budgetBound,
    budgetBytes,
  };
}
