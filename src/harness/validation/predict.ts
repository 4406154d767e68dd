/** Predictions of real runs by the iteration loop on a virtual clock. */
import { materializerById } from "../../algorithms/materialize/index.ts";
import { reusePlannerById } from "../../algorithms/reuse/index.ts";
import { UsageError } from "../../core/errors.ts";
import type { Iteration, IterationNode, TraceIteration } from "../../core/iteration.ts";
import { fileOverheadBytes } from "../../executors/relational/column-layout.ts";
import { expectedTransferUs, type TransferCosts, usualCompression } from "../../executors/relational/engine.ts";
import { predictingExecutor } from "../../executors/simulated/predicting-executor.ts";
import type { IterationReport } from "../../simulator/iteration-report.ts";
import { runLoop, type RunOutcome } from "../../simulator/loop.ts";
import { simulateCell } from "../../simulator/simulate.ts";
import { fitLinearCost } from "../../traces/least-squares.ts";
import { surveyTrace } from "../../simulator/trace-facts.ts";
import type { ValidationRun } from "./compared-cells.ts";
import type { RunnableCell } from "./settings.ts";
import { distinctNodes } from "./splits.ts";

/** `replay`: as `simulate` replays a trace. `statements`: statements and knowledge as on the engine. */
export const models = ["replay", "statements"] as const;
export type Model = (typeof models)[number];

/** What all predictions of a split share. */
export interface PredictionInput {
  readonly workload: string;
  readonly requires: readonly string[];
  /** Versions as they are run for real. */
  readonly versions: readonly Iteration[];
  /** The same with costs. */
  readonly priced: readonly TraceIteration[];
  /** What the engine expects of transfers it has never made. */
  readonly transferCosts: TransferCosts;
  /** It keeps columns apart where the materializer counts equal ones once. */
  readonly storesColumns: boolean;
  /** By operator type, for runs on an engine that is not warm; only `statements` charges them. */
  readonly firstUseUs?: Readonly<Record<string, number>>;
  /** What the first version takes on top in a new session; only `statements` charges it. */
  readonly freshSessionShare?: number;
}

/**
 * Predicts a cell.
 *
 * @returns undefined where the system cannot run the workload
 * @throws {ReuseError} what ended the run
 */
export async function predict(
  model: Model,
  cell: RunnableCell,
  input: PredictionInput,
): Promise<ValidationRun | undefined> {
  const reports: IterationReport[] = [];
  const onIteration = (report: IterationReport): void => void reports.push(report);
  const outcome = await (model === "replay" ? replayed : asStatements)(cell, input, onIteration);
  if (outcome.failure !== undefined) throw outcome.failure;
  return outcome.exclusion === undefined ? runOf(reports) : undefined;
}

/** Times and states of a finished run. */
export function runOf(reports: readonly IterationReport[]): ValidationRun {
  return {
    runUs: reports.map(({ row }) => row.runUs),
    loadUs: reports.map(({ row }) => row.loadUs),
    writeUs: reports.map(({ row }) => row.writeUs),
    states: reports.map(({ nodes }) =>
      nodes.map(({ state, sameAs }) => (sameAs === undefined ? state.charAt(0) : "=")).join(""),
    ),
  };
}

type OnIteration = (report: IterationReport) => void;

function replayed(cell: RunnableCell, input: PredictionInput, onIteration: OnIteration): Promise<RunOutcome> {
  const { system, params } = cell.settings;
  const { workload: name, requires, priced } = input;
  const budget =
    cell.budgetBytes === null ? ({ kind: "none" } as const) : { kind: "bytes" as const, bytes: cell.budgetBytes };
  const trace = { name, requires, iterations: priced, facts: surveyTrace(priced) };
  return simulateCell({ trace, system, budget, params, onIteration });
}

function asStatements(cell: RunnableCell, input: PredictionInput, onIteration: OnIteration): Promise<RunOutcome> {
  const { system, params } = cell.settings;
  const { load, write } = input.transferCosts;
  const planner = reusePlannerById(system.planner);
  const materializer = materializerById(system.materializer);
  if (planner === undefined || materializer === undefined)
    throw new UsageError(`system ${system.id}: its planner or materializer is unknown`);
  const storesColumns = input.storesColumns && materializer.kind === "batch" && materializer.dedup === true;
  return runLoop({
    iterations: input.versions.map((version, i) => withoutCosts(version, input.priced[i], storesColumns)),
    trace: input.workload,
    requires: input.requires,
    system,
    planner,
    materializer,
    plannerParams: params.get(planner.id) ?? {},
    materializerParams: params.get(materializer.id) ?? {},
    budgetBytes: cell.budgetBytes,
    executor: predictingExecutor({
      recorded: input.priced,
      estimateLoadUs: (bytes, memoryBytes) => expectedTransferUs(load, bytes, memoryBytes),
      estimateWriteUs: (bytes, memoryBytes) => expectedTransferUs(write, bytes, memoryBytes),
      usualCompression,
      ...(storesColumns ? { storesColumns: { fileOverheadBytes, fileWriteUs: fileWriteUs(input.priced) } } : {}),
      ...(input.freshSessionShare === undefined ? {} : { freshSessionShare: input.freshSessionShare }),
      ...(input.firstUseUs === undefined ? {} : { firstUseUs: input.firstUseUs }),
    }),
    onIteration,
  });
}

/** A version as an engine gets it, but for the time of the whole, which only the clock reads, and columns, which an engine finds. */
function withoutCosts(iteration: Iteration, priced: TraceIteration | undefined, keepsColumns: boolean): Iteration {
  const { nodes, segments: _, ...version } = iteration;
  const columnsOf = new Map(priced?.nodes.map(({ id, columns }) => [id, columns]));
  return {
    ...version,
    nodes: nodes.map((node): IterationNode => {
      const { computeUs: _c, sizeBytes: _s, loadUs: _l, loadHotUs: _h, writeUs: _w, memoryBytes: _m, ...rest } = node;
      const columns = keepsColumns ? columnsOf.get(node.id) : undefined;
      return columns === undefined ? rest : { ...rest, columns };
    }),
    ...(priced?.fusedUs === undefined ? {} : { fusedUs: priced.fusedUs }),
  };
}

/** What a write of a relation takes however small it is, by all recorded ones. */
function fileWriteUs(priced: readonly TraceIteration[]): number {
  const samples = distinctNodes(priced).flatMap(({ columns, writeUs, sizeBytes, memoryBytes }) =>
    columns === undefined || writeUs === undefined ? [] : [{ us: writeUs, sizeBytes, memoryBytes }],
  );
  return fitLinearCost(samples)?.baseUs ?? 0;
}
