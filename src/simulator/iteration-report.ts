import type { Iteration, IterationNode } from "../core/iteration.ts";
import { stateNames, type StateName } from "../core/plan.ts";
import type { IterationRow } from "../core/result-row.ts";
import type { CatalogEntry } from "./catalog.ts";
import type { IterationRun } from "./iteration-run.ts";
import type { RunContext } from "./run-context.ts";

/** What became of one listed node. Costs in microseconds. */
export interface NodeReport {
  readonly node: IterationNode;
  /** `sliced`: no output needs it. */
  readonly state: StateName | "sliced";
  /** Id of the first listed node with this signature, if that is another one: both are one result, costs stand there. */
  readonly sameAs?: string;
  /** What was charged: compute, load and write; 0 where there was none. */
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  /** How often it was computed. */
  readonly executions: number;
  /** computeUs is a share of a segment's time, attributed to the node. */
  readonly attributed: boolean;
  /** Stored when the iteration ended; `written` in it. */
  readonly stored: boolean;
  readonly written: boolean;
  /** Bytes on storage, if stored. */
  readonly bytes?: number;
  /** Iterations a learner took, where the executor says so. */
  readonly learnerIterations?: number;
  /** Signature of the stored model a learner started from. */
  readonly startedFrom?: string;
}

/** One iteration of a run, for plan views and explanations. */
export interface IterationReport {
  readonly iteration: Iteration;
  readonly row: IterationRow;
  /** One per listed node, in listed order. */
  readonly nodes: readonly NodeReport[];
  /** What the planner expected of its plan. */
  readonly plannedUs: number;
  /** Time the planner took, if a clock was given. */
  readonly planUs?: number;
  /** Signatures deleted when the iteration started. */
  readonly purged: readonly string[];
  /** Everything stored when the iteration ended: signature → bytes. */
  readonly stored: ReadonlyMap<string, number>;
  /** Metric values of the version's reducers: measured ones, else those on the trace's line. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Describes an iteration that has just ended. O(listed nodes + stored results). */
export function reportIteration(
  context: RunContext,
  run: IterationRun,
  row: IterationRow,
  more: { readonly purged: readonly CatalogEntry[]; readonly plannedUs: number; readonly planUs: number | undefined },
): IterationReport {
  const { iteration, version, charges, storage } = run;
  const stored = new Map<string, number>();
  for (const entry of context.catalog.entries()) stored.set(entry.key, entry.bytes);
  const nodes = iteration.nodes.map((node, listed): NodeReport => {
    const result = version.resultOf[listed]!;
    const bytes = stored.get(node.signature);
    const first = result < 0 ? node : version.nodes[result]!;
    const isFirst = first.id === node.id;
    const learnerIterations = run.learnerIterations.get(node.id);
    const startedFrom = run.startedFrom.get(node.id);
    return {
      node,
      state: result < 0 ? "sliced" : stateNames[run.states[result]! as 0 | 1 | 2],
      ...(isFirst ? {} : { sameAs: first.id }),
      computeUs: isFirst && result >= 0 ? charges.computedUs[result]! : 0,
      loadUs: isFirst && result >= 0 ? charges.loadedUs[result]! : 0,
      writeUs: isFirst && result >= 0 ? charges.writtenUs[result]! : 0,
      executions: result >= 0 && run.states[result] === 1 ? (run.executions?.[result] ?? 1) : 0,
      attributed: result >= 0 && charges.attributed[result] === 1,
      stored: bytes !== undefined,
      written: result >= 0 && storage.written[result] === 1 && bytes !== undefined,
      ...(bytes === undefined ? {} : { bytes }),
      ...(learnerIterations === undefined ? {} : { learnerIterations }),
      ...(startedFrom === undefined ? {} : { startedFrom }),
    };
  });
  return {
    iteration,
    row,
    nodes,
    plannedUs: more.plannedUs,
    ...(more.planUs === undefined ? {} : { planUs: more.planUs }),
    purged: more.purged.map(({ key }) => key),
    stored,
    metrics: { ...iteration.metrics, ...run.metrics },
  };
}
