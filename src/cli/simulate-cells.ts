import { materializerById } from "../algorithms/materialize/index.ts";
import { oracleSystem } from "../bounds/oracle-policy.ts";
import type { StorageCostModel } from "../core/cost-model.ts";
import type { Accounting, EstimateMode, SystemSpec } from "../core/system.ts";
import { budgetBytesOf, type BudgetSpec } from "../core/units.ts";
import { plugInParts } from "../harness/contenders.ts";
import { paramsText, type PartParams } from "../harness/parameters.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { isSameRun, underBudgetOf } from "../simulator/budget-free.ts";
import { simulateCell, type CellOutcome, type SimulationCell } from "../simulator/simulate.ts";
import type { OpenedTrace } from "./simulate-traces.ts";

/** What `simulate` runs on each trace: plain data, so that it can be sent to a thread. */
export interface SimulationPlan {
  /** Systems with the parameter sets each runs with. */
  readonly contenders: readonly { readonly system: SystemSpec; readonly params: readonly PartParams[] }[];
  readonly budgets: readonly BudgetSpec[];
  readonly common: {
    readonly accounting: Accounting;
    readonly estimates: EstimateMode;
    readonly seed: number;
    readonly memoryBytes: number;
  };
  /** Rows say which parameters were set. */
  readonly saysParams: boolean;
}

/** Runs one cell. */
export type RunCell = (cell: SimulationCell, trace: OpenedTrace) => Promise<CellOutcome>;

/** What the cells of a trace share besides the plan. */
export interface TraceCells {
  readonly trace: OpenedTrace;
  readonly plugIns: LoadedPlugIns;
  readonly storageModel?: StorageCostModel | undefined;
  readonly more?: Pick<SimulationCell, "graph" | "signal" | "onRow">;
}

/**
 * Runs every system of the plan on a trace: by system, parameter set and budget, in that order. A cell whose budget cannot
 * make a difference to one that ran already is not run again.
 *
 * @returns outcomes in order, fewer where a cell was interrupted
 */
export async function simulateTrace(
  { contenders, budgets, common, saysParams }: SimulationPlan,
  { trace, plugIns, storageModel, more }: TraceCells,
  run: RunCell = cellInThread(plugIns),
): Promise<readonly CellOutcome[]> {
  const outcomes: CellOutcome[] = [];
  const bytesOf = budgets.map((budget) => budgetBytesOf(budget, trace.facts.intermediateBytes));
  const ascending = [...budgets.keys()].sort((a, b) => (bytesOf[a] ?? Infinity) - (bytesOf[b] ?? Infinity) || a - b);
  for (const { system, params: sets } of contenders)
    for (const params of sets) {
      const { materializer } = plugInParts(system, plugIns);
      const ofBudget: CellOutcome[] = [];
      let last: CellOutcome | undefined;
      for (const at of ascending) {
        const cell: SimulationCell = {
          ...common,
          ...more,
          trace,
          system,
          params,
          budget: budgets[at]!,
          ...(storageModel === undefined ? {} : { storageModel }),
        };
        const isKnown = last !== undefined && isSameRun(system, last, bytesOf[at]!, materializer);
        const outcome = isKnown ? underBudgetOf(cell, last!) : await run(cell, trace);
        if (isKnown) for (const row of outcome.rows) cell.onRow?.(row);
        if (outcome.aborted) return [...outcomes, outcome];
        last = outcome;
        ofBudget[at] = saysParams ? labelled(outcome, params) : outcome;
      }
      outcomes.push(...ofBudget);
    }
  return outcomes;
}

/** Runs cells where it is called. */
export function cellInThread(plugIns: LoadedPlugIns): RunCell {
  return async (cell) => {
    const isOracle = cell.system.id === oracleSystem.id;
    const simulateOne = isOracle ? (await import("./simulate-oracle.ts")).simulateOracleCell : simulateCell;
    return simulateOne({ ...cell, ...plugInParts(cell.system, plugIns) });
  };
}

/** The materializer of a system, a plug-in's or a registered one. */
export function materializerOfSystem(system: SystemSpec, plugIns: LoadedPlugIns): ReturnType<typeof materializerById> {
  return plugInParts(system, plugIns).materializer ?? materializerById(system.materializer);
}

/** Rows say which parameters were set. */
function labelled(outcome: CellOutcome, params: PartParams): CellOutcome {
  const text = paramsText(params);
  return { ...outcome, rows: outcome.rows.map((row) => Object.assign({}, row, { params: text })) };
}
