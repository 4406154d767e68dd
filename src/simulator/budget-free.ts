import { materializerById } from "../algorithms/materialize/index.ts";
import type { Materializer } from "../core/materializer.ts";
import type { RunRow } from "../core/result-row.ts";
import type { SystemSpec } from "../core/system.ts";
import { budgetBytesOf } from "../core/units.ts";
import type { CellOutcome, SimulationCell } from "./simulate.ts";

/** True if a system's rows are the same under every budget: its materializer keeps nothing, or no budget holds for it. */
export function isBudgetFree(system: SystemSpec, materializer?: Materializer): boolean {
  const own = materializer ?? materializerById(system.materializer);
  if (own === undefined) return false;
  return (
    system.switches.noBudget === true ||
    own.ignoresBudget === true ||
    (own.kind === "online" && own.neverKeeps === true)
  );
}

/**
 * True if a run that went well under a budget of `ranBytes` is the run under `budgetBytes` too (null = no limit): no budget
 * matters to the system, or the first turned nothing away, the second is no smaller and the materializer minds nothing else.
 *
 * @param materializer a plug-in's, instead of the registered one
 */
export function isSameRun(
  system: SystemSpec,
  ran: CellOutcome,
  budgetBytes: number | null,
  materializer?: Materializer,
): boolean {
  if (ran.failure !== undefined || ran.aborted) return false;
  if (isBudgetFree(system, materializer)) return true;
  const own = materializer ?? materializerById(system.materializer);
  return own?.roomOnly === true && !ran.budgetBound && atLeast(budgetBytes, ran.budgetBytes);
}

/** The outcome of a cell as if it had been asked for under another cell's budget, which {@link isSameRun} allows. */
export function underBudgetOf({ budget, trace }: SimulationCell, outcome: CellOutcome): CellOutcome {
  const budgetBytes = budgetBytesOf(budget, trace.facts.intermediateBytes);
  return { ...outcome, budgetBytes, rows: outcome.rows.map((row) => withBudget(row, budgetBytes)) };
}

function withBudget(row: RunRow, budgetBytes: number | null): RunRow {
  return { ...row, budgetBytes };
}

function atLeast(a: number | null, b: number | null): boolean {
  return (a ?? Number.POSITIVE_INFINITY) >= (b ?? Number.POSITIVE_INFINITY);
}
