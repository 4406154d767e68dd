import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "../store/make-folder.ts";
import type { ExecutorCapabilities } from "../../core/executor.ts";
import { type EngineStep, type RelationalEngine, type ResultPlace, throwIfAborted } from "../relational/engine.ts";
import { decodeModel, encodeModel } from "../relational/model-file.ts";
import type { Payload, RelationPayload, RelationShape } from "../relational/shape.ts";
import { ident } from "../relational/sql.ts";
import type { Column } from "../relational/steps.ts";
import { diskFullError, isDiskFull, temporaryPrefix } from "../store/durable-files.ts";
import type { ResultPart } from "../store/result-store.ts";
import { arrowStream, columnsOf, rowsOf } from "./arrow-columns.ts";
import { badRecord } from "./bad-record.ts";
import type { SparkSession } from "./client.ts";
import { sparkCompilers } from "./compilers.ts";
import { sessionSettings, sparkDialect } from "./dialect.ts";
import { SparkError } from "./errors.ts";
import { lostOnServer } from "./lost.ts";
import { SparkModels } from "./models.ts";
import { cached, type RelationInit, sql } from "./relations.ts";
import { parquetFilesIn, untilSeenAlike } from "./shared-folder.ts";
import { sparkTransferCosts } from "./transfer-costs.ts";

/** Rows an upload sends at once; a message to the server holds 128 MB. */
const uploadRows = 200_000;

/** Codec of the parquet files. */
export type SparkCompression = "zstd" | "snappy" | "uncompressed";

/**
 * Spark as the executor drives it: a table is a relation checkpointed eagerly on the executors, under a view's name. One Spark
 * session, so that views, settings and models of another run are not seen.
 */
export class SparkEngine implements RelationalEngine {
  readonly id = "spark";
  readonly title = "Apache Spark, over Spark Connect";
  readonly capabilities: ExecutorCapabilities;
  readonly dialect = sparkDialect;
  readonly compilers = sparkCompilers;
  readonly transferCosts = sparkTransferCosts;
  readonly version: string;
  readonly #session: SparkSession;
  readonly #compression: SparkCompression;
  /** Checkpoints and views by table. */
  readonly #tables = new Map<string, { readonly relations: string[]; readonly views: string[] }>();
  readonly #models: SparkModels;
  #folders = 0;

  /** Use {@link openSparkEngine}. */
  constructor(session: SparkSession, version: string, isDistributed: boolean, compression: SparkCompression) {
    this.#session = session;
    this.version = version;
    this.#compression = compression;
    this.#models = new SparkModels(session);
    this.capabilities = {
      measured: true,
      fusesSegments: true,
      measuresBytes: true,
      persistsAcrossSessions: true,
      isDistributed,
    };
  }

  get versions(): Readonly<Record<string, string>> {
    return { spark: this.version };
  }

  async answer(step: EngineStep, signal: AbortSignal | undefined): Promise<unknown> {
    try {
      return await this.#answer(step, signal);
    } catch (error) {
      throwIfAborted(this.id, signal);
      throw ("sql" in step ? badRecord(error, step.sql) : undefined) ?? lostOnServer(error) ?? error;
    }
  }

