import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorkflowError } from "../../src/core/errors.ts";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import { graphPlan, grow, updatesOf, withAncestors } from "../support/experiment-graphs.ts";

const vertices = (graph: UnionGraph): number[] => Array.from({ length: graph.vertexCount }, (_, v) => v);

//   s 100, 10 B → a 20, 5 B → m 30, 2 B (model)     and b 50, 40 B beside a
function example(): UnionGraph {
  const graph = new UnionGraph();
  const s = graph.update({ signature: "s", parents: [], computeUs: 100, loadUs: 1, sizeBytes: 10 });
  const a = graph.update({ signature: "a", parents: [s], computeUs: 20, loadUs: 1, sizeBytes: 5 });
  graph.update({ signature: "m", parents: [a], computeUs: 30, loadUs: 1, sizeBytes: 2, quality: 0.6 });
  graph.update({ signature: "b", parents: [s], computeUs: 50, loadUs: 1, sizeBytes: 40 });
  return graph;
}

describe("an experiment graph", () => {
  test("by hand: rates 10, 24, 75 and 3.75 µs per byte, potential 0.6 for the model and what leads to it", () => {
    const graph = example();
    expect(vertices(graph).map((v) => graph.recreationUs(v))).toEqual([100, 120, 150, 150]);
    const sum = 10 + 24 + 75 + 3.75;
    for (const [v, rate] of [10, 24, 75, 3.75].entries()) expect(graph.recreationShare(v)).toBeCloseTo(rate / sum, 12);
    expect(vertices(graph).map((v) => graph.potential(v))).toEqual([0.6, 0.6, 0.6, 0]);
    for (const [v, share] of [1 / 3, 1 / 3, 1 / 3, 0].entries()) expect(graph.potentialShare(v)).toBeCloseTo(share, 12);
    expect(graph.recreationShare(3, 20)).toBeCloseTo(7.5 / sum, 12);
  });

  test("a vertex counts the versions it was in, and apart those that ran it", () => {
    const graph = example();
    graph.update({ signature: "s", parents: [], computeUs: 100, loadUs: 1, sizeBytes: 10, executed: false });
    expect([graph.frequency(0), graph.executions(0), graph.frequency(1)]).toEqual([2, 1, 1]);
  });

  test("its sums equal a recount from scratch after any updates", () => {
    fc.assert(
      fc.property(graphPlan(), (plan) => {
        const graph = grow(new UnionGraph(), plan);
        const rates = vertices(graph).map((v) => {
          const us = [...withAncestors(graph, v)].reduce((sum, a) => sum + graph.computeUs(a), 0);
          expect(graph.recreationUs(v)).toBe(us);
          return BigInt(graph.frequency(v)) * BigInt(us) * (2n ** 60n / BigInt(Math.max(1, graph.sizeBytes(v))));
        });
        const total = rates.reduce((a, b) => a + b, 0n);
        const best = vertices(graph).map(() => 0);
        for (const v of vertices(graph))
          for (const a of withAncestors(graph, v)) best[a] = Math.max(best[a]!, graph.quality(v) ?? 0);
        const potentials = best.map((q) => BigInt(Math.round(q * 2 ** 52))).reduce((a, b) => a + b, 0n);
        for (const v of vertices(graph)) {
          expect(graph.recreationShare(v)).toBe(total === 0n ? 0 : Number(rates[v]!) / Number(total));
          expect(graph.potential(v)).toBe(best[v]);
          expect(graph.potentialShare(v)).toBe(
            potentials === 0n ? 0 : Math.round(best[v]! * 2 ** 52) / Number(potentials),
          );
        }
      }),
    );
  });

  test("the parts of a vertex are its columns and the rest of its bytes; equal ids are equal parts", () => {
    const graph = new UnionGraph();
    const more = { parents: [], computeUs: 1, loadUs: 1 };
    const wide = graph.update({
      signature: "x",
      ...more,
      sizeBytes: 100,
      columns: [
        { id: "c", bytes: 30 },
        { id: "d", bytes: 50 },
      ],
    });
    const narrow = graph.update({ signature: "y", ...more, sizeBytes: 30, columns: [{ id: "c", bytes: 30 }] });
    const plain = graph.update({ signature: "z", ...more, sizeBytes: 9 });
    const bytes = (v: number): number[] => Array.from(graph.parts(v), (part) => graph.partBytes(part));
    expect([bytes(wide), bytes(narrow), bytes(plain)]).toEqual([[20, 30, 50], [0, 30], [9]]);
    const shared = [...graph.parts(wide)].filter((part) => graph.parts(narrow).includes(part));
    expect(shared.map((part) => graph.partBytes(part))).toEqual([30]);
  });

  test("refuses a quality outside [0, 1], a column id with other bytes, a signature with other inputs, and stays as it was", () => {
    const graph = example();
    graph.update({
      signature: "k",
      parents: [],
      computeUs: 1,
      loadUs: 1,
      sizeBytes: 9,
      columns: [{ id: "c", bytes: 4 }],
    });
    const before = JSON.stringify(vertices(graph).map((v) => graph.record(v)));
    const more = { computeUs: 1, loadUs: 1, sizeBytes: 1 };
    expect(() => graph.update({ signature: "q", parents: [], ...more, quality: 1.01 })).toThrow(/quality is 1.01/u);
    expect(() => graph.update({ signature: "q", parents: [], ...more, columns: [{ id: "c", bytes: 5 }] })).toThrow(
      /column c has 5 bytes, but 4 bytes elsewhere/u,
    );
    expect(() => graph.update({ signature: "a", parents: [], ...more })).toThrow(WorkflowError);
    expect(JSON.stringify(vertices(graph).map((v) => graph.record(v)))).toBe(before);
  });

  test("merging two users' graphs counts as if one user had run everything, whoever is merged into whom", () => {
    const byName = (graph: UnionGraph): unknown =>
      Object.fromEntries(
        vertices(graph).map((v) => {
          const { parents, columns = [], ...record } = graph.record(v);
          const ids = columns.map(({ id }) => id).sort();
          const shares = [graph.recreationShare(v), graph.potentialShare(v)];
          return [record.signature, { ...record, ids, shares, parents: parents.map((p) => graph.signature(p)).sort() }];
        }),
      );
    fc.assert(
      fc.property(graphPlan(), fc.nat(6), (plan, cut) => {
        const mine = grow(new UnionGraph(), plan, plan.versions.slice(0, cut));
        const yours = grow(new UnionGraph(), plan, plan.versions.slice(cut));
        const both = new UnionGraph();
        both.merge(mine);
        expect(byName(both)).toEqual(byName(mine));
        both.merge(yours);
        const other = grow(new UnionGraph(), plan, plan.versions.slice(cut));
        other.merge(mine);
        expect(byName(other)).toEqual(byName(both));
        const all = grow(new UnionGraph(), plan);
        for (const v of vertices(all)) {
          const at = both.idOf(all.signature(v))!;
          expect([both.frequency(at), both.executions(at), both.quality(at)]).toEqual([
            all.frequency(v),
            all.executions(v),
            all.quality(v),
          ]);
        }
        expect(updatesOf(plan, plan.versions[0]!).length).toBeGreaterThan(0);
      }),
    );
  });

  test("a contradicting graph is not merged, and nothing changes", () => {
    const graph = example();
    const other = new UnionGraph();
    const x = other.update({ signature: "x", parents: [], computeUs: 1, loadUs: 1, sizeBytes: 1 });
    other.update({ signature: "a", parents: [x], computeUs: 1, loadUs: 1, sizeBytes: 1 });
    expect(() => graph.merge(other)).toThrow(/vertex a: is known with other inputs/u);
    expect(graph.vertexCount).toBe(4);
  });
});
