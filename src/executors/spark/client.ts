import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import {
  createGrpcTransport,
  type Http2SessionManager,
  Http2SessionManager as SessionManager,
} from "@connectrpc/connect-node";
import { type Table, Table as ArrowTable, tableFromIPC } from "apache-arrow";
import { ExecutorError } from "../../core/errors.ts";
import { sparkErrorOf } from "./errors.ts";
import { type ExecutePlanResponse, InterruptRequest_InterruptType, SparkConnectService } from "./generated/base_pb.ts";
import { type CommandSchema, WriteOperation_SaveMode } from "./generated/commands_pb.ts";
import type { MlCommandSchema, MlCommandResult } from "./generated/ml_pb.ts";
import type { RelationSchema } from "./generated/relations_pb.ts";

/** Where a server is. */
export interface SparkAddress {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  /** TLS; plain text otherwise. */
  readonly isSecure?: boolean;
}

/** Options of one call. */
export interface SparkCallOptions {
  readonly signal?: AbortSignal;
  /** The operation is interrupted on the server when it takes longer. */
  readonly timeoutMs?: number;
  /** What is being done, for messages. */
  readonly what?: string;
}

/** A relation in protocol form; build one with {@link sql}, {@link parquet} or {@link cached}. */
export type RelationInit = MessageInitShape<typeof RelationSchema>;
type CommandInit = MessageInitShape<typeof CommandSchema>;
type MlCommandInit = MessageInitShape<typeof MlCommandSchema>;

/** What one execution gave. */
export interface Executed {
  readonly batches: readonly Uint8Array[];
  readonly rowCount: number;
  /** Observed metrics by name and column. */
  readonly observed: ReadonlyMap<string, readonly (number | bigint | string | undefined)[]>;
  readonly cachedRelationId: string | undefined;
  readonly ml: MlCommandResult | undefined;
}

/** A relation given as SQL text; `views` are referred to by name. */
export function sql(query: string): RelationInit {
  return { relType: { case: "sql", value: { query } } };
}

/** A relation read from a parquet path. */
export function parquet(path: string): RelationInit {
  return {
    relType: { case: "read", value: { readType: { case: "dataSource", value: { format: "parquet", paths: [path] } } } },
  };
}

/** A relation that was checkpointed on the server. */
export function cached(relationId: string): RelationInit {
  return { relType: { case: "cachedRemoteRelation", value: { relationId } } };
}

/** Parses `sc://host[:port][/;token=…;use_ssl=true]`. @throws {ExecutorError} on anything else */
export function parseSparkUrl(url: string): SparkAddress {
  const match = /^sc:\/\/([^:/;]+)(?::(\d+))?(?:\/(?:;(.*))?)?$/u.exec(url);
  if (match === null) throw new ExecutorError(`spark: address "${url}" is not of the form sc://host:port`);
  const settings = new Map(
    (match[3] ?? "")
      .split(";")
      .map((pair): [string, string] => [pair.split("=")[0] ?? "", pair.slice(pair.indexOf("=") + 1)]),
  );
  const token = settings.get("token");
  return {
    host: match[1] ?? "",
    port: Number(match[2] ?? 15002),
    isSecure: settings.get("use_ssl") === "true",
    ...(token === undefined ? {} : { token: decodeURIComponent(token) }),
  };
}

/** A server that does not take an interrupt within this time hangs: the stream is dropped all the same. */
const interruptTimeoutMs = 3000;
const interruptRetryMs = 200;
const interruptAttempts = 100;

/**
 * One Spark session over Spark Connect: isolated views, configuration and model cache.
 *
 * Calls may run side by side. An aborted or timed-out call interrupts its operation on the server: a client that merely
 * stops reading would leave it running.
 */
export class SparkSession {
  readonly sessionId = randomUUID();
  readonly #client: Client<typeof SparkConnectService>;
  readonly #sessions: Http2SessionManager;
  readonly #base: { sessionId: string; userContext: { userId: string; userName: string }; clientType: string };

