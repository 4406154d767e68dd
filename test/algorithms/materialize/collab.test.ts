import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CollabParams } from "../../../src/algorithms/materialize/collab-score.ts";
import { collabStorageAware, KeptParts } from "../../../src/algorithms/materialize/collab-storage-aware.ts";
import { collabUtility } from "../../../src/algorithms/materialize/collab-utility.ts";
import { topQuality } from "../../../src/algorithms/materialize/top-quality.ts";
import { UnionGraph } from "../../../src/simulator/experiment-graph.ts";
import { graphPlan, grow, withAncestors, type GraphPlan } from "../../support/experiment-graphs.ts";

const half: CollabParams = { alpha: 0.5, codeCompat: false };

//   s 100 µs, 10 B ─ a 20, 5 B ─ m 30, 2 B, quality 0.6        rates per byte: s 10, a 24, m 75, b 3.75; sum 112.75
//              └──── b 50, 40 B                                 potentials 0.6, 0.6, 0.6, 0; sum 1.8
// U (α = 0.5):  m 0.499   a 0.273   s 0.211   b 0.017
function example(loadUs = 1): UnionGraph {
  const graph = new UnionGraph();
  const s = graph.update({ signature: "s", parents: [], computeUs: 100, loadUs, sizeBytes: 10 });
  const a = graph.update({ signature: "a", parents: [s], computeUs: 20, loadUs, sizeBytes: 5 });
  graph.update({ signature: "m", parents: [a], computeUs: 30, loadUs, sizeBytes: 2, quality: 0.6 });
  graph.update({ signature: "b", parents: [s], computeUs: 50, loadUs, sizeBytes: 40 });
  graph.settle(new Set(), [0, 1, 2, 3]);
  return graph;
}
const names = (graph: UnionGraph, vertices: readonly number[]): string[] => vertices.map((v) => graph.signature(v));

describe("utility, by hand", () => {
  test("first fit by falling utility goes on behind what does not fit", () => {
    const graph = example();
    expect(names(graph, collabUtility.select(graph, 1_000, half))).toEqual(["m", "a", "s", "b"]);
    expect(names(graph, collabUtility.select(graph, 12, half))).toEqual(["m", "a"]); // s would need 17
    expect(names(graph, collabUtility.select(graph, 4, half))).toEqual(["m"]);
    expect(names(graph, collabUtility.select(graph, 1, half))).toEqual([]);
  });

  test("α = 1 looks at quality only: b leads to no model; α = 0 at time per byte only", () => {
    const graph = example();
    expect(names(graph, collabUtility.select(graph, 1_000, { ...half, alpha: 1 }))).toEqual(["s", "a", "m"]);
    expect(names(graph, collabUtility.select(graph, 1_000, { ...half, alpha: 0 }))).toEqual(["m", "a", "s", "b"]);
  });

  test("what loads for no less than it is recreated for is worth nothing; the released code keeps it at equality", () => {
    const graph = example(120); // recreation s 100, a 120, m 150, b 150
    expect(names(graph, collabUtility.select(graph, 1_000, half))).toEqual(["m", "b"]);
    expect(names(graph, collabUtility.select(graph, 1_000, { ...half, codeCompat: true }))).toEqual(["m", "a", "b"]);
  });

  test("only what has content can be kept, whatever is known", () => {
    const graph = example();
    graph.settle(new Set([1]), [1, 3]);
    expect(names(graph, collabUtility.select(graph, 1_000, half))).toEqual(["a", "b"]);
  });

  test("the released code counts a shared ancestor once per path and hands quality down two steps", () => {
    const graph = new UnionGraph();
    const more = { loadUs: 23, sizeBytes: 1 };
    const s = graph.update({ signature: "s", parents: [], computeUs: 0, ...more });
    const a = graph.update({ signature: "a", parents: [s], computeUs: 10, ...more, quality: 1 });
    const b = graph.update({ signature: "b", parents: [a], computeUs: 1, ...more });
    const c = graph.update({ signature: "c", parents: [a], computeUs: 1, ...more });
    const d = graph.update({ signature: "d", parents: [b, c], computeUs: 1, ...more });
    const e = graph.update({ signature: "e", parents: [d], computeUs: 0, ...more });
    graph.settle(new Set(), [s, a, b, c, d, e]);
    // Recreating d takes 13, counted once per path 23.
    expect(names(graph, collabUtility.select(graph, 9, half))).toEqual([]);
    const released = { alpha: 1, codeCompat: true };
    expect(names(graph, collabUtility.select(graph, 9, released))).toEqual(["d"]); // e is three steps below the model
  });

  test("best models keeps models only, the best first", () => {
    const graph = example();
    graph.update({ signature: "n", parents: [1], computeUs: 1, loadUs: 1, sizeBytes: 3, quality: 0.9 });
    graph.settle(new Set(), [0, 1, 2, 4]);
    expect(names(graph, topQuality.select(graph, 100, {}))).toEqual(["n", "m"]);
    expect(names(graph, topQuality.select(graph, 4, {}))).toEqual(["n"]);
    expect(names(graph, topQuality.select(graph, 2, {}))).toEqual(["m"]);
  });
});

