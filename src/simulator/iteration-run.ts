import { BudgetError, PlugInError, WorkflowError } from "../core/errors.ts";
import type { ResultHandle, SegmentOutcome, WriteOutcome } from "../core/executor.ts";
import type { Iteration } from "../core/iteration.ts";
import type { FinishedResult, OnlineMaterializer, RunningWorkflow } from "../core/materializer.ts";
import { COMPUTE } from "../core/plan.ts";
import { addExact } from "../core/units.ts";
import { attribute } from "./attribution.ts";
import type { StoredParts } from "./catalog.ts";
import type { Step } from "./fusion.ts";
import type { PreparedVersion } from "./prepare.ts";
import { callPlugIn, expectedLoadUs, isPromise, lineLoadUs, type RunContext } from "./run-context.ts";

/** Thrown between two steps when the run was told to stop. */
export class Interrupted extends Error {}

/** Recomputing without a cache takes longer than can be counted exactly. */
export class Uncountable extends Error {}

/** One iteration being executed: its plan's steps one after the other, with scopes, decisions, writes and memory. */
export class IterationRun {
  readonly iteration: Iteration;
  readonly version: PreparedVersion;
  readonly states: Uint8Array;
  readonly executions: Float64Array | undefined;
  /** By result, in microseconds: what was charged for computing, loading and writing it. */
  readonly chargedUs: Float64Array;
  readonly loadedUs: Float64Array;
  readonly writtenUs: Float64Array;
  readonly written: Uint8Array;
  /** 1 where a share of a segment's time was attributed. */
  readonly attributed: Uint8Array;
  readonly metrics: Record<string, number> = {};
  computeUs = 0;
  loadUs = 0;
  writeUs = 0;
  evictedBytes = 0;
  peakBytes = 0;
  computed = 0;
  loaded = 0;
  readonly #context: RunContext;
  readonly #workflow: RunningWorkflow;
  readonly #handles: (ResultHandle | undefined)[];
  readonly #isOutput: Uint8Array;
  /** Children still to be computed in this iteration. */
  readonly #waiting: Int32Array;
  readonly #keepsAlive: boolean;
  #aliveBytes = 0;

