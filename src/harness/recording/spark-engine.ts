import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { openSpark } from "../../executors/spark/executor.ts";
import { findSparkJars } from "../../executors/spark/jars.ts";
import { javaBinary, startSparkServer } from "../../executors/spark/server.ts";
import type { RecordingEngine } from "./recording.ts";
import { withRecordingStore } from "./recording-store.ts";

/** A recording is in no hurry: a busy machine is no reason to give up. */
const startTimeoutMs = 600_000;

type Env = Readonly<Record<string, string | undefined>>;

/** How a recording opens Spark. */
export interface SparkEngineOptions {
  /** Store of the recording: emptied when opened, deleted when closed. */
  readonly storeFolder: string;
  /** Heap of the server. */
  readonly memoryLimitBytes: number;
  /** For example `local[2]`. */
  readonly master: string;
  readonly env: Env;
  readonly signal?: AbortSignal;
}

/**
 * Starts a Spark server of its own with an empty store for one phase of a recording; closing it stops the server.
 *
 * @throws {MissingExecutorError} when Java or Spark's jars are missing
 * @throws {ExecutorError} when the server does not come up
 */
export async function openSparkEngine(options: SparkEngineOptions): Promise<RecordingEngine> {
  const { storeFolder, memoryLimitBytes, master, env, signal } = options;
  const server = await startSparkServer({
    master,
    driverMemory: `${Math.ceil(memoryLimitBytes / 2 ** 20)}m`,
    env,
    startTimeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
  return withRecordingStore(
    storeFolder,
    (store) =>
      openSpark({
        ...(store === undefined ? {} : { store }),
        profile: "hot",
        server: { host: "127.0.0.1", port: server.port, token: server.token },
        ...(master.startsWith("local[") ? {} : { isDistributed: true, starvation: { master } }),
      }),
    () => server.stop(),
  );
}

/** Version of the Spark whose jars would be started, by the name of its Connect jar; `unknown` without one. */
export function installedSparkVersion(env: Env): string {
  const jars = findSparkJars(env);
  const names = jars.missing.length === 0 ? readdirSync(jars.folder) : [];
  return names.map((name) => /^spark-connect_[\d.]+-(.+)\.jar$/u.exec(name)?.[1]).find(Boolean) ?? "unknown";
}

/** Version of the Java that would run it, for example `17.0.15`; `unknown` if it says none. */
export function javaVersion(env: Env): Promise<string> {
  return new Promise((resolve) => {
    execFile(javaBinary(env), ["-version"], (_error, _stdout, stderr) => {
      resolve(/version "([^"]+)"/u.exec(stderr)?.[1] ?? "unknown");
    });
  });
}
