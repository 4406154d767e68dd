/** Why one run took longer than another: where their plans first differ, where it fell behind, and what that cost. */
import type { IterationReport, NodeReport } from "../simulator/iteration-report.ts";

/** A node that two runs treated differently in an iteration. */
export interface DifferentNode {
  readonly iteration: number;
  /** Id of the node. */
  readonly node: string;
  /** `compute`, `load`, `prune` or `sliced`, with `and stored` where its result was written. */
  readonly a: string;
  readonly b: string;
  /** What A was charged for it beyond B in that iteration, microseconds; negative where it cost B more. */
  readonly us: number;
}

/** A loss of A against B. */
export interface Loss {
  /** The first difference of plans or of what is stored; absent where both did the same at other costs. */
  readonly differs?: DifferentNode;
  /** The node that cost A most beyond B in the first iteration after which A was behind. */
  readonly behind?: DifferentNode;
}

/** Explains why A took longer over the iterations both ran; empty when nothing differs. O(nodes of all iterations). */
export function explainLoss(left: readonly IterationReport[], right: readonly IterationReport[]): Loss {
  let differs: DifferentNode | undefined;
  for (const [i, mine] of left.entries()) {
    const theirs = right[i];
    if (theirs === undefined) break;
    const other = new Map(theirs.nodes.map((node) => [node.node.id, node]));
    const pairs = mine.nodes.flatMap((node) => {
      const twin = other.get(node.node.id);
      return twin === undefined ? [] : [{ node, twin, us: costOf(node) - costOf(twin) }];
    });
    const at = ({ node, twin, us }: (typeof pairs)[number]): DifferentNode => ({
      iteration: mine.iteration.iteration,
      node: node.node.id,
      a: did(node),
      b: did(twin),
      us,
    });
    const first = pairs.find(({ node, twin }) => node.state !== twin.state || node.written !== twin.written);
    if (first !== undefined) differs ??= at(first);
    const worst = pairs.reduce<(typeof pairs)[number] | undefined>(
      (most, pair) => (pair.us > (most?.us ?? 0) ? pair : most),
      undefined,
    );
    if (mine.row.cumulativeUs > theirs.row.cumulativeUs && worst !== undefined)
      return { ...(differs === undefined ? {} : { differs }), behind: at(worst) };
  }
  return differs === undefined ? {} : { differs };
}

/** A loss in words; undefined where nothing differs. */
export function lossText({ differs, behind }: Loss): string | undefined {
  if (differs === undefined && behind === undefined) return undefined;
  const first =
    differs === undefined
      ? "same plans"
      : `they first differ in iteration ${differs.iteration} at "${differs.node}" (${differs.a} against ${differs.b})`;
  return behind === undefined
    ? first
    : `${first}; behind from iteration ${behind.iteration}, where "${behind.node}" ${behind.a} against ${behind.b} cost ${behind.us} µs more`;
}

const costOf = ({ computeUs, loadUs, writeUs }: NodeReport): number => computeUs + loadUs + writeUs;

const did = ({ state, written }: NodeReport): string => `${state}${written ? " and stored" : ""}`;
