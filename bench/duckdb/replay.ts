/** The calls of a run, made again one after the other on a plain connection: what a program without the harness would do. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as duckdb from "@duckdb/node-api";
import { fetchBulk, uploadBulk } from "../../src/executors/duckdb/bulk.ts";
import type { EngineCall } from "../../src/executors/duckdb/engine-log.ts";

/** A plain connection, set up as the harness sets up its own. */
export class Replay {
  readonly #instance: duckdb.DuckDBInstance;
  readonly #db: duckdb.DuckDBConnection;
  readonly #folder: string;
  readonly #files = new Map<string, string>();

  private constructor(instance: duckdb.DuckDBInstance, db: duckdb.DuckDBConnection, folder: string) {
    this.#instance = instance;
    this.#db = db;
    this.#folder = folder;
  }

  /** @param folder for the files it writes, and what the engine spills */
  static async open(folder: string): Promise<Replay> {
    const instance = await duckdb.DuckDBInstance.create(":memory:", {
      threads: "2",
      memory_limit: "4000000000B",
      temp_directory: folder,
      enable_external_file_cache: "false",
    });
    return new Replay(instance, await instance.connect(), folder);
  }

  async run(calls: readonly EngineCall[]): Promise<void> {
    for (const call of calls) await this.#make(call);
  }

  close(): void {
    this.#db.closeSync();
    this.#instance.closeSync();
  }

  async #make(call: EngineCall): Promise<unknown> {
    const db = this.#db;
    if (call.kind === "run") return db.run(call.sql);
    if (call.kind === "query") return (await db.runAndReadAll(call.sql)).getRows();
    if (call.kind === "fetch") return fetchBulk(db, call.sql, call.types);
    if (call.kind === "upload") return uploadBulk(duckdb, db, call.table, call.columns, call.rows);
    if (call.kind === "work") return call.run();
    if (call.kind === "write" || call.kind === "load") return db.run(call.sql(this.#fileOf(call.key)));
    if (call.kind === "write-text") return writeFile(this.#fileOf(call.key), call.text);
    if (call.kind === "load-text") return JSON.parse(await readFile(this.#fileOf(call.key), "utf8"));
    return rm(this.#fileOf(call.key), { force: true });
  }

  #fileOf(key: string): string {
    const known = this.#files.get(key) ?? join(this.#folder, `result${this.#files.size}`);
    this.#files.set(key, known);
    return known;
  }
}
