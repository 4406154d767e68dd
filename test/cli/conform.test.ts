import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

const root = mkdtempSync(join(tmpdir(), "reuselab-conform-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function reuselab(...args: string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--import",
      "tsx",
      "src/cli/main.ts",
      ...args,
    ]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    return { code: failed.code ?? -1, stdout: failed.stdout ?? "", stderr: failed.stderr ?? "" };
  }
}

function file(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
}

interface Report {
  readonly conforms: boolean;
  readonly checks: readonly { readonly check: string; readonly status: string; readonly message?: string }[];
}

describe("new and conform", () => {
  test.each(["planner", "materializer", "workload"])(
    "a new %s is one short file that conforms as it is",
    async (kind) => {
      const folder = join(root, `new-${kind}`);
      expect((await reuselab("new", kind, `my-${kind}`, "--out", folder)).code).toBe(0);
      const source = readFileSync(join(folder, `my-${kind}.ts`), "utf8");
      expect(source.split("\n").length).toBeLessThanOrEqual(80);
      expect(readFileSync(join(folder, "README.md"), "utf8")).toContain("reuselab conform");
      if (kind !== "workload") expect(source.replaceAll(/^import type .*$/gmu, "")).not.toMatch(/^\s*import/mu);
      const { code, stdout } = await reuselab("conform", join(folder, `my-${kind}.ts`), "--format", "json");
      const report = JSON.parse(stdout) as Report;
      expect(report.checks.filter(({ status }) => status !== "held")).toEqual([]);
      expect([code, report.conforms]).toEqual([0, true]);
    },
  );

  test("a name that is not kebab-case, an unknown kind and a taken file are refused", async () => {
    expect((await reuselab("new", "planner", "NotKebab", "--out", root)).code).toBe(2);
    expect((await reuselab("new", "planet", "mine", "--out", root)).code).toBe(2);
    const folder = join(root, "taken");
    await reuselab("new", "planner", "mine", "--out", folder);
    const again = await reuselab("new", "planner", "mine", "--out", folder);
    expect(again).toMatchObject({ code: 2, stdout: "" });
    expect(again.stderr).toContain("--force");
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    expect((await reuselab("new", "materializer", "keeper", "--out", folder)).code).toBe(0);
    expect(readFileSync(join(folder, "README.md"), "utf8")).toBe(readme);
    expect(readFileSync(join(folder, "keeper.md"), "utf8")).toContain("reuselab conform ./keeper.ts");
  });

  test("a planner with illegal, mispriced plans fails with the smallest counter-example", async () => {
    const path = file(
      "bad.ts",
      `export default { id: "bad", title: "Bad", complexity: "O(1)", plan: (p) => ({ states: new Uint8Array(p.nodeCount), costUs: 0 }) };`,
    );
    const { code, stdout } = await reuselab("conform", path, "--format", "json");
    const failed = (JSON.parse(stdout) as Report).checks.filter(({ status }) => status === "failed");
    expect(code).toBe(1);
    expect(failed[0]?.message).toMatch(/is an output but pruned/u);
    expect(failed[0]?.message).toContain('"nodeCount":1');
  });

  test("a materializer that keeps what does not fit fails", async () => {
    const path = file(
      "over.ts",
      `export default { id: "over", title: "Over", kind: "online", decideAt: "finish", keep: () => true };`,
    );
    const { code, stdout } = await reuselab("conform", path, "--format", "json");
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Report).checks.find(({ check }) => check.includes("budget"))?.message).toMatch(
      /bytes free/u,
    );
  });

  test.each([
    [
      "a workload whose second version loses a parent",
      "lost-parent.ts",
      `import { editVersion, flattenEdits, workflow } from "reuselab/workloads";
       export default {
         id: "lost", title: "Lost", domain: "d", dataset: "census",
         versions(data) {
           const first = workflow((w) => {
             const rows = w.scan("rows", w.source("data", data.sources.census), { format: "csv", columns: [{ name: "age", type: "integer" }] });
             w.output(w.bucketise("ages", w.field("age", rows, "age", "numeric"), [30]));
           });
           const apply = (v) => editVersion(v, (w) => w.set("ages", "bucketise", { edges: [40] }));
           const all = flattenEdits({ first, runs: [{ edit: { label: "x", changeType: "dpr", apply } }] });
           return all.map((v) => (v.iteration === 0 ? v : { ...v, nodes: v.nodes.filter(({ id }) => id !== "rows") }));
         },
       };`,
      /every version is a DAG/u,
      /"?age"?.*"?rows"?/u,
    ],
    [
      "an executor that loads nothing back",
      "forgets.ts",
      `import { simulatedExecutor } from "reuselab/simulator";
       export default { id: "forgets", title: "Forgets", async open() {
         const local = simulatedExecutor();
         return { ...local, id: "forgets", load() { throw new Error("nothing is there"); } };
       } };`,
      /can be loaded until it is evicted/u,
      /nothing is there[^]*Counterexample: the first 1 nodes of each version: data \(source\)/u,
    ],
    [
      "an executor that lacks methods",
      "half.ts",
      `export default { id: "half", title: "Half", async open() { return { id: "half", compute() {} }; } };`,
      /opens, with every method/u,
      /lacks write, load, release, evict, stored, close/u,
    ],
    [
      "an experiment that draws from the machine's clock",
      "clock.ts",
      `let calls = 0;
       export default { id: "clock", title: "Clock", reproduces: "", params: { n: [1, 2] },
         async *run({ n }) { yield { n, value: n === 2 ? calls++ : 0 }; } };`,
      /same rows again/u,
      /at \{"n":2\} row 0 is \{"n":2,"value":\d\} the second time/u,
    ],
    [
      "an experiment that throws what is no error",
      "throws.ts",
      `export default { id: "throws", title: "Throws", reproduces: "", params: { n: [1, 2] },
         async *run({ n }) { if (n === 2) throw "a text"; yield { n }; } };`,
      /first points of the quick grid run/u,
      /at \{"n":2\}: a text/u,
    ],
  ])("%s fails with the smallest counter-example", async (_, name, text, check, message) => {
    const { code, stdout, stderr } = await reuselab("conform", file(name, text), "--format", "json");
    expect([code, stderr]).toEqual([1, ""]);
    const failed = (JSON.parse(stdout) as Report).checks.filter(({ status }) => status !== "held");
    expect(failed[0]?.check).toMatch(check);
    expect(failed[0]?.message).toMatch(message);
  });

  test("an executor and an experiment that keep their contracts conform", async () => {
    const path = file(
      "both.ts",
      `import { simulatedExecutor } from "reuselab/simulator";
       import { defineExperiment } from "reuselab/experiments";
       export default [
         { id: "plain", title: "Plain", open: async () => ({ ...simulatedExecutor(), id: "plain" }) },
         defineExperiment({ id: "sums", title: "Sums", reproduces: "", params: { n: [1, 2, 3] }, async *run({ n }) { yield { sum: n + n }; } }),
       ];`,
    );
    const { code, stdout } = await reuselab("conform", path, "--format", "json");
    const report = JSON.parse(stdout) as Report;
    expect(report.checks.filter(({ status }) => status !== "held")).toEqual([]);
    expect([code, report.checks.length]).toEqual([0, 11]);
  });

  test("a plug-in that never ends is stopped and said to have timed out", async () => {
    const path = file(
      "endless.ts",
      `export default { id: "endless", title: "E", complexity: "?", plan() { for (;;) {} } };`,
    );
    const { code, stdout } = await reuselab("conform", path, "--timeout", "1s", "--format", "json");
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Report).checks.at(-1)?.status).toBe("timed out");
  });

  test("a file that cannot be loaded is bad input: exit 2, one message, nothing on stdout", async () => {
    const ran = await reuselab("conform", file("broken.ts", "export default {"));
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/broken\.ts: cannot be loaded/u);
    expect(ran.stderr).not.toMatch(/\n\s+at /u);
  });
});
