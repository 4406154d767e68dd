/**
 * What the harness costs on Spark: each system's run against the same requests made one after the other in a plain session.
 * Arms are interleaved on one warm server.
 *
 *     tsx bench/spark/overhead.ts --scale 10 --repetitions 5 --iterations 10 --system none-fused,helix
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../src/algorithms/reuse/index.ts";
import { systemById } from "../../src/baselines/index.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import { RelationalExecutor } from "../../src/executors/relational/executor.ts";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { openSparkEngine } from "../../src/executors/spark/engine.ts";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { runLoop } from "../../src/simulator/loop.ts";
import { workloads } from "../../src/workloads/index.ts";
import { type Request, RecordingSession, replay } from "./requests.ts";

/** Runs the benchmark and prints its table; @returns 1 if a ratio is above its bound, else 0. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scale: { type: "string", default: "10" },
      repetitions: { type: "string", default: "5" },
      iterations: { type: "string", default: "10" },
      system: { type: "string", default: "none-fused,helix" },
      memory: { type: "string", default: "2g" },
    },
  });
  const repetitions = Number(values.repetitions);
  const data = await prepareDataset("census", { scale: Number(values.scale) });
  const versions = workloads["census"]!.versions(data, 1, {}).slice(0, Number(values.iterations));
  const server = await startSparkServer({ driverMemory: values.memory });
  const root = mkdtempSync(join(tmpdir(), "reuselab-bench-spark-"));
  let folders = 0;
  const newFolder = (): string => join(root, String(folders++));
  try {
    print(
      `census at ${values.scale}x, ${data.rows} rows, ${versions.length} versions, Spark ${server.version} local[2], ${repetitions} interleaved repetitions; medians, ratio = median of the pairs' ratios`,
    );
    print(`${"system".padEnd(16)}${"ours".padStart(10)}${"by hand".padStart(10)}${"ratio".padStart(8)}  against`);
    let failed = 0;
    const report = (
      system: string,
      pairs: readonly (readonly [number, number])[],
      against: string,
      bound: number,
    ): void => {
      const ratio = median(pairs.map(([ours, hand]) => ours / hand));
      if (ratio > bound) failed = 1;
      const [ours, hand] = [median(pairs.map(([ms]) => ms)), median(pairs.map(([, ms]) => ms))];
      print(
        `${system.padEnd(16)}${seconds(ours)}${seconds(hand)}${ratio.toFixed(3).padStart(8)}  ${against}, at most ${bound}${ratio > bound ? " (above)" : ""}`,
      );
    };
    for (const system of values.system.split(",")) {
      const requests: Request[] = [];
      // Also the warm-up of both arms; its store is what the requests' loads read.
      await runSystem(server, system, versions, newFolder(), requests);
      const pairs: (readonly [number, number])[] = [];
      for (let r = 0; r < repetitions; r++) {
        const ours = (): Promise<number> => runSystem(server, system, versions, newFolder());
        const hand = (): Promise<number> => inSession(server, (session) => replay(session, requests, newFolder()));
        pairs.push(await interleaved(r, ours, hand));
      }
      report(system, pairs, "the same requests", 1.03);
    }
    return failed;
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs both, the first one first in even rounds. */
async function interleaved<T>(round: number, first: () => Promise<T>, second: () => Promise<T>): Promise<[T, T]> {
  if (round % 2 === 0) return [await first(), await second()];
  const theirs = await second();
  return [await first(), theirs];
}

async function inSession<T>(server: SparkServer, body: (session: SparkSession) => Promise<T>): Promise<T> {
  const session = new SparkSession({ host: "127.0.0.1", port: server.port, token: server.token });
  try {
    return await body(session);
  } finally {
    await session.close();
  }
}

/** A whole run of a system, from the open engine to the last row; `requests` collects what the server is asked. */
async function runSystem(
  server: SparkServer,
  id: string,
  versions: readonly Iteration[],
  folder: string,
  requests?: Request[],
): Promise<number> {
  const system = systemById(id)!;
  const address = { host: "127.0.0.1", port: server.port, token: server.token };
  const session = requests === undefined ? new SparkSession(address) : new RecordingSession(address, requests);
  const store = await openStore(folder);
  const executor = new RelationalExecutor(await openSparkEngine(session, { isDistributed: false }), { store });
  const start = performance.now();
  const { failure, rows } = await runLoop({
    iterations: versions,
    trace: "bench",
    system,
    planner: reusePlannerById(system.planner)!,
    materializer: materializerById(system.materializer)!,
    executor,
  });
  const ms = performance.now() - start;
  await executor.close();
  await store.close();
  if (failure !== undefined) throw failure;
  if (rows.length !== versions.length) throw new Error(`${id} has ${rows.length} rows of ${versions.length}`);
  return ms;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`.padStart(10);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (process.argv[1]?.endsWith("overhead.ts") === true) process.exitCode = await run(process.argv.slice(2));
