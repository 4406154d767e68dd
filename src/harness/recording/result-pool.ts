import type { Executor, ResultHandle } from "../../core/executor.ts";
import type { ResultKey } from "./result-keys.ts";

/** Results in the engine's memory, so that a version need not make again what another one made. */
export class ResultPool {
  readonly #executor: Executor;
  readonly #handles = new Map<ResultKey, ResultHandle>();
  #bytes = 0;

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  get(key: ResultKey): ResultHandle | undefined {
    return this.#handles.get(key);
  }

  /** Takes a result over; one it has under the key already is released. */
  async add(key: ResultKey, handle: ResultHandle): Promise<void> {
    await this.#release(key);
    this.#handles.set(key, handle);
    this.#bytes += handle.memoryBytes;
  }

  /** Releases the oldest results until at most `keepBytes` are left. */
  async trim(keepBytes: number): Promise<void> {
    for (const key of this.#handles.keys()) {
      if (this.#bytes <= keepBytes) return;
      await this.#release(key);
    }
  }

  /** Releases everything. */
  async clear(): Promise<void> {
    for (const key of this.#handles.keys()) await this.#release(key);
  }

  async #release(key: ResultKey): Promise<void> {
    const handle = this.#handles.get(key);
    if (handle === undefined) return;
    this.#handles.delete(key);
    this.#bytes -= handle.memoryBytes;
    await this.#executor.release(handle);
  }
}
