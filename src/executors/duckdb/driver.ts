import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as DuckDb from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ExecutorError, MissingExecutorError } from "../../core/errors.ts";
import { throwIfAborted } from "../relational/engine.ts";
import { fetchBulk, uploadBulk } from "./bulk.ts";
import type { Column, FetchType, Row } from "../relational/steps.ts";
import { engineError } from "./engine-error.ts";

/** The engine's package; only its types are known before {@link openDatabase}. */
export type DuckDbPackage = typeof DuckDb;

/** How the engine is opened. */
export interface DatabaseOptions {
  /** Limit of the engine's memory; beyond it, it spills to `tempFolder`. Default 4 GB. */
  readonly memoryLimitBytes?: number;
  /** Default 2. */
  readonly threads?: number;
  /** Where the engine spills; default a fresh folder among the system's temporary ones, removed at the end. */
  readonly tempFolder?: string;
  /** Imports the engine; tests pass one that fails. */
  readonly importPackage?: () => Promise<DuckDbPackage>;
}

const defaultMemoryBytes = 4_000_000_000;

/**
 * Opens an in-memory database that keeps the order of rows and caches no file.
 * @throws {MissingExecutorError} when the package is not installed
 */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const duckdb = await importEngine(options.importPackage);
  const ownFolder = options.tempFolder === undefined ? await mkdtemp(join(tmpdir(), "reuselab-duckdb-")) : undefined;
  try {
    const instance = await duckdb.DuckDBInstance.create(":memory:", {
      threads: String(options.threads ?? 2),
      memory_limit: `${options.memoryLimitBytes ?? defaultMemoryBytes}B`,
      temp_directory: options.tempFolder ?? ownFolder ?? tmpdir(),
      preserve_insertion_order: "true",
      enable_external_file_cache: "false",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    return new Database(duckdb, instance, await instance.connect(), ownFolder);
  } catch (error) {
    if (ownFolder !== undefined) await rm(ownFolder, { recursive: true, force: true });
    throw engineError("open", error);
  }
}

async function importEngine(load: DatabaseOptions["importPackage"]): Promise<DuckDbPackage> {
  try {
    return await (load ?? (() => import("@duckdb/node-api")))();
  } catch (error) {
    throw new MissingExecutorError(
      "duckdb: the package @duckdb/node-api cannot be loaded; install it with `npm install @duckdb/node-api`, or use the simulated executor",
      { cause: error },
    );
  }
}

/** One connection; calls come one at a time. Every failure is an ExecutorError with the engine's error as cause. */
export class Database {
  readonly #duckdb: DuckDbPackage;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #ownFolder: string | undefined;
  #isClosed = false;

  constructor(
    duckdb: DuckDbPackage,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    ownFolder: string | undefined,
  ) {
    this.#duckdb = duckdb;
    this.#instance = instance;
    this.#connection = connection;
    this.#ownFolder = ownFolder;
  }

  /** Version of the engine. */
  get version(): string {
    return this.#duckdb.version();
  }

  /** Runs statements for their effect. */
  async run(sql: string, signal?: AbortSignal): Promise<void> {
    await this.#interruptible(sql, signal, () => this.#connection.run(sql));
  }

  /** All rows of a small query. */
  async query(sql: string, signal?: AbortSignal): Promise<readonly Row[]> {
    return this.#interruptible(sql, signal, async () => {
      const reader = await this.#connection.runAndReadAll(sql);
      return reader.getRows() as unknown as readonly Row[];
    });
  }

  /** Columns of a large query in the order of rows; see {@link fetchBulk}. */
  async fetch(sql: string, types: readonly FetchType[], signal?: AbortSignal): Promise<readonly Column[]> {
    return this.#interruptible(sql, signal, () => fetchBulk(this.#connection, sql, types, signal));
  }

  /** Makes a temporary table of columns. */
  async upload(
    table: string,
    columns: readonly { readonly name: string; readonly sqlType: string; readonly values: Column }[],
    rows: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const what = `upload of ${table}`;
    await this.#interruptible(what, signal, () => uploadBulk(this.#duckdb, this.#connection, table, columns, rows));
  }

  /** Closes the engine and removes its temporary files. Harmless when repeated. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.closeSync();
    this.#instance.closeSync();
    if (this.#ownFolder !== undefined) await rm(this.#ownFolder, { recursive: true, force: true });
  }

  async #interruptible<T>(sql: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ExecutorError("duckdb: used after close; open the executor again");
    throwIfAborted("duckdb", signal);
    const interrupt = (): void => this.#connection.interrupt();
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await act();
    } catch (error) {
      throwIfAborted("duckdb", signal);
      throw engineError(sql, error);
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }
}
