import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { makeFolder } from "../store/make-folder.ts";
import { systemClock } from "../../core/clock.ts";
import { ExecutorError, MissingExecutorError } from "../../core/errors.ts";
import { cacheFolder, findSparkJars } from "./jars.ts";
import { freePort, javaArguments, javaBinary, sparkEnvironment } from "./server.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** A standalone cluster on the loopback interface: one master, some workers, each a process of its own. */
export interface SparkCluster {
  readonly master: string;
  /** The master's, then each worker's. */
  readonly pids: readonly number[];
  readonly workers: number;
  readonly folder: string;
}

function clusterFile(env: Env): string {
  return join(cacheFolder(env), "cluster.json");
}

/** The cluster that was started last, with those of its processes that still live. */
function lastCluster(env: Env): SparkCluster | undefined {
  const file = clusterFile(env);
  if (!existsSync(file)) return undefined;
  const cluster = JSON.parse(readFileSync(file, "utf8")) as SparkCluster;
  const pids = cluster.pids.filter(isAlive);
  const hasMaster = pids[0] === cluster.pids[0];
  return { ...cluster, pids, workers: hasMaster ? pids.length - 1 : pids.length };
}

/** The cluster that `cluster start` left running, if its master still lives, with the workers that do. */
export function runningCluster(env: Env): SparkCluster | undefined {
  const cluster = lastCluster(env);
  return cluster !== undefined && cluster.pids.length > cluster.workers ? cluster : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilOpen(port: number, pid: number, logFile: string): Promise<void> {
  const deadlineUs = systemClock.nowUs() + 60_000_000;
  while (systemClock.nowUs() < deadlineUs) {
    if (!isAlive(pid)) break;
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new ExecutorError(
    `spark cluster: nothing listens on port ${port}; last log lines:\n${readFileSync(logFile, "utf8").split("\n").slice(-30).join("\n")}`,
  );
}

/**
 * Starts a master and `workers` workers with one core each; they go on after this process ends. A master with fewer
 * living workers gets the missing ones, under its old address.
 *
 * @throws {MissingExecutorError} without the jars
 * @throws {ExecutorError} when a whole cluster runs already or the master does not come up
 */
export async function startSparkCluster(env: Env, workers: number, workerMemory = "1g"): Promise<SparkCluster> {
  const before = runningCluster(env);
  if (before !== undefined && before.workers >= workers)
    throw new ExecutorError(
      `spark cluster: one runs already at ${before.master}; stop it with "reuselab spark cluster stop"`,
    );
  const jars = findSparkJars(env);
  if (jars.missing.length > 0)
    throw new MissingExecutorError(`spark cluster: ${jars.missing.join(", ")} not found; run "reuselab spark install"`);
  const folder = join(cacheFolder(env), "cluster");
  if (before === undefined) {
    stopSparkCluster(env); // workers whose master is gone
    rmSync(folder, { recursive: true, force: true });
    makeFolder(folder);
  }
  const started: number[] = [];
  const start = (name: string, mainArguments: readonly string[]): { pid: number; logFile: string } => {
    const logFile = join(folder, `${name}.log`);
    const log = openSync(logFile, "a");
    const child = spawn(javaBinary(env), [...javaArguments(jars.folder, folder, "512m"), ...mainArguments], {
      cwd: folder,
      env: sparkEnvironment(env, jars.folder),
      stdio: ["ignore", log, log],
      detached: true,
    });
    if (child.pid === undefined)
      throw new MissingExecutorError("spark cluster: Java could not be started; install Java 17");
    child.unref();
    started.push(child.pid);
    return { pid: child.pid, logFile };
  };
  try {
    const master = before?.master ?? (await startMaster(start));
    for (let i = before?.workers ?? 0; i < workers; i++) await startWorker(start, { master, folder, workerMemory });
    const cluster: SparkCluster = { master, pids: [...(before?.pids ?? []), ...started], workers, folder };
    writeFileSync(clusterFile(env), JSON.stringify(cluster));
    return cluster;
  } catch (error) {
    for (const pid of started) killGroup(pid);
    throw error;
  }
}

type StartProcess = (
  name: string,
  mainArguments: readonly string[],
) => { readonly pid: number; readonly logFile: string };

async function startMaster(start: StartProcess): Promise<string> {
  const port = await freePort();
  const uiPort = await freePort();
  const started = start("master", [
    "org.apache.spark.deploy.master.Master",
    "--host",
    "127.0.0.1",
    "--port",
    `${port}`,
    "--webui-port",
    `${uiPort}`,
  ]);
  await untilOpen(port, started.pid, started.logFile);
  return `spark://127.0.0.1:${port}`;
}

async function startWorker(
  start: StartProcess,
  { master, folder, workerMemory }: { readonly master: string; readonly folder: string; readonly workerMemory: string },
): Promise<void> {
  const uiPort = await freePort();
  // Free at this moment on this machine: no two workers share it.
  const name = `worker-${uiPort}`;
  start(name, [
    "org.apache.spark.deploy.worker.Worker",
    "--host",
    "127.0.0.1",
    "--cores",
    "1",
    "--memory",
    workerMemory,
    "--work-dir",
    join(folder, name),
    "--webui-port",
    `${uiPort}`,
    master,
  ]);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // already gone
  }
}

/** Stops the cluster that was started last. @returns false when none was running */
export function stopSparkCluster(env: Env): boolean {
  const cluster = lastCluster(env);
  if (cluster === undefined) return false;
  for (const pid of cluster.pids.toReversed()) killGroup(pid);
  rmSync(clusterFile(env));
  rmSync(cluster.folder, { recursive: true, force: true });
  return cluster.pids.length > 0;
}
