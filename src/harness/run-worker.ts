/** A worker thread of `run-pool.ts`: loads the experiment once, answers each cell it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import type { Experiment } from "./experiment.ts";
import { runCell } from "./run-cell.ts";
import { workerReady, type PooledCell, type WorkerSetup } from "./run-pool.ts";
import { openPlugIns } from "./run-plug-ins.ts";
import { TraceLibrary } from "./run-traces.ts";

function isExperiment(value: unknown, id: string): value is Experiment {
  return typeof value === "object" && value !== null && "id" in value && value.id === id && "run" in value;
}

/** Finds an experiment by id among the exports of its module. @throws {Error} when it is not there */
async function experimentIn(url: string, id: string): Promise<Experiment> {
  const exported = Object.values((await import(url)) as Record<string, unknown>);
  for (const value of exported) {
    if (isExperiment(value, id)) return value;
    if (Array.isArray(value)) {
      const found: unknown = value.find((one) => isExperiment(one, id));
      if (isExperiment(found, id)) return found;
    }
    if (typeof value === "object" && value !== null && "default" in value && isExperiment(value.default, id))
      return value.default;
  }
  throw new Error(`${url}: exports no experiment "${id}"`);
}

const port = parentPort;
if (port !== null) {
  const { module, seed, tracesFolder, plugIns: files } = workerData as WorkerSetup;
  const traces = new TraceLibrary(tracesFolder);
  const plugIns = await openPlugIns(files);
  const experiment = plugIns.loaded.experiments.get(module.id) ?? (await experimentIn(module.url, module.id));
  const signal = new AbortController().signal;
  port.on("message", ({ point, key, configuration }: PooledCell) => {
    void (async () => {
      port.postMessage(await runCell(experiment, point, { key, configuration }, { seed, traces, signal, plugIns }));
    })();
  });
  port.postMessage(workerReady);
}
