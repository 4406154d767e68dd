/**
 * What the harness costs on DuckDB: each system's run against the same statements typed one after the other, and the run
 * without reuse against SQL fused by hand. Arms are interleaved, answers compared before times are printed.
 *
 *     tsx bench/duckdb/overhead.ts --scale 10 --repetitions 3 --system none-fused,helix
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { DuckDBConnection } from "@duckdb/node-api";
import { materializerById } from "../../src/algorithms/materialize/index.ts";
import { reusePlannerById } from "../../src/algorithms/reuse/index.ts";
import { systemById } from "../../src/baselines/index.ts";
import type { Iteration } from "../../src/core/iteration.ts";
import { fetchBulk, uploadBulk } from "../../src/executors/duckdb/bulk.ts";
import type { EngineCall } from "../../src/executors/duckdb/engine-log.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { runLoop } from "../../src/simulator/loop.ts";
import { workloads } from "../../src/workloads/index.ts";
import { handVersions, openByHand, runByHand } from "./hand-fused.ts";

/** Wall time, and processor time of all threads, which other work on the machine disturbs less; milliseconds. */
interface Time {
  readonly ms: number;
  readonly cpuMs: number;
}

interface Run extends Time {
  readonly metrics: readonly Readonly<Record<string, number>>[];
}

/** Runs the benchmark and prints its table; @returns 1 if a ratio is above its bound, else 0. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      scale: { type: "string", default: "10" },
      repetitions: { type: "string", default: "3" },
      iterations: { type: "string", default: "10" },
      system: { type: "string", default: "none-fused,naive,keystoneml-aggressive,helix,helix-am,collab-helix,all" },
      workload: { type: "string", default: "census" },
    },
  });
  const workload = workloads[values.workload]!;
  const data = await prepareDataset("census", { scale: Number(values.scale) });
  const versions = workload.versions(data, 1, {}).slice(0, Number(values.iterations));
  const files = Object.fromEntries(data.sources["census"]!.files.map(({ split, path }) => [split, path]));
  const repetitions = Number(values.repetitions);
  print(
    `census at ${values.scale}x, ${data.rows} rows, ${versions.length} versions, ${repetitions} interleaved repetitions, medians\n`,
  );
  print(
    `${"system".padEnd(24)}${"ours".padStart(10)}${"by hand".padStart(10)}${"ratio".padStart(8)}${"cpu".padStart(8)}  against`,
  );

  let failed = 0;
  const report = (
    system: string,
    ours: readonly Time[],
    hand: readonly Time[],
    against: string,
    bound: number,
  ): void => {
    const of = (times: readonly Time[], what: keyof Time): number => median(times.map((time) => time[what]));
    const ratio = of(ours, "ms") / of(hand, "ms");
    const cpu = of(ours, "cpuMs") / of(hand, "cpuMs");
    if (ratio > bound) failed = 1;
    print(
      `${system.padEnd(24)}${seconds(of(ours, "ms"))}${seconds(of(hand, "ms"))}${ratio.toFixed(3).padStart(8)}${cpu.toFixed(3).padStart(8)}  ${against}, at most ${bound}${ratio > bound ? " (above)" : ""}`,
    );
  };
  await runSystem("none-fused", versions.slice(0, 1));
  for (const system of values.system.split(",")) {
    const ours: Time[] = [];
    const hand: Time[] = [];
    const calls: EngineCall[] = [];
    await runSystem(system, versions, calls);
    for (let r = 0; r < repetitions; r++) {
      const arms = [
        async () => ours.push(await runSystem(system, versions)),
        async () => hand.push(await replay(calls)),
      ];
      for (const arm of r % 2 === 0 ? arms : arms.toReversed()) await arm();
    }
    report(system, ours, hand, "the same statements", 1.03);
  }
  if (values.workload === "census") {
    const ours: Time[] = [];
    const hand: Time[] = [];
    for (let r = 0; r < repetitions; r++) {
      const arms = [() => runSystem("none-fused", versions), () => runHand(files, versions.length)];
      const [mine, theirs] = r % 2 === 0 ? [await arms[0]!(), await arms[1]!()] : await reversed(arms);
      compare(mine!, theirs!);
      ours.push(mine!);
      hand.push(theirs!);
    }
    report("none-fused", ours, hand, "SQL fused by hand", 1.1);
  }
  return failed;
}

async function reversed(arms: readonly (() => Promise<Run>)[]): Promise<readonly Run[]> {
  const second = await arms[1]!();
  return [await arms[0]!(), second];
}

/** A whole run of a system, from the open engine to the last row; `calls` collects what the engine is asked. */
async function runSystem(id: string, versions: readonly Iteration[], calls?: EngineCall[]): Promise<Run> {
  const system = systemById(id)!;
  return inFolder(async (folder) => {
    const store = await openStore(folder);
    const executor = await openDuckDb({
      store,
      ...(calls === undefined ? {} : { log: (call) => void calls.push(call) }),
    });
    const metrics: Readonly<Record<string, number>>[] = [];
    const stop = startWatch();
    const { failure, rows } = await runLoop({
      iterations: versions,
      trace: "bench",
      system,
      planner: reusePlannerById(system.planner)!,
      materializer: materializerById(system.materializer)!,
      executor,
      onIteration: (report) => void metrics.push(report.metrics),
    });
    const time = stop();
    await executor.close();
    await store.close();
    if (failure !== undefined) throw failure;
    if (rows.length === 0) throw new Error(`${id} has no rows`);
    return { ...time, metrics };
  });
}

