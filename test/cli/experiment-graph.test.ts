import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command as merge } from "../../src/cli/merge.ts";
import { command as simulate } from "../../src/cli/simulate.ts";
import { command as validate } from "../../src/cli/validate.ts";
import type { RunRow } from "../../src/core/result-row.ts";
import { readExperimentGraph } from "../../src/harness/experiment-graph-file.ts";
import { runCommand, type CommandOutcome } from "./run-command.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-graph-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A trace of two users' work: data → table (two columns) → model of some quality, the model under another name each. */
function traceFile(name: string, { columnBytes = 400, quality = 0.8, model = name } = {}): string {
  const columns = [
    { id: "c1", bytes: columnBytes },
    { id: "c2", bytes: 500 },
  ];
  const nodes = [
    { id: "data", op: "source", signature: "d", parents: [], computeUs: 100, sizeBytes: 5_000 },
    { id: "table", op: "scan", signature: "t", parents: ["data"], computeUs: 9_000_000, sizeBytes: 1_000, columns },
    {
      id: "model",
      op: "learn",
      signature: model,
      parents: ["table"],
      computeUs: 9_000_000,
      sizeBytes: 50,
      quality,
      output: true,
    },
  ];
  const path = join(folder, `${name}.jsonl`);
  const lines = [
    { format: "reuselab.trace", version: 1, name },
    { iteration: 0, changeType: "initial", nodes },
  ];
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

const at = (name: string): string => join(folder, name);
const run = async (trace: string, graph: string, more = {}): Promise<CommandOutcome> =>
  runCommand(simulate, [trace], { system: ["collab"], budget: ["10KB"], graph, seed: "1", format: "json", ...more });
const sumOf = ({ stdout }: CommandOutcome, field: "storedBytes" | "runUs"): number =>
  (JSON.parse(stdout) as { rows: RunRow[] }).rows.reduce((sum, row) => sum + row[field], 0);

/** A graph that a good run wrote, and its bytes. */
async function goodGraph(
  name: string,
  trace = traceFile(`trace-of-${name}`),
): Promise<{ path: string; bytes: string }> {
  const path = at(`${name}.graph.jsonl`);
  expect(await run(trace, path)).toMatchObject({ code: 0, stderr: "" });
  return { path, bytes: readFileSync(path, "utf8") };
}

describe("experiment graphs on the command line", () => {
  test("a run starts from the file and adds to it; users' graphs become one", async () => {
    const [mine, theirs] = [await goodGraph("mine"), await goodGraph("theirs")];
    expect((await run(at("trace-of-mine.jsonl"), mine.path)).code).toBe(0);
    expect((await readExperimentGraph(mine.path)).frequency(1)).toBe(2);
    const all = at("all.graph.jsonl");
    const merged = await runCommand(merge, [mine.path, theirs.path], { out: all, format: "json" });
    expect(merged).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(merged.stdout)).toEqual([{ file: all, graphs: 2, vertices: 4 }]);
    const union = await readExperimentGraph(all);
    expect([union.frequency(union.idOf("t")!), union.potential(union.idOf("t")!)]).toEqual([3, 0.8]);
    const checked = await runCommand(validate, [all]);
    expect(checked).toMatchObject({ code: 0, stdout: `${all}: OK, experiment graph, 4 vertices\n` });
    expect(await runCommand(merge, [mine.path], { out: all })).toMatchObject({ code: 2, stdout: "" });
    expect(readdirSync(folder).filter((name) => /\.(lock|tmp)$/u.test(name))).toEqual([]);
  });

  test.each([
    ["cut off", (text: string) => text.split("\n").slice(0, -2).join("\n"), /cut off/u],
    ["corrupt", (text: string) => text.replace('"computeUs":', '"computeUs'), /:\d+: .*damaged/u],
    ["of a newer version", (text: string) => text.replace('"version":1', '"version":2'), /:1: version: is 2.*newer/u],
    [
      "with a quality above 1",
      (text: string) => text.replace('"quality":0.8', '"quality":1.2'),
      /:\d+: .*quality is 1.2/u,
    ],
  ])("a file that is %s is refused with exit 2 and stays as it is", async (name, damage, message) => {
    const { path, bytes } = await goodGraph(name.replaceAll(" ", "-"));
    writeFileSync(path, damage(bytes));
    const damaged = readFileSync(path, "utf8");
    expect(damaged).not.toBe(bytes);
    const commands = [
      await run(traceFile("some"), path),
      await runCommand(validate, [path]),
      await runCommand(merge, [path], { out: at("never") }),
    ];
    for (const { code, stdout, stderr } of commands) {
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(path);
      expect(stderr).toMatch(message);
    }
    expect(readFileSync(path, "utf8")).toBe(damaged);
    expect(existsSync(at("never"))).toBe(false);
  });

  test("a second writer is told who the first is, and changes nothing", async () => {
    const { path, bytes } = await goodGraph("locked");
    writeFileSync(`${path}.lock`, `${process.pid}\n`);
    for (const { code, stdout, stderr } of [
      await run(traceFile("second"), path),
      await runCommand(merge, [traceFile("x"), path], { out: path }),
    ]) {
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`process ${process.pid}`);
    }
    expect(readFileSync(path, "utf8")).toBe(bytes);
    expect(readFileSync(`${path}.lock`, "utf8")).toBe(`${process.pid}\n`);
    rmSync(`${path}.lock`);
  });

  test("a column id that stands for two contents ends the run or the merge; the graphs stay as they were", async () => {
    const { path, bytes } = await goodGraph("columns");
    const collides = traceFile("collides", { columnBytes: 401 });
    const failed = await run(collides, path);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toMatch(/column c1 has 401 bytes, but 400 .*ids collide/u);
    expect(readFileSync(path, "utf8")).toBe(bytes);
    const other = await goodGraph("other-columns", collides);
    const merged = await runCommand(merge, [path, other.path], { out: at("collided") });
    expect(merged).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/ids collide/u) as string });
    expect([readFileSync(path, "utf8"), readFileSync(other.path, "utf8")]).toEqual([bytes, other.bytes]);
    expect(existsSync(at("collided"))).toBe(false);
  });

  test("a budget smaller than any result stores nothing and says so", async () => {
    const trace = traceFile("small");
    const outcome = await run(trace, at("small.graph.jsonl"), { budget: ["49B"] });
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toMatch(/small under collab: nothing was stored: .* budget of 49 bytes/u);
    expect([sumOf(outcome, "storedBytes"), sumOf(outcome, "runUs")]).toEqual([0, 18_000_100]);
    expect((await run(trace, at("small-2.graph.jsonl"), { budget: ["50B"] })).stderr).toBe("");
  });

  test("a quality outside [0, 1] in a trace is refused by line and field; the graph stays as it was", async () => {
    const { path, bytes } = await goodGraph("quality");
    const failed = await run(traceFile("too-good", { quality: 1.5 }), path);
    expect([failed.code, failed.stdout]).toEqual([2, ""]);
    expect(failed.stderr).toMatch(/too-good\.jsonl:2: .*quality.*1\.5/u);
    expect(readFileSync(path, "utf8")).toBe(bytes);
  });

  test("is for one run of a system that keeps a graph", async () => {
    const trace = traceFile("one");
    for (const more of [{ system: ["helix"] }, { budget: ["1KB,2KB"] }, { timeout: "10s" }]) {
      const { code, stderr } = await run(trace, at("one.graph.jsonl"), more);
      expect([code, stderr.includes("--graph")]).toEqual([2, true]);
    }
    expect(existsSync(at("one.graph.jsonl"))).toBe(false);
  });
});