  constructor(address: SparkAddress) {
    const bearer: Interceptor = (next) => (request) => {
      if (address.token !== undefined) request.header.set("authorization", `Bearer ${address.token}`);
      return next(request);
    };
    const baseUrl = `${address.isSecure === true ? "https" : "http"}://${address.host}:${address.port}`;
    this.#sessions = new SessionManager(baseUrl, { pingIntervalMs: 30_000, pingTimeoutMs: 30_000 });
    const transport = createGrpcTransport({
      baseUrl,
      readMaxBytes: 2 ** 28 - 1,
      interceptors: [bearer],
      sessionManager: this.#sessions,
    });
    this.#client = createClient(SparkConnectService, transport);
    this.#base = {
      sessionId: this.sessionId,
      userContext: { userId: "reuselab", userName: "reuselab" },
      clientType: "reuselab",
    };
  }

  /** Spark's version; the readiness test. */
  async version(options: SparkCallOptions = {}): Promise<string> {
    const response = await this.#unary(options.what ?? "version", options, (call) =>
      this.#client.analyzePlan({ ...this.#base, analyze: { case: "sparkVersion", value: {} } }, call),
    );
    return response.result.case === "sparkVersion" ? response.result.value.version : "";
  }

  /** Names and types of a relation's columns, as Spark spells them (`simpleString`). */
  async treeString(relation: RelationInit, options: SparkCallOptions = {}): Promise<string> {
    const response = await this.#unary("schema", options, (call) =>
      this.#client.analyzePlan(
        {
          ...this.#base,
          analyze: { case: "treeString", value: { plan: { opType: { case: "root", value: relation } } } },
        },
        call,
      ),
    );
    return response.result.case === "treeString" ? response.result.value.treeString : "";
  }

  /** Sets configuration of this session. */
  async configure(pairs: Readonly<Record<string, string>>, options: SparkCallOptions = {}): Promise<void> {
    const set = { pairs: Object.entries(pairs).map(([key, value]) => ({ key, value })) };
    await this.#unary("configuration", options, (call) =>
      this.#client.config({ ...this.#base, operation: { opType: { case: "set", value: set } } }, call),
    );
  }

  /** Reads configuration of this session. */
  async configuration(keys: readonly string[], options: SparkCallOptions = {}): Promise<ReadonlyMap<string, string>> {
    const response = await this.#unary("configuration", options, (call) =>
      this.#client.config(
        { ...this.#base, operation: { opType: { case: "getOption", value: { keys: [...keys] } } } },
        call,
      ),
    );
    return new Map(response.pairs.map(({ key, value }) => [key, value ?? ""]));
  }

  /** Runs a relation and decodes it; the number of decoded rows is checked against what the server says. */
  async collect(relation: RelationInit, options: SparkCallOptions = {}): Promise<Table> {
    const { batches, rowCount } = await this.#execute(
      { case: "root", value: relation },
      options.what ?? "query",
      options,
    );
    const tables = batches.map((batch) => tableFromIPC(batch));
    const table = new ArrowTable(tables.flatMap(({ batches: parts }) => parts));
    if (tables.length > 0 && table.numRows !== rowCount)
      throw new ExecutorError(
        `spark: decoded ${table.numRows} rows of ${rowCount} sent; the result would be incomplete`,
      );
    return table;
  }

  /** Runs SQL that changes something (views, tables), at once. */
  async run(query: string, options: SparkCallOptions = {}): Promise<void> {
    await this.command(
      { commandType: { case: "sqlCommand", value: { input: sql(query) } } },
      { what: "statement", ...options },
    );
  }

  /** Runs any command. */
  command(command: CommandInit, options: SparkCallOptions = {}): Promise<Executed> {
    return this.#execute({ case: "command", value: command }, options.what ?? "command", options);
  }

  /** Names a relation for use in SQL of this session. */
  async createView(name: string, relation: RelationInit, options: SparkCallOptions = {}): Promise<void> {
    await this.command(
      {
        commandType: { case: "createDataframeView", value: { input: relation, name, isGlobal: false, replace: true } },
      },
      options,
    );
  }

  /** Writes a relation as one parquet folder, overwriting. */
  async writeParquet(
    relation: RelationInit,
    path: string,
    options: SparkCallOptions & { readonly compression?: string } = {},
  ): Promise<Executed> {
    return this.command(
      {
        commandType: {
          case: "writeOperation",
          value: {
            input: relation,
            source: "parquet",
            saveType: { case: "path", value: path },
            mode: WriteOperation_SaveMode.OVERWRITE,
            options: { compression: options.compression ?? "snappy" },
          },
        },
      },
      { what: "write", ...options },
    );
  }

  /** Runs a relation and throws its rows away: compute time without storage or transfer. */
  async noop(relation: RelationInit, options: SparkCallOptions = {}): Promise<void> {
    await this.command(
      {
        commandType: {
          case: "writeOperation",
          value: {
            input: relation,
            source: "noop",
            saveType: { case: undefined },
            mode: WriteOperation_SaveMode.OVERWRITE,
          },
        },
      },
      { what: "run", ...options },
    );
  }

  /** Materializes a relation on the server, eagerly; `local` keeps it on the executors. @returns its id for {@link cached} */
  async checkpoint(
    relation: RelationInit,
    options: SparkCallOptions & { readonly isLocal?: boolean } = {},
  ): Promise<string> {
    const { cachedRelationId } = await this.command(
      { commandType: { case: "checkpointCommand", value: { relation, local: options.isLocal ?? true, eager: true } } },
      { what: "checkpoint", ...options },
    );
    if (cachedRelationId === undefined) throw new ExecutorError("spark: checkpoint returned no relation id");
    return cachedRelationId;
  }

  /** Frees a checkpointed relation. */
  async release(relationId: string, options: SparkCallOptions = {}): Promise<void> {
    await this.command(
      { commandType: { case: "removeCachedRemoteRelationCommand", value: { relation: { relationId } } } },
      { what: "release", ...options },
    );
  }

  /** Runs an MLlib command. */
  async ml(command: MlCommandInit, options: SparkCallOptions = {}): Promise<MlCommandResult> {
    const { ml } = await this.command(
      { commandType: { case: "mlCommand", value: command } },
      { what: "ml", ...options },
    );
    if (ml === undefined) throw new ExecutorError("spark: the ML command returned no result");
    return ml;
  }

  /** Interrupts everything of this session that carries a tag. @returns the number of operations that were running */
  async interruptTag(tag: string): Promise<number> {
    const { interruptedIds } = await this.#client.interrupt(
      {
        ...this.#base,
        interruptType: InterruptRequest_InterruptType.TAG,
        interrupt: { case: "operationTag", value: tag },
      },
      { timeoutMs: interruptTimeoutMs },
    );
    return interruptedIds.length;
  }

  /** Interrupts until the stream has ended: an interrupt that comes while the operation is being set up is lost. */
  async #interruptSoon(tag: string, hasEnded: () => boolean): Promise<void> {
    for (let attempt = 0; attempt < interruptAttempts && !hasEnded(); attempt++) {
      try {
        await this.interruptTag(tag);
      } catch {
        return; // a server that does not answer cannot be told
      }
      await new Promise((resolve) => setTimeout(resolve, interruptRetryMs));
    }
  }

  /** Ends the session on the server. */
  async close(): Promise<void> {
    try {
      await this.#client.releaseSession(this.#base, { timeoutMs: 5000 });
    } catch {
      // the server may be gone
    } finally {
      this.forget();
    }
  }

  /** Drops the connection without telling the server. */
  forget(): void {
    this.#sessions.abort();
  }

  async #unary<T>(
    what: string,
    options: SparkCallOptions,
    call: (o: { signal?: AbortSignal; timeoutMs?: number }) => Promise<T>,
  ): Promise<T> {
    try {
      return await call({
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      });
    } catch (error) {
      throw sparkErrorOf(error, what);
    }
  }

  async #execute(
    opType: { case: "root"; value: RelationInit } | { case: "command"; value: CommandInit },
    what: string,
    options: SparkCallOptions,
  ): Promise<Executed> {
    options.signal?.throwIfAborted();
    const operationId = randomUUID();
    const tag = `reuselab-${operationId}`;
    const abort = new AbortController();
    const state = { isTimedOut: false, hasEnded: false };
    const stopOperation = (): void => {
      void this.#interruptSoon(tag, () => state.hasEnded).finally(() => abort.abort());
    };
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            state.isTimedOut = true;
            stopOperation();
          }, options.timeoutMs);
    options.signal?.addEventListener("abort", stopOperation, { once: true });
    const gathered = new Gathered();
    try {
      const stream = this.#client.executePlan(
        { ...this.#base, operationId, tags: [tag], plan: { opType } },
        { signal: abort.signal },
      );
      for await (const response of stream) gathered.add(response);
      return gathered.result();
    } catch (error) {
      if (state.isTimedOut)
        throw new ExecutorError(
          `spark: ${what}: no answer within ${options.timeoutMs} ms; the operation was interrupted`,
          { cause: error },
        );
      options.signal?.throwIfAborted();
      throw sparkErrorOf(error, what);
    } finally {
      state.hasEnded = true;
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", stopOperation);
    }
  }
}

