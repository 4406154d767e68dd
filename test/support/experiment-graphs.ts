/** Random experiment graphs, grown version by version, and what can be counted about one from scratch. */
import fc from "fast-check";
import type { UnionGraph, VertexUpdate } from "../../src/simulator/experiment-graph.ts";

/** One vertex of a version: pool index, costs and what else it says. */
interface Seen {
  readonly index: number;
  readonly computeUs: number;
  readonly loadUs: number;
  readonly sizeBytes: number;
  readonly quality: number | undefined;
  readonly executed: boolean;
}

/** A pool of vertices with fixed inputs and columns, and versions that name some of them with costs of their own. */
export interface GraphPlan {
  readonly parents: readonly (readonly number[])[];
  readonly columns: readonly (readonly { readonly id: string; readonly bytes: number }[] | undefined)[];
  readonly versions: readonly (readonly Seen[])[];
}

/** Bytes of a column are a function of its id, as they are of its content. */
const column = (k: number): { readonly id: string; readonly bytes: number } => ({ id: `c${k}`, bytes: (k * 7) % 11 });

export const graphPlan = (maxVertices = 12, maxVersions = 6): fc.Arbitrary<GraphPlan> =>
  fc.integer({ min: 1, max: maxVertices }).chain((n) =>
    fc.record({
      parents: fc.tuple(
        ...Array.from({ length: n }, (_, v) =>
          fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, v - 1) }), { maxLength: v === 0 ? 0 : 3 }),
        ),
      ),
      columns: fc.tuple(
        ...Array.from({ length: n }, () =>
          fc.option(
            fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 4 }).map((ks) => ks.map(column)),
            {
              nil: undefined,
            },
          ),
        ),
      ),
      versions: fc.array(
        fc.array(
          fc.record({
            index: fc.integer({ min: 0, max: n - 1 }),
            computeUs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 1e12 })),
            loadUs: fc.integer({ min: 0, max: 60 }),
            sizeBytes: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 1e13 })),
            quality: fc.option(
              fc.nat(100).map((percent) => percent / 100),
              { nil: undefined },
            ),
            executed: fc.boolean(),
          }),
          { minLength: 1, maxLength: n },
        ),
        { minLength: 1, maxLength: maxVersions },
      ),
    }),
  );

/** The updates of one version: what it names and all ancestors, parents first; ancestors cost 7 and take 5 bytes. */
export function updatesOf(
  plan: GraphPlan,
  version: readonly Seen[],
): readonly (Omit<VertexUpdate, "parents"> & { index: number })[] {
  const named = new Map(version.map((seen) => [seen.index, seen]));
  const wanted = new Set<number>();
  const want = (index: number): void => {
    if (wanted.has(index)) return;
    for (const p of plan.parents[index]!) want(p);
    wanted.add(index);
  };
  for (const { index } of version) want(index);
  return [...wanted].map((index) => ({
    signature: `v${index}`,
    columns: plan.columns[index],
    ...(named.get(index) ?? { computeUs: 7, loadUs: 3, sizeBytes: 5 }),
    index,
  }));
}

/** Adds versions to a graph. */
export function grow(graph: UnionGraph, plan: GraphPlan, versions = plan.versions): UnionGraph {
  for (const version of versions)
    for (const update of updatesOf(plan, version))
      graph.update({ ...update, parents: plan.parents[update.index]!.map((p) => graph.idOf(`v${p}`)!) });
  return graph;
}

/** A vertex and all its ancestors. */
export function withAncestors(graph: UnionGraph, vertex: number): ReadonlySet<number> {
  const found = new Set([vertex]);
  for (const v of found) for (const p of graph.parents(v)) found.add(p);
  return found;
}
