import { BudgetError, PlugInError } from "../core/errors.ts";
import type { ResultHandle, WriteOutcome } from "../core/executor.ts";
import type { FinishedResult, OnlineMaterializer, RunningWorkflow } from "../core/materializer.ts";
import { noVertex, type StoredParts } from "./catalog.ts";
import type { Charges } from "./charges.ts";
import type { LiveResults } from "./live-results.ts";
import type { PreparedVersion } from "./prepare.ts";
import { callPlugIn, expectedLoadUs, isPromise, lineLoadUs, type RunContext } from "./run-context.ts";
import { measuredParts, measuresColumns, partsOf } from "./stored-parts.ts";

/** What a running iteration stores: who is asked, what is written and what is deleted for it. */
export class ResultStorage {
  /** 1 where written in this iteration. Shape (n). */
  readonly written: Uint8Array;
  evictedBytes = 0;
  readonly #context: RunContext;
  readonly #iteration: number;
  readonly #version: PreparedVersion;
  readonly #workflow: RunningWorkflow;
  readonly #live: LiveResults;
  readonly #charges: Charges;
  readonly #isOutput: Uint8Array;

  constructor(
    context: RunContext,
    iteration: number,
    version: PreparedVersion,
    run: { readonly workflow: RunningWorkflow; readonly live: LiveResults; readonly charges: Charges },
  ) {
    this.#context = context;
    this.#iteration = iteration;
    this.#version = version;
    this.#workflow = run.workflow;
    this.#live = run.live;
    this.#charges = run.charges;
    this.written = new Uint8Array(version.nodeCount);
    this.#isOutput = new Uint8Array(version.nodeCount);
    for (const o of version.outputs) this.#isOutput[o] = 1;
  }

