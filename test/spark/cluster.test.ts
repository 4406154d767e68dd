import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSparkCluster, stopSparkCluster } from "../../src/executors/spark/cluster.ts";
import { findSparkJars } from "../../src/executors/spark/jars.ts";
import { startSparkServer } from "../../src/executors/spark/server.ts";
import { type EngineHost, openEngineHost } from "../../src/harness/execution/engines.ts";
import { executeCell, type ExecutionOutcome } from "../../src/harness/execution/execute-cell.ts";
import { processesOf, startCommand, until, within } from "./processes.ts";
import { shortCensus } from "./short-census.ts";
import { smallCell } from "./small-cell.ts";

let folder = "";
/** A cache folder of its own, so that a cluster the user runs is left alone; the jars are where they are. */
let env: Readonly<Record<string, string | undefined>> = {};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-cluster-"));
  env = { ...process.env, SPARK_HOME: dirname(findSparkJars(process.env).folder), REUSELAB_CACHE: folder };
});
afterAll(() => {
  stopSparkCluster(env);
  rmSync(folder, { recursive: true, force: true });
});

const small = { workload: shortCensus, scale: 0.02, system: "helix" } as const;

async function cellOn(host: EngineHost, name: string, iterations: number) {
  const cell = await smallCell({ ...small, iterations, executor: "spark", folder });
  return { ...cell, out: join(folder, name), open: host.open };
}

/** Metric values are those DuckDB gives, to 1e-2. */
async function expectMetrics(found: ExecutionOutcome): Promise<void> {
  const cell = await smallCell({ ...small, iterations: found.rows.length, executor: "duckdb", folder });
  const expected = await executeCell({ ...cell, out: join(folder, `duckdb-${found.rows.length}`) });
  for (const [i, values] of expected.metrics.entries())
    for (const [name, value] of Object.entries(values))
      expect([i, name, Math.abs(found.metrics[i]![name]! - value) <= 1e-2]).toEqual([i, name, true]);
}

test("local-cluster: executors as processes of their own run the same loop, through one storage folder", async () => {
  const host = await openEngineHost("spark", { sparkMaster: "local-cluster[2,1,1024]" });
  try {
    const cell = await cellOn(host, "local-cluster", 2);
    const run = executeCell({
      ...cell,
      open: async (options) => {
        const executor = await host.open(options);
        expect(executor.capabilities.isDistributed).toBe(true);
        return executor;
      },
    });
    const outcome = await within(180, "a run on two executor processes", run);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.rows[1]!.loaded).toBeGreaterThan(0);
    await expectMetrics(outcome);
  } finally {
    await host.close();
  }
});

test("a standalone master with two workers: a worker killed in mid-run is a retry or a clear error, and the next run goes on with the other", async () => {
  const { master, pids } = await startSparkCluster(env, 2);
  const host = await openEngineHost("spark", { sparkMaster: master, env });
  const cell = await cellOn(host, "standalone", 2);
  const [, victim = 0] = pids;
  try {
    const run = executeCell({
      ...cell,
      onIteration: ({ row }) => {
        // With its executor: both are of one process group.
        if (row.iteration === 0) process.kill(-victim, "SIGKILL");
      },
    });
    const struck = await within(180, "a run that loses a worker", run);
    expect(await until(() => processesOf(victim) === 0, 10)).toBe(true);
    expect(struck.rows.length).toBeGreaterThan(0);
    if (struck.failure !== undefined) expect(struck.failure).toMatchObject({ code: "E_EXECUTOR" });
    const next = await within(180, "the run after it", executeCell(cell));
    expect(next.failure).toBeUndefined();
    expect(next.rows.map(({ iteration }) => iteration)).toEqual([0, 1]);
    expect(next.rows[0]).toEqual(struck.rows[0]);
    expect(readdirSync(join(folder, "standalone", "helix", "store", "objects")).length).toBeGreaterThan(0);
    await expectMetrics(next);
  } finally {
    await host.close();
    stopSparkCluster(env);
  }
  for (const pid of pids) expect(await until(() => processesOf(pid) === 0, 10)).toBe(true);
});

test("a master without workers: the start is given up in time, with the server's own log lines", async () => {
  const { master } = await startSparkCluster(env, 0);
  try {
    const start = startSparkServer({ master, env, startTimeoutMs: 25_000 });
    const error = await within(120, "the start", start).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "E_EXECUTOR",
      message: expect.stringMatching(/did not start \((?=.*in time|.*within)[\s\S]*last log lines/u) as string,
    });
  } finally {
    stopSparkCluster(env);
  }
});

test("the command line: cluster start, status and stop", async () => {
  const own = { REUSELAB_CACHE: join(folder, "cli"), SPARK_HOME: env["SPARK_HOME"] ?? "" };
  const say = async (...args: string[]) => {
    const command = startCommand(["spark", ...args], own);
    return { code: await command.ended(), stdout: command.stdout(), stderr: command.stderr() };
  };
  try {
    const started = await say("cluster", "start", "--workers", "1");
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/spark:\/\/127\.0\.0\.1:\d+ with 1/u) as string,
    });
    expect((await say("status")).stdout).toMatch(/cluster: spark:\/\/.* 1 workers/u);
    const again = await say("cluster", "start", "--workers", "1");
    expect(again).toMatchObject({ code: 3, stderr: expect.stringMatching(/one runs already/u) as string });
    const [master = ""] = /spark:\/\/\S+/u.exec(started.stdout) ?? [];
    expect((await say("cluster", "start")).stdout).toContain(`${master} with 2 workers`);
  } finally {
    expect((await say("cluster", "stop")).stdout).toMatch(/stopped/u);
  }
  expect((await say("status")).stdout).toMatch(/cluster: none/u);
});
