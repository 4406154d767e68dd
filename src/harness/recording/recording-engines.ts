import { totalmem } from "node:os";
import { MissingExecutorError, UsageError } from "../../core/errors.ts";
import { duckDbTransferCosts } from "../../executors/duckdb/transfer-costs.ts";
import type { TransferCosts } from "../../executors/relational/engine.ts";
import { sparkTransferCosts } from "../../executors/spark/transfer-costs.ts";
import { sparkWarmUps } from "../../executors/spark/warm-ups.ts";
import { provenance } from "../provenance.ts";
import type { RecordingEngine } from "./recording.ts";

/** What a recording may say about its engine. */
export interface RecordingEngineOptions {
  /** Default the engine's own choice. */
  readonly memoryLimitBytes?: number;
  /** Master of the Spark server, default `local[2]`. */
  readonly sparkMaster?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/** An engine that a recording can start again and again. */
export interface RecordingHost {
  /** Engine and version, as the trace's header says it. */
  readonly executor: string;
  /** Further fields of `source`: versions and settings that decide times. */
  readonly facts: Readonly<Record<string, string>>;
  readonly memoryLimitBytes: number;
  /** Largest relative difference of metric values between runs that is still the same answer. */
  readonly metricTolerance: number;
  /** What its executor expects of transfers it has never made. */
  readonly transferCosts: TransferCosts;
  /** Its executor can keep columns apart. */
  readonly storesColumns: boolean;
  /** Runs of the warm-up after which its times no longer fall. */
  readonly warmUps: number;
  /** Starts it with an empty store in a folder of its own. */
  open(storeFolder: string): Promise<RecordingEngine>;
}

const defaultMaster = "local[2]";

/** Heap of a Spark server of a recording. */
const sparkHeapBytes = 2 * 2 ** 30;

/** Engines a recording can be made on, by id; each is imported when it is asked for. */
const hosts: ReadonlyMap<string, (options: RecordingEngineOptions) => Promise<RecordingHost>> = new Map([
  ["duckdb", duckDbHost],
  ["spark", sparkHost],
]);

/** Ids of these engines. */
export const recordingExecutors: readonly string[] = [...hosts.keys()];

async function duckDbHost(options: RecordingEngineOptions): Promise<RecordingHost> {
  const { openDuckDbEngine } = await import("./duckdb-engine.ts");
  const memoryLimitBytes = options.memoryLimitBytes ?? Math.floor(totalmem() * 0.4);
  return {
    executor: `duckdb ${provenance().packages["@duckdb/node-api"] ?? ""}`.trim(),
    facts: {},
    memoryLimitBytes,
    metricTolerance: 1e-9,
    transferCosts: duckDbTransferCosts,
    storesColumns: true,
    warmUps: 1,
    open: (storeFolder) => openDuckDbEngine({ storeFolder, memoryLimitBytes }),
  };
}

async function sparkHost(options: RecordingEngineOptions): Promise<RecordingHost> {
  const { installedSparkVersion, javaVersion, openSparkEngine } = await import("./spark-engine.ts");
  const { env = process.env, sparkMaster: master = defaultMaster, signal } = options;
  if (!/^(local\[(?:\d+|\*)\]|local-cluster\[\d+,\d+,\d+\]|spark:\/\/\S+)$/u.test(master))
    throw new UsageError(
      `--spark-master "${master}": expected local[2], local-cluster[2,1,1024] or spark://host:port; a recording starts servers of its own`,
    );
  const spark = installedSparkVersion(env);
  if (spark === "unknown")
    throw new MissingExecutorError(
      'spark: its jars were not found; run "reuselab spark install", or set SPARK_HOME to a Spark 4',
    );
  const memoryLimitBytes = options.memoryLimitBytes ?? sparkHeapBytes;
  return {
    executor: `spark ${spark}`,
    facts: { java: await javaVersion(env), master },
    memoryLimitBytes,
    // Gradients are summed in the order in which partitions finish.
    metricTolerance: 1e-3,
    transferCosts: sparkTransferCosts,
    storesColumns: false,
    warmUps: sparkWarmUps,
    open: (storeFolder) =>
      openSparkEngine({
        storeFolder,
        memoryLimitBytes,
        master,
        env,
        ...(signal === undefined ? {} : { signal }),
      }),
  };
}

/** @throws {UsageError} naming the executors that can record */
export function checkRecordingExecutor(id: string): void {
  if (!hosts.has(id))
    throw new UsageError(`record: executor "${id}" cannot record; expected ${recordingExecutors.join(" or ")}`);
}

/**
 * Finds an engine and its versions; nothing is started.
 *
 * @throws {UsageError} for an engine that cannot record; {MissingExecutorError} when it is not installed
 */
export function openRecordingHost(id: string, options: RecordingEngineOptions = {}): Promise<RecordingHost> {
  checkRecordingExecutor(id);
  return (hosts.get(id) as (options: RecordingEngineOptions) => Promise<RecordingHost>)(options);
}
