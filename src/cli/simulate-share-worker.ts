/** A worker thread of `simulate`: takes tasks as long as there are some, and sends what came of each. */
import { parentPort, workerData } from "node:worker_threads";
import { openPlugIns } from "../harness/run-plug-ins.ts";
import { takeShares, type ShareSetup, type TraceShare } from "./simulate-shares.ts";

const setup = workerData as ShareSetup & { readonly isFromBack: boolean };
const { loaded } = await openPlugIns(setup.plugIns);
const give = (share: TraceShare): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  parentPort?.postMessage(share);
};
await takeShares(setup, loaded, undefined, give, setup.isFromBack);
