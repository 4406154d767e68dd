/**
 * What a plan view shows, as plain data: the workflow versions of a trace once, and per system what became of their nodes.
 * Browser-safe: pages and notebooks draw from it.
 */
import type { ChangeType, Iteration, NodeKind } from "../../core/iteration.ts";
import type { IterationReport } from "../../simulator/iteration-report.ts";

/** State of a node in a plan; `sliced` = no output needs it. */
export type PlanState = "compute" | "load" | "prune" | "sliced";

/** A node of a workflow version. */
export interface PlanNode {
  readonly id: string;
  readonly op: string;
  readonly kind: NodeKind | null;
  /** Positions of the parents in the version; smaller than the node's own. */
  readonly parents: readonly number[];
  /** The operator itself differs from the one in the version it was edited from; not set for what merely follows from an edit. */
  readonly edited: boolean;
  readonly output: boolean;
  /** Cost of computing it alone in µs and bytes on storage, where the trace has them. */
  readonly computeUs: number | null;
  readonly sizeBytes: number | null;
}

/** A workflow version, common to all systems. */
export interface PlanVersion {
  readonly iteration: number;
  readonly label: string;
  readonly changeType: ChangeType;
  readonly nodes: readonly PlanNode[];
}

/** What became of a node: times charged in µs, bytes on storage when the iteration ended (null = not stored). */
export interface PlanOutcome {
  readonly state: PlanState;
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  readonly executions: number;
  readonly bytes: number | null;
  /** Stored in this very iteration. */
  readonly written: boolean;
  /** Id of the node that stands for both, when two nodes are one result. */
  readonly sameAs: string | null;
}

/** One iteration of one system. */
export interface PlanStep {
  readonly runUs: number;
  readonly computeUs: number;
  readonly loadUs: number;
  readonly writeUs: number;
  readonly cumulativeUs: number;
  readonly storedBytes: number;
  /** One per node of the version, in its order. */
  readonly outcomes: readonly PlanOutcome[];
}

/** A system's run; shorter than the versions if it ends early. */
export interface PlanRun {
  readonly system: string;
  readonly title: string;
  readonly steps: readonly PlanStep[];
  /** Why it ends, or did not run at all. */
  readonly ends: string | null;
}

/** Everything one plan view shows. */
export interface PlanView {
  readonly trace: string;
  /** In words: accounting, budget. */
  readonly conditions: string;
  readonly versions: readonly PlanVersion[];
  readonly runs: readonly PlanRun[];
  /** Iterations of the trace; more than `versions` has if the view was cut. */
  readonly iterationCount: number;
}

interface Seen {
  readonly signature: string;
  readonly parents: readonly string[];
}

/** Describes versions in order, each beside the one it was edited from. Keeps the signatures of all versions so far. */
export class VersionRecorder {
  readonly #seen = new Map<number, ReadonlyMap<string, Seen>>();

  /** O(nodes + edges). */
  add(iteration: Iteration): PlanVersion {
    const own = new Map<string, Seen>(
      iteration.nodes.map(({ id, signature, parents }) => [id, { signature, parents }] as const),
    );
    const base = this.#seen.get(iteration.base ?? iteration.iteration - 1);
    this.#seen.set(iteration.iteration, own);
    const isSame = (id: string): boolean => base?.get(id)?.signature === own.get(id)?.signature;
    const places = new Map(iteration.nodes.map(({ id }, i) => [id, i] as const));
    return {
      iteration: iteration.iteration,
      label: iteration.label ?? "",
      changeType: iteration.changeType,
      nodes: iteration.nodes.map((node) => {
        const before = base?.get(node.id);
        return {
          id: node.id,
          op: node.op,
          kind: node.kind ?? null,
          parents: node.parents.flatMap((id) => places.get(id) ?? []),
          edited:
            base !== undefined &&
            (before === undefined ||
              (!isSame(node.id) &&
                (node.parents.every(isSame) || before.parents.join("\u0000") !== node.parents.join("\u0000")))),
          output: node.output === true,
          computeUs: node.computeUs ?? null,
          sizeBytes: node.sizeBytes ?? null,
        };
      }),
    };
  }
}

/** One iteration of a run as a plan view shows it. */
export function stepOf({ row, nodes }: IterationReport): PlanStep {
  const { runUs, computeUs, loadUs, writeUs, cumulativeUs, storedBytes } = row;
  return {
    runUs,
    computeUs,
    loadUs,
    writeUs,
    cumulativeUs,
    storedBytes,
    outcomes: nodes.map((node) => ({
      state: node.state,
      computeUs: node.computeUs,
      loadUs: node.loadUs,
      writeUs: node.writeUs,
      executions: node.executions,
      bytes: node.stored ? (node.bytes ?? 0) : null,
      written: node.written,
      sameAs: node.sameAs ?? null,
    })),
  };
}
