import { systemClock } from "../../core/clock.ts";
import { ExecutorError } from "../../core/errors.ts";
import type {
  CallOptions,
  ComputeOptions,
  Executor,
  ExecutorCapabilities,
  LoadOutcome,
  ResultHandle,
  Segment,
  SegmentOutcome,
  WriteOutcome,
} from "../../core/executor.ts";
import type { ColumnBytes, Iteration, IterationNode } from "../../core/iteration.ts";
import type { FoundResult, ResultStore } from "../store/result-store.ts";
import { endOfTransfer, leastTransferUs, prepareRead, type StorageProfile } from "../store/storage-profile.ts";
import { ColumnIds } from "./columns.ts";
import { ColumnLayout, columnsOfEntry } from "./column-layout.ts";
import { expectedTransferUs, type RelationalEngine, usualCompression } from "./engine.ts";
import { memoryOf, metaOf, metricsOf, modelsOf, payloadOf } from "./payload.ts";
import { ResultFiles } from "./result-files.ts";
import { runSteps } from "./run-steps.ts";
import { compileSegment } from "./segment.ts";
import type { Payload } from "./shape.ts";
import { countingNames } from "./space.ts";
import { standInsOf } from "./stand-ins.ts";
import { Tables } from "./tables.ts";

/** How an executor over an SQL engine is opened. */
export interface RelationalOptions {
  /** Where results are stored; opened and closed by the caller. Without one nothing can be written. */
  readonly store?: ResultStore;
  /** Default `hot`. */
  readonly profile?: StorageProfile;
  /** Store columns apart, each once, where the engine can; default false: a result is one file. */
  readonly storeColumns?: boolean;
}

/** Runs nodes on an SQL engine: relations are tables, models and metrics values of this process. All times are wall-clock. */
export class RelationalExecutor implements Executor {
  readonly id: string;
  readonly title: string;
  readonly capabilities: ExecutorCapabilities;
  readonly profile: StorageProfile;
  readonly #engine: RelationalEngine;
  readonly #store: ResultStore | undefined;
  readonly #tables: Tables;
  readonly #names = countingNames();
  /** Bytes on storage ÷ bytes in memory, last seen by operator type. */
  readonly #ratios = new Map<string, number>();
  readonly #columnIds = new ColumnIds();
  /** Set if columns are stored apart. */
  readonly #layout: ColumnLayout | undefined;
  readonly #files: ResultFiles;
  /** Nodes of what this session wrote, by key. */
  readonly #writtenAs = new Map<string, IterationNode>();
  readonly #released = new WeakSet<ResultHandle>();
  readonly #computeUs = new WeakMap<ResultHandle, number>();
  /** Observed load times of this session, kept with the results at the end. */
  readonly #loadUs = new Map<string, number>();
  /** Signatures of the running iteration by node id: a parent may be a node that was merged into an equal one. */
  #signatures: ReadonlyMap<string, string> = new Map();
  #readsAreCold = true;

  constructor(engine: RelationalEngine, options: RelationalOptions) {
    this.#engine = engine;
    this.id = engine.id;
    this.title = engine.title;
    this.#store = options.store;
    if (options.storeColumns === true && engine.columnFiles !== undefined && options.store !== undefined)
      this.#layout = new ColumnLayout(options.store, this.#columnIds, engine.dialect);
    this.#files = new ResultFiles(engine, this.#columnIds, this.#layout);
    this.capabilities =
      this.#layout === undefined ? engine.capabilities : { ...engine.capabilities, storesColumns: true };
    this.profile = options.profile ?? "hot";
    this.#tables = new Tables((table) => engine.dropTable(table));
  }

  /** Version of the engine. */
  get version(): string {
    return this.#engine.version;
  }

  /** False once a read under `cold` came from memory because pages could not be dropped. */
  get readsAreCold(): boolean {
    return this.#readsAreCold;
  }

  /** Tables alive in the engine; 0 when every result was released. */
  get tableCount(): number {
    return this.#tables.count;
  }

  beginIteration(iteration: Iteration): void {
    this.#columnIds.see(iteration.nodes);
    this.#signatures = new Map(iteration.nodes.map(({ id, signature }) => [id, signature]));
  }

