/**
 * Runs an experiment: every point of its grid that is not finished yet, each written and synced when it is done. An
 * interrupted run continues where it stopped; a failing cell is recorded and the rest go on.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { StoreError } from "../core/errors.ts";
import { CellWriter, readCells, replaceFile, writeCells, type Cell, type CellConfiguration } from "./cells.ts";
import { filterGrid, gridOf, pointsOf, type Experiment, type Grid, type Point } from "./experiment.ts";
import { commandLine, provenance, type RunRecord, type RunStatus } from "./provenance.ts";
import { configurationOf, runCell, type CellEnvironment } from "./run-cell.ts";
import { writeDerived, type ResultMeta } from "./run-derived.ts";
import { TraceLibrary } from "./run-traces.ts";

/** How an experiment is run. */
export interface RunOptions {
  /** Folder of the results, made when missing. */
  readonly folder: string;
  readonly quick?: boolean;
  readonly seed?: number;
  /** `NAME=VALUE[,VALUE]`. */
  readonly filters?: readonly string[];
  /** Run cells again that are finished already. */
  readonly force?: boolean;
  /** Engines whose cells may run besides simulated ones and timings of our own code; cells stored earlier are kept anyway. */
  readonly engines?: readonly string[];
  /** Run nothing; only make tables, charts and claims anew from the cells that are there. */
  readonly deriveOnly?: boolean;
  readonly traces?: TraceLibrary;
  readonly plugIns?: readonly string[];
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
  readonly point: Point<Grid>;
  readonly key: string;
  readonly configuration: CellConfiguration;
}

/** What a run would do, for `--dry-run`. */
export interface RunPlan {
  readonly grid: Grid;
  readonly total: number;
  readonly finished: number;
  /** Cells of engines that were not asked for. */
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
  for (const point of pointsOf(grid))
    if (experiment.when?.(point) ?? true)
      cells.push({ point, ...(await configurationOf(experiment, point, environment)) });
  return cells;
}

function environmentOf(experiment: Experiment, options: RunOptions): CellEnvironment {
  return {
    seed: options.seed ?? experiment.seed,
    traces: options.traces ?? new TraceLibrary(),
    signal: options.signal ?? new AbortController().signal,
    plugIns: options.plugIns ?? [],
  };
}

function mayRun(cell: PlannedCell, options: RunOptions): boolean {
  const { executor } = cell.configuration;
  return unmeasured.has(executor) || (options.engines ?? []).includes(executor);
}

/** Counts what a run would do, without running or writing. */
export async function planRun(experiment: Experiment, options: RunOptions): Promise<RunPlan> {
  const grid = filterGrid(gridOf(experiment, options.quick === true), options.filters ?? []);
  const cells = await planned(experiment, grid, environmentOf(experiment, options));
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
  const grid = filterGrid(gridOf(experiment, quick), options.filters ?? []);
  const environment = environmentOf(experiment, options);
  const cells = await planned(experiment, grid, environment);
  mkdirSync(options.folder, { recursive: true });
  const lock = new RunLock(options.folder, experiment, environment.seed, grid, options.argv ?? process.argv);
  try {
    const file = join(options.folder, "cells.jsonl");
    const stored = new Map(readCells(file).cells);
    lock.recoverKilled(stored);
    writeCells(file, stored.values());
    const todo =
      options.deriveOnly === true
        ? []
        : cells.filter(
            (cell) => mayRun(cell, options) && (options.force === true || stored.get(cell.key)?.status !== "done"),
          );
    const fresh = await runAll(experiment, todo, environment, options);
    for (const cell of fresh) stored.set(cell.key, cell);
    writeCells(file, stored.values());
    const inGrid = cells.map(({ key }) => stored.get(key));
    const meta = await writeDerived(options.folder, experiment, {
      quick,
      seed: environment.seed,
      grid,
      points: cells.map(({ point }) => point),
      cells: inGrid,
    });
    const interrupted = environment.signal.aborted;
    const failed = inGrid.some((cell) => cell !== undefined && cell.status !== "done");
    const status: RunStatus = interrupted ? "interrupted" : failed ? "some cells failed" : "finished";
    const resumed = cells.length - todo.length - inGrid.filter((cell) => cell === undefined).length;
    if (options.deriveOnly !== true) lock.finish(status, fresh, Math.max(0, resumed));
    return { folder: options.folder, status, meta, cells: inGrid, ran: fresh.length, resumed: Math.max(0, resumed) };
  } finally {
    lock.release();
  }
}

