import type { Client } from "@connectrpc/connect";
import { ExecutorError } from "../../core/errors.ts";
import { SparkError } from "./errors.ts";
import type { ExecutePlanResponse, SparkConnectService } from "./generated/base_pb.ts";
import { executeOperation, type SessionFields } from "./operation.ts";
import { sql } from "./relations.ts";

/** When statements on a cluster are given up because none of their tasks can run. */
export interface StarvationOptions {
  /** What has no room, for the message. */
  readonly master: string;
  /** How long no task may run, in milliseconds; default two minutes. */
  readonly waitMs?: number;
}

/** `idle`: it has stages to run and no task is running; `preparing`: no stage yet, the server is at work by itself. */
type OperationState = "preparing" | "running" | "idle";

/** A stall of this process itself must not count against the cluster: the answer may be there, unread. */
const trials = 2;

/**
 * Ends statements a cluster has no room for: Spark waits for ever once its last worker is gone, and says nothing.
 *
 * What the server sends every two seconds tells how many tasks of an operation are running. After a third of the wait in which
 * there were none in the whole session, a job of one task is sent, for another third, and a second one: if neither was run, no
 * worker has room for a task. A server that plans or commits meanwhile runs it; so does a worker that comes back.
 */
export class Starvation {
  readonly #runsTask: (timeoutMs: number) => Promise<boolean>;
  readonly #master: string;
  readonly #waitMs: number;
  readonly #operations = new Map<AbortController, OperationState>();
  #suspicion: NodeJS.Timeout | undefined;

  /** `runsTask` answers false when one task was not run within the time given. */
  constructor(runsTask: (timeoutMs: number) => Promise<boolean>, { master, waitMs = 120_000 }: StarvationOptions) {
    this.#runsTask = runsTask;
    this.#master = master;
    this.#waitMs = waitMs;
  }

  /** Watches one operation by its responses; its signal aborts when `signal` does and, with an {@link ExecutorError}, when it starves. */
  async during<T>(
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal, onResponse: (response: ExecutePlanResponse) => void) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const abort = new AbortController();
    const forward = (): void => abort.abort(signal?.reason);
    signal?.addEventListener("abort", forward, { once: true });
    this.#operations.set(abort, "preparing");
    this.#consider();
    try {
      return await call(abort.signal, ({ responseType }) => {
        if (responseType.case !== "executionProgress") return;
        const { stages, numInflightTasks } = responseType.value;
        this.#operations.set(abort, numInflightTasks > 0n ? "running" : stages.length > 0 ? "idle" : "preparing");
        this.#consider();
      });
    } finally {
      signal?.removeEventListener("abort", forward);
      this.#operations.delete(abort);
      this.#consider();
    }
  }

  #consider(): void {
    const states = new Set(this.#operations.values());
    const isSuspect = states.has("idle") && !states.has("running");
    if (isSuspect === (this.#suspicion !== undefined)) return;
    clearTimeout(this.#suspicion);
    this.#suspicion = isSuspect ? setTimeout(() => void this.#try(), this.#stepMs) : undefined;
  }

  get #stepMs(): number {
    return this.#waitMs / (1 + trials);
  }

  async #try(): Promise<void> {
    const suspicion = this.#suspicion;
    for (let tried = 0; tried < trials; tried++) {
      const hasRun = await this.#runsTask(this.#stepMs);
      if (this.#suspicion !== suspicion) return;
      if (hasRun) {
        this.#suspicion = undefined;
        this.#consider();
        return;
      }
    }
    const error = new ExecutorError(
      `spark: no task could run for ${this.#waitMs / 1000} s: ${this.#master} has no worker left, or none with a free core; start a worker (on a cluster of this machine: reuselab spark cluster start) and run the same command again: finished iterations and stored results are kept`,
    );
    for (const [abort, state] of this.#operations) if (state === "idle") abort.abort(error);
  }
}

/** Whether a job of one task is run within `timeoutMs`; after that it is interrupted. */
export async function runsOneTask(
  client: Client<typeof SparkConnectService>,
  session: SessionFields,
  { timeoutMs, gone }: { readonly timeoutMs: number; readonly gone: AbortSignal },
): Promise<boolean> {
  const what = "a task to try the cluster with";
  const task = { case: "root", value: sql("select max(id) from range(0, 1, 1, 1)") } as const;
  try {
    await executeOperation(client, session, task, {
      what,
      timeoutMs,
      gone,
      isReattachable: false,
      onResponse: () => undefined,
    });
    return true;
  } catch (error) {
    // Anything but silence is an answer; the statement itself will fail and say why.
    return error instanceof SparkError;
  }
}
