import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { ExecutorError, MissingExecutorError } from "../../core/errors.ts";
import { SparkSession } from "./client.ts";
import { findSparkJars, scalaVersion } from "./jars.ts";
import { sql } from "./relations.ts";

/** How a local Spark Connect server is started. */
export interface SparkServerOptions {
  /** `local[2]` (default), `local-cluster[2,1,1024]` or `spark://host:port`. */
  readonly master?: string;
  /** Heap of the driver, default `2g`. */
  readonly driverMemory?: string;
  /** Heap of each executor of a cluster, default `768m`. */
  readonly executorMemory?: string;
  readonly conf?: Readonly<Record<string, string>>;
  /** Java binary; default `JAVA_HOME/bin/java`, else `java` on the path. */
  readonly java?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Fixed port; default a free one. */
  readonly port?: number;
  /** Patience for a start on a busy machine, default 300,000; a server that ends early is noticed at once. */
  readonly startTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A running local server. */
export interface SparkServer {
  readonly port: number;
  readonly token: string;
  readonly pid: number;
  readonly version: string;
  /** `sc://` address without the token. */
  readonly url: string;
  /** Last lines of the server's log. */
  logTail(lines?: number): string;
  /** True once the process has ended, by itself or stopped. */
  hasExited(): boolean;
  stop(): Promise<void>;
}

const openedPackages = [
  ...[
    "lang",
    "lang.invoke",
    "lang.reflect",
    "io",
    "net",
    "nio",
    "util",
    "util.concurrent",
    "util.concurrent.atomic",
  ].map((name) => `java.${name}`),
  "jdk.internal.ref",
  "sun.nio.ch",
  "sun.nio.cs",
  "sun.security.action",
  "sun.util.calendar",
];

/** Java options Spark's own launcher would add. */
export const javaModuleOptions: readonly string[] = [
  ...openedPackages.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED",
  "-XX:+IgnoreUnrecognizedVMOptions",
  "--add-modules=jdk.incubator.vector",
  "-Djdk.reflect.useDirectMethodHandle=false",
  "-Dio.netty.tryReflectionSetAccessible=true",
];

const logProperties = `rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.target = SYSTEM_ERR
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex{short}
`;

/** Finds a port that is free on the loopback interface now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Path of the Java binary that would be used. */
export function javaBinary(env: Readonly<Record<string, string | undefined>>): string {
  const home = env["JAVA_HOME"];
  const bundled = home === undefined || home === "" ? undefined : join(home, "bin", "java");
  return bundled !== undefined && existsSync(bundled) ? bundled : "java";
}

/** Kills a process group as soon as the pipe to this process closes: no orphan even after `kill -9` of ours. */
function startWatchdog(groupId: number): ChildProcess {
  const script = `process.stdin.resume();process.stdin.on("end",()=>{try{process.kill(-${groupId},"SIGKILL")}catch{}process.exit(0)})`;
  const watchdog = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  watchdog.unref();
  (watchdog.stdin as { unref?(): void } | null)?.unref?.();
  return watchdog;
}

/** Arguments of `java` up to the main class. */
export function javaArguments(jars: string, workFolder: string, heap: string): string[] {
  const logFile = join(workFolder, "log4j2.properties");
  writeFileSync(logFile, logProperties);
  return [`-Xmx${heap}`, ...javaModuleOptions, `-Dlog4j2.configurationFile=${logFile}`, "-cp", join(jars, "*")];
}

/** Environment of every JVM of a Spark run from bare jars. */
export function sparkEnvironment(env: Readonly<Record<string, string | undefined>>, jars: string): NodeJS.ProcessEnv {
  return { ...env, SPARK_LOCAL_IP: "127.0.0.1", SPARK_HOME: dirname(jars), SPARK_SCALA_VERSION: scalaVersion };
}

/**
 * Starts Spark Connect on the loopback interface with a random bearer token and waits until it has answered a version call
 * and run one small job: while a cold server sets up its first job, an interrupt cancels the query but can leave the job running.
 *
 * The server lives in a process group of its own, which is killed on `stop`, on exit, on a signal and when this process dies.
 *
 * @throws {MissingExecutorError} when Java or the jars are missing
 * @throws {ExecutorError} when the server ends early (the last log lines are in the message) or does not answer in time
 */
export async function startSparkServer(options: SparkServerOptions = {}): Promise<SparkServer> {
  const env = options.env ?? process.env;
  const jars = findSparkJars(env);
  if (jars.missing.length > 0)
    throw new MissingExecutorError(
      `spark: ${jars.missing.join(", ")} not found in ${jars.origin === "SPARK_HOME" ? "SPARK_HOME/jars" : "the cache folder"}; run "reuselab spark install", or set SPARK_HOME, or give --spark sc://host:port`,
    );
  const work = mkdtempSync(join(tmpdir(), "reuselab-spark-"));
  mkdirSync(join(work, "local"));
  const port = options.port ?? (await freePort());
  const token = randomBytes(24).toString("hex");
  const master = options.master ?? "local[2]";
  const conf: Record<string, string> = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.grpc.binding.port": `${port}`,
    "spark.connect.authenticate.token": token,
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.warehouse.dir": join(work, "warehouse"),
    "spark.local.dir": join(work, "local"),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.session.timeZone": "UTC",
    ...(master.startsWith("local[") ? {} : { "spark.executor.memory": options.executorMemory ?? "768m" }),
    ...options.conf,
  };
  const logFile = join(work, "server.log");
  const child = spawn(
    options.java ?? javaBinary(env),
    [
      ...javaArguments(jars.folder, work, options.driverMemory ?? "2g"),
      "org.apache.spark.deploy.SparkSubmit",
      "--master",
      master,
      ...Object.entries(conf).flatMap(([key, value]) => ["--conf", `${key}=${value}`]),
      "--class",
      "org.apache.spark.sql.connect.service.SparkConnectServer",
      "spark-internal",
    ],
    { cwd: work, env: sparkEnvironment(env, jars.folder), stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  // Opened at once: the folder may be gone again before a stream has opened it.
  const log = createWriteStream(logFile, { fd: openSync(logFile, "a") });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const startError = await new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("spawn", () => resolve(undefined));
  });
  const pid = child.pid;
  if (startError !== undefined || pid === undefined) {
    log.destroy();
    rmSync(work, { recursive: true, force: true });
    throw new MissingExecutorError(
      `spark: Java could not be started (${startError?.message ?? "no process"}); install Java 17, for example: apt-get install openjdk-17-jre-headless`,
    );
  }
  const watchdog = startWatchdog(pid);
  let exited = false;
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      exited = true;
      resolve();
    });
  });
  const killGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // already gone
    }
  };
  const onExit = (): void => killGroup("SIGKILL");
  process.once("exit", onExit);
  const logTail = (lines = 30): string =>
    existsSync(logFile) ? readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-lines).join("\n") : "";
  const stop = async (): Promise<void> => {
    process.off("exit", onExit);
    killGroup("SIGTERM");
    const timer = setTimeout(() => killGroup("SIGKILL"), 5000);
    if (!exited) await gone;
    clearTimeout(timer);
    killGroup("SIGKILL");
    watchdog.stdin?.destroy();
    watchdog.kill("SIGKILL");
    log.end();
    rmSync(work, { recursive: true, force: true });
  };
  try {
    const version = await untilReady(port, token, () => exited, options);
    return { port, token, pid, version, url: `sc://127.0.0.1:${port}`, logTail, hasExited: () => exited, stop };
  } catch (error) {
    const tail = logTail();
    await stop();
    throw new ExecutorError(
      `spark: the server did not start (${error instanceof Error ? error.message : String(error)}); its last log lines:\n${tail}`,
      {
        cause: error,
      },
    );
  }
}

async function untilReady(
  port: number,
  token: string,
  hasExited: () => boolean,
  options: SparkServerOptions,
): Promise<string> {
  const deadlineUs = systemClock.nowUs() + (options.startTimeoutMs ?? 300_000) * 1000;
  const stopped = options.signal === undefined ? {} : { signal: options.signal };
  let last: unknown;
  while (systemClock.nowUs() < deadlineUs) {
    options.signal?.throwIfAborted();
    if (hasExited()) throw new ExecutorError("its process ended early");
    const session = new SparkSession({ host: "127.0.0.1", port, token });
    try {
      const version = await session.version({ timeoutMs: 10_000, ...stopped });
      // Bounded: a master without workers lets it wait for ever.
      const timeoutMs = Math.max(1, Math.ceil((deadlineUs - systemClock.nowUs()) / 1000));
      const first = sql("select count(*) as n from range(0, 1000, 1, 2)");
      await session.noop(first, { what: "first query", timeoutMs, ...stopped });
      return version;
    } catch (error) {
      last = error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    } finally {
      session.forget();
    }
  }
  throw new ExecutorError(`it gave no answer in time: ${last instanceof Error ? last.message : String(last)}`);
}