/** The calls of a run, one after the other on a plain connection; @returns their time. */
async function replay(calls: readonly EngineCall[]): Promise<Time> {
  return inFolder(async (folder) => {
    const { connection, close } = await openByHand();
    const files = new Map<string, string>();
    const fileOf = (key: string): string => {
      const known = files.get(key) ?? join(folder, String(files.size));
      files.set(key, known);
      return known;
    };
    const stop = startWatch();
    for (const call of calls) await replayCall(connection, call, fileOf);
    const time = stop();
    close();
    return time;
  });
}

async function replayCall(db: DuckDBConnection, call: EngineCall, fileOf: (key: string) => string): Promise<unknown> {
  const duckdb = await import("@duckdb/node-api");
  if (call.kind === "run") return db.run(call.sql);
  if (call.kind === "query") return (await db.runAndReadAll(call.sql)).getRows();
  if (call.kind === "fetch") return fetchBulk(db, call.sql, call.types);
  if (call.kind === "upload") return uploadBulk(duckdb, db, call.table, call.columns, call.rows);
  if (call.kind === "work") return call.run();
  if (call.kind === "write" || call.kind === "load") return db.run(call.sql(fileOf(call.key)));
  if (call.kind === "write-text") return writeFile(fileOf(call.key), call.text);
  if (call.kind === "load-text") return JSON.parse(await readFile(fileOf(call.key), "utf8"));
  return rm(fileOf(call.key), { force: true });
}

async function runHand(files: Readonly<Record<string, string>>, count: number): Promise<Run> {
  const { connection, close } = await openByHand();
  const metrics: Readonly<Record<string, number>>[] = [];
  const stop = startWatch();
  for (const version of handVersions.slice(0, count))
    metrics.push(await runByHand(connection, { train: files["train"]!, test: files["test"]! }, version));
  const time = stop();
  close();
  return { ...time, metrics };
}

const ourNames: Readonly<Record<string, string>> = {
  accuracy: "checked.accuracy",
  "train-accuracy": "trainCheck.accuracy",
  "train-log-loss": "trainCheck.logLoss",
  "by-sex": "byGroup.worstAccuracy",
  "train-auc": "auc.auc",
  "positive-rate": "positiveRate.positiveRate",
};

/** @throws if the arms do not agree to 1e-4: the hand-written one sums in any order, which moves the learner's last passes */
function compare(ours: Run, hand: Run): void {
  hand.metrics.forEach((values, i) => {
    for (const [name, value] of Object.entries(values)) {
      const mine = ours.metrics[i]?.[ourNames[name] ?? name];
      if (mine === undefined || !(Math.abs(mine - value) <= 1e-4))
        throw new Error(`version ${i}: ${name} is ${String(mine)} with the harness, ${value} by hand`);
    }
  });
}

async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "reuselab-bench-"));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function startWatch(): () => Time {
  const from = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - from, cpuMs: (user + system) / 1000 };
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`.padStart(10);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (process.argv[1]?.endsWith("overhead.ts") === true) process.exitCode = await run(process.argv.slice(2));
