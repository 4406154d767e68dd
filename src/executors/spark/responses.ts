import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "@connectrpc/connect";
import { sparkErrorOf } from "./errors.ts";
import type { ExecutePlanResponse, SparkConnectService } from "./generated/base_pb.ts";
import type { OperationInit, SessionFields } from "./operation.ts";

type ConnectClient = Client<typeof SparkConnectService>;
/** An operation to execute. */
interface ExecuteInit extends SessionFields {
  readonly operationId: string;
  readonly tags: string[];
  readonly plan: { readonly opType: OperationInit };
}

/** Waits before a call is repeated, in milliseconds; about 13 s in all. */
const retryWaitsMs = [100, 200, 400, 800, 1600, 3200, 6400] as const;

/** Error classes after which a stream can be taken up again: another call of ours held it, or the server was still at it. */
const resumable = /^INVALID_CURSOR\.(?:DISCONNECTED|NOT_REATTACHABLE)/u;

/**
 * Repeats a call that changes nothing while the server cannot be reached.
 *
 * @throws {SparkError} the last failure
 */
export async function repeated<T>(what: string, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
  for (const waitMs of [...retryWaitsMs, undefined]) {
    try {
      return await call();
    } catch (error) {
      const failure = sparkErrorOf(error, what);
      if (!failure.isTransport || waitMs === undefined || signal?.aborted === true) throw failure;
      await sleep(waitMs);
    }
  }
  throw new Error("unreachable");
}

/**
 * Responses of one operation. With `isReattachable` a stream that breaks, or that the server cuts because it lasted long, is
 * taken up after the last response received: the operation goes on meanwhile and runs once.
 *
 * @throws {SparkError} when the operation fails, or the server stays away
 */
export async function* responsesOf(
  client: ConnectClient,
  request: ExecuteInit,
  { what, isReattachable, signal }: { what: string; isReattachable: boolean; signal: AbortSignal },
): AsyncGenerator<ExecutePlanResponse, void> {
  if (!isReattachable) {
    yield* client.executePlan(request, { signal });
    return;
  }
  const { tags: _tags, plan: _plan, ...same } = request;
  const execute = (): AsyncIterable<ExecutePlanResponse> =>
    client.executePlan(
      { ...request, requestOptions: [{ requestOption: { case: "reattachOptions", value: { reattachable: true } } }] },
      { signal },
    );
  let lastResponseId: string | undefined;
  let stream = execute();
  let failures = 0;
  for (;;) {
    try {
      for await (const response of stream) {
        failures = 0;
        lastResponseId = response.responseId;
        if (response.responseType.case !== "resultComplete") {
          yield response;
          continue;
        }
        // What the server keeps for a repetition is let go; it expires by itself if this is lost.
        void client
          .releaseExecute({ ...same, release: { case: "releaseAll", value: {} } }, { timeoutMs: 5000 })
          .catch(() => undefined);
        return;
      }
    } catch (error) {
      const failure = sparkErrorOf(error, what);
      if (signal.aborted) throw failure;
      // The server never saw the operation: it is sent again.
      if (failure.errorClass === "INVALID_HANDLE.OPERATION_NOT_FOUND" && lastResponseId === undefined) {
        stream = execute();
        continue;
      }
      const waitMs = retryWaitsMs[failures++];
      if (waitMs === undefined || !(failure.isTransport || resumable.test(failure.errorClass))) throw failure;
      await sleep(waitMs);
    }
    stream = client.reattachExecute(
      { ...same, ...(lastResponseId === undefined ? {} : { lastResponseId }) },
      { signal },
    );
  }
}
