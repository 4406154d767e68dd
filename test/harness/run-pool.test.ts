import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runExperiment } from "../../src/harness/run.ts";
import { poolExperiments } from "./pool-experiments.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-pool-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const url = pathToFileURL("test/harness/pool-experiments.ts").href;
const experimentOf = (id: string) => poolExperiments.find((experiment) => experiment.id === id)!;

describe("worker threads", () => {
  test("give the same bytes as this thread, whatever their number", async () => {
    const module = { url, id: "draws" };
    await runExperiment(experimentOf("draws"), { folder: join(folder, "0") });
    for (const jobs of [1, 4])
      await runExperiment(experimentOf("draws"), { folder: join(folder, `${jobs}`), workers: { jobs, module } });
    for (const name of ["cells.jsonl", "rows.csv", "claims.md", "meta.json"]) {
      const alone = readFileSync(join(folder, "0", name), "utf8");
      expect(readFileSync(join(folder, "1", name), "utf8")).toBe(alone);
      expect(readFileSync(join(folder, "4", name), "utf8")).toBe(alone);
    }
  });

  test("a cell that eats memory or exits is recorded as failed; the rest go on", async () => {
    const outcome = await runExperiment(experimentOf("troubles"), {
      folder,
      filters: ["trouble=none,throw,exit,memory"],
      workers: { jobs: 2, module: { url, id: "troubles" }, memoryBytes: 64 * 1024 * 1024 },
    });
    const by = new Map(outcome.cells.map((cell) => [cell?.configuration.params["trouble"], cell]));
    expect(by.get("none")?.status).toBe("done");
    expect(by.get("memory")).toMatchObject({ status: "failed", error: { code: "E_MEMORY" } });
    expect(by.get("exit")).toMatchObject({ status: "failed" });
    expect(by.get("throw")).toMatchObject({ status: "failed", error: { message: "no" } });
    expect(outcome.status).toBe("some cells failed");
  });

  test("a cell that loops forever is recorded as a time-out; the rest go on", async () => {
    const outcome = await runExperiment(experimentOf("troubles"), {
      folder,
      filters: ["trouble=throw,loop"],
      workers: { jobs: 1, module: { url, id: "troubles" }, timeoutUs: 5e6 },
    });
    const by = new Map(outcome.cells.map((cell) => [cell?.configuration.params["trouble"], cell]));
    expect(by.get("loop")).toMatchObject({ status: "timeout", error: { code: "E_TIMEOUT" } });
    expect(by.get("throw")?.status).not.toBe("done");
  });

  test("an abort ends them at once and keeps what was finished", async () => {
    const abort = new AbortController();
    const running = runExperiment(experimentOf("troubles"), {
      folder,
      filters: ["trouble=none,loop"],
      signal: abort.signal,
      workers: { jobs: 2, module: { url, id: "troubles" } },
      onProgress: () => abort.abort(),
    });
    expect(await running).toMatchObject({ status: "interrupted", ran: 1 });
  });
});