  constructor(
    context: RunContext,
    iteration: Iteration,
    version: PreparedVersion,
    states: Uint8Array,
    executions: Float64Array | undefined,
    expectedUs: Float64Array,
  ) {
    const n = version.nodeCount;
    this.#context = context;
    this.iteration = iteration;
    this.version = version;
    this.states = states;
    this.executions = executions;
    this.chargedUs = new Float64Array(n);
    this.loadedUs = new Float64Array(n);
    this.writtenUs = new Float64Array(n);
    this.written = new Uint8Array(n);
    this.attributed = new Uint8Array(n);
    const { parentOffsets, parentIds, nodes } = version;
    this.#workflow = {
      nodeCount: n,
      parentOffsets,
      parentIds,
      nodes,
      computeUs: expectedUs.slice(),
      spentUs: new Float64Array(n),
    };
    this.#handles = Array.from<ResultHandle | undefined>({ length: n });
    this.#isOutput = new Uint8Array(n);
    for (const o of version.outputs) this.#isOutput[o] = 1;
    this.#waiting = new Int32Array(n);
    for (let i = 0; i < n; i++)
      if (states[i] === COMPUTE)
        for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) this.#waiting[parentIds[e]!]!++;
    this.#keepsAlive = context.materializer.kind === "batch";
  }

  /** Full compute cost by result: this iteration's where computed, else expected; microseconds. */
  get knownComputeUs(): Float64Array {
    return this.#workflow.computeUs;
  }

  /** Bytes a result takes on storage, as known before it is written. */
  estimatedBytes(result: number): number {
    const handle = this.#handles[result];
    const node = this.version.nodes[result]!;
    if (handle === undefined) return node.sizeBytes ?? 0;
    if (!this.#context.executor.capabilities.measuresBytes) return handle.estimatedBytes;
    const ratio = this.#context.compression.get(node.op);
    return ratio === undefined ? handle.estimatedBytes : Math.ceil(handle.memoryBytes * ratio);
  }

  /** Expected cost of loading a result that was just computed: the current line's where there is one. */
  currentLoadUs(result: number): number {
    const node = this.version.nodes[result]!;
    return (
      lineLoadUs(this.#context.executor, node) ??
      expectedLoadUs(this.#context, this.version.signatures[result]!, node, this.estimatedBytes(result))
    );
  }

  /** Whether the policy may be asked to store a result once it is computed. */
  mayStore(result: number): boolean {
    const { switches, accounting, catalog } = this.#context;
    const { version } = this;
    if (version.volatile[result] === 1 && !switches.reuseNondeterministic) return false;
    if (accounting !== "helix" && this.#isSource(result)) return false;
    const kinds = switches.materializeKinds;
    if (kinds !== undefined) {
      const { kind } = version.nodes[result]!;
      if (kind === undefined || !kinds.includes(kind)) return false;
    }
    return !catalog.has(version.signatures[result]!);
  }

  /** Runs the steps in order. @throws {Interrupted} between two steps once the signal is aborted */
  async execute(steps: readonly Step[]): Promise<void> {
    const { executor, materializer, signal } = this.#context;
    const options = signal === undefined ? {} : { signal };
    const online = materializer.kind === "online" && materializer.neverKeeps !== true ? materializer : undefined;
    for (const step of steps) {
      if (signal?.aborted === true) throw new Interrupted();
      let results: readonly number[];
      let finished: readonly number[];
      if (step.kind === "load") {
        const { result } = step;
        const node = this.version.nodes[result]!;
        const reply = executor.load(node.signature, node, options);
        const outcome = isPromise(reply) ? await reply : reply;
        this.#hold(result, outcome.result);
        this.#chargeLoad(result, outcome.loadUs);
        if (outcome.metrics !== undefined) Object.assign(this.metrics, outcome.metrics);
        results = [result];
        finished = [];
      } else {
        results = step.results;
        finished = step.barriers;
        const reply = executor.compute(this.#segment(step), this.#inputs(results), options);
        const outcome = isPromise(reply) ? await reply : reply;
        this.#chargeCompute(step, outcome);
      }
      this.peakBytes = Math.max(this.peakBytes, this.#aliveBytes);
      const leaving = this.#leaving(results);

      if (this.#context.accounting === "collab")
        for (const i of finished) {
          const wait = this.#storeSource(i);
          if (wait !== undefined) await wait;
        }
      if (online !== undefined)
        for (const i of online.decideAt === "finish" ? finished : leaving) {
          const wait = this.#decide(i, online);
          if (wait !== undefined) await wait;
        }
      if (!this.#keepsAlive)
        for (const i of leaving) {
          const wait = this.#release(i);
          if (isPromise(wait)) await wait;
        }
    }
  }

  /** Frees whatever is still in memory. */
  async releaseAll(): Promise<void> {
    for (let i = 0; i < this.#handles.length; i++) {
      const wait = this.#release(i);
      if (isPromise(wait)) await wait;
    }
  }

  /** True if the result was computed in this iteration and is still in memory. */
  isAtHand(result: number): boolean {
    return this.states[result] === COMPUTE && this.#handles[result] !== undefined;
  }

  /** Writes a result that is at hand; undefined if that needed no waiting. */
  write(result: number, outside = false): Promise<void> | undefined {
    const { executor, signal } = this.#context;
    const handle = this.#handles[result]!;
    const key = this.version.nodes[result]!.signature;
    const parts = outside ? undefined : this.#partsOf(key);
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

  /** What a result consists of, where equal parts are stored once. */
  #partsOf(key: string): StoredParts | undefined {
    const { graph, dedup } = this.#context;
    const vertex = dedup ? graph?.idOf(key) : undefined;
    if (graph === undefined || vertex === undefined) return undefined;
    const ids = graph.parts(vertex);
    return { ids, bytes: Float64Array.from(ids, (part) => graph.partBytes(part)) };
  }

  /** Deletes a stored result and counts its bytes. */
  async evict(key: string): Promise<void> {
    const { catalog, viewState, executor, index } = this.#context;
    const entry = catalog.get(index.indexOf(key));
    if (entry === undefined) throw new PlugInError(`evicting "${key}": it is not stored; evict what entries() lists`);
    if (viewState.pending.has(entry.signature))
      throw new PlugInError(
        `evicting "${key}": it is still to be loaded in this iteration; evict what entries() lists`,
      );
    const reply = executor.evict(key);
    if (isPromise(reply)) await reply;
    this.evictedBytes += catalog.delete(entry);
  }

  #isSource(result: number): boolean {
    return this.version.parentOffsets[result] === this.version.parentOffsets[result + 1];
  }

  #segment(step: Step & { readonly kind: "compute" }): Parameters<RunContext["executor"]["compute"]>[0] {
    const { nodes } = this.version;
    return {
      nodes: step.results.map((i) => nodes[i]!),
      barriers: new Set(step.barriers.map((i) => nodes[i]!.id)),
    };
  }

  /** Results of all parents outside the segment, by node id. */
  #inputs(results: readonly number[]): ReadonlyMap<string, ResultHandle> {
    const { parentOffsets, parentIds, nodes } = this.version;
    const inputs = new Map<string, ResultHandle>();
    for (const i of results)
      for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
        const p = parentIds[e]!;
        const handle = this.#handles[p];
        if (handle !== undefined) inputs.set(nodes[p]!.id, handle);
      }
    return inputs;
  }

  #hold(result: number, handle: ResultHandle): void {
    this.#handles[result] = handle;
    this.#aliveBytes += handle.memoryBytes;
  }

  #chargeLoad(result: number, us: number): void {
    const signature = this.version.signatures[result]!;
    this.loaded++;
    this.loadUs += us;
    this.loadedUs[result] = us;
    this.#workflow.spentUs[result] = us;
    this.#context.observations.observeLoad(signature, us);
    this.#context.viewState.pending.delete(signature);
    const entry = this.#context.catalog.get(signature);
    if (entry === undefined) return;
    entry.loadUs = us;
    entry.loadedAt = this.iteration.iteration;
    entry.loads++;
  }

  #chargeCompute(step: Step & { readonly kind: "compute" }, outcome: SegmentOutcome): void {
    const { nodes, signatures } = this.version;
    const { observations, costByOp, catalog } = this.#context;
    if (outcome.metrics !== undefined) Object.assign(this.metrics, outcome.metrics);
    for (const i of step.barriers) {
      const handle = outcome.results.get(nodes[i]!.id);
      if (handle !== undefined) this.#hold(i, handle);
    }
    const { results } = step;
    const shares = results.length === 1 ? undefined : attribute(results, nodes, this.#workflow.computeUs, outcome);
    for (let k = 0; k < results.length; k++) {
      const i = results[k]!;
      const us = shares?.us[k] ?? outcome.computeUs;
      const chargedUs = this.executions === undefined ? us : us * this.executions[i]!;
      if (!Number.isSafeInteger(chargedUs))
        throw new Uncountable(`computing "${nodes[i]!.id}" as often as it is asked for takes more than 2^53 µs`);
      if (shares !== undefined && !shares.exact) this.attributed[i] = 1;
      this.computed++;
      this.computeUs = addExact(this.computeUs, chargedUs);
      this.chargedUs[i] = chargedUs;
      this.#workflow.computeUs[i] = us;
      this.#workflow.spentUs[i] = chargedUs;
      observations.observeCompute(signatures[i]!, us);
      if (nodes[i]!.computeUs === undefined) costByOp.set(nodes[i]!.op, us);
      const entry = catalog.get(signatures[i]!);
      if (entry !== undefined) entry.computeUs = us;
    }
  }

  /** Results whose last child to be computed has just been done, those without such children among them; ascending. */
  #leaving(results: readonly number[]): readonly number[] {
    const { parentOffsets, parentIds } = this.version;
    const leaving: number[] = [];
    for (const i of results) {
      if (this.states[i] === COMPUTE)
        for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
          const p = parentIds[e]!;
          if (--this.#waiting[p]! === 0) leaving.push(p);
        }
      if (this.#waiting[i] === 0) leaving.push(i);
    }
    if (results.length > 1) return [...new Set(leaving)].sort((a, b) => a - b);
    return leaving.length > 2 ? leaving.sort((a, b) => a - b) : leaving;
  }

  #storeSource(result: number): Promise<void> | undefined {
    if (!this.#isSource(result) || this.#context.catalog.has(this.version.signatures[result]!)) return undefined;
    if (this.version.volatile[result] === 1 && !this.#context.switches.reuseNondeterministic) return undefined;
    return this.write(result, true);
  }

  #decide(result: number, materializer: OnlineMaterializer): Promise<void> | undefined {
    if (!this.isAtHand(result) || !this.mayStore(result)) return undefined;
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

  async #evictAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.evict(key);
  }

  #finished(index: number): FinishedResult {
    const node = this.version.nodes[index]!;
    const sizeBytes = this.estimatedBytes(index);
    const memoryBytes = this.#handles[index]!.memoryBytes;
    return {
      signature: node.signature,
      node,
      index,
      workflow: this.#workflow,
      sizeBytes,
      memoryBytes,
      computeUs: this.#workflow.computeUs[index]!,
      loadUs: this.currentLoadUs(index),
      writeUs:
        this.#context.accounting === "collab"
          ? 0
          : (node.writeUs ?? this.#context.executor.estimateWriteUs(node, sizeBytes, memoryBytes)),
    };
  }

  #wrote(
    result: number,
    handle: ResultHandle,
    outcome: WriteOutcome,
    outside: boolean,
    parts: StoredParts | undefined,
  ): Promise<void> | undefined {
    const { accounting, catalog, view, compression, executor } = this.#context;
    const { signature: key, op } = this.version.nodes[result]!;
    if (accounting !== "collab") {
      this.writeUs = addExact(this.writeUs, outcome.writeUs);
      this.writtenUs[result] = outcome.writeUs;
    }
    this.written[result] = 1;
    if (handle.memoryBytes > 0) compression.set(op, outcome.bytes / handle.memoryBytes);
    if (!outside && catalog.newBytes(outcome.bytes, parts) > view.freeBytes) {
      this.#context.budgetBound = true;
      const reply = executor.evict(key);
      return isPromise(reply) ? reply.then(() => undefined) : undefined;
    }
    catalog.add({
      signature: this.version.signatures[result]!,
      key,
      bytes: outcome.bytes,
      outside,
      writtenAt: this.iteration.iteration,
      computeUs: this.#workflow.computeUs[result]!,
      loadUs: this.currentLoadUs(result),
      loadedAt: -1,
      loads: 0,
      ...(parts === undefined ? {} : { parts }),
    });
    return undefined;
  }

  #release(result: number): Promise<void> | void {
    const handle = this.#handles[result];
    if (handle === undefined) return undefined;
    this.#handles[result] = undefined;
    this.#aliveBytes -= handle.memoryBytes;
    return this.#context.executor.release(handle);
  }
}

/** Adds three charges. @throws {WorkflowError} when the sum leaves the exact range */
export function sumExact(what: string, ...values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum = addExact(sum, value);
  if (Number.isFinite(sum)) return sum;
  throw new WorkflowError(`${what} reaches 2^53 µs; scale the costs down`);
}
