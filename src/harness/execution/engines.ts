import { UsageError } from "../../core/errors.ts";
import type { Executor } from "../../core/executor.ts";
import { nearest } from "../../core/nearest.ts";
import type { ResultStore } from "../../executors/store/result-store.ts";
import type { StorageProfile } from "../../executors/store/storage-profile.ts";
import { openSparkHost } from "./spark-host.ts";

/** What an engine is opened with. */
export interface EngineOptions {
  readonly store?: ResultStore;
  /** Folder for what an engine of one's own stores; without one nothing it stores is kept. */
  readonly storeFolder?: string;
  readonly profile: StorageProfile;
  /** Memory limit of the engine in bytes; default its own. */
  readonly memoryLimitBytes?: number;
  /** Store columns apart, each once, where the engine can. */
  readonly storeColumns?: boolean;
}

/** Opens an engine; it closes with the executor, the store stays open. */
export type EngineOpener = (options: EngineOptions) => Promise<Executor>;

/** What is needed before any executor of an engine can be opened. */
export interface HostOptions {
  /** Address of a running Spark server, `sc://host:port[/;token=…]`; without one a local server is started. */
  readonly sparkUrl?: string;
  /** Master of the server that is started, for example `local[2]`. */
  readonly sparkMaster?: string;
  /** How long statements on a cluster of Spark may wait for a free worker, in milliseconds; default two minutes. */
  readonly sparkWaitMs?: number;
  /** Memory limit of the engine in bytes; default its own. */
  readonly memoryLimitBytes?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  /** Told what is outside of all measured times, and how long it took. */
  readonly onNote?: (note: string) => void;
}

/** An engine that several executors use one after the other; close it after them. */
export interface EngineHost {
  readonly open: EngineOpener;
  /** What of the host decides measured times; undefined if nothing does. */
  readonly identity?: string;
  /** Runs of a warm-up after which times no longer fall; default 1. */
  readonly warmUps?: number;
  close(): Promise<void>;
}

/** Engines for real runs, by id; each is imported when it is asked for. */
const hosts: ReadonlyMap<string, (options: HostOptions) => Promise<EngineHost>> = new Map([
  [
    "duckdb",
    () =>
      Promise.resolve({
        open: async (options: EngineOptions) =>
          (await import("../../executors/duckdb/executor.ts")).openDuckDb(options),
        close: () => Promise.resolve(),
      }),
  ],
  ["spark", openSparkHost],
]);

/** Ids of the engines workloads run on. */
export const engineIds: readonly string[] = [...hosts.keys()];

/**
 * Makes an engine ready: starts its server, if it has one.
 *
 * @throws {UsageError} for an unknown engine
 * @throws {MissingExecutorError} when it is not installed
 */
export function openEngineHost(id: string, options: HostOptions = {}): Promise<EngineHost> {
  return hostOf(id)(options);
}

/** An opener that makes the engine ready for one executor alone. @throws {UsageError} for an unknown engine */
export function engineById(id: string): EngineOpener {
  const openHost = hostOf(id);
  return async (options) => {
    const host = await openHost(
      options.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: options.memoryLimitBytes },
    );
    const executor = await host.open(options);
    const close = executor.close.bind(executor);
    executor.close = async () => {
      await close();
      await host.close();
    };
    return executor;
  };
}

function hostOf(id: string): (options: HostOptions) => Promise<EngineHost> {
  const found = hosts.get(id);
  if (found === undefined)
    throw new UsageError(
      `executor "${id}": cannot run workloads; expected one of ${nearest(id, engineIds).join(", ")}`,
    );
  return found;
}
