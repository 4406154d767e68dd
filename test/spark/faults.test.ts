import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { openSpark } from "../../src/executors/spark/executor.ts";
import { sql } from "../../src/executors/spark/relations.ts";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";
import { type EngineOpener, openEngineHost } from "../../src/harness/execution/engines.ts";
import { executeCell } from "../../src/harness/execution/execute-cell.ts";
import { javaChildrenOf, processesOf, startCommand, until, within } from "./processes.ts";
import { useSparkServer } from "./shared-server.ts";
import { shortCensus } from "./short-census.ts";
import { smallCell } from "./small-cell.ts";

const spark = useSparkServer();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-faults-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = { workload: shortCensus, scale: 0.02, iterations: 2, executor: "spark" } as const;
const address = () => ({ host: "127.0.0.1", port: spark.server().port, token: spark.server().token });
const openHere: EngineOpener = (options) => openSpark({ ...options, server: address() });
/** Against hangs only. */
const longSeconds = 180;

/** Numbers of the iterations a run's folder holds. */
function finishedIn(run: string): readonly number[] {
  const rows = join(run, "rows.ndjson");
  if (!existsSync(rows)) return [];
  const lines = readFileSync(rows, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { iteration: number }).iteration);
}

describe("a server of one's own", () => {
  let own: SparkServer | undefined;
  const ownServer = async () => {
    if (own?.hasExited() !== false) own = await startSparkServer();
    return { host: "127.0.0.1", port: own.port, token: own.token, pid: own.pid };
  };
  afterAll(() => own?.stop());

  test("that hangs is given up, with a time-out and without, and for good; nothing is thrown outside the call", async () => {
    const server = await ownServer();
    // The time-out ends before the server is given up: the calls after it meet a connection nobody has judged yet.
    const session = new SparkSession(server, { silenceMs: 1000, answerMs: 5000 });
    expect((await session.collect(sql("select 1 as one"))).numRows).toBe(1);
    process.kill(server.pid, "SIGSTOP");
    try {
      const late = session.collect(sql("select 2 as two"), { timeoutMs: 1500 });
      await expect(within(60, "a call with a time-out", late)).rejects.toMatchObject({ code: "E_EXECUTOR" });
      const given = { code: "E_EXECUTOR", message: expect.stringContaining("no sign of life") as string };
      const patient = session.collect(sql("select 3 as three"));
      await expect(within(60, "a call without a time-out", patient)).rejects.toMatchObject(given);
      await expect(within(10, "a call after the verdict", session.version())).rejects.toMatchObject(given);
      await within(10, "closing", session.close());
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
    const after = new SparkSession(server);
    expect(await within(60, "another session", after.version())).toMatch(/^4\./u);
    await after.close();
  });

  test("a statement that is silent for long is no reason to give the server up", async () => {
    const session = new SparkSession(await ownServer(), { silenceMs: 100, answerMs: 20_000 });
    const slow = sql("select java_method('java.lang.Thread', 'sleep', 3000L) from range(0, 1, 1, 1)");
    expect((await within(60, "three seconds of sleep", session.collect(slow))).numRows).toBe(1);
    await session.close();
  });

  test("killed in mid-run ends the run, and the next run goes on from there", async () => {
    const server = await ownServer();
    const cell = { ...(await smallCell({ ...small, system: "helix", folder })), out: join(folder, "killed") };
    const run = executeCell({
      ...cell,
      open: (options) => openSpark({ ...options, server }),
      // The second version needs dozens of statements; it is under way when the server dies.
      onIteration: ({ row }) => {
        if (row.iteration === 0) setTimeout(() => process.kill(server.pid, "SIGKILL"), 100);
      },
    });
    const killed = await within(180, "a run whose server is killed", run);
    expect(killed.failure).toMatchObject({ code: "E_EXECUTOR" });
    expect(killed.rows.length).toBe(1);
    const resumed = await within(180, "the run that goes on", executeCell({ ...cell, open: openHere }));
    expect(resumed.failure).toBeUndefined();
    expect(resumed.rows.map(({ iteration }) => iteration)).toEqual([0, 1]);
    expect(resumed.executed.length).toBe(1);
    expect(resumed.rows[0]).toEqual(killed.rows[0]);
    expect(resumed.rows[1]!.loaded).toBeGreaterThan(0);
  });

  test("that was killed is started anew for the next run on its host, and said so", async () => {
    const others = new Set(javaChildrenOf(process.pid));
    const notes: string[] = [];
    const host = await openEngineHost("spark", { onNote: (note) => void notes.push(note) });
    try {
      const first = javaChildrenOf(process.pid).find((pid) => !others.has(pid)) ?? 0;
      expect(first).toBeGreaterThan(0);
      process.kill(first, "SIGKILL");
      expect(await until(() => processesOf(first) === 0, 30)).toBe(true);
      const executor = await within(180, "an executor on the new server", host.open({ profile: "hot" }));
      expect(executor.capabilities.isDistributed).toBe(false);
      await executor.close();
      expect(notes).toEqual([
        expect.stringMatching(/started in .* s, its first query included/u),
        "Spark's server has ended; another one is started",
        expect.stringMatching(/started in/u),
      ]);
    } finally {
      await host.close();
    }
    expect(await until(() => javaChildrenOf(process.pid).every((pid) => others.has(pid)), 60)).toBe(true);
  });

  test("Ctrl-C of execute while its server starts or warms up: exit 130, no JVM left", async () => {
    const args = ["execute", "census", "--executor", "spark", "--quick", "--system", "helix"];
    const command = startCommand([...args, "--out", join(folder, "interrupted-start")]);
    expect(await until(() => javaChildrenOf(command.pid).length > 0, longSeconds)).toBe(true);
    const [jvm = 0] = javaChildrenOf(command.pid);
    expect(await until(() => command.stderr().includes("s, its first query included"), longSeconds)).toBe(true);
    command.interrupt();
    expect(await command.ended()).toBe(130);
    expect(await until(() => processesOf(jvm) === 0, 60)).toBe(true);
  });
});

describe("execute", () => {
  test("Ctrl-C and SIGTERM end with 130 and keep finished iterations; the same command goes on from there", async () => {
    const { port, token } = spark.server();
    const out = join(folder, "interrupted");
    const run = join(out, "helix");
    const args = ["execute", "census", "--executor", "spark", "--spark", `sc://127.0.0.1:${port}/;token=${token}`];
    const full = [...args, "--scale", "0.02", "--system", "helix,keystoneml", "--out", out];
    const first = startCommand(full);
    expect([await until(() => finishedIn(run).length > 0, longSeconds), first.stderr()]).toEqual([
      true,
      expect.any(String),
    ]);
    first.interrupt();
    expect(await first.ended()).toBe(130);
    const kept = readFileSync(join(run, "rows.ndjson"), "utf8");
    const before = finishedIn(run).length;
    expect(before).toBeLessThan(10);
    const second = startCommand(full);
    expect([await until(() => finishedIn(run).length > before, longSeconds), second.stderr()]).toEqual([
      true,
      expect.any(String),
    ]);
    expect(second.stderr()).toMatch(/warm-up, outside all rows: [\d.]+ s/u);
    second.interrupt("SIGTERM");
    expect(await second.ended()).toBe(130);
    expect(readFileSync(join(run, "rows.ndjson"), "utf8").startsWith(kept)).toBe(true);
    expect(finishedIn(run)).toEqual(finishedIn(run).map((_, i) => i));
    expect(existsSync(join(out, "keystoneml"))).toBe(false);
  });

  test.each([
    ["a wrong token", () => `sc://127.0.0.1:${spark.server().port}/;token=wrong`, /another token/u],
    ["a server that is not there", () => "sc://127.0.0.1:9", /ECONNREFUSED/u],
  ])("%s: exit 3 and what to do", async (_title, url, said) => {
    const command = startCommand(["execute", "census", "--executor", "spark", "--spark", url(), "--quick"]);
    expect(await command.ended()).toBe(3);
    expect(command.stderr()).toMatch(said);
  });

  test("without Spark's jars: exit 3 and the command that gets them", async () => {
    const env = { SPARK_HOME: "", REUSELAB_CACHE: join(folder, "empty") };
    const command = startCommand(["execute", "census", "--executor", "spark", "--quick"], env);
    expect(await command.ended()).toBe(3);
    expect(command.stderr()).toContain("reuselab spark install");
  });

  test("without Java: exit 3 and the package that has it", async () => {
    const nothing = join(folder, "no-java");
    mkdirSync(nothing);
    const env = { PATH: nothing, JAVA_HOME: "" };
    const command = startCommand(["execute", "census", "--executor", "spark", "--quick"], env);
    expect(await command.ended()).toBe(3);
    expect(command.stderr()).toMatch(/Java 17.*apt-get install/u);
  });
});

test("an abort interrupts the statement and keeps what was finished", async () => {
  const abort = new AbortController();
  const outcome = await executeCell({
    ...(await smallCell({ ...small, system: "keystoneml", folder })),
    out: join(folder, "aborted"),
    open: openHere,
    signal: abort.signal,
    onIteration: () => setTimeout(() => abort.abort(), 100),
  });
  expect(outcome.aborted).toBe(true);
  expect(outcome.rows.length).toBe(1);
});

test("a full disk: an error that says so, finished iterations and stored results kept; with space again the run goes on", async (context) => {
  const out = join(folder, "full");
  mkdirSync(out);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", out], { stdio: "pipe" });
  } catch {
    context.skip("needs the right to mount a small file system");
    return;
  }
  try {
    const cell = { ...(await smallCell({ ...small, system: "deepdive", folder })), out, open: openHere };
    const filler = join(out, "filler");
    const full = await executeCell({
      ...cell,
      onIteration: ({ row }) => {
        if (row.iteration > 0) return;
        const free = Number(execFileSync("df", ["--output=avail", "-B1", out], { encoding: "utf8" }).split("\n")[1]);
        writeFileSync(filler, Buffer.alloc(free));
      },
    });
    expect(full.failure).toMatchObject({
      code: "E_EXECUTOR",
      message: expect.stringMatching(/disk is full/u) as string,
    });
    expect(full.rows.length).toBe(1);
    rmSync(filler);
    const resumed = await executeCell(cell);
    expect(resumed.failure).toBeUndefined();
    expect(resumed.rows.map(({ iteration }) => iteration)).toEqual([0, 1]);
    expect(resumed.rows[0]).toEqual(full.rows[0]);
    expect(resumed.rows[1]!.loaded).toBeGreaterThan(0);
  } finally {
    execFileSync("umount", ["-l", out]);
  }
});
