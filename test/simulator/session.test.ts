import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { IterationRow } from "../../src/core/result-row.ts";
import type { Executor } from "../../src/core/executor.ts";
import { simulatedExecutor } from "../../src/executors/simulated/simulated-executor.ts";
import type { IterationReport } from "../../src/simulator/iteration-report.ts";
import { node, runPair, versions } from "../support/sequences.ts";

//   s ──► a ──► b ──► o      w: leads to no output
//   └───► c ────┘     │
//   b ──► w           out
const graph = (a: string, o: string) => [
  node("s", "", 1_000, { memoryBytes: 1 }),
  node(`a:${a}`, "s", 100, { memoryBytes: 10 }),
  node("c", "s", 200, { memoryBytes: 20 }),
  node(`b:b(${a})`, "a c", 50, { memoryBytes: 30 }),
  node(`w:w(${a})`, "b", 7, { memoryBytes: 500 }),
  node(`o:o(${a},${o})`, "b", 5, { memoryBytes: 40, output: true }),
];
const states = ({ nodes }: IterationReport): Record<string, string> =>
  Object.fromEntries(nodes.map((one) => [one.node.id, one.state]));
const sumOf = (rows: readonly IterationRow[], field: "runUs"): number[] => rows.map((row) => row[field]);

describe("local pruning", () => {
  test("a version starts from what the one before left in memory, by hand", async () => {
    const reports: IterationReport[] = [];
    const { rows } = await runPair(
      versions(graph("1", "1"), graph("1", "2"), graph("1", "2"), graph("2", "2"), graph("1", "1")),
      "compute-all+never",
      { localPruning: true },
      { onIteration: (report) => void reports.push(report) },
    );
    // 0: everything but w. 1: b is in memory, so o alone. 2: o is in memory: nothing. 3: a, b, o anew from s and c.
    // 4: a, b and o were overwritten in 3, so they are made again.
    expect(sumOf(rows, "runUs")).toEqual([1_000 + 100 + 200 + 50 + 5, 5, 0, 100 + 50 + 5, 100 + 50 + 5]);
    expect(rows.map(({ computed }) => computed)).toEqual([5, 1, 0, 3, 3]);
    expect(rows.map(({ pruned }) => pruned)).toEqual([1, 5, 6, 3, 3]);
    // s, a, c, b, o; then the new o beside the old one until its version ends.
    expect(rows.map(({ peakBytes }) => peakBytes)).toEqual([101, 141, 101, 181, 181]);
    expect(states(reports[1]!)).toEqual({
      s: "sliced",
      a: "sliced",
      c: "sliced",
      b: "prune",
      w: "sliced",
      o: "compute",
    });
    expect(states(reports[3]!)).toEqual({
      s: "prune",
      a: "compute",
      c: "prune",
      b: "compute",
      w: "sliced",
      o: "compute",
    });
    const plain = await runPair(versions(graph("1", "1"), graph("1", "2")), "compute-all+never");
    expect(sumOf(plain.rows, "runUs")).toEqual([1_355, 1_355]);
  });

  test("what is in memory can be stored by a batch materializer, and counts as seen, not as run", async () => {
    const { UnionGraph } = await import("../../src/simulator/experiment-graph.ts");
    const union = new UnionGraph();
    const { rows } = await runPair(
      versions(graph("1", "1"), graph("1", "2")),
      "linear-pass+collab-utility",
      { localPruning: true },
      { graph: union, budgetBytes: 2 },
    );
    expect(rows.map(({ storedBytes }) => storedBytes)).toEqual([2, 2]);
    const b = union.idOf("b(1)")!;
    expect([union.frequency(b), union.executions(b), union.computeUs(b), union.parents(b).length]).toEqual([
      2, 1, 50, 2,
    ]);
  });

  test("releases every result exactly once", async () => {
    const alive = new Set<object>();
    let released = 0;
    const inner = simulatedExecutor();
    const executor: Executor = {
      ...inner,
      compute(segment, inputs, options) {
        const outcome = inner.compute(segment, inputs, options);
        if (outcome instanceof Promise) throw new Error("the simulated executor answers at once");
        for (const handle of outcome.results.values()) alive.add(handle);
        for (const handle of inputs.values()) expect(alive.has(handle)).toBe(true);
        return outcome;
      },
      release(result) {
        expect(alive.delete(result)).toBe(true);
        released++;
      },
    };
    await runPair(
      versions(graph("1", "1"), graph("2", "2"), graph("1", "2")),
      "compute-all+never",
      { localPruning: true },
      { executor },
    );
    expect([alive.size, released]).toEqual([0, 5 + 3 + 3]);
  });

  test("never costs more than without it, and one version alone costs the same (seeded random sequences)", async () => {
    const edge = fc.tuple(fc.nat(5), fc.nat(5));
    const version = fc.record({
      edges: fc.array(edge, { maxLength: 8 }),
      edits: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 4 }), async (drawn) => {
        const edges = drawn[0]!.edges;
        const iterations = versions(
          ...drawn.map(({ edits }) => {
            const signatures: string[] = [];
            return edits.map((edit, i) => {
              const parents = [
                ...new Set(edges.filter(([a, b]) => Math.max(a, b) === i && a !== b).map(([a, b]) => Math.min(a, b))),
              ];
              signatures.push(`${i}.${edit}(${parents.map((p) => signatures[p]).join()})`);
              return node(`n${i}:${signatures[i]}`, parents.map((p) => `n${p}`).join(" "), 1 + i + edit);
            });
          }),
        );
        const plain = await runPair(iterations, "compute-all+never");
        const pruned = await runPair(iterations, "compute-all+never", { localPruning: true });
        expect(pruned.failure).toBeUndefined();
        for (const [i, { runUs }] of pruned.rows.entries()) expect(runUs).toBeLessThanOrEqual(plain.rows[i]!.runUs);
        expect(pruned.rows[0]!.runUs).toBe(plain.rows[0]!.runUs);
      }),
    );
  });
});
