import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import type { Workload } from "../../src/core/workload.ts";
import { workloadContract } from "../../src/testing/workload-contract.ts";
import { workloadById, workloads } from "../../src/workloads/index.ts";

describe.each(Object.entries(workloads))("workload %s", (id, workload) => {
  test("is registered under its own id", () => {
    expect(workload.id).toBe(id);
    expect(workloadById(id)).toBe(workload);
  });
  test.each(workloadContract(workload).map(({ title, check }) => [title, check] as const))("%s", (_title, check) => {
    check();
  });
});

test("an inherited name is no workload", () => {
  expect(workloadById("constructor")).toBeUndefined();
});

describe("the workload in docs/adding.md", () => {
  test("runs and keeps the contract", async () => {
    const [, code = ""] = /## A workload\n[^]*?```ts\n([^]*?)```/u.exec(readFileSync("docs/adding.md", "utf8")) ?? [];
    const folder = mkdtempSync(join(tmpdir(), "reuselab-doc-"));
    try {
      writeFileSync(join(folder, "mine.ts"), code);
      const out = join(folder, "mine.mjs");
      await build({
        entryPoints: [join(folder, "mine.ts")],
        outfile: out,
        bundle: true,
        format: "esm",
        platform: "node",
        alias: { "reuselab/workloads": resolve("src/workloads/public.ts") },
        logLevel: "silent",
      });
      const loaded = (await import(/* @vite-ignore */ pathToFileURL(out).href)) as { readonly default: Workload };
      for (const { check } of workloadContract(loaded.default)) check();
      const source = { op: "source", dataset: "census", fingerprint: "f", files: [] } as const;
      const versions = loaded.default.versions({ sources: { census: source } }, 1, {});
      expect(versions.map(({ base, changeType, label }) => [base, changeType, label])).toEqual([
        [undefined, "initial", "initial"],
        [0, "dpr", "finer ages"],
        [0, "li", "less regularisation"],
        [1, "dpr", "back to 1"],
      ]);
      expect(versions[3]?.nodes).toEqual(versions[1]?.nodes);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
