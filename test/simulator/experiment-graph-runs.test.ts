import { describe, expect, test } from "vitest";
import { UnionGraph } from "../../src/simulator/experiment-graph.ts";
import { node, runPair, versions } from "../support/sequences.ts";

//  s → a → m, a model; the second version has another model on a
const first = [node("s", "", 100), node("a", "s", 50), node("m", "a", 10, { quality: 0.7, output: true })];
const second = [node("s", "", 100), node("a", "s", 50), node("k", "a", 10, { quality: 0.8, output: true })];

describe("the experiment graph of a run", () => {
  test("counts a version for every result in it, an execution only for what ran", async () => {
    const graph = new UnionGraph();
    await runPair(versions(first, second), "linear-pass+collab-utility", {}, { graph });
    const known = (signature: string): [number, number] => {
      const vertex = graph.idOf(signature)!;
      return [graph.frequency(vertex), graph.executions(vertex)];
    };
    // In the second version a is loaded, so s is pruned.
    expect([known("s"), known("a"), known("m"), known("k")]).toEqual([
      [2, 1],
      [2, 2],
      [1, 1],
      [1, 1],
    ]);
    expect(graph.potential(graph.idOf("a")!)).toBe(0.8);
  });

  test("goes on in a later run, which starts with what earlier ones know but not with what they stored", async () => {
    const graph = new UnionGraph();
    await runPair(versions(first), "linear-pass+collab-utility", {}, { graph });
    expect(graph.isStored(graph.idOf("a")!)).toBe(true);
    const { rows } = await runPair(versions(second), "linear-pass+collab-utility", {}, { graph });
    expect(rows[0]).toMatchObject({ computed: 3, loaded: 0 });
    expect([graph.vertexCount, graph.frequency(graph.idOf("a")!)]).toEqual([4, 2]);
    expect(graph.isStored(graph.idOf("m")!)).toBe(false);
  });

  test("keeps results alive to the end of the iteration, whatever it stores; that is in peakBytes", async () => {
    const big = first.map((one) => ({ ...one, memoryBytes: 100 }));
    const batch = await runPair(versions(big), "linear-pass+collab-utility", {}, { budgetBytes: 0 });
    const online = await runPair(versions(big), "linear-pass+helix-online", {}, { budgetBytes: 0 });
    expect([batch.rows[0]?.peakBytes, online.rows[0]?.peakBytes]).toEqual([300, 200]);
  });

  test("ends the run with a coded error when one column id has two sizes", async () => {
    const clash = [
      node("s", "", 1),
      node("a", "s", 1, { columns: [{ id: "c", bytes: 4 }] }),
      node("b", "a", 1, { columns: [{ id: "c", bytes: 5 }] }),
    ];
    const { failure } = await runPair(versions(clash), "linear-pass+collab-storage-aware");
    expect(failure?.code).toBe("E_WORKFLOW");
    expect(failure?.message).toContain("column c has 5 bytes, but 4 bytes elsewhere");
  });
});
