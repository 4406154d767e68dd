import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { ExecutorError } from "../../core/errors.ts";
import { type SparkError, sparkErrorOf, withRootCause } from "./errors.ts";
import { type Executed, Gathered } from "./gathered.ts";
import {
  type ExecutePlanResponse,
  InterruptRequest_InterruptType,
  type SparkConnectService,
} from "./generated/base_pb.ts";
import type { CommandSchema } from "./generated/commands_pb.ts";
import type { RelationInit } from "./relations.ts";
import { responsesOf } from "./responses.ts";

/** Options of one call. */
export interface SparkCallOptions {
  readonly signal?: AbortSignal;
  /** The operation is interrupted on the server when it takes longer. */
  readonly timeoutMs?: number;
  /** What is being done, for messages. */
  readonly what?: string;
}

export type CommandInit = MessageInitShape<typeof CommandSchema>;

/** What is executed: a relation whose rows come back, or a command. */
export type OperationInit =
  | { readonly case: "root"; readonly value: RelationInit }
  | { readonly case: "command"; readonly value: CommandInit };

/** What every request carries. */
export interface SessionFields {
  readonly sessionId: string;
  readonly userContext: { readonly userId: string; readonly userName: string };
  readonly clientType: string;
  readonly clientObservedServerSideSessionId?: string;
}

/** A server that does not take an interrupt within this time hangs: the stream is dropped all the same. */
const interruptTimeoutMs = 3000;
const interruptRetryMs = 200;
const interruptAttempts = 100;

/** Interrupts everything of a session that carries a tag. @returns the number of operations that were running */
async function interruptTag(
  client: Client<typeof SparkConnectService>,
  session: SessionFields,
  tag: string,
): Promise<number> {
  const { interruptedIds } = await client.interrupt(
    {
      ...session,
      interruptType: InterruptRequest_InterruptType.TAG,
      interrupt: { case: "operationTag", value: tag },
    },
    { timeoutMs: interruptTimeoutMs },
  );
  return interruptedIds.length;
}

/** Interrupts until the stream has ended: an interrupt that comes while the operation is being set up is lost. */
async function interruptSoon(interrupt: () => Promise<number>, hasEnded: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < interruptAttempts && !hasEnded(); attempt++) {
    try {
      await interrupt();
    } catch {
      return; // a server that does not answer cannot be told
    }
    await new Promise((resolve) => setTimeout(resolve, interruptRetryMs));
  }
}

/** Asks for what an engine's failure came from: the failure itself often says no more than that a task failed. */
async function explained(
  client: Client<typeof SparkConnectService>,
  session: SessionFields,
  error: SparkError,
): Promise<SparkError> {
  const { errorId } = error;
  if (errorId === "") return error;
  try {
    const { errors, rootErrorIdx } = await client.fetchErrorDetails({ ...session, errorId }, { timeoutMs: 5000 });
    let at = errors[rootErrorIdx ?? 0];
    for (let depth = 0; depth < errors.length && at?.causeIdx !== undefined; depth++) at = errors[at.causeIdx];
    return withRootCause(error, at?.message ?? "");
  } catch {
    return error; // a server that has none left, or is gone
  }
}

/**
 * Executes one operation and gathers its responses; an abort or a time-out interrupts it on the server.
 *
 * @throws {SparkError} when it fails
 * @throws {ExecutorError} when it took longer than `timeoutMs`
 */
export async function executeOperation(
  client: Client<typeof SparkConnectService>,
  session: SessionFields,
  opType: OperationInit,
  options: SparkCallOptions & {
    readonly what: string;
    /** See {@link responsesOf}. */
    readonly isReattachable: boolean;
    /** Aborts when the server is given up. */
    readonly gone: AbortSignal;
    readonly onResponse: (response: ExecutePlanResponse) => void;
  },
): Promise<Executed> {
  const { what, signal, timeoutMs, isReattachable, gone } = options;
  signal?.throwIfAborted();
  const operationId = randomUUID();
  const tag = `reuselab-${operationId}`;
  const abort = new AbortController();
  const state = { isTimedOut: false, hasEnded: false };
  const stopOperation = (): void => {
    const interrupt = (): Promise<number> => interruptTag(client, session, tag);
    void interruptSoon(interrupt, () => state.hasEnded).finally(() => abort.abort());
  };
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          state.isTimedOut = true;
          stopOperation();
        }, timeoutMs);
  signal?.addEventListener("abort", stopOperation, { once: true });
  gone.addEventListener("abort", () => abort.abort(gone.reason), { once: true });
  const gathered = new Gathered();
  try {
    const request = { ...session, operationId, tags: [tag], plan: { opType } };
    for await (const response of responsesOf(client, request, { what, isReattachable, signal: abort.signal })) {
      options.onResponse(response);
      gathered.add(response);
    }
    return gathered.result();
  } catch (error) {
    if (state.isTimedOut)
      throw new ExecutorError(`spark: ${what}: no answer within ${timeoutMs} ms; the operation was interrupted`, {
        cause: error,
      });
    signal?.throwIfAborted();
    if (gone.aborted) throw error;
    throw await explained(client, session, sparkErrorOf(error, what));
  } finally {
    state.hasEnded = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", stopOperation);
  }
}
