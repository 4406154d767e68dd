/** A worker thread of `simulate`: takes traces as long as there are some, and sends what came of each. */
import { parentPort } from "node:worker_threads";
import { openPlugIns } from "../harness/run-plug-ins.ts";
import { takeShares, type ShareSetup } from "./simulate-shares.ts";

parentPort?.once("message", (setup: ShareSetup) => {
  void (async () => {
    const { loaded } = await openPlugIns(setup.plugIns);
    await takeShares(setup, loaded, undefined, (share) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      parentPort?.postMessage(share);
    });
  })();
});
