import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordTrace } from "../../src/harness/recording/record-trace.ts";
import { loadTrace } from "../../src/traces/read.ts";
import { workloads } from "../../src/workloads/index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reuselab-record-live-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a recording of Census on DuckDB", () => {
  it("is a complete trace: every cost measured, metrics and qualities kept, nothing left beside it", async () => {
    const out = join(folder, "traces", "tiny.jsonl.gz");
    const workload = workloads["census-dist"]!;
    const request = { workload, scale: 0.02, seed: 1, repetitions: 2, wholeRepetitions: 1, out, cacheDir: folder };
    const recorded = await recordTrace(request);
    const { header, iterations } = await loadTrace(out);
    expect(header).toMatchObject({ name: "census-dist-0.02x", source: { repetitions: 2, imputed: [], scale: 0.02 } });
    expect(iterations).toHaveLength(recorded.iterations);
    for (const { nodes, segments, fusedUs, metrics } of iterations) {
      for (const node of nodes)
        for (const field of ["computeUs", "sizeBytes", "loadUs", "loadHotUs", "writeUs", "memoryBytes"] as const)
          expect(node[field], `${node.id} ${field}`).toBeTypeOf("number");
      expect(nodes.find(({ op }) => op === "learn")?.quality).toBeGreaterThan(0.5);
      expect(segments?.length).toBeGreaterThan(1);
      expect(fusedUs).toBeGreaterThan(0);
      expect(metrics?.["checked.accuracy"]).toBeGreaterThan(0.5);
    }
    expect(recorded.fixedCostUs).toBeGreaterThan(0);
    expect(await readdir(join(folder, "traces"))).toEqual(["tiny.jsonl.gz"]);
  });
});
