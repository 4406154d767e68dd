import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Executor } from "../../src/core/executor.ts";
import type { Iteration, IterationNode } from "../../src/core/iteration.ts";
import type { Operator } from "../../src/core/operators.ts";
import { rngStream } from "../../src/core/rng.ts";
import type { Workload } from "../../src/core/workload.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import type { EngineOpener } from "../../src/harness/execution/engines.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { executorContract } from "../../src/testing/executor-contract.ts";
import { workloads } from "../../src/workloads/index.ts";
import { within } from "./processes.ts";
import { useSparkServer } from "./shared-server.ts";
import { smallCell } from "./small-cell.ts";
import { node } from "./two-engines.ts";

const spark = useSparkServer();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-loop-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const address = () => ({ host: "127.0.0.1", port: spark.server().port, token: spark.server().token });
const openHere: EngineOpener = (options) => openSpark({ ...options, server: address() });

const contractColumns = [
  { name: "x", type: "double" },
  { name: "y", type: "text" },
] as const;
const contractExamples: Operator = { op: "assemble", label: 1, positive: "yes", standardise: true };
/** A node that is another one with another number of trees. */
const signed = (each: IterationNode, trees: number): IterationNode => ({ ...each, signature: `${each.id}-${trees}` });

async function run(
  workload: Workload,
  scale: number,
  iterations: number,
  executor: string,
  system: string,
  open?: EngineOpener,
) {
  const cell = await smallCell({ workload, scale, iterations, executor, system, folder });
  return executeCell({ ...cell, ...(open === undefined ? {} : { open }) });
}

describe("the loop on Spark", () => {
  test.each([
    ["census", 0.02, 2],
    ["ie", 0.05, 2],
  ])("%s: metric values are DuckDB's within 1e-2, with reuse and without", async (id, scale, iterations) => {
    const workload = workloads[id]!;
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
    const path = join(folder, "contract.csv");
    const rng = rngStream(1, "contract/rows");
    const lines = Array.from({ length: 300 }, () => [rng(), rng()]).map(
      ([a, b]) => `${a},${a! + b! > 1 ? "yes" : "no"}`,
    );
    writeFileSync(path, lines.join("\n"));
    // Learned in this process: the contract runs a version many times, and MLlib takes seconds for each model.
    const usual = { minLeafRows: 5, seed: 1, maxLeaves: 4, l2: 0.1 };
    const version = (iteration: number, trees: number): Iteration => ({
      iteration,
      changeType: iteration === 0 ? "initial" : "li",
      nodes: [
        node("data", { op: "source", dataset: "d", fingerprint: "f", files: [{ path, split: "train" }] }),
        node("rows", { op: "scan", format: "csv", columns: contractColumns }, ["data"]),
        node("x", { op: "field", column: "x", as: "numeric" }, ["rows"]),
        node("square", { op: "expression", fn: "square" }, ["x"]),
        node("target", { op: "field", column: "y", as: "categorical" }, ["rows"]),
        node("examples", contractExamples, ["rows", "target", "x", "square"]),
        signed(node("model", { op: "learn", model: "gradient-boosting", trees, ...usual }, ["examples"]), trees),
        signed(node("predictions", { op: "predict" }, ["model", "examples"]), trees),
        signed(node("accuracy", { op: "reduce", metric: "accuracy", split: "train" }, ["predictions"]), trees),
      ],
    });
    let opened = 0;
    const checks = executorContract({
      id: "spark",
      iterations: [version(0, 3), version(1, 5)],
      async open(): Promise<Executor> {
        return openSpark({ server: address(), store: await openStore(join(folder, `contract-${opened++}`)) });
      },
    });
    for (const { title, check } of checks) await within(100, title, check());
    expect(opened).toBeGreaterThanOrEqual(checks.length);
  });

  test("a stored result is whole objects named by their content; loading gives the rows back in their order", async () => {
    const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
    const [first] = workloads["census"]!.versions(data, 3, {});
    const store = await openStore(join(folder, "objects-store"));
    const executor = await openSpark({ server: address(), store });
    try {
      expect(executor.capabilities).toEqual({
        measured: true,
        fusesSegments: true,
        measuresBytes: true,
        persistsAcrossSessions: true,
        isDistributed: false,
      });
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
