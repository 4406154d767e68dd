import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemById } from "../../src/baselines/index.ts";
import type { Executor } from "../../src/core/executor.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import { startSparkServer } from "../../src/executors/spark/server.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { type EngineOpener, openEngineHost } from "../../src/harness/execution/engines.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { executorContract } from "../../src/testing/executor-contract.ts";
import { workloads } from "../../src/workloads/index.ts";
import { useSparkServer } from "./shared-server.ts";
import { node } from "./two-engines.ts";

const spark = useSparkServer();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-loop-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const address = () => ({ host: "127.0.0.1", port: spark.server().port, token: spark.server().token });
const openHere: EngineOpener = (options) => openSpark({ ...options, server: address() });

async function run(
  workload: string,
  scale: number,
  iterations: number,
  executor: string,
  system: string,
  open?: EngineOpener,
) {
  const found = workloads[workload]!;
  const { dataset, requires = [] } = found;
  const data = await prepareDataset(dataset, { scale, cacheDir: folder });
  return executeCell({
    workload,
    requires,
    dataTitle: data.title,
    versions: found.versions(data, 3, {}).slice(0, iterations),
    executor,
    ...(open === undefined ? {} : { open }),
    system: systemById(system)!,
    budgetBytes: null,
    seed: 3,
    profile: "hot",
    out: join(folder, workload, executor),
  });
}

describe("the loop on Spark", () => {
  test.each([
    ["census", 0.02, 3],
    ["ie", 0.05, 3],
  ])("%s: metric values are DuckDB's within 1e-2, with reuse and without", async (workload, scale, iterations) => {
    const expected = await run(workload, scale, iterations, "duckdb", "helix");
    expect(expected.failure).toBeUndefined();
    const helix = await run(workload, scale, iterations, "spark", "helix", openHere);
    const naive = await run(workload, scale, 1, "spark", "naive", openHere);
    expect([helix.failure, naive.failure]).toEqual([undefined, undefined]);
    expect(helix.rows.length).toBe(iterations);
    expect(helix.rows.some(({ loaded }) => loaded > 0)).toBe(true);
    expect(helix.rows.every(({ executor }) => executor === "spark")).toBe(true);
    for (const side of [helix, naive])
      for (const [i, values] of side.metrics.entries()) {
        expect(Object.keys(values).toSorted()).toEqual(Object.keys(expected.metrics[i]!).toSorted());
        for (const [name, value] of Object.entries(values))
          expect([i, name, Math.abs(value - expected.metrics[i]![name]!) <= 1e-2]).toEqual([i, name, true]);
      }
  });

  test("the executor meets the contract of executors", async () => {
    const data = await prepareDataset("census", { scale: 0.005, cacheDir: folder });
    const iterations = workloads["census"]!.versions(data, 3, {}).slice(0, 2);
    let opened = 0;
    const checks = executorContract({
      id: "spark",
      iterations,
      async open(): Promise<Executor> {
        return openSpark({ server: address(), store: await openStore(join(folder, `contract-${opened++}`)) });
      },
    });
    for (const { check } of checks) await check();
    expect(opened).toBeGreaterThanOrEqual(checks.length);
  });

  test("a stored result is whole objects named by their content; loading gives the rows back in their order", async () => {
    const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
    const [first] = workloads["census"]!.versions(data, 3, {});
    const store = await openStore(join(folder, "objects-store"));
    const executor = await openSpark({ server: address(), store });
    try {
      const nodes = first!.nodes.slice(0, 2);
      const segment = { nodes, barriers: new Set([nodes[1]!.id]) };
      const { results } = await executor.compute(segment, new Map(), {});
      const { bytes } = await executor.write(results.get(nodes[1]!.id)!, "k", {});
      expect(bytes).toBeGreaterThan(1000);
      expect(store.usedBytes).toBe(bytes);
      expect(readdirSync(join(folder, "objects-store", "objects")).every((name) => /^[0-9a-f]{64}$/u.test(name))).toBe(
        true,
      );
      const { result } = await executor.load("k", nodes[1]!, {});
      expect(result.rows).toBe(results.get(nodes[1]!.id)!.rows);
      await executor.release(result);
      await executor.release(results.get(nodes[1]!.id)!);
      expect(executor.tableCount).toBe(0);
    } finally {
      await executor.close();
      await store.close();
    }
  });
});