/** Collects the responses of one execution. */
class Gathered {
  readonly #batches: Uint8Array[] = [];
  readonly #observed = new Map<string, (number | bigint | string | undefined)[]>();
  #rowCount = 0;
  #cachedRelationId: string | undefined;
  #ml: MlCommandResult | undefined;

  add(response: ExecutePlanResponse): void {
    const { responseType } = response;
    if (responseType.case === "arrowBatch") {
      this.#batches.push(responseType.value.data);
      this.#rowCount += Number(responseType.value.rowCount);
    } else if (responseType.case === "checkpointCommandResult")
      this.#cachedRelationId = responseType.value.relation?.relationId;
    else if (responseType.case === "mlCommandResult") this.#ml = responseType.value;
    for (const metric of response.observedMetrics) {
      this.#observed.set(
        metric.name,
        metric.values.map(({ literalType }) =>
          typeof literalType.value === "number" ||
          typeof literalType.value === "bigint" ||
          typeof literalType.value === "string"
            ? literalType.value
            : undefined,
        ),
      );
    }
  }

  result(): Executed {
    return {
      batches: this.#batches,
      rowCount: this.#rowCount,
      observed: this.#observed,
      cachedRelationId: this.#cachedRelationId,
      ml: this.#ml,
    };
  }
}