/** Runs cells one after another; each is appended and synced before the next starts. Stops at an abort. */
async function runAll(
  experiment: Experiment,
  todo: readonly PlannedCell[],
  environment: CellEnvironment,
  options: RunOptions,
): Promise<readonly Cell[]> {
  const fresh: Cell[] = [];
  const writer = new CellWriter(options.folder);
  try {
    for (const { point, key, configuration } of todo) {
      if (environment.signal.aborted) break;
      const cell = await runCell(experiment, point, { key, configuration }, environment);
      writer.append([cell]);
      fresh.push(cell);
      options.onProgress?.(fresh.length, todo.length, Object.values(point).map(String).join(" "));
    }
  } catch (error) {
    if (!environment.signal.aborted) throw error;
  } finally {
    writer.close();
  }
  return fresh;
}

interface OpenRun extends RunRecord {
  readonly pid: number;
}

/** Keeps a second writer out, and remembers an unfinished run so that its cells do not lose their provenance. */
class RunLock {
  readonly #file: string;
  readonly #runs: string;
  readonly #open: OpenRun;
  readonly #startUs = systemClock.nowUs();
  readonly #left: OpenRun | undefined;

  constructor(folder: string, experiment: Experiment, seed: number, grid: Grid, argv: readonly string[]) {
    this.#file = join(folder, "run.open.json");
    this.#runs = join(folder, "runs.jsonl");
    this.#left = existsSync(this.#file) ? readOpenRun(this.#file) : undefined;
    if (this.#left !== undefined && this.#left.pid !== process.pid && isAlive(this.#left.pid))
      throw new StoreError(
        `results folder of ${experiment.id}: is being written by process ${this.#left.pid}; wait for it or choose another --out`,
      );
    this.#open = {
      version: 1,
      experiment: experiment.id,
      command: commandLine(argv),
      seed,
      params: grid,
      jobs: 1,
      startedAt: new Date().toISOString(),
      status: "killed",
      resumed: 0,
      keys: [],
      ...provenance(),
      pid: process.pid,
    };
    replaceFile(this.#file, `${JSON.stringify(this.#open)}\n`);
  }

  /** Writes the record of a run that was killed: it owns the cells no finished run lists. */
  recoverKilled(stored: ReadonlyMap<string, Cell>): void {
    if (this.#left === undefined) return;
    const owned = new Set(existsSync(this.#runs) ? readRuns(this.#runs).flatMap(({ keys }) => keys) : []);
    const { pid: _pid, ...record } = this.#left;
    this.#append({ ...record, keys: [...stored.keys()].filter((key) => !owned.has(key)).sort() });
  }

  finish(status: RunStatus, fresh: readonly Cell[], resumed: number): void {
    const { user, system } = process.cpuUsage();
    const { pid: _pid, ...record } = this.#open;
    this.#append({
      ...record,
      status,
      wallUs: Math.round(systemClock.nowUs() - this.#startUs),
      cpuUs: user + system,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      rows: fresh.reduce((sum, cell) => sum + cell.rows.length, 0),
      resumed,
      keys: fresh.map(({ key }) => key).sort(),
    });
  }

  #append(record: RunRecord): void {
    appendFileSync(this.#runs, `${JSON.stringify(record)}\n`);
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }
}

function readOpenRun(file: string): OpenRun | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as OpenRun;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Reads `runs.jsonl`; a half-written last line is left out. */
export function readRuns(file: string): readonly RunRecord[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunRecord);
}
