import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { command as bench } from "../../src/cli/bench.ts";
import { command as execute } from "../../src/cli/execute.ts";
import { plugInSource } from "../../src/harness/plug-ins/templates.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "reuselab-plug-in-runs-"));
const cacheBefore = process.env["REUSELAB_CACHE"];
process.env["REUSELAB_CACHE"] = join(folder, "cache");
afterAll(() => {
  if (cacheBefore === undefined) delete process.env["REUSELAB_CACHE"];
  else process.env["REUSELAB_CACHE"] = cacheBefore;
  rmSync(folder, { recursive: true });
});

function file(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

/** Every node takes a millisecond and a hundred bytes; nothing is really computed. */
const flatEngine = file(
  "flat.ts",
  `import { simulatedExecutor } from "reuselab/simulator";
   const priced = (node: object) => ({ ...node, computeUs: 1_000, sizeBytes: 100, memoryBytes: 100, loadUs: 10, writeUs: 20 });
   export default {
     id: "flat", title: "Flat prices",
     async open() {
       const local = simulatedExecutor();
       return {
         ...local, id: "flat",
         compute: (segment, inputs, options) => local.compute({ ...segment, nodes: segment.nodes.map(priced) }, inputs, options),
         load: (key, node, options) => local.load(key, priced(node), options),
       };
     },
   };`,
);

const settings = { scale: "0.01", seed: "1", storageProfile: "hot", format: "json" } as const;

describe("reuselab execute with parts of one's own", () => {
  const workload = file("my-flow.ts", plugInSource("workload", "my-flow"));
  const planner = file("my-planner.ts", plugInSource("planner", "my-planner"));
  const keeper = file("my-keeper.ts", plugInSource("materializer", "my-keeper"));
  const values = { ...settings, executor: "flat", plugin: [workload, planner, keeper, flatEngine] };

  test("runs a workload on an executor with a planner and a materializer, all from files", async () => {
    const out = join(folder, "own");
    const outcome = await runCommand(execute, ["my-flow"], {
      ...values,
      planner: "my-planner",
      materializer: "my-keeper",
      out,
    });
    expect(outcome.code).toBe(0);
    const { rows } = JSON.parse(outcome.stdout) as { rows: Record<string, unknown>[] };
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({
      trace: "my-flow",
      system: "my-planner+my-keeper",
      planner: "my-planner",
      materializer: "my-keeper",
      executor: "flat",
    });
    // What the keeper stored is loaded later: a thousand microseconds against ten.
    expect(rows.slice(1).some(({ loaded }) => Number(loaded) > 0)).toBe(true);
    expect(rows.every(({ computeUs, computed }) => computeUs === 1_000 * Number(computed))).toBe(true);
  });

  test("a run does not go on with another version of the plug-in", async () => {
    const out = join(folder, "edited");
    const given = { ...values, system: ["my-planner+never"], out };
    expect((await runCommand(execute, ["my-flow"], given)).code).toBe(0);
    writeFileSync(planner, `${readFileSync(planner, "utf8")}\n// edited\n`);
    const edited = await runCommand(execute, ["my-flow"], given);
    expect(edited).toMatchObject({ code: 2, stdout: "" });
    expect(edited.stderr).toContain("--force");
    writeFileSync(keeper, `${readFileSync(keeper, "utf8")}\n// edited, but takes no part\n`);
    expect((await runCommand(execute, ["my-flow"], { ...given, force: true })).code).toBe(0);
  });

  test("unknown workloads and executors name those of plug-ins too", async () => {
    const other = await runCommand(execute, ["my-flo"], values);
    expect(other).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("my-flow") as string });
    const engine = await runCommand(execute, ["my-flow"], { ...values, executor: "flatt" });
    expect(engine).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("flat") as string });
  });

  test("an executor that cannot be opened is named; exit 3", async () => {
    const broken = file(
      "broken.mjs",
      `export default { id: "broken", title: "", open() { throw new Error("no disk"); } };`,
    );
    const outcome = await runCommand(execute, ["my-flow"], {
      ...values,
      plugin: [workload, broken],
      executor: "broken",
    });
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    expect(outcome.stderr).toContain("executor broken: cannot be opened: no disk");
    const half = file("half.mjs", `export default { id: "half", title: "", open: () => ({ compute() {} }) };`);
    const missing = await runCommand(execute, ["my-flow"], { ...values, plugin: [workload, half], executor: "half" });
    expect(missing.stderr).toContain("executor half: what open() gives lacks write, load");
  });
});

describe("reuselab bench planner --plugin", () => {
  const options = { family: "collab", nodes: "60", count: "3", repetitions: "3", seed: "1", format: "json" };

  test("measures a planner of one's own beside a built-in one, its cold start and memory too", async () => {
    const path = file("quick.ts", plugInSource("planner", "quick-one"));
    const given = { ...options, planner: ["exact,quick-one"], plugin: [path] };
    const { code, stdout } = await runCommand(bench, ["planner"], given);
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as { planner: string; costUs: number; coldUs: number }[];
    expect(rows.map(({ planner }) => planner)).toEqual(["exact", "quick-one"]);
    expect(rows[1]!.costUs).toBeGreaterThanOrEqual(rows[0]!.costUs);
    for (const { coldUs } of rows) expect(coldUs).toBeGreaterThan(0);
  });

  test("an illegal plan ends it with a message that names the planner; exit 3", async () => {
    const path = file(
      "illegal.mjs",
      `export default { id: "illegal", title: "", complexity: "O(1)",
         plan: ({ nodeCount }) => ({ states: new Uint8Array(nodeCount), costUs: 0 }) };`,
    );
    const outcome = await runCommand(bench, ["planner"], { ...options, planner: ["illegal"], plugin: [path] });
    expect(outcome).toMatchObject({ code: 3, stdout: "" });
    expect(outcome.stderr).toContain("illegal");
  });
});
