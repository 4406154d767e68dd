/** Which vertices of an experiment graph a run over a long trace need not hold any longer. */
/** Parents of vertices, as walks need them. */
export interface ParentPool {
  /** Position of the first parent of each vertex in `ids`, and one past the last. Shape (n+1). */
  readonly offsets: readonly number[];
  readonly ids: readonly number[];
}

/** What is left of a graph. */
export interface KeptVertices {
  /** Vertices that stay, ascending: their new ids are their places. */
  readonly kept: Int32Array;
  /** Parents of those that stay, by new id: where a parent goes, the nearest ancestors that stay stand for it. */
  readonly parents: ParentPool;
  /** Σ compute costs of the ancestors that go, each once, of those that stay; microseconds, shape (kept). */
  readonly goneUs: Float64Array;
}

/**
 * Splits a graph into vertices that stay and vertices that go: those without content that no later version has.
 *
 * A version has all ancestors of its vertices, so nothing that follows later has an ancestor that goes: the costs of those
 * are final, and a number stands for them, also where another vertex that stays lies between. O(V + E + kept · ancestors).
 *
 * @param stays shape (V): 1 for content and for what a later version has; ancestors of the latter are kept too
 * @param comesAgain shape (V): 1 for what a later version has
 */
export function keptVertices(
  { offsets, ids }: ParentPool,
  computeUs: (vertex: number) => number,
  stays: Uint8Array,
  comesAgain: Uint8Array,
): KeptVertices {
  const n = stays.length;
  for (let v = n - 1; v >= 0; v--) {
    if (comesAgain[v] === 0) continue;
    stays[v] = 1;
    for (let e = offsets[v]!; e < offsets[v + 1]!; e++) comesAgain[ids[e]!] = 1;
  }
  const newId = new Int32Array(n).fill(-1);
  let count = 0;
  for (let v = 0; v < n; v++) if (stays[v] === 1) newId[v] = count++;
  const kept = new Int32Array(count);
  const goneUs = new Float64Array(count);
  const keptOffsets = [0];
  const keptIds: number[] = [];
  const seen = new Int32Array(n).fill(-1);
  /** Ancestors to look at: first those reached over vertices that go, then the others. */
  const near: number[] = [];
  const far: number[] = [];
  for (let v = 0; v < n; v++) {
    const at = newId[v]!;
    if (at < 0) continue;
    kept[at] = v;
    near.push(v);
    for (let u = near.pop(); u !== undefined; u = near.pop())
      for (let e = offsets[u]!; e < offsets[u + 1]!; e++) {
        const p = ids[e]!;
        if (seen[p] === v) continue;
        seen[p] = v;
        if (newId[p]! >= 0) {
          keptIds.push(newId[p]!);
          far.push(p);
        } else {
          goneUs[at]! += computeUs(p);
          near.push(p);
        }
      }
    for (let u = far.pop(); u !== undefined; u = far.pop())
      for (let e = offsets[u]!; e < offsets[u + 1]!; e++) {
        const p = ids[e]!;
        if (seen[p] === v) continue;
        seen[p] = v;
        if (newId[p]! < 0) goneUs[at]! += computeUs(p);
        far.push(p);
      }
    keptOffsets.push(keptIds.length);
  }
  return { kept, parents: { offsets: keptOffsets, ids: keptIds }, goneUs };
}

/** Entries of an array at the vertices that stay. */
export function picked<T>(values: readonly T[], kept: Int32Array): T[] {
  const found: T[] = [];
  for (let k = 0; k < kept.length; k++) found.push(values[kept[k]!]!);
  return found;
}

/** Entries of a map by vertex at the vertices that stay. @param newIds by old id */
export function rekeyed<T>(map: ReadonlyMap<number, T>, newIds: ReadonlyMap<number, number>): Map<number, T> {
  const found = new Map<number, T>();
  for (const [vertex, value] of map) {
    const now = newIds.get(vertex);
    if (now !== undefined) found.set(now, value);
  }
  return found;
}