  async compute(
    segment: Segment,
    inputs: ReadonlyMap<string, ResultHandle>,
    { signal, warmStart }: ComputeOptions,
  ): Promise<SegmentOutcome> {
    const payloads = new Map([...inputs].map(([id, handle]) => [id, payloadOf(handle)]));
    const standIns = standInsOf(segment, inputs, this.#signatures);
    const created: string[] = [];
    try {
      const startUs = systemClock.nowUs();
      const spentUs = new Map<string, number>();
      const steps = compileSegment(segment, payloads, this.#names, {
        standIns,
        dialect: this.#engine.dialect,
        compilers: this.#engine.compilers,
        warmStart: modelsOf(warmStart),
      });
      const found = await runSteps(this.#engine, steps, { created, spentUs, signal });
      const computeUs = Math.round(systemClock.nowUs() - startUs);
      return this.#outcome(segment, found, computeUs, spentUs);
    } finally {
      await this.#tables.dropUnheld(created);
    }
  }

  async write(result: ResultHandle, key: string, { signal }: CallOptions): Promise<WriteOutcome> {
    const store = this.#openStore();
    const payload = payloadOf(result);
    const meta = { ...metaOf(payload), rows: result.rows, memoryBytes: result.memoryBytes, op: result.node.op };
    const computeUs = this.#computeUs.get(result);
    const startUs = systemClock.nowUs();
    const { parts, discard, columns } = await this.#files.write(result, { key, folder: store.folder, signal });
    const { bytes, isStored } = await store
      .put(key, parts, {
        ...meta,
        versions: this.#engine.versions,
        ...(computeUs === undefined ? {} : { computeUs }),
        ...(columns === undefined ? {} : { columns }),
      })
      .finally(discard);
    if (isStored) this.#layout?.added(key, payload);
    const writeUs = await endOfTransfer(this.profile, startUs, bytes);
    this.#writtenAs.set(key, result.node);
    if (!isStored) return { bytes, writeUs }; // removed again by a store with a budget; the caller sees that it did not fit
    const size = this.#sizeOf(key);
    if (result.memoryBytes > 0) this.#ratios.set(result.node.op, size / result.memoryBytes);
    return { bytes: size, writeUs };
  }

  async load(key: string, node: IterationNode, { signal }: CallOptions): Promise<LoadOutcome> {
    const found = await this.#found(key);
    if (found === undefined)
      throw new ExecutorError(
        `${this.id}: node "${node.id}" cannot be loaded: nothing whole is stored under ${key}; run again, it will be recomputed`,
      );
    const paths = [...found.paths.values()];
    this.#readsAreCold = (await prepareRead(this.profile, paths)) && this.#readsAreCold;
    const startUs = systemClock.nowUs();
    const payload = await this.#files.read(found, { key, signal }, () => this.#names.table());
    const loadUs = await endOfTransfer(this.profile, startUs, found.bytes);
    this.#loadUs.set(key, loadUs);
    const result = this.#handle(node, payload);
    const metrics = metricsOf(node, payload);
    return { result, loadUs, ...(metrics === undefined ? {} : { metrics }) };
  }

  async release(result: ResultHandle): Promise<void> {
    if (this.#released.has(result)) return;
    this.#released.add(result);
    await this.#tables.drop(payloadOf(result));
  }

  async evict(key: string): Promise<{ readonly freedBytes: number }> {
    this.#loadUs.delete(key);
    this.#engine.onEvict?.(key);
    this.#layout?.removing(key);
    return this.#openStore().delete(key);
  }

  columnsIn({ node, payload }: ResultHandle): readonly ColumnBytes[] | undefined {
    return this.#layout?.columns(node, payload as Payload);
  }

  async columnsOf(key: string): Promise<readonly ColumnBytes[] | undefined> {
    const entry = this.#store?.entry(key);
    if (entry !== undefined && columnsOfEntry(entry) !== undefined)
      return entry.objects.map(({ name, bytes }) => ({ id: name, bytes }));
    const node = this.#writtenAs.get(key);
    const found = node === undefined ? undefined : await this.#openStore().get(key);
    return node === undefined || found === undefined ? undefined : this.#files.columnBytes(found, node);
  }

  estimateLoadUs(_node: IterationNode, bytes: number, memoryBytes: number): number {
    return Math.max(
      expectedTransferUs(this.#engine.transferCosts.load, bytes, memoryBytes),
      leastTransferUs(this.profile, bytes),
    );
  }

  estimateWriteUs(_node: IterationNode, bytes: number, memoryBytes: number): number {
    return Math.max(
      expectedTransferUs(this.#engine.transferCosts.write, bytes, memoryBytes),
      leastTransferUs(this.profile, bytes),
    );
  }

  /** Checks every stored result's files once, so that damaged ones are dropped before a plan counts on them. */
  async stored(): Promise<
    ReadonlyMap<string, { readonly bytes: number; readonly computeUs?: number; readonly loadUs?: number }>
  > {
    const stored = new Map<string, { bytes: number; computeUs?: number; loadUs?: number }>();
    if (this.#store === undefined) return stored;
    for (const { signature } of this.#store.entries()) {
      const found = await this.#found(signature);
      if (found === undefined) continue;
      const { computeUs, loadUs } = found.meta;
      stored.set(signature, {
        bytes: found.bytes,
        ...(computeUs === undefined ? {} : { computeUs }),
        ...(loadUs === undefined ? {} : { loadUs }),
      });
    }
    return stored;
  }

  /**
   * Closes the engine; the store stays open. Observed load times are noted in it for the next session; where they cannot be
   * (a full disk), that session observes them again.
   */
  async close(): Promise<void> {
    try {
      for (const [key, loadUs] of this.#loadUs) await this.#store?.update(key, { loadUs });
    } catch (error) {
      if (!(error instanceof ExecutorError)) throw error;
    } finally {
      this.#loadUs.clear();
      await this.#engine.close();
    }
  }

  #outcome(
    segment: Segment,
    payloads: ReadonlyMap<string, Payload>,
    computeUs: number,
    spentUs: ReadonlyMap<string, number>,
  ): SegmentOutcome {
    const isSingle = segment.nodes.length === 1;
    const results = new Map<string, ResultHandle>();
    const metrics: Record<string, number> = {};
    const learnerIterations = new Map<string, number>();
    for (const node of segment.nodes) {
      const payload = payloads.get(node.id);
      if (payload === undefined) continue;
      const handle = this.#handle(node, payload);
      this.#computeUs.set(handle, isSingle ? computeUs : Math.round(spentUs.get(node.id) ?? 0));
      results.set(node.id, handle);
      Object.assign(metrics, metricsOf(node, payload));
      const iterations = payload.kind === "model" ? payload.model["iterations"] : undefined;
      if (node.op === "learn" && typeof iterations === "number") learnerIterations.set(node.id, iterations);
    }
    const told = new Map(segment.nodes.map(({ id }) => [id, Math.floor(spentUs.get(id) ?? 0)]));
    return {
      results,
      computeUs,
      ...(isSingle ? {} : { computeUsById: told }),
      ...(Object.keys(metrics).length === 0 ? {} : { metrics }),
      ...(learnerIterations.size === 0 ? {} : { learnerIterations }),
    };
  }

  #handle(node: IterationNode, payload: Payload): ResultHandle {
    this.#tables.hold(payload);
    const memoryBytes = memoryOf(this.#engine.dialect, payload);
    const ratio = payload.kind === "relation" ? (this.#ratios.get(node.op) ?? usualCompression) : 1;
    return {
      node,
      memoryBytes,
      estimatedBytes: Math.ceil(memoryBytes * ratio),
      rows: payload.kind === "relation" ? payload.rows : 1,
      payload,
    };
  }

  async #found(key: string): Promise<FoundResult | undefined> {
    const found = await this.#openStore().get(key);
    if (found === undefined) this.#layout?.forget();
    return found;
  }

  #openStore(): ResultStore {
    if (this.#store === undefined)
      throw new ExecutorError(`${this.id}: opened without a store; pass one to write, load or evict results`);
    return this.#store;
  }

  #sizeOf(key: string): number {
    return this.#store?.entry(key)?.bytes ?? 0;
  }
}
