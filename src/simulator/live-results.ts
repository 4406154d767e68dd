import type { Executor, MaybePromise, ResultHandle } from "../core/executor.ts";
import { COMPUTE } from "../core/plan.ts";
import { LazyMap } from "./lazy-map.ts";
import type { PreparedVersion } from "./prepare.ts";
import { isPromise } from "./run-context.ts";

/** Results in memory while an iteration runs: their handles, the bytes they take and when they leave scope. */
export class LiveResults {
  /** Largest sum of bytes {@link notePeak} has seen. */
  peakBytes = 0;
  readonly #version: PreparedVersion;
  readonly #states: Uint8Array;
  readonly #executor: Executor;
  readonly #handles: (ResultHandle | undefined)[];
  /** Children still to be computed in this iteration. Shape (n). */
  readonly #waiting: Int32Array;
  #bytes = 0;

  /** @param states of the plan, shape (n) */
  constructor(version: PreparedVersion, states: Uint8Array, executor: Executor) {
    const { nodeCount: n, parentOffsets, parentIds } = version;
    this.#version = version;
    this.#states = states;
    this.#executor = executor;
    this.#handles = [];
    for (let i = 0; i < n; i++) this.#handles.push(undefined);
    this.#waiting = new Int32Array(n);
    for (let i = 0; i < n; i++)
      if (states[i] === COMPUTE)
        for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) this.#waiting[parentIds[e]!]!++;
  }

  /** Counts bytes that are in memory besides the results. */
  addBytes(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Handle of a result that is in memory. */
  handle(result: number): ResultHandle | undefined {
    return this.#handles[result];
  }

  /** Takes a result in. */
  hold(result: number, handle: ResultHandle): void {
    this.#handles[result] = handle;
    this.#bytes += handle.memoryBytes;
  }

  /** Counts what is in memory now towards the peak. */
  notePeak(): void {
    this.peakBytes = Math.max(this.peakBytes, this.#bytes);
  }

  /** Results of all parents outside a segment, by node id. To be read while the segment is computed. */
  inputsOf(results: readonly number[]): ReadonlyMap<string, ResultHandle> {
    return new LazyMap(() => {
      const { parentOffsets, parentIds, nodes } = this.#version;
      const inputs = new Map<string, ResultHandle>();
      for (const i of results)
        for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
          const p = parentIds[e]!;
          const handle = this.#handles[p];
          if (handle !== undefined) inputs.set(nodes[p]!.id, handle);
        }
      return inputs;
    });
  }

  /**
   * Results that leave scope now that `results` are done: those whose last child to be computed has just been, and those
   * without such children. Ascending. To be called once per step.
   */
  leaving(results: readonly number[]): readonly number[] {
    const { parentOffsets, parentIds } = this.#version;
    const leaving: number[] = [];
    for (const i of results) {
      if (this.#states[i] === COMPUTE)
        for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
          const p = parentIds[e]!;
          if (--this.#waiting[p]! === 0) leaving.push(p);
        }
      if (this.#waiting[i] === 0) leaving.push(i);
    }
    if (results.length > 1) return [...new Set(leaving)].sort((a, b) => a - b);
    return leaving.length > 1 ? leaving.sort((a, b) => a - b) : leaving;
  }

  /** Gives a result to whoever keeps it from now on. */
  handOver(result: number): ResultHandle | undefined {
    const handle = this.#handles[result];
    this.#handles[result] = undefined;
    return handle;
  }

  /** Frees a result's memory, if it is held. */
  release(result: number): MaybePromise<void> {
    const handle = this.#handles[result];
    if (handle === undefined) return undefined;
    this.#handles[result] = undefined;
    this.#bytes -= handle.memoryBytes;
    return this.#executor.release(handle);
  }

  /** Frees whatever is still held. */
  async releaseAll(): Promise<void> {
    for (let i = 0; i < this.#handles.length; i++) {
      const wait = this.release(i);
      if (isPromise(wait)) await wait;
    }
  }
}
