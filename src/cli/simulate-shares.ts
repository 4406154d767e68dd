import { statSync } from "node:fs";
import type { Worker } from "node:worker_threads";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { CellOutcome } from "../simulator/simulate.ts";
import type { OptionValues } from "./command.ts";
import { listOption } from "./list-option.ts";
import { simulateTrace, type SimulationPlan } from "./simulate-cells.ts";
import { startShareThread } from "./simulate-threads.ts";
import { openTrace, storageModelOf } from "./simulate-traces.ts";

/** What a thread that takes part is sent once. */
export interface ShareSetup {
  readonly paths: readonly string[];
  /** Places in `paths`, dearest first. */
  readonly order: readonly number[];
  readonly plan: SimulationPlan;
  readonly plugIns: readonly string[];
  readonly storageModel: OptionValues[string];
  /** Two numbers all threads share: traces taken so far, and 1 once something is wrong with one. */
  readonly shared: SharedArrayBuffer;
}

/** What came of one trace. */
export interface TraceShare {
  readonly at: number;
  readonly name: string;
  readonly outcomes: readonly CellOutcome[];
}

/** How traces are shared out. */
export interface SharingOptions {
  /** This one included. */
  readonly threads: number;
  /** Some of the others, started already. */
  readonly early?: readonly Worker[];
  readonly signal: AbortSignal;
  readonly onShare?: (share: TraceShare) => void;
}

/**
 * Simulates traces on several threads, this one among them: each takes the dearest trace that is left, checks it and runs all
 * its cells.
 *
 * @returns what came of each trace, in order of `paths`; undefined where something was wrong with one, or after an abort
 */
export async function simulateShares(
  paths: readonly string[],
  plan: SimulationPlan,
  values: OptionValues,
  plugIns: LoadedPlugIns,
  { threads, early = [], signal, onShare }: SharingOptions,
): Promise<readonly TraceShare[] | undefined> {
  const bytes = paths.map((path) => statSync(path).size);
  const setup: ShareSetup = {
    paths,
    order: [...paths.keys()].sort((a, b) => bytes[b]! - bytes[a]! || a - b),
    plan,
    plugIns: listOption(values["plugin"]),
    storageModel: values["storageModel"],
    shared: new SharedArrayBuffer(8),
  };
  const shares: (TraceShare | undefined)[] = paths.map(() => undefined);
  const give = (share: TraceShare): void => {
    shares[share.at] = share;
    onShare?.(share);
  };
  const others = Array.from({ length: threads - 1 }, (_, k) => early[k] ?? startShareThread());
  try {
    const done = others.map(
      (worker) =>
        new Promise<void>((resolve) => {
          worker.on("message", give);
          worker.on("exit", () => resolve());
          if (worker.threadId < 0) resolve(); // it has ended already
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
          else worker.postMessage(setup);
          signal.addEventListener("abort", () => resolve(), { once: true });
        }),
    );
    await takeShares(setup, plugIns, signal, give);
    await Promise.all(done);
  } finally {
    await Promise.all(others.map((worker) => worker.terminate()));
  }
  const whole = shares.filter((share) => share !== undefined);
  return whole.length === paths.length ? whole : undefined;
}

/** Takes traces until none is left; once one of them cannot be read, those that follow are only opened. */
export async function takeShares(
  { paths, order, plan, storageModel, shared }: ShareSetup,
  plugIns: LoadedPlugIns,
  signal: AbortSignal | undefined,
  give: (share: TraceShare) => void,
): Promise<void> {
  const state = new Int32Array(shared);
  for (let k = Atomics.add(state, 0, 1); k < order.length; k = Atomics.add(state, 0, 1)) {
    const at = order[k]!;
    try {
      const trace = await openTrace(paths[at]!, () => signal?.throwIfAborted());
      if (Atomics.load(state, 1) !== 0) continue;
      const model = await storageModelOf(storageModel, trace);
      const more = signal === undefined ? {} : { signal };
      const outcomes = await simulateTrace(plan, { trace, plugIns, storageModel: model, more });
      give({ at, name: trace.name, outcomes });
    } catch {
      // Whoever asked opens it again and says what is wrong with it.
      Atomics.store(state, 1, 1);
    }
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
