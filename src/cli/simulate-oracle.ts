import { clairvoyantOptimum, type ClairvoyantOutcome } from "../bounds/clairvoyant.ts";
import { oraclePolicy, oracleSystem } from "../bounds/oracle-policy.ts";
import type { TraceIteration } from "../core/iteration.ts";
import { budgetBytesOf } from "../core/units.ts";
import { type CellOutcome, simulateCell, type SimulationCell } from "../simulator/simulate.ts";

/**
 * One cell of system `oracle`: finds the clairvoyant optimum and replays it through the iteration loop, so that its rows are
 * made like everybody else's.
 *
 * Where the optimum is not proven within the limits, the cell is excluded with the reason and the bounds, never run with
 * less. `estimates` do not matter to it.
 */
export async function simulateOracleCell(
  cell: Omit<SimulationCell, "system" | "planner" | "materializer">,
): Promise<CellOutcome & { readonly optimum: ClairvoyantOutcome }> {
  const { trace, budget, accounting, storageModel } = cell;
  const budgetBytes = budgetBytesOf(budget, trace.facts.intermediateBytes);
  const iterations: TraceIteration[] = [];
  for await (const iteration of trace.iterations as AsyncIterable<TraceIteration>) iterations.push(iteration);
  const optimum = await clairvoyantOptimum(iterations, budgetBytes, {
    chargeSegments: trace.facts.chargeSegments,
    ...(accounting === undefined ? {} : { accounting }),
    ...(storageModel === undefined ? {} : { storageModel }),
  });
  if (optimum.status !== "optimal" || optimum.schedule === undefined || optimum.stored === undefined) {
    const bounds = optimum.costUs === undefined ? "" : `; it lies from ${optimum.lowerBoundUs} to ${optimum.costUs} us`;
    const reason = `the optimum is not proven: ${optimum.reason ?? "limits reached"}${bounds}`;
    const exclusion = { trace: trace.name, system: oracleSystem.id, reason };
    return { rows: [], budgetBytes, budgetBound: false, aborted: false, exclusion, optimum };
  }
  const policy = oraclePolicy(optimum.schedule, optimum.stored);
  const outcome = await simulateCell({ ...cell, trace: { ...trace, iterations }, system: oracleSystem, ...policy });
  const costUs = outcome.rows.at(-1)?.cumulativeUs ?? 0;
  if (outcome.failure === undefined && !outcome.aborted && costUs !== optimum.costUs)
    throw new Error(`oracle: the loop charges ${costUs} us for a schedule priced at ${optimum.costUs} us`);
  return { ...outcome, optimum };
}
