import type { Worker } from "node:worker_threads";
import { PlugInError } from "../core/errors.ts";
import { moduleBeside, startThread } from "../harness/worker-thread.ts";
import type { CellOutcome, SimulationCell } from "../simulator/simulate.ts";

/** What the worker is started with. */
export interface ThreadSetup {
  readonly plugIns: readonly string[];
  readonly storageModel?: string;
}

/** A cell as it is sent: plain data, its trace by path. */
export type ThreadCell = Omit<
  SimulationCell,
  "trace" | "planner" | "materializer" | "graph" | "storageModel" | "signal" | "clock" | "onRow" | "onIteration"
> & { readonly path: string };

/** What comes back: an outcome, its failure as text. */
export interface ThreadAnswer {
  readonly outcome: Omit<CellOutcome, "failure">;
  readonly failure?: string;
}

/** What the worker says when trace and plug-ins are loaded: the time of a cell is counted from there. */
export const cellStarted = "started";

/** Runs cells in a worker thread, which is ended when one of them takes too long; the next cell gets a new one. */
export class CellThread {
  readonly #setup: ThreadSetup;
  readonly #timeoutUs: number;
  #worker: Worker | undefined;

  constructor(setup: ThreadSetup, timeoutUs: number) {
    this.#setup = setup;
    this.#timeoutUs = timeoutUs;
  }

  /** Runs a cell. A cell that takes too long, or ends the thread, fails; an abort gives `aborted`. */
  async run(cell: ThreadCell, signal: AbortSignal): Promise<CellOutcome> {
    const worker = (this.#worker ??= startThread(moduleBeside("simulate-worker", import.meta.url), this.#setup));
    const nothing = { rows: [], budgetBytes: null, budgetBound: false, aborted: false };
    const ended = async (outcome: CellOutcome): Promise<CellOutcome> => {
      this.#worker = undefined;
      await worker.terminate();
      return outcome;
    };
    const failed = (message: string): CellOutcome => ({ ...nothing, failure: new PlugInError(message) });
    const answer = await ask(worker, cell, this.#timeoutUs, signal);
    if (answer === "aborted") return ended({ ...nothing, aborted: true });
    if (answer === "timed out")
      return ended(failed(`took longer than ${this.#timeoutUs / 1e6} s (--timeout); the other cells go on`));
    if ("ended" in answer) return ended(failed(answer.ended));
    const { outcome, failure } = answer;
    return failure === undefined ? outcome : { ...outcome, failure: new PlugInError(failure) };
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}

type Answer = ThreadAnswer | "aborted" | "timed out" | { readonly ended: string };

function ask(worker: Worker, cell: ThreadCell, timeoutUs: number, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      worker.off("message", told).off("error", broke).off("exit", left);
      signal.removeEventListener("abort", aborted);
      resolve(answer);
    };
    const told = (message: ThreadAnswer | typeof cellStarted): void => {
      if (message === cellStarted) timer = setTimeout(() => finish("timed out"), timeoutUs / 1000);
      else finish(message);
    };
    const broke = (error: Error): void => finish({ ended: error.message });
    const left = (code: number): void => finish({ ended: `its thread ended with code ${code}` });
    const aborted = (): void => finish("aborted");
    signal.addEventListener("abort", aborted, { once: true });
    worker.on("message", told).on("error", broke).on("exit", left);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    worker.postMessage(cell);
  });
}