  async #answer(step: EngineStep, signal: AbortSignal | undefined): Promise<unknown> {
    const options = signal === undefined ? {} : { signal };
    if (step.kind === "query") return rowsOf(await this.#session.collect(sql(step.sql), options));
    if (step.kind === "fetch") return columnsOf(await this.#session.collect(sql(step.sql), options), step.types);
    if (step.kind === "upload") return this.#upload(step.table, step.columns, step.rows, options);
    if (step.kind === "fit-logistic" || step.kind === "fit-trees") return this.#models.fit(step, options);
    if (step.kind === "score-trees") return this.#makeTable(step.table, this.#models.scored(step), options);
    if (step.table === undefined) return this.#session.run(step.sql, options);
    return step.hasGaps === true
      ? this.#makeNumbered(step.table, step.sql, options)
      : this.#makeTable(step.table, sql(step.sql), options);
  }

  async dropTable(table: string): Promise<void> {
    const made = this.#tables.get(table);
    if (made === undefined) return;
    this.#tables.delete(table);
    const ended = await Promise.allSettled([
      ...made.views.map((view) => this.#session.run(`DROP VIEW IF EXISTS ${view}`)),
      ...made.relations.map((relation) => this.#session.release(relation)),
    ]);
    for (const end of ended) {
      // A server that is gone holds no tables; whoever needs it next says so.
      if (end.status === "rejected" && !(end.reason instanceof SparkError && end.reason.isTransport)) throw end.reason;
    }
  }

  async writeResult(
    payload: Payload,
    { folder, signal }: ResultPlace & { readonly folder: string },
  ): Promise<{ readonly parts: readonly ResultPart[]; readonly discard: () => Promise<void> }> {
    const isModel = this.#models.knows(payload);
    if (payload.kind !== "relation" && !isModel) {
      const encoded = encodeModel(payload);
      return {
        parts: [{ name: "data", write: (path) => writeFile(path, encoded) }],
        discard: () => Promise.resolve(),
      };
    }
    const written = this.#folderIn(resolve(folder, "objects"));
    const discard = (): Promise<void> => rm(written, { recursive: true, force: true });
    try {
      makeFolder(written);
      if (isModel) {
        const options = signal === undefined ? {} : { signal };
        return { parts: await this.#models.write(payload, written, options), discard };
      }
      await this.#session.writeParquet(sql(selectAll(payload)), written, {
        compression: this.#compression,
        ...(signal === undefined ? {} : { signal }),
      });
      if (this.capabilities.isDistributed)
        await untilSeenAlike(this.#session, written, signal === undefined ? {} : { signal });
      const files = await parquetFilesIn(written);
      const parts = files.map((file, i): ResultPart => ({
        name: files.length === 1 ? "data" : `data-${i}`,
        write: (path) => rename(join(written, file), path),
      }));
      return { parts, discard };
    } catch (error) {
      await discard();
      throwIfAborted(this.id, signal);
      throw isDiskFull(error) ? diskFullError(folder, error) : (lostOnServer(error) ?? error);
    }
  }

  async readResult(
    table: string,
    meta: Readonly<Record<string, unknown>>,
    { paths, signal }: ResultPlace & { readonly paths: readonly string[] },
  ): Promise<Payload> {
    if (meta["kind"] !== "relation") {
      const text = await readFile(paths[0] ?? "", "utf8");
      const at = this.#folderIn(resolve(dirname(paths[0] ?? "")));
      const options = signal === undefined ? {} : { signal };
      return (await this.#models.read(text, paths.slice(1), at, options)) ?? (decodeModel(text) as Payload);
    }
    const shape = meta["shape"] as RelationShape;
    const columns = [...shape.keys, ...shape.columns];
    const schema = [
      ...columns.map(({ name, sqlType }) => `\`${name.replaceAll("`", "``")}\` ${sqlType}`),
      "rid BIGINT",
    ];
    const files: RelationInit = {
      relType: {
        case: "read",
        value: {
          readType: {
            case: "dataSource",
            value: { format: "parquet", schema: schema.join(", "), paths: paths.map((path) => resolve(path)) },
          },
        },
      },
    };
    try {
      await this.#makeTable(table, files, signal === undefined ? {} : { signal });
    } catch (error) {
      throwIfAborted(this.id, signal);
      throw error;
    }
    return {
      kind: "relation",
      shape,
      columns: new Map(columns.map(({ name }) => [name, { table, column: name }])),
      rows: Number(meta["rows"]),
    };
  }

  async close(): Promise<void> {
    this.#tables.clear();
    await this.#session.close();
  }

  /** A new folder beside the store's objects: the server and this process see it, and what a crash leaves there is swept. */
  #folderIn(objects: string): string {
    return join(objects, `${temporaryPrefix}spark-${process.pid}-${this.#folders++}`);
  }

  async #makeTable(table: string, relation: RelationInit, options: { signal?: AbortSignal }): Promise<void> {
    const id = await this.#session.checkpoint(relation, options);
    this.#tables.set(table, { relations: [id], views: [table] });
    await this.#session.createView(table, cached(id), options);
  }

  /**
   * A table whose rows are numbered 0 … n−1: Spark numbers them by partition (33 bits each), the rows before each partition are
   * counted once the table exists, and the view adds them. No row moves. @returns how many rows there are
   */
  async #makeNumbered(table: string, query: string, options: { signal?: AbortSignal }): Promise<number> {
    const raw = `${table}_raw`;
    await this.#makeTable(raw, sql(query), options);
    const made = this.#tables.get(raw);
    this.#tables.delete(raw);
    this.#tables.set(table, { relations: made?.relations ?? [], views: [table, raw] });
    const counts = await this.#session.collect(
      sql(`SELECT shiftright(rid, 33) AS p, count(*) AS n FROM ${raw} GROUP BY 1`),
      options,
    );
    let before = 0n;
    const cases: string[] = [];
    // Sorted here: an ORDER BY is two more jobs.
    for (const [partition, rows] of rowsOf(counts).toSorted(([a], [b]) => Number(a) - Number(b))) {
      cases.push(`WHEN ${String(partition)} THEN ${before}`);
      before += BigInt(rows ?? 0);
    }
    const offset = cases.length === 0 ? "0" : `CASE shiftright(rid, 33) ${cases.join(" ")} END`;
    await this.#session.createView(
      table,
      sql(`SELECT * EXCEPT (rid), CAST((rid & 8589934591) + ${offset} AS BIGINT) AS rid FROM ${raw}`),
      options,
    );
    return Number(before);
  }

