/** Runs one point of an experiment and catches whatever happens in it, so that the other cells go on. */
import { ReuseError } from "../core/errors.ts";
import type { Exclusion } from "../core/result-row.ts";
import { rngStream } from "../core/rng.ts";
import { cellKey, type Cell, type CellConfiguration, type Row, type Scalar } from "./cells.ts";
import type { Experiment, ExperimentContext, Grid, Point, Surroundings } from "./experiment.ts";
import { policyHashes, type PlugInSet } from "./run-plug-ins.ts";
import { partParamsOf } from "./sweep.ts";
import type { WatchReplay } from "./run-replay.ts";
import type { TraceLibrary } from "./run-traces.ts";
import { timeUs } from "./timing.ts";

/** Version of the loop, the planners and the materializers: raised whenever the same cell may give other rows. */
export const policyVersion = "2";

/** What a cell needs besides its point. */
export interface CellEnvironment {
  readonly seed: number;
  readonly traces: TraceLibrary;
  readonly signal: AbortSignal;
  readonly plugIns: PlugInSet;
  /** Who looks on; nobody by default. */
  readonly watch?: WatchReplay;
}

/** What experiments adapt to. */
export function surroundingsOf({ traces, plugIns }: Pick<CellEnvironment, "traces" | "plugIns">): Surroundings {
  return { traces, plugIns: plugIns.loaded };
}

/** Configuration and key of a point; hashes the traces it reads. @throws {UsageError} when a trace does not exist */
export async function configurationOf(
  experiment: Experiment,
  point: Point<Grid>,
  environment: CellEnvironment,
): Promise<{ readonly key: string; readonly configuration: CellConfiguration }> {
  const inputs: Record<string, string> = {};
  const around = surroundingsOf(environment);
  for (const reference of experiment.inputs?.(point, around) ?? [])
    inputs[reference] = (await environment.traces.load(reference)).sha256;
  const configuration: CellConfiguration = {
    experiment: experiment.id,
    experimentVersion: experiment.version,
    params: point,
    seed: environment.seed,
    executor: experiment.executor?.(point) ?? "simulated",
    inputs,
    policy: [policyVersion, ...policyHashes(environment.plugIns, experiment, experiment.parts?.(point, around))].join(
      "+",
    ),
  };
  return { key: cellKey(configuration), configuration };
}

function checkedRow(row: object): Row {
  const checked: Record<string, Scalar> = {};
  for (const [name, value] of Object.entries(row) as [string, unknown][]) {
    const isScalar =
      value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
    if (!isScalar)
      throw new TypeError(
        `row: column "${name}" is ${typeof value === "number" ? value : typeof value}; expected a text, a finite number, true, false or null`,
      );
    checked[name] = value as Scalar;
  }
  return checked;
}

/** Runs a point. What goes wrong becomes a cell with status `failed`; only an abort of the whole run is thrown. */
export async function runCell(
  experiment: Experiment,
  point: Point<Grid>,
  identity: { readonly key: string; readonly configuration: CellConfiguration },
  environment: CellEnvironment,
): Promise<Cell> {
  const { seed, traces, signal, plugIns } = environment;
  const exclusions: Exclusion[] = [];
  const facts: Record<string, Scalar> = {};
  const declared = new Set(experiment.inputs?.(point, surroundingsOf(environment)) ?? []);
  const context: ExperimentContext = {
    seed,
    rng: (name) => rngStream(seed, `${experiment.id}/${name}`),
    traces,
    plugIns: plugIns.loaded,
    params: partParamsOf(point),
    async trace(reference) {
      if (!declared.has(reference))
        throw new TypeError(`trace "${reference}" is not among the inputs of the point; list it in \`inputs\``);
      return traces.load(reference);
    },
    timeUs,
    watch: environment.watch ?? (() => undefined),
    exclude: (exclusion) => void exclusions.push(exclusion),
    fact: (name, value) => {
      facts[name] = checkedRow({ value })["value"] ?? null;
    },
    signal,
  };
  try {
    const rows: Row[] = [];
    for await (const row of experiment.run(point, context)) {
      signal.throwIfAborted();
      rows.push(checkedRow(row));
    }
    return { ...identity, status: "done", rows, facts, exclusions };
  } catch (error) {
    if (signal.aborted) throw error;
    return {
      ...identity,
      status: "failed",
      rows: [],
      facts: {},
      exclusions: [],
      error: {
        code: error instanceof ReuseError ? error.code : "E_BUG",
        message: error instanceof Error ? error.message : String(error),
      },
    };
  }
}
