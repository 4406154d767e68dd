/** A worker thread of `simulate --timeout`: opens traces once, runs each cell it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import { oracleSystem } from "../bounds/oracle-policy.ts";
import { plugInParts } from "../harness/contenders.ts";
import { openPlugIns } from "../harness/run-plug-ins.ts";
import { simulateCell } from "../simulator/simulate.ts";
import { cellStarted, type ThreadAnswer, type ThreadCell, type ThreadSetup } from "./simulate-thread.ts";
import { openTrace, storageModelOf, type OpenedTrace } from "./simulate-traces.ts";

async function answer(cell: ThreadCell, trace: OpenedTrace, setup: ThreadSetup): Promise<ThreadAnswer> {
  const { loaded } = await plugIns;
  const storageModel = await storageModelOf(setup.storageModel, trace);
  const { path: _path, ...settings } = cell;
  const isOracle = cell.system.id === oracleSystem.id;
  const simulateOne = isOracle ? (await import("./simulate-oracle.ts")).simulateOracleCell : simulateCell;
  const { failure, ...outcome } = await simulateOne({
    ...settings,
    trace,
    ...plugInParts(cell.system, loaded),
    ...(storageModel === undefined ? {} : { storageModel }),
  });
  return failure === undefined ? { outcome } : { outcome, failure: failure.message };
}

const setup = workerData as ThreadSetup;
const plugIns = openPlugIns(setup.plugIns);
const traces = new Map<string, OpenedTrace>();

const port = parentPort;
port?.on("message", (cell: ThreadCell) => {
  void (async () => {
    const trace = traces.get(cell.path) ?? (await openTrace(cell.path, () => {}));
    traces.set(cell.path, trace);
    await plugIns;
    // oxlint-disable unicorn/require-post-message-target-origin -- a worker thread, not a window
    port.postMessage(cellStarted);
    port.postMessage(await answer(cell, trace, setup));
    // oxlint-enable unicorn/require-post-message-target-origin
  })();
});
