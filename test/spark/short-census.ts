import type { Iteration, IterationNode } from "../../src/core/iteration.ts";
import type { Workload } from "../../src/core/workload.ts";
import { workloads } from "../../src/workloads/index.ts";

const kept = new Set("data rows target edu cg cgLog cgBucket income incPred predictions checked".split(" "));

function shortened(node: IterationNode): IterationNode {
  return { ...node, parents: node.parents.filter((id) => kept.has(id)) };
}

/** A version with three features out of fifteen: every kind of operator and of change is there, at a third of the statements. */
function short(version: Iteration): Iteration {
  return { ...version, nodes: version.nodes.filter(({ id }) => kept.has(id)).map(shortened) };
}

/** The first versions of Census, cut short. */
export const shortCensus: Workload = {
  ...workloads["census"]!,
  versions: (data, seed, params) => workloads["census"]!.versions(data, seed, params).slice(0, 2).map(short),
};
