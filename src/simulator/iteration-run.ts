import type { LoadOutcome, Segment, SegmentOutcome } from "../core/executor.ts";
import type { Iteration } from "../core/iteration.ts";
import type { OnlineMaterializer, RunningWorkflow } from "../core/materializer.ts";
import { COMPUTE } from "../core/plan.ts";
import { attribute } from "./attribution.ts";
import { Charges } from "./charges.ts";
import type { Step } from "./fusion.ts";
import { LiveResults } from "./live-results.ts";
import { segmentOf, type PreparedVersion } from "./prepare.ts";
import { ResultStorage } from "./result-storage.ts";
import { isPromise, type RunContext } from "./run-context.ts";
import type { LocallyPruned } from "./session.ts";
import { loadModels, type WarmStart, warmStartsOf } from "./warm-start.ts";

type Load = Step & { readonly kind: "load" };
type Compute = Step & { readonly kind: "compute" };

/** Thrown between two steps when the run was told to stop. */
export class Interrupted extends Error {}

/** One iteration being executed: its plan's steps one after the other, each charged, observed and decided upon. */
export class IterationRun {
  readonly iteration: Iteration;
  readonly version: PreparedVersion;
  readonly states: Uint8Array;
  readonly executions: Float64Array | undefined;
  readonly charges: Charges;
  readonly live: LiveResults;
  readonly storage: ResultStorage;
  /** Metric values the executor reported. */
  readonly metrics: Record<string, number> = {};
  /** Iterations that learners took, by node id, where the executor says so. */
  readonly learnerIterations = new Map<string, number>();
  /** Signature of the stored model that a learner started from, by node id. */
  readonly startedFrom = new Map<string, string>();
  /** Full compute cost by result: this iteration's where computed, else expected. Microseconds, shape (n). */
  readonly knownComputeUs: Float64Array;
  readonly #context: RunContext;
  readonly #held: LocallyPruned["held"];

  /**
   * @param held results that are in the user's memory already, shape (n); none without local pruning
   * @param executions how often each computed result is computed, shape (n); undefined = once
   * @param expectedUs expected compute cost of each result, shape (n)
   */
  constructor(
    context: RunContext,
    iteration: Iteration,
    version: PreparedVersion,
    states: Uint8Array,
    executions: Float64Array | undefined,
    expectedUs: Float64Array,
    held: LocallyPruned["held"] = [],
  ) {
    this.#context = context;
    this.#held = held;
    this.iteration = iteration;
    this.version = version;
    this.states = states;
    this.executions = executions;
    this.knownComputeUs = expectedUs.slice();
    this.charges = new Charges(version.nodeCount);
    this.live = new LiveResults(version, states, context.executor);
    const { nodeCount, parentOffsets, parentIds, nodes } = version;
    const workflow: RunningWorkflow = {
      nodeCount,
      parentOffsets,
      parentIds,
      nodes,
      computeUs: this.knownComputeUs,
      spentUs: this.charges.spentUs,
    };
    const { live, charges } = this;
    let bytes = context.session?.bytes ?? 0;
    for (const [i, result] of held.entries()) {
      if (result === undefined) continue;
      live.hold(i, result.handle);
      bytes -= result.handle.memoryBytes;
      for (const [name, value] of result.metrics) this.metrics[`${nodes[i]!.id}${name}`] = value;
    }
    live.addBytes(bytes);
    live.notePeak();
    this.storage = new ResultStorage(context, iteration.iteration, version, { workflow, live, charges });
  }

  /** True if the result was computed, in this iteration or before, and is still in memory. */
  isAtHand(result: number): boolean {
    return (this.states[result] === COMPUTE || this.isHeld(result)) && this.live.handle(result) !== undefined;
  }

  /** True if the result was in the user's memory before the iteration. */
  isHeld(result: number): boolean {
    return this.#held[result] !== undefined;
  }

