import type { Iteration } from "../../core/iteration.ts";
import type { SystemSpec } from "../../core/system.ts";
import { budgetBytesOf, type BudgetSpec } from "../../core/units.ts";
import { simulateCell, type SimulatedTrace, type SimulationCell } from "../../simulator/simulate.ts";
import { formatBytes } from "../charts/units.ts";
import {
  stepOf,
  VersionRecorder,
  type PlanRun,
  type PlanStep,
  type PlanVersion,
  type PlanView,
} from "./plan-record.ts";

/** Most nodes, over all iterations and systems, that a plan view holds; iterations beyond are left out and counted. */
export const planViewNodes = 100_000;

/** What a plan view is made of. */
export interface PlanRequest {
  readonly trace: SimulatedTrace;
  readonly systems: readonly SystemSpec[];
  readonly budget: BudgetSpec;
  /** More settings of a system's cell: parts of plug-ins, a storage model. */
  readonly settings?: (system: SystemSpec) => Partial<SimulationCell>;
  readonly signal?: AbortSignal;
}

/**
 * Replays a trace under each system and keeps the plans. A system that cannot run the trace stays in the view with its reason.
 * @throws {UsageError} as `simulateCell` does; a plug-in's failure ends its run and is the reason
 */
export async function simulatePlans(request: PlanRequest): Promise<PlanView> {
  const { trace, systems, budget, settings, signal } = request;
  const { versions, iterationCount } = await versionsOf(trace, systems.length);
  const runs: PlanRun[] = [];
  for (const system of systems) {
    const steps: PlanStep[] = [];
    const outcome = await simulateCell({
      ...settings?.(system),
      trace: { ...trace, iterations: firstOf(trace.iterations, versions.length) },
      system,
      budget,
      ...(signal === undefined ? {} : { signal }),
      onIteration: (report) => {
        steps.push(stepOf(report));
      },
    });
    signal?.throwIfAborted();
    runs.push({
      system: system.id,
      title: system.title,
      steps,
      ends: outcome.failure?.message ?? outcome.exclusion?.reason ?? null,
    });
  }
  const bytes = budgetBytesOf(budget, trace.facts.intermediateBytes);
  const share = budget.kind === "share" ? ` (${budget.percent} % of all intermediate results)` : "";
  return {
    trace: trace.name,
    conditions: `simulated · accounting ${settings?.(systems[0]!).accounting ?? "uniform"} · budget ${formatBytes(bytes)}${share}`,
    versions,
    runs,
    iterationCount,
  };
}

async function versionsOf(
  { iterations }: SimulatedTrace,
  systemCount: number,
): Promise<{ readonly versions: readonly PlanVersion[]; readonly iterationCount: number }> {
  const recorder = new VersionRecorder();
  const versions: PlanVersion[] = [];
  let nodes = 0;
  let iterationCount = 0;
  for await (const iteration of iterations) {
    iterationCount++;
    nodes += iteration.nodes.length * Math.max(1, systemCount);
    if (versions.length === 0 || (nodes <= planViewNodes && versions.length === iterationCount - 1))
      versions.push(recorder.add(iteration));
  }
  return { versions, iterationCount };
}

async function* firstOf(
  iterations: Iterable<Iteration> | AsyncIterable<Iteration>,
  count: number,
): AsyncGenerator<Iteration, void, undefined> {
  let at = 0;
  for await (const iteration of iterations) {
    if (at++ >= count) return;
    yield iteration;
  }
}
