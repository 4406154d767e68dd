import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ColumnBytes, Iteration } from "../../src/core/iteration.ts";
import { prepareDataset } from "../../src/harness/datasets/index.ts";
import { openDuckDbEngine } from "../../src/harness/recording/duckdb-engine.ts";
import { recordWorkload } from "../../src/harness/recording/record-workload.ts";
import { workloads } from "../../src/workloads/index.ts";

let folder = "";
let versions: readonly Iteration[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reuselab-columns-live-"));
  const workload = workloads["census"]!;
  const data = await prepareDataset(workload.dataset, { scale: 0.02, cacheDir: folder });
  const all = workload.versions(data, 1, {});
  const examples = (version: Iteration | undefined): string | undefined =>
    version?.nodes.find(({ id }) => id === "income")?.signature;
  versions = [all[0], all.find((version) => examples(version) !== examples(all[0]))].filter((v) => v !== undefined);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("columns of a recording on DuckDB", () => {
  it("every relation has some: unaffected ones keep their ids and bytes from version to version and node to node", async () => {
    const { iterations } = await recordWorkload({
      versions,
      repetitions: 1,
      wholeRepetitions: 0,
      seed: 1,
      openEngine: () => openDuckDbEngine({ storeFolder: join(folder, "store"), memoryLimitBytes: 1_000_000_000 }),
    });
    const bytes = new Map<string, number>();
    for (const { nodes } of iterations)
      for (const { id, op, columns, sizeBytes } of nodes) {
        expect([id, columns !== undefined]).toEqual([id, !["source", "learn", "reduce"].includes(op)]);
        let sum = 0;
        for (const column of columns ?? []) {
          expect(column.bytes).toBeGreaterThan(0);
          expect(bytes.get(column.id) ?? column.bytes).toBe(column.bytes);
          bytes.set(column.id, column.bytes);
          sum += column.bytes;
        }
        expect(sum).toBeLessThan(sizeBytes);
      }
    const columnsAt = (i: number, id: string): readonly ColumnBytes[] =>
      iterations[i]?.nodes.find((node) => node.id === id)?.columns ?? [];
    // A feature that is read as it stands is the scan's column; the row key of either is the same.
    const scanned = columnsAt(0, "rows").map(({ id }) => id);
    expect(columnsAt(0, "edu").map(({ id }) => scanned.includes(id))).toEqual([true, true]);
    expect(columnsAt(0, "ageBucket").map(({ id }) => scanned.includes(id))).toEqual([true, false]);
    // The edit changes a feature: all other columns of the examples are what they were.
    const before = columnsAt(0, "income").map(({ id }) => id);
    const after = columnsAt(1, "income").map(({ id }) => id);
    expect(after).not.toEqual(before);
    expect(after.filter((id) => !before.includes(id)).length).toBeLessThanOrEqual(2);
    expect(before.filter((id) => after.includes(id)).length).toBeGreaterThan(4);
  });
});
