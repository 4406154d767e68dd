import { RelationalExecutor, type RelationalOptions } from "../relational/executor.ts";
import { parseSparkUrl, type SparkAddress } from "./address.ts";
import { SparkSession } from "./client.ts";
import { openSparkEngine, type SparkCompression } from "./engine.ts";
import type { StarvationOptions } from "./starvation.ts";

/** How the Spark executor is opened. */
export interface SparkExecutorOptions extends RelationalOptions {
  /** Where the server is: an address or `sc://host:port[/;token=…]`. */
  readonly server: SparkAddress | string;
  /** The server's executors are processes of their own, perhaps on other machines. Default false. */
  readonly isDistributed?: boolean;
  /** Of a distributed server: when statements without a free worker are given up; without it they wait as long as it takes. */
  readonly starvation?: StarvationOptions;
  /** Compression of parquet files, default `zstd`. */
  readonly compression?: SparkCompression;
}

/**
 * Opens an executor with a Spark session of its own on a running server.
 *
 * @throws {SparkError} when the server does not answer or refuses the token
 */
export async function openSpark(options: SparkExecutorOptions): Promise<RelationalExecutor> {
  const address = typeof options.server === "string" ? parseSparkUrl(options.server) : options.server;
  const { starvation } = options;
  const session = new SparkSession(address, starvation === undefined ? {} : { starvation });
  try {
    const engine = await openSparkEngine(session, {
      isDistributed: options.isDistributed ?? false,
      ...(options.compression === undefined ? {} : { compression: options.compression }),
    });
    return new RelationalExecutor(engine, options);
  } catch (error) {
    session.forget();
    throw error;
  }
}
