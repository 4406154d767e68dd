import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { command } from "../../src/cli/execute.ts";
import { rowColumns, type RunRow } from "../../src/core/result-row.ts";
import { runCommand, type CommandOutcome } from "../cli/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "execute-"));
const cacheBefore = process.env["REUSELAB_CACHE"];
process.env["REUSELAB_CACHE"] = join(folder, "cache");
afterAll(() => {
  if (cacheBefore === undefined) delete process.env["REUSELAB_CACHE"];
  else process.env["REUSELAB_CACHE"] = cacheBefore;
  rmSync(folder, { recursive: true });
});

const execute = async (
  values: Readonly<Record<string, string | boolean | readonly string[]>>,
  workload = "census-dist",
): Promise<CommandOutcome> =>
  runCommand(command, [workload], { executor: "duckdb", scale: "0.02", seed: "1", storageProfile: "hot", ...values });

describe("reuselab execute", () => {
  test("prints the rows of a simulation with measured values, and leaves them in the folder", async () => {
    const out = join(folder, "rows");
    const { code, stdout } = await execute({ system: ["helix,naive,deepdive"], out, format: "json" });
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as { rows: RunRow[]; excluded: { system: string; fromIteration?: number }[] };
    const naive = printed.rows.filter(({ system }) => system === "naive");
    expect(naive).toHaveLength(10);
    const head = ["trace", "system", "planner", "materializer", "budgetBytes", "accounting", "seed", "executor"];
    for (const row of printed.rows) {
      expect(Object.keys(row)).toEqual([...head, ...rowColumns]);
      expect(row).toMatchObject({ executor: "duckdb", trace: "census-dist", accounting: "uniform", budgetBytes: null });
      expect(row.runUs).toBe(row.computeUs + row.loadUs + row.writeUs);
      expect(Number.isSafeInteger(row.runUs)).toBe(true);
    }
    expect(naive.every(({ loadUs, writeUs, storedBytes }) => loadUs === 0 && writeUs === 0 && storedBytes === 0)).toBe(
      true,
    );
    expect(printed.excluded).toMatchObject([{ system: "deepdive" }]);
    const kept = readFileSync(join(out, "naive/rows.ndjson"), "utf8").trimEnd().split("\n");
    expect(kept.map((line) => (JSON.parse(line) as RunRow).runUs)).toEqual(naive.map(({ runUs }) => runUs));

    const again = await execute({ system: ["naive"], out, format: "json" });
    expect((JSON.parse(again.stdout) as { rows: RunRow[] }).rows).toEqual(naive);
    const other = await execute({ system: ["naive"], out, format: "json", seed: "2" });
    expect(other).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/--force/u) as string });
  });

  test("shows a version with and without optimization side by side", async () => {
    const { stdout } = await execute({ system: ["helix"], out: join(folder, "twin"), format: "json", twin: true });
    const { twin } = JSON.parse(stdout) as {
      twin: {
        iteration: number;
        runUs: number;
        twinRunUs: number;
        nodes: { id: string; state: string; twinState: string }[];
      }[];
    };
    expect(twin).toHaveLength(10);
    for (const { nodes, twinRunUs } of twin) {
      expect(nodes.every(({ twinState }) => twinState === "compute")).toBe(true);
      expect(twinRunUs).toBeGreaterThan(0);
    }
    expect(twin.some(({ nodes }) => nodes.some(({ state }) => state === "prune"))).toBe(true);
    const { stdout: table } = await execute({ system: ["helix"], out: join(folder, "twin2"), twin: true });
    expect(table).toMatch(/iteration 1 .*with helix.*without/u);
  });

  test("refuses what it does not know before anything is run", async () => {
    const refused = async (
      values: Parameters<typeof execute>[0],
      message: RegExp,
      workload?: string,
    ): Promise<void> => {
      const { code, stdout, stderr } = await execute(values, workload);
      expect(stderr).toMatch(message);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    };
    await refused({}, /"censu"; nearest: census/u, "censu");
    await refused({ system: ["helx"] }, /"helx"; nearest: helix/u);
    await refused({ executor: "sparkk" }, /"sparkk"/u);
    await refused({ budget: ["50%"] }, /give bytes/u);
    await refused({ budget: ["100"] }, /unit/u);
    await refused({ storageProfile: "warm" }, /hot, cold, disk170/u);
    await refused({ scale: "-1" }, /above 0/u);
    await refused({ memory: "4" }, /unit/u);
    await refused({ seed: "1.5" }, /integer/u);
  });
});
