import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import {
  createGrpcTransport,
  type Http2SessionManager,
  Http2SessionManager as SessionManager,
} from "@connectrpc/connect-node";
import type { Table } from "apache-arrow";
import { ExecutorError } from "../../core/errors.ts";
import type { SparkAddress } from "./address.ts";
import { decodedRows } from "./arrow-columns.ts";
import { sparkErrorOf } from "./errors.ts";
import type { Executed } from "./gathered.ts";
import { type ExecutePlanResponse, SparkConnectService } from "./generated/base_pb.ts";
import { WriteOperation_SaveMode } from "./generated/commands_pb.ts";
import type { MlCommandSchema, MlCommandResult } from "./generated/ml_pb.ts";
import { countingRows, type RelationInit, rowsObserved, sql } from "./relations.ts";
import {
  type CommandInit,
  executeOperation,
  type OperationInit,
  type SessionFields,
  type SparkCallOptions,
} from "./operation.ts";
import { repeated } from "./responses.ts";
import { SignOfLife, type SignOfLifeOptions } from "./sign-of-life.ts";
import { runsOneTask, Starvation, type StarvationOptions } from "./starvation.ts";

export type { SparkCallOptions } from "./operation.ts";

type MlCommandInit = MessageInitShape<typeof MlCommandSchema>;

/** How long a session waits for what. */
export interface SparkPatience extends SignOfLifeOptions {
  /** For servers with a cluster; without it statements wait for a free worker as long as it takes. */
  readonly starvation?: StarvationOptions;
}

/**
 * One Spark session over Spark Connect: isolated views, configuration and model cache.
 *
 * Calls may run side by side. An aborted or timed-out call interrupts its operation on the server: a client that merely
 * stops reading would leave it running. Every call ends: a server that is dead or hangs is given up, and the session with it.
 */
export class SparkSession {
  readonly sessionId = randomUUID();
  readonly #client: Client<typeof SparkConnectService>;
  readonly #sessions: Http2SessionManager;
  readonly #identity: { sessionId: string; userContext: { userId: string; userName: string }; clientType: string };
  readonly #isRemote: boolean;
  readonly #life: SignOfLife;
  readonly #starvation: Starvation | undefined;
  /** The server's own name of this session: told back, so that one that was restarted says so instead of starting an empty session. */
  #serverSideSessionId: string | undefined;

  constructor(address: SparkAddress, patience: SparkPatience = {}) {
    const bearer: Interceptor = (next) => (request) => {
      if (address.token !== undefined) request.header.set("authorization", `Bearer ${address.token}`);
      return next(request);
    };
    const baseUrl = `${address.isSecure === true ? "https" : "http"}://${address.host}:${address.port}`;
    // Without its PINGs: see SignOfLife.
    this.#sessions = new SessionManager(baseUrl);
    const transport = createGrpcTransport({
      baseUrl,
      readMaxBytes: 2 ** 28 - 1,
      interceptors: [bearer],
      sessionManager: this.#sessions,
    });
    this.#client = createClient(SparkConnectService, transport);
    this.#isRemote = address.isRemote ?? false;
    this.#identity = {
      sessionId: this.sessionId,
      userContext: { userId: "reuselab", userName: "reuselab" },
      clientType: "reuselab",
    };
    const versionAsked = { analyze: { case: "sparkVersion", value: {} } } as const;
    this.#life = new SignOfLife(async (timeoutMs) => {
      try {
        await this.#client.analyzePlan({ ...this.#base, ...versionAsked }, { timeoutMs });
        return true;
      } catch (error) {
        return ConnectError.from(error).code !== Code.DeadlineExceeded; // any other answer is one
      }
    }, patience);
    this.#life.gone.addEventListener("abort", () => this.forget());
    const runsTask = (timeoutMs: number): Promise<boolean> =>
      runsOneTask(this.#client, this.#base, { timeoutMs, gone: this.#life.gone });
    if (patience.starvation !== undefined) this.#starvation = new Starvation(runsTask, patience.starvation);
  }

  get #base(): SessionFields {
    const seen = this.#serverSideSessionId;
    return { ...this.#identity, ...(seen === undefined ? {} : { clientObservedServerSideSessionId: seen }) };
  }

  /** Spark's version; the readiness test. */
  async version(options: SparkCallOptions = {}): Promise<string> {
    const response = await this.#unary(options.what ?? "version", options, (call) =>
      this.#client.analyzePlan({ ...this.#base, analyze: { case: "sparkVersion", value: {} } }, call),
    );
    return response.result.case === "sparkVersion" ? response.result.value.version : "";
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
    return decodedRows(batches, rowCount);
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

  /** The same, counting the rows on the way. */
  async checkpointCounted(
    relation: RelationInit,
    options: SparkCallOptions = {},
  ): Promise<{ readonly id: string; readonly rows: number }> {
    const { cachedRelationId, observed } = await this.command(
      {
        commandType: {
          case: "checkpointCommand",
          value: { relation: countingRows(relation), local: true, eager: true },
        },
      },
      { what: "checkpoint", ...options },
    );
    const [rows] = observed.get(rowsObserved) ?? [];
    if (cachedRelationId === undefined || rows === undefined)
      throw new ExecutorError("spark: checkpoint returned no relation id or no count of its rows");
    return { id: cachedRelationId, rows: Number(rows) };
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

  /** Ends the session on the server. */
  async close(): Promise<void> {
    try {
      this.#life.gone.throwIfAborted();
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

  async #unary<T extends { readonly serverSideSessionId: string }>(
    what: string,
    options: SparkCallOptions,
    call: (o: { signal?: AbortSignal; timeoutMs?: number }) => Promise<T>,
  ): Promise<T> {
    const { timeoutMs } = options;
    try {
      const answer = await this.#life.during(options.signal, (signal) => {
        const once = (): Promise<T> => call({ signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
        return this.#isRemote && timeoutMs === undefined ? repeated(what, signal, once) : once();
      });
      this.#serverSideSessionId ??= answer.serverSideSessionId;
      return answer;
    } catch (error) {
      throw sparkErrorOf(this.#life.gone.aborted ? this.#life.gone.reason : error, what);
    }
  }

  async #execute(opType: OperationInit, what: string, options: SparkCallOptions): Promise<Executed> {
    const starvation = this.#starvation;
    const execute = (
      gone: AbortSignal,
      signal: AbortSignal | undefined,
      onResponse?: (response: ExecutePlanResponse) => void,
    ): Promise<Executed> =>
      executeOperation(this.#client, this.#base, opType, {
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
        ...(signal === undefined ? {} : { signal }),
        what,
        gone,
        isReattachable: this.#isRemote,
        onResponse: (response) => {
          this.#serverSideSessionId ??= response.serverSideSessionId;
          this.#life.saw();
          onResponse?.(response);
        },
      });
    try {
      return await this.#life.during(undefined, (gone) =>
        starvation === undefined
          ? execute(gone, options.signal)
          : starvation.during(options.signal, (signal, onResponse) => execute(gone, signal, onResponse)),
      );
    } catch (error) {
      throw this.#life.gone.aborted ? sparkErrorOf(this.#life.gone.reason, what) : error;
    }
  }
}
