import { materializerById } from "../algorithms/materialize/index.ts";
import type { Materializer } from "../core/materializer.ts";
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

/** The outcome of a budget-free cell as if it had been asked for under another cell's budget. */
export function underBudgetOf({ budget, trace }: SimulationCell, outcome: CellOutcome): CellOutcome {
  const budgetBytes = budgetBytesOf(budget, trace.facts.intermediateBytes);
  return { ...outcome, budgetBytes, rows: outcome.rows.map((row) => Object.assign({}, row, { budgetBytes })) };
}