  /** Bytes a result takes on storage, as known before it is written. */
  estimatedBytes(result: number): number {
    const handle = this.#live.handle(result);
    const node = this.#version.nodes[result]!;
    if (handle === undefined) return node.sizeBytes ?? 0;
    if (!this.#context.executor.capabilities.measuresBytes) return handle.estimatedBytes;
    const ratio = this.#context.compression.get(node.op);
    return ratio === undefined ? handle.estimatedBytes : Math.ceil(handle.memoryBytes * ratio);
  }

  /** Expected cost of loading a result that was just computed: the current line's where there is one. */
  currentLoadUs(result: number): number {
    const node = this.#version.nodes[result]!;
    return (
      lineLoadUs(this.#context.executor, node) ??
      expectedLoadUs(this.#context, this.#version.signatures[result]!, node, this.estimatedBytes(result))
    );
  }

  /** Whether the policy may be asked to store a result once it is computed. */
  mayStore(result: number): boolean {
    const { switches, accounting, catalog } = this.#context;
    if (this.#isVolatile(result)) return false;
    if (accounting !== "helix" && this.#isSource(result)) return false;
    const kinds = switches.materializeKinds;
    if (kinds !== undefined) {
      const { kind } = this.#version.nodes[result]!;
      if (kind === undefined || !kinds.includes(kind)) return false;
    }
    return !catalog.has(this.#version.signatures[result]!);
  }

  /** Stores a source outside the budget, as `collab` accounting has it; undefined if that needed no waiting. */
  storeSource(result: number): Promise<void> | undefined {
    if (!this.#isSource(result) || this.#context.catalog.has(this.#version.signatures[result]!)) return undefined;
    return this.#isVolatile(result) ? undefined : this.write(result, true);
  }

  /**
   * Asks the materializer about a result that is at hand and does as it says; undefined if that needed no waiting.
   *
   * @throws {BudgetError} when it wants what does not fit
   */
  decide(result: number, materializer: OnlineMaterializer): Promise<void> | undefined {
    if (!this.mayStore(result)) return undefined;
    const { view, unlimitedView, switches, materializerParams: params } = this.#context;
    const finished = this.#finished(result);
    const ask = (storage: typeof view): boolean =>
      (switches.alwaysStoreOutputs === true &&
        this.#isOutput[result] === 1 &&
        finished.sizeBytes <= storage.freeBytes) ||
      callPlugIn("materializer", materializer.id, () => materializer.keep(finished, storage, params));
    const settle = (): Promise<void> | undefined => {
      const fits = finished.sizeBytes <= view.freeBytes;
      if (ask(view)) {
        if (fits) return this.write(result);
        throw new BudgetError(
          `materializer ${materializer.id}: wants to store "${finished.node.id}" of ${finished.sizeBytes} bytes with ${view.freeBytes} bytes free; keep() answers true only to what fits`,
        );
      }
      if (!fits && !this.#context.budgetBound) this.#context.budgetBound = ask(unlimitedView);
      return undefined;
    };
    if (materializer.evict === undefined) return settle();
    const keys = callPlugIn("materializer", materializer.id, () => materializer.evict?.(finished, view, params) ?? []);
    if (keys.length === 0) return settle();
    this.#context.budgetBound = true;
    return this.#evictAll(keys).then(settle);
  }

  /** Writes a result that is at hand; undefined if that needed no waiting. @param outside the budget */
  write(result: number, outside = false): Promise<void> | undefined {
    const { executor, signal } = this.#context;
    const handle = this.#live.handle(result)!;
    const key = this.#version.nodes[result]!.signature;
    const parts = outside ? undefined : partsOf(this.#context, key);
    const newBytes =
      parts === undefined ? undefined : this.#context.catalog.newBytes(this.estimatedBytes(result), parts);
    const reply = executor.write(handle, key, {
      ...(signal === undefined ? {} : { signal }),
      ...(newBytes === undefined ? {} : { newBytes }),
    });
    return isPromise(reply)
      ? reply.then(async (outcome) => this.#wrote(result, handle, outcome, outside, parts))
      : this.#wrote(result, handle, reply, outside, parts);
  }

  /** Deletes a stored result and counts its bytes. @throws {PlugInError} if it is not stored, or still to be loaded */
  async evict(key: string): Promise<void> {
    const { catalog, viewState, executor } = this.#context;
    const entry = catalog.find(key);
    if (entry === undefined) throw new PlugInError(`evicting "${key}": it is not stored; evict what entries() lists`);
    if (viewState.pending.has(entry.signature))
      throw new PlugInError(
        `evicting "${key}": it is still to be loaded in this iteration; evict what entries() lists`,
      );
    const reply = executor.evict(key);
    if (isPromise(reply)) await reply;
    this.evictedBytes += catalog.delete(entry);
  }

  async #evictAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.evict(key);
  }

  #isSource(result: number): boolean {
    return this.#version.parentOffsets[result] === this.#version.parentOffsets[result + 1];
  }

  #isVolatile(result: number): boolean {
    return this.#version.volatile[result] === 1 && !this.#context.switches.reuseNondeterministic;
  }

  #finished(index: number): FinishedResult {
    const node = this.#version.nodes[index]!;
    const sizeBytes = this.estimatedBytes(index);
    const { memoryBytes } = this.#live.handle(index)!;
    const { accounting, executor } = this.#context;
    return {
      signature: node.signature,
      node,
      index,
      workflow: this.#workflow,
      sizeBytes,
      memoryBytes,
      computeUs: this.#workflow.computeUs[index]!,
      loadUs: this.currentLoadUs(index),
      writeUs: accounting === "collab" ? 0 : (node.writeUs ?? executor.estimateWriteUs(node, sizeBytes, memoryBytes)),
    };
  }

  /** Keeps account of a result that was written; its columns, if it has some, with the bytes they have on storage. */
  #wrote(
    result: number,
    handle: ResultHandle,
    outcome: WriteOutcome,
    outside: boolean,
    parts: StoredParts | undefined,
  ): Promise<void> | undefined {
    if (this.#context.accounting !== "collab") this.#charges.write(result, outcome.writeUs);
    this.written[result] = 1;
    if (parts === undefined || !measuresColumns(this.#context))
      return this.#account(result, handle, outcome, outside, parts);
    return measuredParts(this.#context, this.#version.nodes[result]!.signature).then((measured) => {
      if (measured !== undefined) return this.#account(result, handle, outcome, outside, measured);
      this.#context.budgetBound = true; // the store had no room for it after all
      return undefined;
    });
  }

  #account(
    result: number,
    handle: ResultHandle,
    outcome: WriteOutcome,
    outside: boolean,
    parts: StoredParts | undefined,
  ): Promise<void> | undefined {
    const { catalog, view, compression, executor } = this.#context;
    const { signature: key, op } = this.#version.nodes[result]!;
    if (handle.memoryBytes > 0) compression.set(op, outcome.bytes / handle.memoryBytes);
    if (!outside && catalog.newBytes(outcome.bytes, parts) > view.freeBytes) {
      this.#context.budgetBound = true;
      const reply = executor.evict(key);
      return isPromise(reply) ? reply.then(() => undefined) : undefined;
    }
    catalog.add({
      signature: this.#version.signatures[result]!,
      key,
      bytes: outcome.bytes,
      outside,
      writtenAt: this.#iteration,
      vertex: noVertex,
      computeUs: this.#workflow.computeUs[result]!,
      loadUs: this.currentLoadUs(result),
      loadedAt: -1,
      loads: 0,
      ...(parts === undefined ? {} : { parts }),
    });
    return undefined;
  }
}
