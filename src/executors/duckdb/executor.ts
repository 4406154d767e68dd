import { ExecutorError } from "../../core/errors.ts";
import type { ExecutorCapabilities } from "../../core/executor.ts";
import type { ColumnFiles, EngineStep, RelationalEngine, ResultPlace, WorkStep } from "../relational/engine.ts";
import { RelationalExecutor, type RelationalOptions } from "../relational/executor.ts";
import type { Payload } from "../relational/shape.ts";
import { isLearning } from "../relational/steps.ts";
import type { ResultPart } from "../store/result-store.ts";
import { readColumns, writeColumn } from "./column-files.ts";
import { operatorCompilers } from "./compiler/compilers.ts";
import { duckDbDialect, text } from "./compiler/dialect.ts";
import { type Database, type DatabaseOptions, openDatabase } from "./driver.ts";
import type { EngineLog } from "./engine-log.ts";
import { readResult, type ResultFormat, writeResult } from "./result-file.ts";
import { duckDbTransferCosts } from "./transfer-costs.ts";

/** How the DuckDB executor is opened. */
export interface DuckDbOptions extends DatabaseOptions, RelationalOptions {
  /** Compression of parquet files, default `zstd`. */
  readonly compression?: "zstd" | "snappy" | "uncompressed";
  readonly log?: EngineLog;
}

/**
 * Opens the embedded executor.
 * @throws {MissingExecutorError} when DuckDB is not installed
 */
export async function openDuckDb(options: DuckDbOptions = {}): Promise<DuckDbExecutor> {
  return new DuckDbExecutor(await openDatabase(options), options);
}

/** Runs nodes on DuckDB, embedded in this process. */
export class DuckDbExecutor extends RelationalExecutor {
  constructor(database: Database, options: DuckDbOptions) {
    super(new DuckDbEngine(database, options), options);
  }
}

class DuckDbEngine implements RelationalEngine {
  readonly id = "duckdb";
  readonly title = "DuckDB, embedded";
  readonly capabilities: ExecutorCapabilities = {
    measured: true,
    fusesSegments: true,
    measuresBytes: true,
    persistsAcrossSessions: true,
    isDistributed: false,
  };
  readonly dialect = duckDbDialect;
  readonly compilers = operatorCompilers;
  readonly transferCosts = duckDbTransferCosts;
  readonly #database: Database;
  readonly #format: ResultFormat;

  constructor(database: Database, options: DuckDbOptions) {
    this.#database = database;
    this.#format = { compression: options.compression ?? "zstd", log: options.log };
  }

  get version(): string {
    return this.#database.version;
  }

  get versions(): Readonly<Record<string, string>> {
    return { "@duckdb/node-api": this.version };
  }

  async answer(step: EngineStep, signal: AbortSignal | undefined): Promise<unknown> {
    if (isLearning(step)) throw new ExecutorError("duckdb: learns outside the engine");
    this.#format.log?.(step);
    if (step.kind === "query") return this.#database.query(step.sql, signal);
    if (step.kind === "fetch") return this.#database.fetch(step.sql, step.types, signal);
    if (step.kind === "run") return this.#database.run(step.sql, signal);
    return this.#database.upload(step.table, step.columns, step.rows, signal);
  }

  dropTable(table: string): Promise<void> {
    const sql = `DROP TABLE IF EXISTS ${table}`;
    this.#format.log?.({ kind: "run", sql });
    return this.#database.run(sql);
  }

  async writeResult(
    payload: Payload,
    { key, signal }: ResultPlace,
  ): Promise<{ readonly parts: readonly ResultPart[]; readonly discard: () => Promise<void> }> {
    const write = (path: string): Promise<void> =>
      writeResult(this.#database, payload, { key, path, signal }, this.#format);
    return { parts: [{ name: "data", write }], discard: () => Promise.resolve() };
  }

  readResult(
    table: string,
    meta: Readonly<Record<string, unknown>>,
    { key, paths, signal }: ResultPlace & { readonly paths: readonly string[] },
  ): Promise<Payload> {
    return readResult(this.#database, table, meta, { key, path: paths[0] ?? "", signal }, this.#format.log);
  }

  get columnFiles(): ColumnFiles {
    return {
      write: (payload, column, to) => writeColumn(this.#database, payload, column, to, this.#format),
      read: (newTable, meta, from) => readColumns(this.#database, newTable, meta, from, this.#format.log),
    };
  }

  async columnBytes(path: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.query(
      `SELECT path_in_schema, sum(total_compressed_size) FROM parquet_metadata(${text(path)}) GROUP BY ALL`,
    );
    return new Map(rows.map(([name, bytes]) => [String(name), Number(bytes)]));
  }

  onWork(step: WorkStep): void {
    this.#format.log?.(step);
  }

  onEvict(key: string): void {
    this.#format.log?.({ kind: "evict", key });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