describe("storage-aware, by hand", () => {
  // Three frames over the same columns: wide holds c1…c4 of 10 B each, mid c1…c3, thin c1 and a column x of 5 B of its own.
  function frames(): UnionGraph {
    const graph = new UnionGraph();
    const col = (id: string, bytes = 10): { id: string; bytes: number } => ({ id, bytes });
    const add = (signature: string, computeUs: number, columns: { id: string; bytes: number }[]): void => {
      const sizeBytes = columns.reduce((sum, { bytes }) => sum + bytes, 0);
      graph.update({ signature, parents: [], computeUs, loadUs: 1, sizeBytes, columns });
    };
    add("wide", 400, [col("c1"), col("c2"), col("c3"), col("c4")]); // 10 µs per byte
    add("mid", 240, [col("c1"), col("c2"), col("c3")]); // 8
    add("thin", 30, [col("c1"), col("x", 5)]); // 2
    graph.settle(new Set(), [0, 1, 2]);
    return graph;
  }
  const select = (budget: number, params = half): string[] => {
    const graph = frames();
    return names(graph, collabStorageAware.select(graph, budget, params));
  };

  test("45 bytes hold results of 85: the second round sees mid for nothing and thin for 5 bytes", () => {
    expect(names(frames(), collabUtility.select(frames(), 45, half))).toEqual(["wide"]);
    expect(new Set(select(45))).toEqual(new Set(["wide", "mid", "thin"]));
    expect(select(44)).toEqual(["wide", "mid"]);
    expect(select(40)).toEqual(["wide", "mid"]); // nothing left, and mid needs nothing
    expect(select(39)).toEqual(["mid", "thin"]); // wide needs 40, thin 5 beside mid
    expect(select(34)).toEqual(["mid"]);
  });

  test("an artifact larger than the budget is passed over, a zero budget keeps nothing", () => {
    expect(select(15)).toEqual(["thin"]);
    expect(select(14)).toEqual([]);
    expect(select(0)).toEqual([]);
  });
});

/** Utilities counted from scratch, in exact fractions until the last division. */
function utilities(graph: UnionGraph, alpha: number): Map<number, number> {
  const all = Array.from({ length: graph.vertexCount }, (_, v) => v);
  const recreationUs = all.map((v) => [...withAncestors(graph, v)].reduce((sum, a) => sum + graph.computeUs(a), 0));
  const rate = all.map((v) => (graph.frequency(v) * recreationUs[v]!) / Math.max(1, graph.sizeBytes(v)));
  const potential = all.map(() => 0);
  for (const v of all)
    for (const a of withAncestors(graph, v)) potential[a] = Math.max(potential[a]!, graph.quality(v) ?? 0);
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) || 1;
  const [rates, potentials] = [sum(rate), sum(potential)];
  return new Map(
    graph
      .candidates()
      .map((v) => [
        v,
        graph.loadUs(v) >= recreationUs[v]!
          ? 0
          : alpha * (potential[v]! / potentials) + (1 - alpha) * (rate[v]! / rates),
      ]),
  );
}

function unionBytes(graph: UnionGraph, vertices: Iterable<number>): number {
  const parts = new Set<number>();
  for (const v of vertices) for (const part of graph.parts(v)) parts.add(part);
  return [...parts].reduce((sum, part) => sum + graph.partBytes(part), 0);
}

const cases = fc.record({
  plan: graphPlan(8, 4),
  budget: fc.integer({ min: 0, max: 90 }),
  alpha: fc.constantFrom(0, 0.25, 0.5, 0.9, 1),
});
function settled(plan: GraphPlan): UnionGraph {
  const graph = grow(new UnionGraph(), plan);
  const all = Array.from({ length: graph.vertexCount }, (_, v) => v);
  graph.settle(
    new Set(all.filter((v) => v % 3 === 0)),
    all.filter((v) => v % 5 !== 4),
  );
  return graph;
}

