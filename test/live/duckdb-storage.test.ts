import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemById } from "../../src/baselines/index.ts";
import type { Iteration, IterationNode } from "../../src/core/iteration.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { censusWorkflow } from "../../src/workloads/census/workflow.ts";
import { editVersion } from "../../src/workloads/dsl.ts";
import { flattenEdits } from "../../src/workloads/edits.ts";
import { computeInGroups, inFolder, releaseAll, withExecutor } from "./duckdb-support.ts";

async function census(folder: string, scale: number): Promise<readonly IterationNode[]> {
  const data = await prepareDataset("census", { scale, cacheDir: folder });
  return flattenEdits({ first: censusWorkflow(data.sources["census"]!), runs: [] })[0]!.nodes;
}

describe("storage profiles", () => {
  it("disk170 takes at least a microsecond per 170 bytes, both ways, on the clock", async () => {
    await inFolder(async (folder) => {
      const nodes = await census(folder, 0.5);
      await withExecutor(
        async (executor) => {
          const { handles } = await computeInGroups(executor, [nodes.slice(0, 2)]);
          const rows = handles.get("rows")!;
          const from = performance.now();
          const { bytes, writeUs } = await executor.write(rows, "k", {});
          const { result, loadUs } = await executor.load("k", rows.node, {});
          const wallUs = (performance.now() - from) * 1000;
          expect(writeUs).toBeGreaterThanOrEqual(Math.floor(bytes / 170));
          expect(loadUs).toBeGreaterThanOrEqual(Math.floor(bytes / 170));
          expect(wallUs).toBeGreaterThanOrEqual(writeUs + loadUs - 2);
          await releaseAll(executor, new Map([...handles, ["loaded", result]]));
        },
        { profile: "disk170", compression: "uncompressed" },
      );
    });
  });

  it("cold drops the pages of what is loaded; hot leaves them", async () => {
    if (spawnSync("fincore", ["--version"]).error !== undefined) {
      process.stderr.write("left out: cold reads; fincore is not installed\n");
      return;
    }
    const { prepareRead } = await import("../../src/executors/duckdb/storage-profile.ts");
    await withExecutor(async (executor, store, folder) => {
      const nodes = await census(folder, 0.5);
      const { handles } = await computeInGroups(executor, [nodes.slice(0, 2)]);
      await executor.write(handles.get("rows")!, "k", {});
      const path = join(folder, "store/objects", store.entries()[0]!.objects[0]!.id);
      const pages = (): number =>
        Number(spawnSync("fincore", ["--noheadings", "--output", "PAGES", path], { encoding: "utf8" }).stdout);
      expect(pages()).toBeGreaterThan(0);
      expect(await prepareRead("hot", [path])).toBe(true);
      expect(pages()).toBeGreaterThan(0);
      expect(await prepareRead("cold", [path])).toBe(true);
      expect(pages()).toBe(0);
      await releaseAll(executor, handles);
    });
  });
});

describe("equal nodes", () => {
  it("are one result wherever they are merged, with the same metrics as where they are not", async () => {
    await inFolder(async (folder) => {
      const data = await prepareDataset("census", { scale: 0.02, cacheDir: folder });
      const doubled = editVersion(censusWorkflow(data.sources["census"]!), (w) => {
        const rows = w.get("rows", "relation");
        const edu = w.field("eduAgain", rows, "education", "categorical");
        w.interaction("againXocc", [edu, w.get("occ", "categorical")]);
        w.rewire("income", [...w.parentsOf("income"), "eduAgain", "againXocc"]);
      });
      const versions: readonly Iteration[] = flattenEdits({
        first: doubled,
        runs: [
          {
            edit: {
              label: "l2",
              changeType: "li",
              apply: (v) => editVersion(v, (w) => w.set("incPred", "learn", { l2: 2 })),
            },
          },
        ],
      });
      const metricsOf = async (id: string): Promise<unknown> => {
        const { metrics, failure, rows } = await executeCell({
          workload: "doubled",
          dataTitle: "test",
          versions,
          executor: "duckdb",
          system: systemById(id)!,
          budgetBytes: null,
          seed: 1,
          profile: "hot",
          out: join(folder, "out"),
        });
        expect(failure).toBeUndefined();
        expect(rows).toHaveLength(2);
        return metrics;
      };
      const expected = await metricsOf("naive");
      for (const id of ["keystoneml-aggressive", "helix-am", "all", "none-fused"])
        expect(await metricsOf(id)).toEqual(expected);
    });
  });
});
