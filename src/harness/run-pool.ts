/**
 * Runs cells in worker threads: several at once, with a time-out and a memory limit per cell. What a worker answers is a
 * cell like any other, so results do not depend on how many there are.
 */
import type { Worker } from "node:worker_threads";
import type { Cell, CellConfiguration } from "./cells.ts";
import type { Grid, Point } from "./experiment.ts";
import { moduleBeside, startThread } from "./worker-thread.ts";

/** A cell to be run. */
export interface PooledCell {
  readonly point: Point<Grid>;
  readonly key: string;
  readonly configuration: CellConfiguration;
}

/** Where a worker finds the experiment: a module that exports it among others, or in an array of them. */
export interface ExperimentModule {
  /** `file:` address. */
  readonly url: string;
  readonly id: string;
}

/** What a worker is started with. */
export interface WorkerSetup {
  readonly module: ExperimentModule;
  readonly seed: number;
  readonly tracesFolder: string;
  readonly plugIns: readonly string[];
}

/** How a pool runs. */
export interface PoolOptions extends WorkerSetup {
  readonly jobs: number;
  /** Microseconds per cell; undefined = no limit. */
  readonly timeoutUs?: number;
  /** Memory per worker in bytes; undefined = Node's own limit. */
  readonly memoryBytes?: number;
  readonly signal: AbortSignal;
  onCell(cell: Cell): void;
}

function startWorker({ module, seed, tracesFolder, plugIns, memoryBytes }: PoolOptions): Worker {
  const setup: WorkerSetup = { module, seed, tracesFolder, plugIns };
  const limits = memoryBytes === undefined ? {} : { memoryBytes };
  return startThread(moduleBeside("run-worker", import.meta.url), setup, limits, [module.url]);
}

/** What a worker says when it has loaded the experiment: the time of a cell is counted from there. */
export const workerReady = "ready";

/** Workers that have said so. */
const ready = new WeakSet<Worker>();

function timedOut(cell: PooledCell, timeoutUs: number): Cell {
  return failed(cell, "timeout", "E_TIMEOUT", `took longer than ${timeoutUs / 1e6} s`);
}

function failed(cell: PooledCell, status: "failed" | "timeout", code: string, message: string): Cell {
  const { key, configuration } = cell;
  return { key, configuration, status, rows: [], facts: {}, exclusions: [], error: { code, message } };
}

/** Runs all cells; resolves when each has been answered or the signal aborted. Never rejects because of a cell. */
export async function runPool(cells: readonly PooledCell[], options: PoolOptions): Promise<void> {
  const queue = [...cells];
  const lanes = Math.max(1, Math.min(options.jobs, cells.length));
  await Promise.all(Array.from({ length: lanes }, () => runLane(queue, options)));
}

/** One worker after another: a new one only when the last was ended by a time-out, a crash or its memory limit. */
async function runLane(queue: PooledCell[], options: PoolOptions): Promise<void> {
  let worker: Worker | undefined;
  try {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
      if (options.signal.aborted) return;
      worker ??= startWorker(options);
      const answer = await ask(worker, cell, options);
      if (answer === undefined) return;
      if (answer.ended) {
        await worker.terminate();
        worker = undefined;
      }
      options.onCell(answer.cell);
    }
  } finally {
    await worker?.terminate();
  }
}

/** Has a worker run a cell; undefined after an abort. */
function ask(
  worker: Worker,
  cell: PooledCell,
  { timeoutUs, signal }: PoolOptions,
): Promise<{ readonly cell: Cell; readonly ended: boolean } | undefined> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (answer: { readonly cell: Cell; readonly ended: boolean } | undefined): void => {
      clearTimeout(timer);
      worker.off("message", answered).off("error", broke).off("exit", left);
      signal.removeEventListener("abort", aborted);
      resolve(answer);
    };
    const aborted = (): void => finish(undefined);
    const answered = (answer: Cell | typeof workerReady): void => {
      if (answer !== workerReady) return finish({ cell: answer, ended: false });
      ready.add(worker);
      begin();
    };
    const broke = (error: Error & { readonly code?: string }): void => {
      const isMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      const message = isMemory ? "needed more memory than its limit" : error.message;
      finish({ cell: failed(cell, "failed", isMemory ? "E_MEMORY" : "E_BUG", message), ended: true });
    };
    const left = (code: number): void =>
      finish({ cell: failed(cell, "failed", "E_BUG", `its worker ended with code ${code}`), ended: true });
    const begin = (): void => {
      if (timeoutUs !== undefined)
        timer = setTimeout(() => finish({ cell: timedOut(cell, timeoutUs), ended: true }), timeoutUs / 1000);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      worker.postMessage(cell);
    };
    signal.addEventListener("abort", aborted, { once: true });
    worker.on("message", answered).on("error", broke).on("exit", left);
    if (ready.has(worker)) begin();
  });
}