describe("against all subsets", () => {
  test("utility takes, of all subsets that fit, the first in the order of utilities", () => {
    fc.assert(
      fc.property(cases, ({ plan, budget, alpha }) => {
        const graph = settled(plan);
        const worth = utilities(graph, alpha);
        const selected = new Set(collabUtility.select(graph, budget, { alpha, codeCompat: false }));
        const levels = [...worth].filter(([, u]) => u > 0).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
        // Utilities that differ by rounding only may come in either order.
        fc.pre(levels.every(([, u], i) => i === 0 || u === levels[i - 1]![1] || levels[i - 1]![1] - u > 1e-9 * u));
        const order = levels.map(([v]) => v);
        let best: string | undefined;
        for (let mask = 0; mask < 1 << order.length; mask++) {
          const subset = order.filter((_, i) => mask & (1 << i));
          if (subset.reduce((bytes, v) => bytes + graph.sizeBytes(v), 0) > budget) continue;
          const key = order.map((v) => (subset.includes(v) ? "1" : "0")).join("");
          if (best === undefined || key > best) best = key;
        }
        const ties = levels.some(([, u], i) => i > 0 && u === levels[i - 1]![1]);
        if (!ties) expect(order.map((v) => (selected.has(v) ? "1" : "0")).join("")).toBe(best);
        expect([...selected].every((v) => (worth.get(v) ?? 0) > 0)).toBe(true);
      }),
    );
  });

  test("storage-aware fits in deduplicated bytes, and no result worth storing would still fit", () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ plan, budget, alpha }, codeCompat) => {
        const graph = settled(plan);
        const selected = collabStorageAware.select(graph, budget, { alpha, codeCompat });
        expect(new Set(selected).size).toBe(selected.length);
        expect(unionBytes(graph, selected)).toBeLessThanOrEqual(budget);
        if (codeCompat) return;
        for (const [v, worth] of utilities(graph, alpha))
          if (worth > 1e-12 && !selected.includes(v))
            expect(unionBytes(graph, [...selected, v])).toBeGreaterThan(budget);
      }),
    );
  });

  test("storage-aware keeps all that utility keeps where columns add up to sizes", () => {
    fc.assert(
      fc.property(cases, ({ plan, budget, alpha }) => {
        const adding = plan.columns.map((list) => list?.reduce((sum, { bytes }) => sum + bytes, 0));
        const versions = plan.versions.map((version) =>
          version.map((seen) => ({ ...seen, sizeBytes: adding[seen.index] ?? seen.sizeBytes })),
        );
        const columns = plan.columns.map((list, i) =>
          versions.flat().some(({ index }) => index === i) ? list : undefined,
        );
        const graph = settled({ ...plan, columns, versions });
        fc.pre(graph.candidates().every((v) => unionBytes(graph, [v]) === graph.sizeBytes(v)));
        const params = { alpha, codeCompat: false };
        const aware = new Set(collabStorageAware.select(graph, budget, params));
        for (const v of collabUtility.select(graph, budget, params)) expect(aware.has(v)).toBe(true);
      }),
    );
  });

  test("the bytes a candidate adds equal a recount after every step, and never grow", () => {
    fc.assert(
      fc.property(graphPlan(8, 3), fc.infiniteStream(fc.nat(100)), (plan, draws) => {
        const graph = settled(plan);
        const all = [...graph.candidates()];
        const kept = new KeptParts(graph, all);
        const inside: number[] = [];
        const before = new Map<number, number>();
        for (let step = 0; step <= all.length; step++) {
          expect(kept.bytes).toBe(unionBytes(graph, inside));
          for (const v of all) {
            expect(kept.newBytes(v)).toBe(unionBytes(graph, [...inside, v]) - unionBytes(graph, inside));
            expect(kept.newBytes(v)).toBeLessThanOrEqual(before.get(v) ?? Number.POSITIVE_INFINITY);
            before.set(v, kept.newBytes(v));
          }
          if (all.length === 0) break;
          const next = all[draws.next().value! % all.length]!;
          kept.keep(next);
          inside.push(next);
        }
      }),
    );
  });

  test("a budget of all deduplicated bytes keeps what no budget keeps", () => {
    fc.assert(
      fc.property(cases, ({ plan, alpha }) => {
        const graph = settled(plan);
        const all = collabStorageAware.select(graph, Number.POSITIVE_INFINITY, { alpha, codeCompat: false });
        const whole = unionBytes(graph, all);
        expect(new Set(collabStorageAware.select(graph, whole, { alpha, codeCompat: false }))).toEqual(new Set(all));
      }),
    );
  });
});
