import type { TraceNode } from "../../core/iteration.ts";
import type { Trace } from "../format/parse-text.ts";
import { liftedCosts } from "./lift-trace.ts";

/** Fields that a check compares. */
const compared = [...liftedCosts, "sizeBytes", "memoryBytes"] as const;

/** How well one field of one operator type was predicted. */
export interface LiftCheck {
  readonly field: (typeof compared)[number];
  /** Operator type, or `all`. */
  readonly op: string;
  /** Distinct results. */
  readonly results: number;
  /** Σ predicted ÷ Σ measured; null where nothing was measured. */
  readonly total: number | null;
  /** Median over results of |predicted − measured| ÷ measured, of those above 0. */
  readonly medianError: number | null;
}

/** Compares a trace lifted to a scale with one recorded there, which the model has not seen. Nodes meet by iteration and id. */
export function checkLift(lifted: Trace, recorded: Trace): readonly LiftCheck[] {
  const predictions = new Map(
    lifted.iterations.flatMap(({ iteration, nodes }) =>
      nodes.map((node): readonly [string, TraceNode] => [`${iteration}\n${node.id}`, node]),
    ),
  );
  const pairs: (readonly [string, TraceNode, TraceNode])[] = [];
  const seen = new Set<string>();
  for (const { iteration, nodes } of recorded.iterations)
    for (const node of nodes) {
      const predicted = predictions.get(`${iteration}\n${node.id}`);
      if (predicted === undefined || seen.has(node.signature)) continue;
      seen.add(node.signature);
      pairs.push([node.op, predicted, node]);
    }
  const ops = ["all", ...[...new Set(pairs.map(([op]) => op))].sort((a, b) => (a < b ? -1 : 1))];
  return compared.flatMap((field) =>
    ops.map((op): LiftCheck => {
      const own = pairs.filter(([kind]) => op === "all" || kind === op);
      let predicted = 0;
      let measured = 0;
      const errors: number[] = [];
      for (const [, before, after] of own) {
        const [p, m] = [before[field] ?? 0, after[field] ?? 0];
        predicted += p;
        measured += m;
        if (m > 0) errors.push(Math.abs(p - m) / m);
      }
      return {
        field,
        op,
        results: own.length,
        total: measured === 0 ? null : predicted / measured,
        medianError: errors.length === 0 ? null : median(errors),
      };
    }),
  );
}

/** The middle one, the lower of two. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;
}
