/** The systems that simulated experiments put side by side, those of plug-ins and swept parameters included. */
import type { PlugIn } from "../src/core/plug-in.ts";
import { parseBudget } from "../src/core/units.ts";
import { partsOf, plugInParts, plugInSystems, systemOf } from "../src/harness/contenders.ts";
import type { ExperimentContext, Grid, Surroundings } from "../src/harness/experiment.ts";
import type { PartParams } from "../src/harness/parameters.ts";
import { replay, type ReplayTrace } from "../src/harness/run-replay.ts";
import type { CellOutcome } from "../src/simulator/simulate.ts";
import { boundLine } from "./iteration-figure.ts";

/** Adds the systems of plug-ins to a grid. */
export const withPlugIns = (grid: Grid, { plugIns }: Surroundings): Grid => ({
  ...grid,
  system: [...(grid["system"] ?? []), ...plugInSystems(plugIns).map(({ id }) => id)],
});

/**
 * Planner and materializer of the point's system; none for the line of the bound.
 * @throws {UsageError} when its system or budget does not exist
 */
export function partsAt(
  { system, budget }: { readonly system: string; readonly budget?: string },
  { plugIns }: Surroundings,
): readonly PlugIn[] {
  if (budget !== undefined) parseBudget(budget);
  return system === boundLine ? [] : partsOf(systemOf(system, plugIns), plugIns);
}

/** Replays a trace under a system by id. @throws {ReuseError} what a plug-in's failure is */
export function replayUnder(
  trace: ReplayTrace,
  { system, budget, params }: { readonly system: string; readonly budget: string; readonly params?: PartParams },
  { plugIns, signal, watch }: ExperimentContext,
): Promise<CellOutcome> {
  const spec = systemOf(system, plugIns);
  const given = params === undefined ? {} : { params };
  return replay(trace, { system: spec, budget, signal, watch, ...given, ...plugInParts(spec, plugIns) });
}
