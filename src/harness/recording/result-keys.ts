import type { Iteration, IterationNode } from "../../core/iteration.ts";

/** What one recording calls one result: its signature, with the iteration added where randomness forbids to call two equal. */
export type ResultKey = string;

/** Keys of the nodes of a version by node id. A node that is nondeterministic, or follows from one, has a key in each iteration. */
export function resultKeys({ iteration, nodes }: Iteration): ReadonlyMap<string, ResultKey> {
  const random = new Set<string>();
  const keys = new Map<string, ResultKey>();
  for (const { id, signature, parents, deterministic } of nodes) {
    const isRandom = deterministic === false || parents.some((parent) => random.has(parent));
    if (isRandom) random.add(id);
    keys.set(id, isRandom ? `${signature}#${iteration}/${id}` : signature);
  }
  return keys;
}

/** Distinct results of all versions, each with the first version and node that has it. */
export function distinctResults(
  versions: readonly Iteration[],
): ReadonlyMap<ResultKey, { readonly version: Iteration; readonly node: IterationNode }> {
  const found = new Map<ResultKey, { version: Iteration; node: IterationNode }>();
  for (const version of versions) {
    const keys = resultKeys(version);
    for (const node of version.nodes) {
      const key = keys.get(node.id) as string;
      if (!found.has(key)) found.set(key, { version, node });
    }
  }
  return found;
}
