/** Keeps a second writer out of a results folder, and writes `runs.jsonl`: what each run did, and where. */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { StoreError } from "../core/errors.ts";
import { replaceFile, type Cell } from "./cells.ts";
import type { Experiment, Grid } from "./experiment.ts";
import { commandLine, provenance, type RunRecord, type RunStatus } from "./provenance.ts";

interface OpenRun extends RunRecord {
  readonly pid: number;
}

/** The open run of a folder: an unfinished one is remembered, so that its cells do not lose their provenance. */
export class RunLock {
  readonly #file: string;
  readonly #runs: string;
  readonly #open: OpenRun;
  readonly #startUs = systemClock.nowUs();
  readonly #left: OpenRun | undefined;

  /** @throws {StoreError} while another living process writes the folder */
  constructor(
    folder: string,
    {
      experiment,
      seed,
      grid,
      jobs,
      argv,
    }: {
      readonly experiment: Experiment;
      readonly seed: number;
      readonly grid: Grid;
      readonly jobs: number;
      readonly argv: readonly string[];
    },
  ) {
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
      jobs,
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

  /**
   * True if the last run ended with these cells and derived tables and charts from them with the same code: the same commit
   * without changes or, outside a checkout, the same version. Then nothing has to be derived again.
   */
  wasDerivedFrom(cellsHash: string, quick: boolean): boolean {
    const last = readRuns(this.#runs).at(-1);
    if (last === undefined || last.cellsHash !== cellsHash || last.quick !== quick) return false;
    const { commit, dirty, reuselab } = this.#open;
    return last.reuselab === reuselab && last.commit === commit && last.dirty !== true && dirty !== true;
  }

  finish(
    status: RunStatus,
    fresh: readonly Cell[],
    { resumed, quick, cellsHash }: { readonly resumed: number; readonly quick: boolean; readonly cellsHash: string },
  ): void {
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
      quick,
      cellsHash,
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
