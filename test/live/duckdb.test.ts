import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultSystems } from "../../src/baselines/index.ts";
import { rngStream } from "../../src/core/rng.ts";
import type { Iteration, IterationNode } from "../../src/core/iteration.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { executorContract } from "../../src/testing/executor-contract.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import { workloads } from "../../src/workloads/index.ts";
import { censusWorkflow } from "../../src/workloads/census/workflow.ts";
import { computeInGroups, inFolder, releaseAll, withExecutor } from "./duckdb-support.ts";
import { openDuckDb } from "../../src/executors/duckdb/executor.ts";
import { openStore } from "../../src/executors/store/result-store.ts";

/** Versions of a Census sequence on generated data, about 1,000 rows. */
async function censusVersions(
  folder: string,
  workload: string,
  iterations: number,
  scale = 0.02,
): Promise<readonly Iteration[]> {
  const data = await prepareDataset("census", { scale, cacheDir: folder });
  return workloads[workload]!.versions(data, 3, { iterations });
}

describe("the DuckDB executor", () => {
  it.each([false, true])("meets the contract of executors (columns stored apart: %s)", async (storeColumns) => {
    await inFolder(async (folder) => {
      const iterations = await censusVersions(folder, "census-dist", 3);
      let opened = 0;
      const checks = executorContract({
        id: "duckdb",
        iterations,
        async open() {
          const store = await openStore(`${folder}/store-${opened++}`);
          return openDuckDb({ store, storeColumns });
        },
      });
      for (const { check } of checks) await check();
      expect(opened).toBeGreaterThanOrEqual(checks.length);
    });
  });

  it("gives the same metric values under every system, with and without a budget", async () => {
    await inFolder(async (folder) => {
      const reusing = ["helix", "collab-helix"];
      for (const [workload, ids] of [
        ["census-dist", defaultSystems.map(({ id }) => id)],
        ["census-branch", ["helix", "all"]],
      ] as const) {
        const versions = await censusVersions(folder, workload, 4);
        const run = async (systemId: string, budgetBytes: number | null) =>
          executeCell({
            workload,
            dataTitle: "test",
            versions,
            executor: "duckdb",
            system: defaultSystems.find(({ id }) => id === systemId)!,
            budgetBytes,
            seed: 3,
            profile: "hot",
            out: `${folder}/${workload}`,
            twin: systemId === "helix" && budgetBytes === null,
          });
        const { metrics: expected } = await run("naive", null);
        expect(expected.flatMap((values) => Object.values(values)).length).toBeGreaterThan(3);
        for (const id of ids)
          for (const budgetBytes of reusing.includes(id) ? [null, 60_000] : [null]) {
            const { metrics, rows, failure } = await run(id, budgetBytes);
            expect(failure).toBeUndefined();
            rows.forEach((row, i) => {
              const values = metrics[i]!;
              expect(Object.keys(values).sort(), `${id} ${row.iteration}`).toEqual(Object.keys(expected[i]!).sort());
              for (const [name, value] of Object.entries(values))
                expect(Math.abs(value - expected[i]![name]!), `${id}, iteration ${i}, ${name}`).toBeLessThanOrEqual(
                  1e-9,
                );
              if (budgetBytes !== null) expect(row.storedBytes).toBeLessThanOrEqual(budgetBytes);
            });
          }
      }
    });
  }, 120_000);

  it("gives the same examples and metrics, bit for bit, however a version is cut into segments", async () => {
    await inFolder(async (folder) => {
      const [first] = await censusVersions(folder, "census-dist", 1, 0.1);
      const nodes = first!.nodes;
      const rng = rngStream(7, "cuts");
      const cut = (share: number): IterationNode[][] => {
        const groups: IterationNode[][] = [[]];
        for (const each of nodes) {
          if (groups.at(-1)!.length > 0 && rng() < share) groups.push([]);
          groups.at(-1)!.push(each);
        }
        return groups;
      };
      await withExecutor(async (executor, store) => {
        const seen = new Set<string>();
        const contents = new Set<string>();
        let written = 0;
        for (const share of [0, 1, 0.5, 0.3, 0.2, 0.1]) {
          const { handles, metrics } = await computeInGroups(executor, cut(share));
          seen.add(JSON.stringify(metrics));
          const income = handles.get("income");
          if (income !== undefined) {
            await executor.write(income, `income ${written}`, {});
            const { result } = await executor.load(`income ${written}`, income.node, {});
            await executor.write(result, `loaded ${written++}`, {});
            await executor.release(result);
          }
          await releaseAll(executor, handles);
          expect(executor.tableCount).toBe(0);
        }
        for (const { objects } of store.entries()) for (const { id } of objects) contents.add(id);
        expect(written).toBeGreaterThan(2);
        expect(seen.size).toBe(1);
        expect(contents.size).toBe(1);
      });
    });
  });

  it("reads rows in the order of the files with two threads, at sizes of many chunks", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("census", { scale: 4, cacheDir: folder });
      const source = data.sources["census"]!;
      const [first] = flattenEdits({ first: censusWorkflow(source), runs: [] });
      const expected: number[] = [];
      for (const { path } of source.files)
        for (const line of (await readFile(path, "utf8")).split("\n"))
          if (line !== "" && !line.startsWith("|")) expected.push(Number(line.split(",")[2]));
      const seen: unknown[] = [];
      const probe: IterationNode = {
        id: "probe",
        op: "udf",
        signature: "probe",
        parents: ["weight"],
        operator: {
          op: "udf",
          columns: ["weight"],
          returns: { name: "v", type: "integer" },
          source: "",
          with: {},
          fn: ({ weight = [] }) => {
            seen.push(
              weight.length,
              weight.findIndex((value, i) => value !== expected[i]),
            );
            return weight;
          },
        },
      };
      const at = first!.nodes.findIndex(({ id }) => id === "weight");
      await withExecutor(async (executor) => {
        const { handles } = await computeInGroups(executor, [first!.nodes.slice(0, at + 1), [probe]]);
        expect(seen).toEqual([expected.length, -1]);
        await executor.write(handles.get("probe")!, "probe", {});
        const { result } = await executor.load("probe", probe, {});
        const check = {
          ...probe,
          id: "check",
          parents: ["probe"],
          operator: { ...probe.operator!, columns: ["weight"] },
        };
        const outcome = await executor.compute(
          { nodes: [check as IterationNode], barriers: new Set(["check"]) },
          new Map([["probe", result]]),
          {},
        );
        expect(seen.slice(2)).toEqual([expected.length, -1]);
        await releaseAll(executor, new Map([...handles, ...outcome.results, ["loaded", result]]));
        expect(executor.tableCount).toBe(0);
      });
    });
  });
});

const adult = resolve("../shared/data/census");
const hasAdult = existsSync(`${adult}/adult.data`);
if (!hasAdult) process.stderr.write("left out: quality on the real Adult files; ../shared/data/census is not there\n");

describe.skipIf(!hasAdult)("on the real Adult files", () => {
  it("Census reaches an accuracy of 0.84 on adult.test", async () => {
    const data = await prepareDataset("census", { dataDir: adult });
    const version = flattenEdits({ first: censusWorkflow(data.sources["census"]!), runs: [] })[0]!;
    await withExecutor(async (executor) => {
      const { metrics, handles } = await computeInGroups(executor, [version.nodes]);
      expect(metrics["checked.accuracy"]).toBeGreaterThanOrEqual(0.84);
      await releaseAll(executor, handles);
    });
  });
});