describe("faults", () => {
  test("a server killed in mid-run ends the run with an error; the next run goes on from what was finished", async () => {
    const own = await startSparkServer();
    const openOwn: EngineOpener = (options) =>
      openSpark({ ...options, server: { host: "127.0.0.1", port: own.port, token: own.token } });
    const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
    const cell = {
      workload: "census",
      dataTitle: data.title,
      versions: workloads["census"]!.versions(data, 3, {}).slice(0, 3),
      executor: "spark",
      system: systemById("helix")!,
      budgetBytes: null,
      seed: 3,
      profile: "hot" as const,
      out: join(folder, "killed"),
    };
    const killed = await executeCell({
      ...cell,
      open: openOwn,
      // The second version computes for seconds; it is under way when the server dies.
      onIteration: ({ row }) => {
        if (row.iteration === 0) setTimeout(() => process.kill(own.pid, "SIGKILL"), 700);
      },
    });
    await own.stop();
    expect(killed.failure).toMatchObject({ code: "E_EXECUTOR" });
    expect(killed.rows.length).toBe(1);
    const resumed = await executeCell({ ...cell, open: openHere });
    expect(resumed.failure).toBeUndefined();
    expect(resumed.rows.map(({ iteration }) => iteration)).toEqual([0, 1, 2]);
    expect(resumed.executed.length).toBe(2);
    expect(resumed.rows[0]).toEqual(killed.rows[0]);
  });

  test("an abort interrupts the statement and keeps what was finished", async () => {
    const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
    const abort = new AbortController();
    const outcome = await executeCell({
      workload: "census",
      dataTitle: data.title,
      versions: workloads["census"]!.versions(data, 3, {}).slice(0, 3),
      executor: "spark",
      open: openHere,
      system: systemById("keystoneml")!,
      budgetBytes: null,
      seed: 3,
      profile: "hot",
      out: join(folder, "aborted"),
      signal: abort.signal,
      onIteration: () => setTimeout(() => abort.abort(), 300),
    });
    expect(outcome.aborted).toBe(true);
    expect(outcome.rows.length).toBe(1);
  });

  test("a line that cannot be parsed ends the scan and names the file", async () => {
    const executor = await openSpark({ server: address() });
    try {
      const path = join(folder, "bad.csv");
      writeFileSync(path, "1\n2\nthree\n");
      const nodes = [
        node("data", { op: "source", dataset: "d", fingerprint: "f", files: [{ path, split: "train" }] }),
        node("rows", { op: "scan", format: "csv", columns: [{ name: "n", type: "integer" }] }, ["data"]),
      ];
      await expect(executor.compute({ nodes, barriers: new Set(["rows"]) }, new Map(), {})).rejects.toMatchObject({
        code: "E_DATA_FORMAT",
        message: expect.stringMatching(/bad\.csv: a line cannot be read/u) as string,
      });
    } finally {
      await executor.close();
    }
  });

  test("execute on Spark without its jars ends with exit 3 and the command that gets them", async () => {
    const child = spawn(
      process.execPath,
      [
        "--import",
        "tsx",
        "src/cli/main.ts",
        "execute",
        "census",
        "--executor",
        "spark",
        "--quick",
        "--system",
        "helix",
        "--out",
        join(folder, "no-jars"),
      ],
      {
        env: { ...process.env, SPARK_HOME: "", REUSELAB_CACHE: join(folder, "empty") },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let stderr = "";
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(stderr).toContain("reuselab spark install");
    expect(code).toBe(3);
  });
});

test("local-cluster: executors as processes of their own run the same loop", async () => {
  const host = await openEngineHost("spark", { sparkMaster: "local-cluster[2,1,1024]" });
  try {
    const { failure, rows, metrics } = await run("census", 0.02, 1, "spark-cluster", "helix", async (options) => {
      const executor = await host.open(options);
      expect(executor.capabilities.isDistributed).toBe(true);
      return executor;
    });
    expect(failure).toBeUndefined();
    expect(rows.length).toBe(1);
    const expected = await run("census", 0.02, 1, "duckdb-cluster", "helix", openDuckDb);
    for (const [name, value] of Object.entries(expected.metrics[0]!))
      expect([name, Math.abs(metrics[0]![name]! - value) <= 1e-2]).toEqual([name, true]);
    expect(readFileSync(join(folder, "census", "spark-cluster", "helix", "run.json"), "utf8")).toContain(
      "spark-cluster",
    );
  } finally {
    await host.close();
  }
});
