import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TraceIteration } from "../../src/core/iteration.ts";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import { SignatureUses } from "../../src/simulator/signature-uses.ts";
import { graphPlan, grow } from "../support/experiment-graphs.ts";
import { randomTrace } from "../support/random-traces.ts";
import { runPair } from "../support/sequences.ts";

/** A random trace whose results have columns, some of them shared, and some of them a quality. */
function traceOf(seed: number): TraceIteration[] {
  return (randomTrace(seed, { iterations: 9, nodes: 8, noise: true, segments: false }) as TraceIteration[]).map(
    (iteration) => {
      const nodes = iteration.nodes.map((node) => {
        const code = node.signature.split("").reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7);
        const columns = [code % 5, code % 7].map((k) => ({ id: `c${k}`, bytes: 10 * (k + 1) }));
        return Object.assign(
          {},
          node,
          code % 3 === 0 ? {} : { columns },
          code % 4 === 0 ? { quality: (code % 10) / 10 } : {},
        );
      });
      return Object.assign({}, iteration, { nodes });
    },
  );
}

describe("a graph that retires what never comes again", () => {
  test.each(["collab-storage-aware", "collab-utility", "top-quality"])(
    "gives the same rows under %s (30 random traces, four budgets)",
    async (materializer) => {
      let rows = 0;
      let bound = 0;
      for (let seed = 1; seed <= 30; seed++) {
        const iterations = traceOf(seed);
        const uses = SignatureUses.of(iterations);
        for (const budgetBytes of [40, 300, 2_000, null]) {
          const wanted = await runPair(iterations, `max-flow+${materializer}`, {}, { budgetBytes });
          const got = await runPair(iterations, `max-flow+${materializer}`, {}, { budgetBytes, uses, retireAt: 1 });
          expect(got).toEqual(wanted);
          rows += wanted.rows.length;
          if (wanted.budgetBound) bound++;
        }
      }
      expect(rows).toBeGreaterThan(900);
      expect(bound).toBeGreaterThan(20);
    },
  );

  test("recreating costs what it did, also where a vertex that stays lies between it and one that goes", () => {
    const graph = new UnionGraph();
    const add = (signature: string, parents: number[], computeUs: number): number =>
      graph.update({ signature, parents, computeUs, loadUs: 0, sizeBytes: 1 });
    const root = add("root", [], 5);
    const other = add("other", [], 11);
    const middle = add("middle", [root], 1);
    add("end", [middle, other], 0);
    add("below", [add("both", [middle, root], 2)], 3);
    graph.settle([], [middle, graph.idOf("end")!, graph.idOf("below")!]);
    graph.retire(() => false);
    const told = ["middle", "end", "below"].map((signature) => graph.recreationUs(graph.idOf(signature)!));
    expect(graph.vertexCount).toBe(3);
    expect(told).toEqual([6, 17, 11]);
    graph.settle([], [graph.idOf("end")!, graph.idOf("below")!]);
    graph.retire(() => false);
    expect(["end", "below"].map((signature) => graph.recreationUs(graph.idOf(signature)!))).toEqual([17, 11]);
  });

  test("says of what is left what it said before, and holds nothing else", () => {
    fc.assert(
      fc.property(graphPlan(10, 5), fc.array(fc.nat(100), { maxLength: 4 }), fc.nat(100), (plan, draws, again) => {
        const graph = grow(new UnionGraph(), plan);
        fc.pre(graph.vertexCount > 0);
        const content = draws.map((draw) => draw % graph.vertexCount);
        graph.settle(content.slice(1), content);
        const signature = graph.signature(again % graph.vertexCount);
        const told = (): ReadonlyMap<string, unknown> =>
          new Map(
            graph
              .candidates()
              .map((v) => [
                graph.signature(v),
                [
                  graph.recreationUs(v),
                  graph.recreationShare(v, 1),
                  graph.potentialShare(v),
                  graph.frequency(v),
                  graph.executions(v),
                  graph.loadUs(v),
                  graph.sizeBytes(v),
                  graph.quality(v),
                  graph.columns(v),
                  graph.isStored(v),
                ],
              ]),
          );
        const before = told();
        const bytes = graph.distinctBytes(graph.candidates());
        const kept = new Set([...content.map((v) => graph.signature(v)), signature]);
        const ancestors = new Set([again % graph.vertexCount]);
        for (const v of ancestors) for (const parent of graph.parents(v)) ancestors.add(parent);
        for (const v of ancestors) kept.add(graph.signature(v));
        for (let round = 0; round < 2; round++) {
          graph.retire((s) => s === signature);
          expect(told()).toEqual(before);
          expect(graph.distinctBytes(graph.candidates())).toBe(bytes);
          expect(new Set(Array.from({ length: graph.vertexCount }, (_, v) => graph.signature(v)))).toEqual(kept);
        }
        // Evicting everything leaves the sums what they are.
        const v = graph.idOf(signature)!;
        const share = graph.recreationShare(v);
        graph.settle([], []);
        graph.retire((s) => s === signature);
        expect(graph.recreationShare(graph.idOf(signature)!)).toBe(share);
        expect(graph.vertexCount).toBe(ancestors.size);
      }),
    );
  });
});
