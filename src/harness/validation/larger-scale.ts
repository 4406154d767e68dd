/**
 * Costs on more rows than were recorded, from recordings at two smaller scales.
 *
 * Times grow on straight lines with the data. What separates two small scales is little beside the noise of one statement, and
 * ten steps on a line through two noisy points multiply it: so the slope is that of all nodes of an operator type together, per
 * byte they read and make.
 */
import type { Iteration, TraceIteration, TraceNode } from "../../core/iteration.ts";
import { costsOfSame, merged } from "./splits.ts";

/** Recordings of the same versions on fewer rows, with their scales. */
export interface SmallerRecordings {
  readonly few: readonly TraceIteration[];
  readonly fewScale: number;
  readonly fewer: readonly TraceIteration[];
  readonly fewerScale: number;
}

const timeFields = ["computeUs", "loadUs", "loadHotUs", "writeUs"] as const;
type TimeField = (typeof timeFields)[number];

/**
 * Sizes go on along each node's own line, times from each node's own value at the larger of both scales by its operator type's
 * slope; nothing falls. Segments and whole versions grow as their nodes do, times what they grew of that between the two scales.
 *
 * @throws {WorkflowError} where a recording is of other versions
 */
export function costsOfLarger(
  versions: readonly Iteration[],
  scale: number,
  { few, fewScale, fewer, fewerScale }: SmallerRecordings,
): readonly TraceIteration[] {
  const steps = (scale - fewScale) / (fewScale - fewerScale);
  const sized = merged(versions, [few, fewer], ([at = 0, below = 0]) =>
    Math.round(at + Math.max(0, at - below) * steps),
  );
  const upper = costsOfSame(versions, few);
  const lower = costsOfSame(versions, fewer);
  const growth = new Growth(upper, lower);
  const statements = statementShare(upper, lower, growth);
  return sized.map((line, i): TraceIteration => {
    const at = upper[i]!;
    const ids = new Map(at.nodes.map((node) => [node.id, node]));
    const later = (us: number, nodes: readonly TraceNode[]): number =>
      Math.round(us + statements * sumOf(nodes, (node) => growth.of("computeUs", i, node)) * steps);
    const nodes = line.nodes.map((node, k): TraceNode => {
      const times: Partial<Record<TimeField, number>> = {};
      for (const field of timeFields) {
        const us = at.nodes[k]?.[field];
        if (us !== undefined) times[field] = Math.round(us + growth.of(field, i, at.nodes[k]!) * steps);
      }
      return { ...node, ...times };
    });
    const segments = at.segments?.map(({ nodes: names, fusedUs }) => ({
      nodes: names,
      fusedUs: later(
        fusedUs,
        names.flatMap((id) => ids.get(id) ?? []),
      ),
    }));
    return {
      ...line,
      nodes,
      ...(segments === undefined ? {} : { segments }),
      ...(at.fusedUs === undefined ? {} : { fusedUs: later(at.fusedUs, at.nodes) }),
    };
  });
}

/** What nodes grew by from one scale to the other, as their operator types did. */
class Growth {
  /** Bytes that a node's data grew by: what it makes, with what it reads; by line and id. */
  readonly #made: readonly ReadonlyMap<string, number>[];
  readonly #slopes = new Map<string, { readonly perByte: number; readonly each: number }>();

  constructor(upper: readonly TraceIteration[], lower: readonly TraceIteration[]) {
    this.#made = upper.map(
      ({ nodes }, i) =>
        new Map(nodes.map((node, k) => [node.id, Math.max(0, memoryOf(node) - memoryOf(lower[i]?.nodes[k]))])),
    );
    for (const field of timeFields) {
      const pools = new Map<string, { us: number; bytes: number; nodes: number }>();
      const seen = new Set<string>();
      for (const [i, { nodes }] of upper.entries())
        for (const [k, node] of nodes.entries()) {
          const [at, below] = [node[field], lower[i]?.nodes[k]?.[field]];
          if (at === undefined || below === undefined || seen.has(node.signature)) continue;
          seen.add(node.signature);
          const pool = pools.get(node.op) ?? { us: 0, bytes: 0, nodes: 0 };
          pools.set(node.op, pool);
          pool.us += at - below;
          pool.bytes += this.#bytes(field, i, node);
          pool.nodes++;
        }
      for (const [op, { us, bytes, nodes }] of pools) {
        const grown = Math.max(0, us);
        this.#slopes.set(
          `${field} ${op}`,
          bytes > 0 ? { perByte: grown / bytes, each: 0 } : { perByte: 0, each: grown / nodes },
        );
      }
    }
  }

  /** Microseconds a node of a line grew by. */
  of(field: TimeField, line: number, node: TraceNode): number {
    const { perByte = 0, each = 0 } = this.#slopes.get(`${field} ${node.op}`) ?? {};
    return perByte * this.#bytes(field, line, node) + each;
  }

  #bytes(field: TimeField, line: number, { id, parents }: TraceNode): number {
    const made = this.#made[line]!;
    const read = field === "computeUs" ? parents : [];
    return [id, ...read].reduce((sum, name) => sum + (made.get(name) ?? 0), 0);
  }
}

/** Growth of all recorded statements ÷ that of their nodes; 1 where nodes did not grow. */
function statementShare(upper: readonly TraceIteration[], lower: readonly TraceIteration[], growth: Growth): number {
  let statements = 0;
  let nodes = 0;
  for (const [i, line] of upper.entries()) {
    const ids = new Map(line.nodes.map((node) => [node.id, node]));
    for (const [k, { nodes: names, fusedUs }] of (line.segments ?? []).entries()) {
      statements += fusedUs - (lower[i]?.segments?.[k]?.fusedUs ?? fusedUs);
      nodes += sumOf(
        names.flatMap((id) => ids.get(id) ?? []),
        (node) => growth.of("computeUs", i, node),
      );
    }
  }
  return nodes > 0 ? Math.max(0, statements) / nodes : 1;
}

function memoryOf(node: TraceNode | undefined): number {
  return node?.memoryBytes ?? node?.sizeBytes ?? 0;
}

function sumOf(nodes: readonly TraceNode[], value: (node: TraceNode) => number): number {
  return nodes.reduce((sum, node) => sum + value(node), 0);
}
