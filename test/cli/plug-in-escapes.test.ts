import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeModelTraces } from "../experiments/model-traces.ts";

let folder = "";
let traces = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-escapes-"));
  traces = writeModelTraces(join(folder, "traces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const planner = (id: string, body: string): string => {
  const path = join(folder, `${id}.mjs`);
  const calls = `process.stderr.write("planning\\n");`;
  writeFileSync(
    path,
    `export default { id: "${id}", title: "Bad", complexity: "O(1)", plan(problem) { ${calls} ${body} } };`,
  );
  return path;
};

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line; Ctrl-C comes as soon as the planner is called, if it is to come. */
function reuselab(args: readonly string[], interrupt = false): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data: Buffer) => void (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => {
    stderr += data.toString();
    if (interrupt && stderr.includes("planning")) child.kill("SIGINT");
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

test("a plug-in that ends the process with code 0 passes for nothing: compare exits 3, conform fails its check", async () => {
  const path = planner("leaves", "process.exit(0);");
  const args = ["--plugin", path, "--traces", traces, "--trace", "ie@judged", "--budget", "50%"];
  const compared = await reuselab(["compare", "leaves", "helix", ...args]);
  expect(compared).toMatchObject({ code: 3, stdout: "" });
  expect(compared.stderr).toContain("a plug-in ended the process");
  const conform = await reuselab(["conform", path]);
  expect(conform.code).toBe(1);
  expect(conform.stdout).toMatch(/FAIL leaves: plans are legal[^\n]*\n\s+the process ended with code 0 before/u);
});

test("Ctrl-C ends a comparison although its planner never returns", async () => {
  const args = ["--plugin", planner("stuck", "for (;;);"), "--traces", traces, "--trace", "ie@judged"];
  const { code, signal } = await reuselab(["compare", "stuck", "helix", ...args], true);
  expect([code, signal]).toEqual([null, "SIGINT"]);
});

test("Ctrl-C ends a run although its planner never returns, without being asked for workers; exit 130", async () => {
  const path = planner("stuck-too", "for (;;);");
  const filters = ["trace=ie@judged", "system=stuck-too+helix-online", "tuning=defaults", "budget=50%"];
  const args = ["--plugin", path, "--traces", traces, "--out", join(folder, "results")];
  const ended = await reuselab(["run", "arena", "--quick", ...args, ...filters.flatMap((f) => ["--filter", f])], true);
  expect(ended.code).toBe(130);
});
