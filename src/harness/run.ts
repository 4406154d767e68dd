/**
 * Runs an experiment: every point of its grid that is not finished yet, each written and synced when it is done. An
 * interrupted run continues where it stopped; a failing cell is recorded and the rest go on.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../executors/store/make-folder.ts";
import { StoreError } from "../core/errors.ts";
import { canonicalJson, CellWriter, readCells, writeCells, type Cell, type CellConfiguration } from "./cells.ts";
import { pointsOf, type Experiment, type Grid, type Point } from "./experiment.ts";
import type { RunStatus } from "./provenance.ts";
import { configurationOf, runCell, surroundingsOf, type CellEnvironment } from "./run-cell.ts";
import { readMeta, writeDerived, type ResultMeta } from "./run-derived.ts";
import { RunLock } from "./run-lock.ts";
import { runPool, type ExperimentModule } from "./run-pool.ts";
import { emptyPlugIns, type PlugInSet } from "./run-plug-ins.ts";
import { TraceLibrary } from "./run-traces.ts";
import { isCell, isPartParam, openGrid } from "./sweep.ts";

/** How an experiment is run. */
export interface RunOptions {
  /** Folder of the results, made when missing. */
  readonly folder: string;
  readonly quick?: boolean;
  readonly seed?: number;
  /** `NAME=VALUE[,VALUE]`. */
  readonly filters?: readonly string[];
  /** `NAME=VALUE[,VALUE]`: other values of a parameter; `ID.NAME=…`: values of a planner's or materializer's parameter. */
  readonly params?: readonly string[];
  /** The grid itself, as another run had it; takes the place of what all of these options would give. */
  readonly grid?: Grid;
  /** Run only every `count`-th cell, beginning with the `index`-th (from 1): the shards of several machines merge to one run. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** Run cells again that are finished already. */
  readonly force?: boolean;
  /** Engines whose cells may run besides simulated ones and timings of our own code; cells stored earlier are kept anyway. */
  readonly engines?: readonly string[];
  /** Run nothing; only make tables, charts and claims anew from the cells that are there. */
  readonly deriveOnly?: boolean;
  readonly traces?: TraceLibrary;
  readonly plugIns?: PlugInSet;
  /** Run simulated cells in worker threads; without it, everything runs in this thread, without time-outs. */
  readonly workers?: {
    readonly jobs: number;
    readonly module: ExperimentModule;
    readonly timeoutUs?: number;
    readonly memoryBytes?: number;
  };
  readonly signal?: AbortSignal;
  /** Command line for the provenance (default: the process's). */
  readonly argv?: readonly string[];
  onProgress?(done: number, total: number, note: string): void;
}

/** What a run left behind. */
export interface RunOutcome {
  readonly folder: string;
  readonly status: RunStatus;
  readonly meta: ResultMeta;
  /** Cells in the order of the grid; undefined where not run. */
  readonly cells: readonly (Cell | undefined)[];
  readonly ran: number;
  readonly resumed: number;
}

/** A point with its key. */
interface PlannedCell {
  /** In the grid, from 0. */
  readonly position: number;
  readonly point: Point<Grid>;
  readonly key: string;
  readonly configuration: CellConfiguration;
}

/** What a run would do, for `--dry-run`. */
export interface RunPlan {
  readonly grid: Grid;
  readonly total: number;
  readonly finished: number;
  /** Cells of other shards, and of engines that were not asked for. */
  readonly withheld: number;
  readonly toRun: number;
  readonly seconds: number;
  readonly memoryMegabytes: number;
}

/** Cells that need no engine. */
const unmeasured = new Set(["simulated", "host"]);

async function planned(
  experiment: Experiment,
  grid: Grid,
  environment: CellEnvironment,
): Promise<readonly PlannedCell[]> {
  const cells: PlannedCell[] = [];
  const around = surroundingsOf(environment);
  for (const point of pointsOf(grid))
    if (isCell(experiment, point, around))
      cells.push({ position: cells.length, point, ...(await configurationOf(experiment, point, environment)) });
  return cells;
}

function environmentOf(experiment: Experiment, options: RunOptions): CellEnvironment {
  return {
    seed: options.seed ?? experiment.seed,
    traces: options.traces ?? new TraceLibrary(),
    signal: options.signal ?? new AbortController().signal,
    plugIns: options.plugIns ?? emptyPlugIns,
  };
}

function gridFor(experiment: Experiment, environment: CellEnvironment, options: RunOptions): Grid {
  const { quick = false, filters = [], params = [] } = options;
  return options.grid ?? openGrid(experiment, surroundingsOf(environment), { quick, filters, params });
}

function mayRun(cell: PlannedCell, options: RunOptions): boolean {
  const { shard } = options;
  if (shard !== undefined && cell.position % shard.count !== shard.index - 1) return false;
  const { executor } = cell.configuration;
  return unmeasured.has(executor) || (options.engines ?? []).includes(executor);
}

/** Counts what a run would do, without running or writing. */
export async function planRun(experiment: Experiment, options: RunOptions): Promise<RunPlan> {
  const environment = environmentOf(experiment, options);
  const grid = gridFor(experiment, environment, options);
  const cells = await planned(experiment, grid, environment);
  const stored = readCells(join(options.folder, "cells.jsonl")).cells;
  const isFinished = (cell: PlannedCell): boolean => options.force !== true && stored.get(cell.key)?.status === "done";
  const finished = cells.filter(isFinished).length;
  const toRun = cells.filter((cell) => !isFinished(cell) && mayRun(cell, options)).length;
  return {
    grid,
    total: cells.length,
    finished,
    withheld: cells.length - finished - toRun,
    toRun,
    seconds: toRun * experiment.estimate.secondsPerCell,
    memoryMegabytes: experiment.estimate.memoryMegabytes,
  };
}

