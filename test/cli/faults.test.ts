import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command as run } from "../../src/cli/run.ts";
import type { ResultMeta } from "../../src/harness/run-derived.ts";
import { writeModelTraces } from "../experiments/model-traces.ts";
import { runCommand } from "./run-command.ts";

let folder = "";
let traces = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-faults-"));
  traces = writeModelTraces(join(folder, "traces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a results folder that cannot be written is named, with what to do", async () => {
  writeFileSync(join(folder, "file"), "");
  const outcome = await runCommand(run, ["arena"], { traces, quick: true, out: join(folder, "file") });
  expect(outcome.code).not.toBe(0);
  expect(outcome.stderr).toMatch(/results folder .*file.arena: cannot be written \(.+\); choose another --out/u);
});

describe("a planner of one's own in the arena", () => {
  test.each([
    ["throws", `throw new Error("out of ideas");`, "out of ideas"],
    ["returns an illegal plan", `return { states: new Uint8Array(nodeCount), costUs: 0 };`, "pruned"],
    ["returns no plan", `return undefined;`, ""],
  ])("that %s: its cell is recorded as failed and names it, the others are done", async (name, body, says) => {
    const file = join(folder, `${name.replaceAll(" ", "-")}.mjs`);
    const source = `export default { id: "bad", title: "Bad", complexity: "O(1)", plan({ nodeCount }) { ${body} } };`;
    writeFileSync(file, source);
    const { code, stdout } = await runCommand(run, ["arena"], {
      plugin: [file],
      traces,
      out: join(folder, name.replaceAll(" ", "-")),
      quick: true,
      filter: ["trace=ie@judged", "system=helix,bad+helix-online", "tuning=defaults", "budget=50%"],
      format: "json",
    });
    expect(code).toBe(3);
    const { cells, failures } = JSON.parse(stdout) as ResultMeta;
    expect(cells).toMatchObject({ done: 1, failed: 1 });
    expect(failures[0]?.params["system"]).toBe("bad+helix-online");
    expect(failures[0]?.message).toContain("bad");
    expect(failures[0]?.message).toContain(says);
  });
});
