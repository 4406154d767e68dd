import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DataFormatError, ExecutorError, MissingExecutorError, PlugInError } from "../../src/core/errors.ts";
import type { IterationNode } from "../../src/core/iteration.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { censusWorkflow } from "../../src/workloads/census/workflow.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import { computeInGroups, inFolder, node, releaseAll, withExecutor } from "./duckdb-support.ts";

async function firstVersion(folder: string, scale: number): Promise<readonly IterationNode[]> {
  const data = await prepareDataset("census", { scale, cacheDir: folder });
  return flattenEdits({ first: censusWorkflow(data.sources["census"]!), runs: [] })[0]!.nodes;
}

/** The command line, for a process of its own. */
function reuselab(args: readonly string[]): readonly string[] {
  return ["--import", "tsx", "src/cli/main.ts", ...args];
}

describe("when something breaks", () => {
  it("a missing engine is named with the command that installs it", async () => {
    const importPackage = (): Promise<never> => Promise.reject(new Error("Cannot find package"));
    const opening = openDuckDb({ importPackage });
    await expect(opening).rejects.toBeInstanceOf(MissingExecutorError);
    await expect(opening).rejects.toThrow(/npm install @duckdb\/node-api/u);
  });

  it("a malformed line of a data file is bad input that names file, line and column", async () => {
    await withExecutor(async (executor, _store, folder) => {
      const path = join(folder, "bad.csv");
      await writeFile(path, "1,2\n3,x\n");
      const nodes = [
        node("data", { op: "source", dataset: "d", fingerprint: "f", files: [{ path, split: "train" }] }),
        node(
          "rows",
          {
            op: "scan",
            format: "csv",
            columns: [
              { name: "p", type: "integer" },
              { name: "q", type: "integer" },
            ],
          },
          ["data"],
        ),
      ];
      const run = computeInGroups(executor, [nodes]);
      await expect(run).rejects.toBeInstanceOf(DataFormatError);
      await expect(run).rejects.toThrow(/bad\.csv:2: q: .*"x"/u);
      expect(executor.tableCount).toBe(0);
    });
  });

  it("a user's function that throws or returns too few values is named, and nothing is left in the engine", async () => {
    await withExecutor(async (executor, _store, folder) => {
      const nodes = await firstVersion(folder, 0.01);
      const at = nodes.findIndex(({ id }) => id === "edu");
      for (const fn of [
        () => [1],
        () => {
          throw new Error("oh no");
        },
      ]) {
        const returns = { name: "v", type: "integer" } as const;
        const udf = node("mine", { op: "udf", columns: ["edu"], returns, source: "", with: {}, fn }, ["edu"]);
        const run = computeInGroups(executor, [[...nodes.slice(0, at + 1), udf]]);
        await expect(run).rejects.toBeInstanceOf(PlugInError);
        await expect(run).rejects.toThrow(/"mine"/u);
      }
      expect(executor.tableCount).toBe(0);
    });
  });

  it("an abort interrupts the running statement; the executor goes on afterwards", async () => {
    await inFolder(async (folder) => {
      const nodes = await firstVersion(folder, 4);
      await withExecutor(async (executor) => {
        const abort = new AbortController();
        const segment = { nodes, barriers: new Set(["checked"]) };
        const running = executor.compute(segment, new Map(), { signal: abort.signal });
        const ended = running.catch((error: unknown) => error);
        await sleep(30);
        const from = performance.now();
        abort.abort();
        const error = await ended;
        expect(error).toBeInstanceOf(ExecutorError);
        expect(String(error)).toMatch(/interrupted/u);
        expect(performance.now() - from).toBeLessThan(5000);
        expect(executor.tableCount).toBe(0);
        const at = nodes.findIndex(({ id }) => id === "age");
        const { handles } = await computeInGroups(executor, [nodes.slice(0, at + 1)]);
        await releaseAll(executor, handles);
      });
    });
  });

  it("a result damaged on disk is not loaded, and not offered again", async () => {
    await withExecutor(async (executor, store, folder) => {
      const nodes = await firstVersion(folder, 0.01);
      const { handles } = await computeInGroups(executor, [nodes.slice(0, 2)]);
      const rows = handles.get("rows")!;
      await executor.write(rows, "k", {});
      await store.close();
      const [object] = await readdir(join(folder, "store/objects"));
      await writeFile(join(folder, "store/objects", object!), "broken");
      const { openStore } = await import("../../src/executors/store/result-store.ts");
      const again = await openStore(join(folder, "store"), { onWarning: () => {} });
      const other = await openDuckDb({ store: again });
      expect([...(await other.stored()).keys()]).toEqual([]);
      await expect(other.load("k", rows.node, {})).rejects.toThrow(/recomputed/u);
      await other.close();
      await again.close();
    });
  });

  it("a full disk fails the cell with exit code 3 and leaves nothing half-written", async () => {
    if (spawnSync("prlimit", ["--version"]).error !== undefined) {
      process.stderr.write("left out: full disk; prlimit is not installed\n");
      return;
    }
    await inFolder(async (folder) => {
      for (const scale of [0.5, 0.05]) await prepareDataset("census", { scale, cacheDir: join(folder, "reuselab") });
      const args = [
        "execute",
        "census-dist",
        "--scale",
        "0.5",
        "--system",
        "all",
        "--out",
        join(folder, "out"),
        "--format",
        "json",
      ];
      const command = `trap '' XFSZ; exec prlimit --fsize=40000 "$0" "$@"`;
      const { status, stderr } = spawnSync("bash", ["-c", command, process.execPath, ...reuselab(args)], {
        encoding: "utf8",
        env: { ...process.env, REUSELAB_CACHE: join(folder, "reuselab") },
      });
      expect(stderr).toMatch(/all failed: .*(?:disk is full|file sizes)/u);
      expect(status).toBe(3);
      const objects = await readdir(join(folder, "out/all/store/objects"));
      const manifests = await readdir(join(folder, "out/all/store/results"));
      expect(objects.every((name) => /^[0-9a-f]{64}$/u.test(name))).toBe(true);
      expect(objects.length).toBeLessThanOrEqual(manifests.length);
    });
  });

  it("a killed run goes on where it was: finished rows stay as they are, stored results are loaded", async () => {
    await inFolder(async (folder) => {
      const out = join(folder, "out");
      const args = [
        "execute",
        "census-dist",
        "--scale",
        "0.2",
        "--system",
        "all",
        "--out",
        out,
        "--format",
        "json",
        "--quiet",
      ];
      const env = { ...process.env, REUSELAB_CACHE: join(folder, "reuselab") };
      const child = spawn(process.execPath, reuselab(args), { env, stdio: "ignore" });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const rowsPath = join(out, "all/rows.ndjson");
      while (!existsSync(rowsPath) || (await readFile(rowsPath, "utf8")).split("\n").length < 3) await sleep(20);
      child.kill("SIGKILL");
      await ended;
      const before = (await readFile(rowsPath, "utf8")).trimEnd().split("\n");
      expect(before.length).toBeLessThan(10);
      const { status, stdout, stderr } = spawnSync(process.execPath, reuselab(args), { env, encoding: "utf8" });
      expect(`${status} ${stderr}`).toBe("0 ");
      const after = (await readFile(rowsPath, "utf8")).trimEnd().split("\n");
      expect(after.slice(0, before.length)).toEqual(before);
      const { rows } = JSON.parse(stdout) as {
        rows: { iteration: number; runUs: number; cumulativeUs: number; loaded: number }[];
      };
      expect(rows.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      let sum = 0;
      for (const { runUs, cumulativeUs } of rows) expect(cumulativeUs).toBe((sum += runUs));
      expect(rows[before.length]!.loaded).toBeGreaterThan(0);
    });
  });
});
