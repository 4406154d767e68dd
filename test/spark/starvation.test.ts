import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SparkSession } from "../../src/executors/spark/client.ts";
import { runningCluster, startSparkCluster, stopSparkCluster } from "../../src/executors/spark/cluster.ts";
import { findSparkJars } from "../../src/executors/spark/jars.ts";
import { sql } from "../../src/executors/spark/relations.ts";
import { type SparkServer, startSparkServer } from "../../src/executors/spark/server.ts";
import { processesOf, startCommand, until, within } from "./processes.ts";

let folder = "";
let env: Readonly<Record<string, string | undefined>> = {};
let master = "";
let server: SparkServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-spark-starvation-"));
  env = { ...process.env, SPARK_HOME: dirname(findSparkJars(process.env).folder), REUSELAB_CACHE: folder };
  ({ master } = await startSparkCluster(env, 2));
  server = await startSparkServer({ master, env });
});
afterAll(async () => {
  await server.stop();
  stopSparkCluster(env);
  rmSync(folder, { recursive: true, force: true });
});

function sessionThatWaits(waitMs: number): SparkSession {
  const { port, token } = server;
  return new SparkSession({ host: "127.0.0.1", port, token }, { starvation: { master, waitMs } });
}

/** With their executors: each is of its worker's process group. */
async function killWorkers(): Promise<void> {
  const workers = runningCluster(env)?.pids.slice(1) ?? [];
  for (const pid of workers) process.kill(-pid, "SIGKILL");
  expect(await until(() => workers.every((pid) => processesOf(pid) === 0), 30)).toBe(true);
}

/** One task that sleeps. */
const asleep = (ms: number) => sql(`select java_method('java.lang.Thread', 'sleep', ${ms}L) from range(0, 1, 1, 1)`);

test("tasks that run for longer than the wait are left alone, and so is what queues behind them", async () => {
  const session = sessionThatWaits(6000);
  const together = [1, 2, 3].map(() => session.collect(asleep(12_000)));
  for (const { numRows } of await within(120, "three sleeping tasks on two cores", Promise.all(together)))
    expect(numRows).toBe(1);
  await session.close();
});

test("without a worker a statement is given up; a worker that comes back in time lets it go on", async () => {
  const [hasty, patient] = [sessionThatWaits(9000), sessionThatWaits(150_000)];
  for (const session of [hasty, patient]) await session.version();
  await killWorkers();
  const given = within(120, "a statement nobody has room for", hasty.collect(asleep(1)));
  await expect(given).rejects.toMatchObject({
    name: "ExecutorError",
    message: expect.stringMatching(
      /no task could run for 9 s: spark:\S+ has no worker left.*start a worker/u,
    ) as string,
  });
  const waiting = patient.collect(asleep(1));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const { master: revived, workers } = await startSparkCluster(env, 2);
  expect([revived, workers]).toEqual([master, 2]);
  expect((await within(120, "the statement that waited", waiting)).numRows).toBe(1);
  expect((await within(60, "the next statement of the other session", hasty.collect(asleep(1)))).numRows).toBe(1);
  for (const session of [hasty, patient]) await session.close();
});

test("execute: all workers killed in mid-run end with exit 3 and keep finished iterations; with new workers the same command goes on", async () => {
  const plugIn = join(folder, "short-census.ts");
  writeFileSync(
    plugIn,
    `import { shortCensus } from ${JSON.stringify(resolve("test/spark/short-census.ts"))};
export default { ...shortCensus, id: "short-census" };
`,
  );
  const out = join(folder, "out");
  const rows = join(out, "helix", "rows.ndjson");
  const iterations = (): readonly number[] =>
    (existsSync(rows) ? readFileSync(rows, "utf8") : "")
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { iteration: number }).iteration);
  const args = ["execute", "short-census", "--plugin", plugIn, "--executor", "spark", "--system", "helix"];
  const full = [...args, "--spark", `${server.url}/;token=${server.token}`, "--scale", "0.02", "--out", out];
  const first = startCommand([...full, "--spark-wait", "15"]);
  await until(() => iterations().length > 0 || first.hasEnded(), 180);
  expect([iterations(), first.stderr()]).toEqual([[0], expect.any(String)]);
  await killWorkers();
  expect(await first.ended()).toBe(3);
  expect(first.stderr()).toMatch(/helix failed: spark: no task could run for 15 s: spark:\S+ has no worker left/u);
  const kept = readFileSync(rows, "utf8");
  await startSparkCluster(env, 2);
  // By default it waits long enough for new workers to come up.
  const second = startCommand(full);
  expect([await second.ended(180), second.stderr()]).toEqual([0, expect.any(String)]);
  expect(readFileSync(rows, "utf8").startsWith(kept)).toBe(true);
  expect(iterations()).toEqual([0, 1]);
}, 420_000);
