import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { command } from "../../src/cli/stats.ts";
import { runCommand } from "./run-command.ts";

const golden = new URL("../golden/traces/", import.meta.url).pathname;
const traces = readdirSync(golden).filter((name) => name.endsWith(".jsonl"));
traces.sort((a, b) => (a < b ? -1 : 1));

describe("stats", () => {
  test.each(traces)("of the golden trace %s are the stored ones", async (name) => {
    const { code, stdout } = await runCommand(command, [`${golden}${name}`], { format: "json" });
    expect(code).toBe(0);
    const text = `${JSON.stringify(JSON.parse(stdout), null, 1)}\n`;
    await expect(text).toMatchFileSnapshot(`../golden/traces/${name.replace(".jsonl", ".stats.json")}`);
  });

  test("tables have one column per trace, CSV one row per trace", async () => {
    const paths = traces.map((name) => `${golden}${name}`);
    const table = await runCommand(command, paths);
    expect(table.stdout.split("\n")[0]).toMatch(/^statistic +chain \(1\) +diamond \(2\) +nondeterministic \(3\)$/u);
    expect(table.stdout).toMatch(/^intermediateBytes +\d+ +\d+ +\d+$/mu);
    const csv = await runCommand(command, paths, { format: "csv" });
    expect(csv.stdout.split("\n").length).toBe(paths.length + 2);
    expect(csv.stdout.split("\n")[1]).toMatch(/^chain,5,/u);
  });

  test("without a file, or with a bad one, is exit 2 with nothing on stdout", async () => {
    expect(await runCommand(command, [])).toMatchObject({ code: 2, stdout: "" });
    expect(await runCommand(command, [`${golden}chain.jsonl`, golden])).toMatchObject({ code: 2, stdout: "" });
  });
});
