import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command as report } from "../../src/cli/report.ts";
import { command as run } from "../../src/cli/run.ts";
import { command as simulate } from "../../src/cli/simulate.ts";
import { readCells } from "../../src/harness/cells.ts";
import type { ResultMeta } from "../../src/harness/run-derived.ts";
import { readRuns } from "../../src/harness/run-lock.ts";
import { writeModelTraces } from "../experiments/model-traces.ts";
import { runCommand, type CommandOutcome } from "./run-command.ts";

let folder = "";
let traces = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-faults-"));
  traces = writeModelTraces(join(folder, "traces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

const planner = (id: string, body: string): string =>
  file(
    `${id}.mjs`,
    `export default { id: "${id}", title: "Bad", complexity: "O(1)", plan({ nodeCount }) { ${body} } };`,
  );

/** One system of the arena beside HELIX, on one trace at one budget. */
const arena = async (plugin: string, system: string, out: string, more = {}): Promise<CommandOutcome> =>
  runCommand(run, ["arena"], {
    plugin: [plugin],
    traces,
    out: join(folder, out),
    quick: true,
    filter: ["trace=ie@judged", `system=helix,${system}`, "tuning=defaults", "budget=50%"],
    format: "json",
    ...more,
  });

const simulated = async (plugin: string, system: string, more = {}): Promise<CommandOutcome> =>
  runCommand(simulate, [join(traces, "ie-1x.jsonl")], {
    plugin: [plugin],
    system: [`helix,${system}`],
    budget: ["10%"],
    seed: "1",
    format: "json",
    ...more,
  });

const systemsIn = (stdout: string): readonly string[] => [
  ...new Set((JSON.parse(stdout) as { rows: { system: string }[] }).rows.map(({ system }) => system)),
];

describe.each([
  ["throws", `throw new Error("out of ideas");`, "out of ideas"],
  ["returns an illegal plan", `return { states: new Uint8Array(nodeCount), costUs: 0 };`, "pruned"],
  ["returns no plan", `return undefined;`, ""],
])("a planner of one's own that %s", (name, body, says) => {
  const id = name.replaceAll(" ", "-");
  const system = `${id}+helix-online`;

  test("run: its cell is recorded as failed and names it, the others are done; exit 3", async () => {
    const { code, stdout } = await arena(planner(id, body), system, id);
    expect(code).toBe(3);
    const { cells, failures } = JSON.parse(stdout) as ResultMeta;
    expect(cells).toMatchObject({ done: 1, failed: 1 });
    expect(failures[0]?.params["system"]).toBe(system);
    expect(failures[0]?.message).toContain(id);
    expect(failures[0]?.message).toContain(says);
  });

  test("simulate: it is named on stderr, the others print their rows; exit 3", async () => {
    const { code, stdout, stderr } = await simulated(planner(id, body), system);
    expect(code).toBe(3);
    expect(stderr).toContain(`under ${system} failed`);
    expect(stderr).toContain(says);
    expect(systemsIn(stdout)).toEqual(["helix"]);
  });
});

describe("a planner that loops forever", () => {
  const system = "endless+helix-online";

  test("run --timeout: its cell is a time-out, the others are done; exit 3", async () => {
    const { code, stdout } = await arena(planner("endless", "for (;;);"), system, "endless", { timeout: "10s" });
    expect(code).toBe(3);
    const { cells, failures } = JSON.parse(stdout) as ResultMeta;
    expect(cells).toMatchObject({ done: 1, timeout: 1 });
    expect(failures[0]).toMatchObject({ params: { system }, code: "E_TIMEOUT" });
  });

  test("simulate --timeout: it is named, the others print their rows; exit 3", async () => {
    const { code, stdout, stderr } = await simulated(planner("endless", "for (;;);"), system, { timeout: "10s" });
    expect(code).toBe(3);
    expect(stderr).toContain(`under ${system} failed: took longer than 10 s`);
    expect(systemsIn(stdout)).toEqual(["helix"]);
  });
});

describe("a materializer that keeps what does not fit", () => {
  const greedy = (): string =>
    file(
      "greedy.mjs",
      `export default { id: "greedy", title: "", kind: "online", decideAt: "finish", keep: () => true };`,
    );

  test("run: its cell fails with the budget's code, nothing of it is kept; exit 3", async () => {
    const { code, stdout } = await arena(greedy(), "exact+greedy", "greedy");
    expect(code).toBe(3);
    const { cells, failures } = JSON.parse(stdout) as ResultMeta;
    expect(cells).toMatchObject({ done: 1, failed: 1 });
    expect(failures[0]).toMatchObject({ code: "E_BUDGET", params: { system: "exact+greedy" } });
    expect(failures[0]?.message).toContain("greedy");
  });

  test("simulate: it is named; exit 3", async () => {
    const { code, stderr } = await simulated(greedy(), "exact+greedy");
    expect(code).toBe(3);
    expect(stderr).toMatch(/under exact\+greedy failed: .*greedy/u);
  });
});

describe("ids that come twice", () => {
  test.each([
    ["a built-in planner's", (): readonly string[] => [planner("max-flow", "")], /"max-flow" is a built-in part's/u],
    [
      "another plug-in's",
      (): readonly string[] => [planner("twin", ""), file("twin-two.mjs", readFileSync(planner("twin", ""), "utf8"))],
      /"twin" comes twice/u,
    ],
    [
      "a built-in experiment's",
      (): readonly string[] => [
        file("arena.mjs", `export default { id: "arena", title: "", params: {}, claims: [], run() {} };`),
      ],
      /"arena" is a built-in part's/u,
    ],
  ])("%s: exit 2, naming it", async (_, plugin, says) => {
    const outcome = await runCommand(run, ["arena"], { traces, plugin: plugin(), out: join(folder, "twice") });
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(says);
    expect(existsSync(join(folder, "twice"))).toBe(false);
  });
});

describe("a results folder", () => {
  const values = (): Record<string, unknown> => ({
    traces,
    quick: true,
    filter: ["trace=ie@judged", "system=helix,helix-nm", "tuning=defaults"],
    out: join(folder, "kept"),
  });
  const cells = (): string => join(folder, "kept", "arena", "cells.jsonl");
  const again = async (): Promise<CommandOutcome> => runCommand(run, ["arena"], values() as Record<string, string>);

  test("that cannot be written is named, with what to do", async () => {
    writeFileSync(join(folder, "file"), "");
    const outcome = await runCommand(run, ["arena"], { traces, quick: true, out: join(folder, "file") });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/results folder .*file.arena: cannot be written \(.+\); choose another --out/u);
  });

  test("with a half-written last line loses that cell alone", async () => {
    await again();
    const whole = readFileSync(cells(), "utf8");
    writeFileSync(cells(), whole.slice(0, -30));
    expect((await again()).stdout).toContain("4 of 4 cells done (1 run now, 3 kept)");
    expect(readFileSync(cells(), "utf8")).toBe(whole);
  });

  test("with a line twice keeps it once", async () => {
    await again();
    const whole = readFileSync(cells(), "utf8");
    appendFileSync(cells(), `${whole.split("\n")[0]}\n`);
    expect((await again()).stdout).toContain("0 run now, 4 kept");
    expect(readFileSync(cells(), "utf8")).toBe(whole);
  });

  test("with a line of a newer version, or one that is no cell, is refused with file and line; nothing is lost", async () => {
    await again();
    const whole = readFileSync(cells(), "utf8");
    for (const [line, says] of [
      [whole.split("\n")[1]!.replace('"version":1', '"version":2'), /cells\.jsonl:5: has version 2; .*update it/u],
      ["{}", /cells\.jsonl:5: has no version/u],
    ] as const) {
      writeFileSync(cells(), `${whole}${line}\n`);
      const outcome = await again();
      expect(outcome).toMatchObject({ code: 2, stdout: "" });
      expect(outcome.stderr).toMatch(says);
      expect(readFileSync(cells(), "utf8")).toBe(`${whole}${line}\n`);
    }
    writeFileSync(cells(), whole);
  });

  test("with a meta.json of a newer version is refused by report", async () => {
    await again();
    const meta = join(folder, "kept", "arena", "meta.json");
    const text = readFileSync(meta, "utf8");
    writeFileSync(meta, text.replace('"version": 1', '"version": 2'));
    const outcome = await runCommand(report, [join(folder, "kept", "arena")], { out: join(folder, "page") });
    writeFileSync(meta, text);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(/meta\.json: has version 2/u);
  });
});

describe("kill -9 in mid-run", () => {
  const go = (): string => join(folder, "go");

  /** Forty cells; from the tenth on they wait for a file, so that a kill falls between them. */
  const slow = (): string =>
    file(
      "slow.mjs",
      `import { existsSync } from "node:fs";
       export default { id: "slow", title: "Slow draws", reproduces: "", version: 1, params: { n: Array.from({ length: 40 }, (_, i) => i) },
         quick: {}, seed: 1, estimate: { secondsPerCell: 0.1, memoryMegabytes: 10 }, claims: [],
         async *run({ n }, { rng }) {
           const draw = rng("n/" + n);
           while (n >= 10 && !existsSync(${JSON.stringify(go())})) await new Promise((done) => setTimeout(done, 20));
           for (let i = 0; i < 3; i++) yield { i, value: draw() };
         } };`,
    );

  const values = (out: string): Record<string, string | string[]> => ({
    plugin: [slow()],
    out: join(folder, out),
    jobs: "2",
  });
  const linesOf = (path: string): readonly string[] =>
    existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];

  test("loses no finished cell, runs none twice, and ends in the bytes of a run that was left alone", async () => {
    const cells = join(folder, "killed", "slow", "cells.jsonl");
    const { plugin, out } = values("killed");
    const args = ["run", "slow", "--plugin", plugin![0]!, "--out", String(out), "--jobs", "2"];
    const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], { stdio: "ignore" });
    const over = new Promise((done) => {
      child.once("exit", done);
    });
    while (linesOf(cells).length < 5 && child.exitCode === null) await wait(20);
    child.kill("SIGKILL");
    await over;
    const finished = linesOf(cells);
    expect(finished.length).toBeGreaterThanOrEqual(5);
    expect(finished.length).toBeLessThanOrEqual(10);

    writeFileSync(go(), "");
    expect((await runCommand(run, ["slow"], values("killed"))).code).toBe(0);
    const after = linesOf(cells);
    expect(after).toHaveLength(40);
    expect(new Set(after).size).toBe(40);
    for (const line of finished) expect(after).toContain(line);
    const runs = readRuns(join(folder, "killed", "slow", "runs.jsonl"));
    expect(runs.map(({ status }) => status)).toEqual(["killed", "finished"]);
    // Every cell belongs to the one run that made it.
    expect(runs.flatMap(({ keys }) => keys).sort()).toEqual([...readCells(cells).cells.keys()].sort());
    expect(runs[0]?.keys.length).toBe(finished.length);

    expect((await runCommand(run, ["slow"], values("alone"))).code).toBe(0);
    for (const name of ["cells.jsonl", "rows.csv", "claims.md", "meta.json"])
      expect(readFileSync(join(folder, "killed", "slow", name), "utf8")).toBe(
        readFileSync(join(folder, "alone", "slow", name), "utf8"),
      );
  }, 900_000);
});