  /** Runs the steps in order. @throws {Interrupted} between two steps once the signal is aborted */
  async execute(steps: readonly Step[]): Promise<void> {
    const { materializer, signal } = this.#context;
    const options = signal === undefined ? {} : { signal };
    const online = materializer.kind === "online" && materializer.neverKeeps !== true ? materializer : undefined;
    for (const step of steps) {
      if (signal?.aborted === true) throw new Interrupted();
      const wait = step.kind === "load" ? this.#load(step, options) : this.#compute(step, options);
      if (wait !== undefined) await wait;
      this.live.notePeak();
      const leaving = this.live.leaving(step.kind === "load" ? [step.result] : step.results);
      const finished = step.kind === "load" ? [] : step.barriers;
      if (this.#context.accounting === "collab")
        for (const i of finished) {
          const stored = this.storage.storeSource(i);
          if (stored !== undefined) await stored;
        }
      if (online !== undefined)
        for (const i of online.decideAt === "finish" ? finished : leaving) {
          const decided = this.#decide(i, online);
          if (decided !== undefined) await decided;
        }
      if (materializer.kind !== "batch" && this.#context.session === undefined)
        for (const i of leaving) {
          const released = this.live.release(i);
          if (isPromise(released)) await released;
        }
    }
  }

  #decide(result: number, materializer: OnlineMaterializer): Promise<void> | undefined {
    return this.isAtHand(result) ? this.storage.decide(result, materializer) : undefined;
  }

  #load({ result }: Load, options: { readonly signal?: AbortSignal }): Promise<void> | undefined {
    const { executor, observations, viewState, catalog } = this.#context;
    const node = this.version.nodes[result]!;
    const signature = this.version.signatures[result]!;
    const loaded = (outcome: LoadOutcome): void => {
      this.live.hold(result, outcome.result);
      this.charges.load(result, outcome.loadUs);
      if (outcome.metrics !== undefined) Object.assign(this.metrics, outcome.metrics);
      observations.observeLoad(signature, outcome.loadUs);
      viewState.pending.delete(signature);
      const entry = catalog.get(signature);
      if (entry === undefined) return;
      entry.loadUs = outcome.loadUs;
      entry.loadedAt = this.iteration.iteration;
      entry.loads++;
    };
    const reply = executor.load(node.signature, node, options);
    if (isPromise(reply)) return reply.then(loaded);
    loaded(reply);
    return undefined;
  }

  #compute(step: Compute, options: { readonly signal?: AbortSignal }): Promise<void> | undefined {
    const { nodes } = this.version;
    const { results, barriers } = step;
    const segment: Segment =
      results.length === 1 && barriers.length === 1
        ? segmentOf(this.version, results[0]!)
        : { nodes: results.map((i) => nodes[i]!), barriers: new Set(barriers.map((i) => nodes[i]!.id)) };
    const starts = warmStartsOf(this.#context, this.version, step.results);
    if (starts.length > 0) return this.#computeFrom(starts, step, segment, options);
    const reply = this.#context.executor.compute(segment, this.live.inputsOf(step.results), options);
    if (isPromise(reply)) return reply.then((outcome) => this.#computed(step, outcome));
    this.#computed(step, reply);
    return undefined;
  }

  /** Computes a segment whose learners start from stored models. */
  async #computeFrom(
    starts: readonly WarmStart[],
    step: Compute,
    segment: Segment,
    options: { readonly signal?: AbortSignal },
  ): Promise<void> {
    const { executor } = this.#context;
    const byId = new Map(segment.nodes.map((node) => [node.id, node]));
    const models = await loadModels(
      this.#context,
      starts,
      (id) => byId.get(id)!,
      (us) => {
        this.charges.loadUs += us;
      },
    );
    for (const { id, entry } of starts) this.startedFrom.set(id, entry.key);
    try {
      const inputs = this.live.inputsOf(step.results);
      this.#computed(step, await executor.compute(segment, inputs, { ...options, warmStart: models }));
    } finally {
      for (const model of models.values()) await executor.release(model);
    }
  }

  #computed(step: Compute, outcome: SegmentOutcome): void {
    const { nodes, signatures } = this.version;
    const { observations, costByOp, catalog } = this.#context;
    if (outcome.metrics !== undefined) Object.assign(this.metrics, outcome.metrics);
    for (const [id, iterations] of outcome.learnerIterations ?? []) this.learnerIterations.set(id, iterations);
    for (const i of step.barriers) {
      const handle = outcome.results.get(nodes[i]!.id);
      if (handle !== undefined) this.live.hold(i, handle);
    }
    const { results } = step;
    const shares = results.length === 1 ? undefined : attribute(results, nodes, this.knownComputeUs, outcome);
    for (let k = 0; k < results.length; k++) {
      const i = results[k]!;
      const us = shares?.us[k] ?? outcome.computeUs;
      this.charges.compute(i, nodes[i]!.id, us, this.executions?.[i] ?? 1);
      if (shares !== undefined && !shares.exact) this.charges.attributed[i] = 1;
      this.knownComputeUs[i] = us;
      observations.observeCompute(signatures[i]!, us);
      if (nodes[i]!.computeUs === undefined) costByOp.set(nodes[i]!.op, us);
      const entry = catalog.get(signatures[i]!);
      if (entry !== undefined) entry.computeUs = us;
    }
  }
}