/**
 * Runs an experiment into a folder.
 * @throws {UsageError} for unknown filters and traces, {StoreError} when the folder is being written or cannot be read
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<RunOutcome> {
  const quick = options.quick === true;
  const environment = environmentOf(experiment, options);
  const grid = gridFor(experiment, environment, options);
  const cells = await planned(experiment, grid, environment);
  try {
    makeFolder(options.folder);
    accessSync(options.folder, constants.W_OK);
  } catch (error) {
    throw new StoreError(
      `results folder ${options.folder}: cannot be written (${error instanceof Error ? error.message : String(error)}); choose another --out`,
      { cause: error },
    );
  }
  const lock = new RunLock(options.folder, {
    experiment,
    seed: environment.seed,
    grid,
    jobs: options.workers?.jobs ?? 1,
    argv: options.argv ?? process.argv,
  });
  try {
    const file = join(options.folder, "cells.jsonl");
    const before = readCells(file);
    const stored = new Map(before.cells);
    lock.recoverKilled(stored);
    if (!before.isFinished) writeCells(file, stored.values());
    const todo =
      options.deriveOnly === true
        ? []
        : cells.filter(
            (cell) => mayRun(cell, options) && (options.force === true || stored.get(cell.key)?.status !== "done"),
          );
    const fresh = await runAll(experiment, todo, environment, options);
    for (const cell of fresh) stored.set(cell.key, cell);
    const isNarrowed = [...(options.filters ?? []), ...(options.params ?? [])].length > 0 || options.grid !== undefined;
    const isWholeRun = !quick && options.shard === undefined && !isNarrowed;
    const gone = isWholeRun && !environment.signal.aborted ? dropStrangers(stored, cells) : 0;
    if (fresh.length + gone > 0) writeCells(file, stored.values());
    const inGrid = cells.map(({ key }) => stored.get(key));
    const settings = { quick, seed: environment.seed, grid, points: cells.map(({ point }) => point), cells: inGrid };
    const cellsHash = hashOf(file);
    const isKnown = fresh.length + gone === 0 && before.isFinished && lock.wasDerivedFrom(cellsHash, quick);
    const meta =
      (isKnown ? readMeta(options.folder, settings) : undefined) ??
      (await writeDerived(options.folder, experiment, settings));
    const interrupted = environment.signal.aborted;
    const failed = inGrid.some((cell) => cell !== undefined && cell.status !== "done");
    const status: RunStatus = interrupted ? "interrupted" : failed ? "some cells failed" : "finished";
    const resumed = Math.max(0, cells.length - todo.length - inGrid.filter((cell) => cell === undefined).length);
    if (options.deriveOnly !== true) lock.finish(status, fresh, { resumed, quick, cellsHash });
    return { folder: options.folder, status, meta, cells: inGrid, ran: fresh.length, resumed };
  } finally {
    lock.release();
  }
}

/**
 * Removes cells that the grid does not have any more (a trace was recorded again, a parameter is gone); answers how many.
 * Cells of plug-ins and of swept parameters stay: another command line made them.
 */
function dropStrangers(stored: Map<string, Cell>, cells: readonly PlannedCell[]): number {
  const known = new Set(cells.map(({ key }) => key));
  const points = new Set(cells.map(({ configuration }) => placeOf(configuration)));
  const strangers = [...stored.values()].filter(({ key, configuration }) => {
    const isElsewhere = configuration.policy.includes("+") || Object.keys(configuration.params).some(isPartParam);
    return !known.has(key) && (!isElsewhere || points.has(placeOf(configuration)));
  });
  for (const { key } of strangers) stored.delete(key);
  return strangers.length;
}

const placeOf = ({ params, seed, executor }: CellConfiguration): string => canonicalJson({ params, seed, executor });

function hashOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Runs cells, each appended and synced when it is done. Stops at an abort. Measured cells never run beside others. */
async function runAll(
  experiment: Experiment,
  todo: readonly PlannedCell[],
  environment: CellEnvironment,
  options: RunOptions,
): Promise<readonly Cell[]> {
  const fresh: Cell[] = [];
  const writer = new CellWriter(options.folder);
  let waiting: Cell[] = [];
  /** What came since the last time is synced together. */
  const flush = (): void => {
    const cells = waiting;
    waiting = [];
    if (cells.length === 0) return;
    writer.append(cells);
    for (const cell of cells) {
      fresh.push(cell);
      const note = Object.values(cell.configuration.params).map(String).join(" ");
      options.onProgress?.(fresh.length, todo.length, note);
    }
  };
  let failure: unknown;
  const flushLater = (): void => {
    try {
      flush();
    } catch (error) {
      failure = error;
    }
  };
  const { workers } = options;
  const isPooled = ({ configuration }: PlannedCell): boolean =>
    workers !== undefined && configuration.executor === "simulated";
  try {
    if (workers !== undefined)
      await runPool(todo.filter(isPooled), {
        ...workers,
        seed: environment.seed,
        tracesFolder: environment.traces.folder,
        plugIns: environment.plugIns.files,
        signal: environment.signal,
        // The worker has its next cell before this one is synced.
        onCell: (cell) => {
          if (failure !== undefined) throw failure;
          if (waiting.push(cell) === 1) setImmediate(flushLater);
        },
      });
    if (failure !== undefined) throw failure;
    flush();
    for (const { point, key, configuration } of todo.filter((cell) => !isPooled(cell))) {
      if (environment.signal.aborted) break;
      waiting.push(await runCell(experiment, point, { key, configuration }, environment));
      flush();
    }
  } catch (error) {
    if (!environment.signal.aborted) throw error;
  } finally {
    flush();
    writer.close();
  }
  return fresh;
}
