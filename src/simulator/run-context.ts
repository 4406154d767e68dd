import type { Executor, MaybePromise } from "../core/executor.ts";
import type { IterationNode } from "../core/iteration.ts";
import type { Materializer } from "../core/materializer.ts";
import { PlugInError, ReuseError } from "../core/errors.ts";
import type { Accounting, Switches } from "../core/system.ts";
import type { Catalog, CatalogView, ViewState } from "./catalog.ts";
import type { UnionGraph } from "./experiment-graph.ts";
import type { Observations } from "./observations.ts";
import type { Session } from "./session.ts";
import type { SignatureNumbers } from "./signature-numbers.ts";

/** What lives as long as a run: shared by its iterations. */
export interface RunContext {
  readonly executor: Executor;
  readonly switches: Switches;
  readonly accounting: Accounting;
  readonly materializer: Materializer;
  readonly materializerParams: object;
  readonly signal: AbortSignal | undefined;
  readonly numbers: SignatureNumbers;
  readonly observations: Observations;
  readonly catalog: Catalog;
  readonly viewState: ViewState;
  readonly view: CatalogView;
  /** The same storage without a budget: to find out whether the budget bound. */
  readonly unlimitedView: CatalogView;
  /** Only with a batch materializer. */
  readonly graph: UnionGraph | undefined;
  /** The experiment graph is shortened once it has that many vertices. */
  readonly growth: { retireAt: number };
  /** Only with local pruning. */
  readonly session: Session | undefined;
  /** Equal parts of stored results are stored and counted once. */
  readonly dedup: boolean;
  /** Bytes on storage per byte in memory, last seen, by operator type. */
  readonly compression: Map<string, number>;
  /** Last compute cost by operator type, for results nothing else is known of. */
  readonly costByOp: Map<string, number>;
  /** A result was turned away that would have been stored under a larger budget. */
  budgetBound: boolean;
}

/** Vertices of an experiment graph before it is shortened for the first time. */
export const firstRetirement = 4_000;

/** True if a value has to be awaited. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** Calls a plug-in; what it throws becomes a {@link PlugInError} that names it, unless it is a coded error already. */
export function callPlugIn<T>(kind: "planner" | "materializer", id: string, call: () => T): T {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof ReuseError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    const error = new PlugInError(`${kind} ${id}: threw "${message}"; a ${kind} must not throw`);
    error.cause = cause;
    throw error;
  }
}

/** Bytes a result takes in memory, by its record: `memoryBytes`, else `sizeBytes`. */
export function memoryBytesOf(node: IterationNode): number {
  return node.memoryBytes ?? node.sizeBytes ?? 0;
}

/** Load cost by the running line: recorded, else modelled from its sizes; undefined where the line has neither. */
export function lineLoadUs(executor: Executor, node: IterationNode): number | undefined {
  if (node.loadUs !== undefined) return node.loadUs;
  return node.sizeBytes === undefined
    ? undefined
    : executor.estimateLoadUs(node, node.sizeBytes, node.memoryBytes ?? node.sizeBytes);
}

/** What is expected of computing a result: observations, else the line, else the last cost of its operator type, else 0. */
export function expectedComputeUs(context: RunContext, signature: number, node: IterationNode): number {
  return context.observations.computeUs(signature, node.computeUs) ?? context.costByOp.get(node.op) ?? 0;
}

/** What is expected of loading a result of `bytes` bytes: observations, else the line, else the executor's model. */
export function expectedLoadUs(context: RunContext, signature: number, node: IterationNode, bytes: number): number {
  return (
    context.observations.loadUs(signature, lineLoadUs(context.executor, node)) ??
    context.executor.estimateLoadUs(node, bytes, node.memoryBytes ?? bytes)
  );
}