  async #upload(
    table: string,
    columns: readonly { readonly name: string; readonly sqlType: string; readonly values: Column }[],
    rows: number,
    options: { signal?: AbortSignal },
  ): Promise<void> {
    const parts: RelationInit[] = [];
    for (let from = 0; from === 0 || from < rows; from += uploadRows)
      parts.push({
        relType: {
          case: "localRelation",
          value: { data: arrowStream(columns, from, Math.min(rows, from + uploadRows)) },
        },
      });
    const [first, ...others] = parts;
    if (first === undefined || others.length === 0) return this.#makeTable(table, first ?? sql("SELECT 1"), options);
    const relations: string[] = [];
    const views: string[] = [];
    this.#tables.set(table, { relations, views });
    for (const [i, part] of parts.entries()) {
      const id = await this.#session.checkpoint(part, options);
      relations.push(id);
      const view = `${table}_${i}`;
      await this.#session.createView(view, cached(id), options);
      views.push(view);
    }
    const union = views.map((view) => `SELECT * FROM ${view}`).join(" UNION ALL ");
    await this.#session.createView(table, sql(union), options);
    views.unshift(table);
  }
}

/** Row-aligned columns of a relation under their logical names, and their row numbers. */
function selectAll({ columns }: RelationPayload): string {
  const tables = [...new Set([...columns.values()].map(({ table }) => table))];
  const items = [...columns].map(([name, { table, column }]) => `${table}.${ident(column)} AS ${ident(name)}`);
  const rid = `${sparkDialect.rowNumber(tables[0] ?? "")} AS rid`;
  return `SELECT ${[...items, rid].join(", ")} FROM ${sparkDialect.sideBySide(tables)}`;
}

/**
 * Sets a session up.
 *
 * @throws {SparkError} when the server does not answer or refuses the token
 */
export async function openSparkEngine(
  session: SparkSession,
  options: { readonly isDistributed: boolean; readonly compression?: SparkCompression },
): Promise<SparkEngine> {
  const version = await session.version();
  await session.configure(sessionSettings);
  return new SparkEngine(session, version, options.isDistributed, options.compression ?? "zstd");
}
