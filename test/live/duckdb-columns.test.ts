import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { maxFlow } from "../../src/algorithms/reuse/max-flow.ts";
import { defaultSwitches, type SystemSpec } from "../../src/core/system.ts";
import type { Executor } from "../../src/core/executor.ts";
import type { Iteration, TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import type { BatchMaterializer } from "../../src/core/materializer.ts";
import { never } from "../../src/algorithms/materialize/never.ts";
import { computeAll } from "../../src/algorithms/reuse/compute-all.ts";
import { simulatedExecutor } from "../../src/executors/simulated/simulated-executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { type ExecutionOutcome, executeCell } from "../../src/harness/execution/execute-cell.ts";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import type { IterationReport } from "../../src/simulator/iteration-report.ts";
import { runLoop, type RunOutcome } from "../../src/simulator/loop.ts";
import { workloads } from "../../src/workloads/index.ts";
import { inFolder, node, releaseAll, version, withExecutor } from "./duckdb-support.ts";

/** Keeps what it is asked for by name, and nothing else. */
function keeping(wanted: (graph: Parameters<BatchMaterializer["select"]>[0], vertex: number) => boolean) {
  const materializer: BatchMaterializer = {
    kind: "batch",
    id: "wanted",
    title: "What a test wants",
    dedup: true,
    select: (graph) => graph.candidates().filter((vertex) => wanted(graph, vertex)),
  };
  return materializer;
}

const system: SystemSpec = { id: "test", title: "", planner: "", materializer: "", switches: defaultSwitches };

async function run(
  iterations: readonly Iteration[],
  executor: Executor,
  materializer: BatchMaterializer,
  onIteration?: (report: IterationReport) => Promise<void>,
): Promise<RunOutcome> {
  return runLoop({
    iterations,
    trace: "test",
    system,
    planner: maxFlow,
    materializer,
    executor,
    graph: new UnionGraph(),
    ...(onIteration === undefined ? {} : { onIteration }),
  });
}

async function bytesUnder(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

describe("columns stored once on DuckDB", () => {
  it("bytes on disk are those accounted, in the run and in a simulation of it, and what is loaded is what was stored", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
      const iterations = workloads["census"]!.versions(data, 1, {}).slice(0, 3);
      // Everything but the scan in the first version; later a third of it, so that shared columns survive their first result.
      const wants = (signature: string, vertexCount: number): boolean =>
        vertexCount < 30 || Number.parseInt(signature.slice(0, 4), 16) % 3 === 0;
      const materializer = keeping((graph, vertex) => wants(graph.signature(vertex), graph.vertexCount));

      const store = await openStore(join(folder, "store"), { onWarning: () => {} });
      const executor = await openDuckDb({ store, storeColumns: true });
      expect(executor.capabilities.storesColumns).toBe(true);
      const reports: IterationReport[] = [];
      const measured = new Map<string, Partial<TraceNode>>();
      const outcome = await run(iterations, executor, materializer, async (report) => {
        reports.push(report);
        expect(report.row.storedBytes).toBe(await bytesUnder(join(folder, "store/objects")));
        expect(report.row.storedBytes).toBe(store.usedBytes);
        for (const key of report.stored.keys()) {
          const columns = (await executor.columnsOf(key))!;
          const sizeBytes = columns.reduce((sum, { bytes }) => sum + bytes, 0);
          measured.set(key, { columns, sizeBytes });
        }
      });
      expect(outcome.failure).toBeUndefined();
      const whole = store.entries().reduce((sum, { bytes }) => sum + bytes, 0);
      expect(store.usedBytes).toBeLessThan(whole);
      expect(outcome.rows[1]!.loaded + outcome.rows[2]!.loaded).toBeGreaterThan(0);
      expect(outcome.rows.some(({ evictedBytes }) => evictedBytes > 0)).toBe(true);

      // The same decisions in the simulator, with the bytes the columns had.
      const trace = iterations.map((iteration, i): TraceIteration => ({
        ...iteration,
        nodes: iteration.nodes.map((one) => {
          const cost = reports[i]!.nodes.find(({ node: { id } }) => id === one.id);
          const bytes = measured.get(one.signature) ?? { sizeBytes: 1 };
          return { ...one, computeUs: cost?.computeUs ?? 0, sizeBytes: 1, ...bytes };
        }),
      }));
      const simulated = await run(trace, simulatedExecutor(), materializer);
      const kept = (rows: RunOutcome["rows"]): number[] => rows.map(({ storedBytes }) => storedBytes);
      expect(kept(simulated.rows)).toEqual(kept(outcome.rows));

      // Without reuse the answers are the same.
      const metrics = reports.map((report) => report.metrics);
      const again = await runLoop({
        iterations,
        trace: "test",
        system,
        planner: computeAll,
        materializer: never,
        executor,
        onIteration: (report) => {
          for (const [name, value] of Object.entries(report.metrics))
            expect(metrics[report.row.iteration]?.[name]).toBeCloseTo(value, 9);
        },
      });
      expect(again.rows).toHaveLength(3);
      await executor.close();
      await store.close();
    });
  });

  it("rows of columns from several files and row groups meet in order", async () => {
    await inFolder(async (folder) => {
      const rows = 300_000; // several row groups of a parquet file
      const path = join(folder, "t.csv");
      await withExecutor(
        async (executor) => {
          const { writeFile } = await import("node:fs/promises");
          await writeFile(
            path,
            Array.from({ length: rows }, (_, i) => `${i},${(i * 7919) % 1000},t${i % 13}\n`).join(""),
          );
          const columns = [
            { name: "a", type: "integer" },
            { name: "b", type: "integer" },
            { name: "c", type: "text" },
          ] as const;
          const files = [{ path, split: "train" }];
          const nodes = [
            node("s", { op: "source", dataset: "d", fingerprint: "f", files }),
            node("t", { op: "scan", format: "csv", columns }, ["s"]),
            node("p", { op: "project", columns: ["c", "a"] }, ["t"]),
          ];
          executor.beginIteration(version(nodes));
          const scanned = await executor.compute(
            { nodes: nodes.slice(0, 2), barriers: new Set(["s", "t"]) },
            new Map(),
            {},
          );
          const table = scanned.results.get("t")!;
          const projected = await executor.compute(
            { nodes: nodes.slice(2), barriers: new Set(["p"]) },
            new Map([["t", table]]),
            {},
          );
          await executor.write(table, "t", {});
          await executor.write(projected.results.get("p")!, "p", {});
          const own = new Set((await executor.columnsOf("t"))!.map(({ id }) => id));
          expect((await executor.columnsOf("p"))!.every(({ id }) => own.has(id))).toBe(true);
          const { result } = await executor.load("t", nodes[1]!, {});
          const check = node(
            "check",
            { op: "sql-udf", text: "abs($2 - ($1 * 7919) % 1000)", returns: { name: "x", type: "integer" } },
            ["t"],
          );
          executor.beginIteration(version([...nodes, check]));
          const checked = await executor.compute(
            { nodes: [check], barriers: new Set(["check"]) },
            new Map([["t", result]]),
            {},
          );
          expect(checked.results.get("check")!.rows).toBe(rows);
          await executor.write(checked.results.get("check")!, "check", {});
          const [first] = (await executor.columnsOf("check"))!.slice(-1);
          // A column of zeros takes next to nothing; one that is off anywhere would not.
          expect(first!.bytes).toBeLessThan(3_000);
          // Deleting the table leaves what the projection shares with it.
          const before = (await executor.columnsOf("p"))!;
          const { freedBytes } = await executor.evict("t");
          expect(freedBytes).toBeGreaterThan(0);
          expect(await executor.columnsOf("p")).toEqual(before);
          const again = await executor.load("p", nodes[2]!, {});
          expect(again.result.rows).toBe(rows);
          await releaseAll(executor, new Map([...scanned.results, ...projected.results, ...checked.results]));
          await releaseAll(
            executor,
            new Map([
              ["a", result],
              ["b", again.result],
            ]),
          );
          expect(executor.tableCount).toBe(0);
        },
        { storeColumns: true },
      );
    });
  });

  it("joining at most one row to each leaves the left's columns as they are: stored alone, they are the same files", async () => {
    await inFolder(async (folder) => {
      const { writeFile } = await import("node:fs/promises");
      const [left, right] = [join(folder, "l.csv"), join(folder, "r.csv")];
      const keys = Array.from({ length: 2_000 }, (_, i) => (i * 7919) % 2_000);
      await writeFile(left, keys.map((k) => `${k},${(k * 31) % 97}\n`).join(""));
      // Some keys three times, some not at all.
      await writeFile(right, keys.flatMap((k) => (k % 3 === 0 ? [] : [1, 2, 3].map((v) => `${k},${v}\n`))).join(""));
      const integers = (...names: string[]) => names.map((name) => ({ name, type: "integer" }) as const);
      const nodes = [
        node("ls", { op: "source", dataset: "d", fingerprint: "l", files: [{ path: left, split: "all" }] }),
        node("rs", { op: "source", dataset: "d", fingerprint: "r", files: [{ path: right, split: "all" }] }),
        node("l", { op: "scan", format: "csv", columns: integers("k", "x") }, ["ls"]),
        node("r", { op: "scan", format: "csv", columns: integers("k", "v") }, ["rs"]),
        node("g", { op: "aggregate", keys: ["k"], measures: [{ fn: "sum", column: "v", as: "sum" }] }, ["r"]),
        node("j", { op: "join", on: ["k"], prefix: "r_" }, ["l", "g"]),
      ];
      const filesOf = async (id: string): Promise<ReadonlyMap<string, string>> =>
        withExecutor(
          async (executor, store) => {
            executor.beginIteration(version(nodes));
            const { results } = await executor.compute({ nodes, barriers: new Set([id, "j"]) }, new Map(), {});
            await executor.write(results.get(id)!, id, {});
            const columns = (await executor.columnsOf(id))!;
            await releaseAll(executor, results);
            const { objects } = store.entries()[0]!;
            return new Map(columns.map((column, i) => [column.id, objects[i]?.id ?? ""]));
          },
          { storeColumns: true },
        );
      const [alone, joined] = [await filesOf("l"), await filesOf("j")];
      const shared = [...alone].filter(([id]) => joined.has(id));
      expect(shared.length).toBeGreaterThanOrEqual(2);
      for (const [id, file] of shared) expect(joined.get(id)).toBe(file);
    });
  });

  it("a run that was cut off goes on with its graph: accounted bytes are those on disk, and its end is that of a whole run", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
      const versions = workloads["census"]!.versions(data, 1, {}).slice(0, 3);
      const materializer = keeping((graph, vertex) => graph.recreationUs(vertex) > 0);
      const cell = {
        workload: "census",
        dataTitle: data.title,
        versions,
        executor: "duckdb",
        seed: 1,
        profile: "hot",
      } as const;
      const execute = (out: string, signal?: AbortSignal, onIteration?: () => void): Promise<ExecutionOutcome> =>
        executeCell({
          ...cell,
          system: { ...system, id: "kept", planner: maxFlow.id, materializer: materializer.id },
          materializer,
          budgetBytes: null,
          out: join(folder, out),
          ...(signal === undefined ? {} : { signal }),
          ...(onIteration === undefined ? {} : { onIteration }),
        });
      const stop = new AbortController();
      const first = await execute("cut", stop.signal, () => stop.abort());
      expect([first.aborted, first.rows.length]).toEqual([true, 1]);
      const rest = await execute("cut");
      const whole = await execute("whole");
      expect(rest.failure).toBeUndefined();
      expect(rest.rows).toHaveLength(3);
      for (const { folder: path, rows } of [rest, whole])
        expect(rows.at(-1)!.storedBytes).toBe(await bytesUnder(join(path, "store/objects")));
      expect(rest.rows.map(({ storedBytes }) => storedBytes)).toEqual(whole.rows.map(({ storedBytes }) => storedBytes));
      const graphs = (await readdir(rest.folder)).filter((name) => name.startsWith("graph-")).sort();
      expect(graphs).toEqual(["graph-2.jsonl", "graph-3.jsonl"]);
    });
  });
});
