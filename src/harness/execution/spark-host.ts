import { systemClock } from "../../core/clock.ts";
import { UsageError } from "../../core/errors.ts";
import type { Executor } from "../../core/executor.ts";
import type { SparkExecutorOptions } from "../../executors/spark/executor.ts";
import type { SparkServer } from "../../executors/spark/server.ts";
import { sparkWarmUps } from "../../executors/spark/warm-ups.ts";
import type { EngineHost, HostOptions } from "./engines.ts";

const localMaster = "local[2]";

/** Least heap Spark works with. */
const leastHeapBytes = 512 * 2 ** 20;

/**
 * Starts a local server, or connects to the one at `sparkUrl`; executors get a Spark session each.
 *
 * @throws {UsageError} for a master or address that is none
 * @throws {MissingExecutorError} when Java or Spark's jars are missing
 * @throws {ExecutorError} when the server does not come up
 */
export async function openSparkHost(options: HostOptions): Promise<EngineHost> {
  const { parseSparkUrl } = await import("../../executors/spark/address.ts");
  const { SparkSession } = await import("../../executors/spark/client.ts");
  const { SparkError } = await import("../../executors/spark/errors.ts");
  const { openSpark } = await import("../../executors/spark/executor.ts");
  if (options.sparkUrl !== undefined) {
    if (!/^sc:\/\/[^:/;]+(?::\d+)?(?:\/(?:;.*)?)?$/u.test(options.sparkUrl))
      throw new UsageError(`--spark "${options.sparkUrl}": expected sc://host:port[/;token=…]`);
    const server = parseSparkUrl(options.sparkUrl);
    const session = new SparkSession(server);
    try {
      const version = await session.version({ timeoutMs: 120_000 });
      const master = (await session.configuration(["spark.master"])).get("spark.master") ?? "";
      options.onNote?.(`Spark ${version} (${master}) at ${server.host}:${server.port}`);
      return {
        open: ({ store, profile }) =>
          openSpark({ server, profile, ...clusterOf(master, options), ...(store === undefined ? {} : { store }) }),
        identity: `${version} ${master}`,
        warmUps: sparkWarmUps,
        close: () => Promise.resolve(),
      };
    } finally {
      await session.close();
    }
  }
  const master = options.sparkMaster ?? localMaster;
  if (!/^(local\[(?:\d+|\*)\]|local-cluster\[\d+,\d+,\d+\]|spark:\/\/\S+)$/u.test(master))
    throw new UsageError(
      `--spark-master "${master}": expected local[2], local-cluster[2,1,1024] or spark://host:port; a running server is given by --spark sc://host:port`,
    );
  const { startSparkServer } = await import("../../executors/spark/server.ts");
  const start = async (): Promise<SparkServer> => {
    const startUs = systemClock.nowUs();
    const started = await startSparkServer({
      master,
      ...(options.memoryLimitBytes === undefined
        ? {}
        : { driverMemory: `${Math.ceil(Math.max(leastHeapBytes, options.memoryLimitBytes) / 2 ** 20)}m` }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const seconds = ((systemClock.nowUs() - startUs) / 1e6).toFixed(1);
    options.onNote?.(`Spark ${started.version} (${master}) started in ${seconds} s, its first query included`);
    return started;
  };
  let server = await start();
  return {
    open: async ({ store, profile }) => {
      const opened = (): Promise<Executor> =>
        openSpark({
          server: { host: "127.0.0.1", port: server.port, token: server.token },
          profile,
          ...clusterOf(master, options),
          ...(store === undefined ? {} : { store }),
        });
      try {
        if (!server.hasExited()) return await opened();
      } catch (error) {
        if (!(error instanceof SparkError && error.isTransport && (await exitsSoon(server)))) throw error;
      }
      options.onNote?.("Spark's server has ended; another one is started");
      await server.stop();
      server = await start();
      return opened();
    },
    identity: `${server.version} ${master}`,
    warmUps: sparkWarmUps,
    close: () => server.stop(),
  };
}

/** A process that is being killed refuses connections before its end is told: the system first gives back its memory. */
async function exitsSoon(server: SparkServer): Promise<boolean> {
  for (let i = 0; i < 100 && !server.hasExited(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return server.hasExited();
}

/** What a server's master tells of its executors. */
function clusterOf(
  master: string,
  { sparkWaitMs }: HostOptions,
): Pick<SparkExecutorOptions, "isDistributed" | "starvation"> {
  if (/^local(?:\[|$)/u.test(master)) return { isDistributed: false };
  const starvation = { master: master === "" ? "the server" : master };
  return {
    isDistributed: true,
    starvation: sparkWaitMs === undefined ? starvation : { ...starvation, waitMs: sparkWaitMs },
  };
}
