import { describe, expect, test } from "vitest";
import { always } from "../../../src/algorithms/materialize/always.ts";
import { helixCollab } from "../../../src/algorithms/materialize/helix-collab.ts";
import { helixDemo } from "../../../src/algorithms/materialize/helix-demo.ts";
import { helixHilmlLiteral } from "../../../src/algorithms/materialize/helix-hilml-literal.ts";
import { helixOnline } from "../../../src/algorithms/materialize/helix-online.ts";
import { materializerById, materializerIds, materializers } from "../../../src/algorithms/materialize/index.ts";
import { never } from "../../../src/algorithms/materialize/never.ts";
import type { FinishedResult, Materializer, StorageView } from "../../../src/core/materializer.ts";
import { UnionGraph } from "../../../src/simulator/experiment-graph.ts";
import { resolveParams } from "../../../src/simulator/plug-in-params.ts";
import { materializerContract } from "../../../src/testing/materializer-contract.ts";

//        source 100
//        /    \
//     x 20    y 30      x, y loaded or pruned where a test says so
//        \    /
//         z 6
const parentOffsets = Int32Array.of(0, 0, 1, 2, 4);
const parentIds = Int32Array.of(0, 0, 1, 2);
const fullUs = Float64Array.of(100, 20, 30, 6);

function finished(index: number, more: Partial<FinishedResult> & { spentUs?: readonly number[] } = {}): FinishedResult {
  const { spentUs = [...fullUs], ...rest } = more;
  const nodes = ["source", "x", "y", "z"].map((id) => ({ id, op: id, signature: id, parents: [] }));
  return {
    signature: nodes[index]!.signature,
    node: nodes[index]!,
    index,
    workflow: { nodeCount: 4, parentOffsets, parentIds, nodes, computeUs: fullUs, spentUs: Float64Array.from(spentUs) },
    sizeBytes: 10,
    memoryBytes: 10,
    computeUs: fullUs[index]!,
    loadUs: 1,
    writeUs: 1,
    ...rest,
  };
}

function storage(freeBytes: number): StorageView {
  return { budgetBytes: freeBytes, usedBytes: 0, freeBytes, iteration: 0, has: () => false, entries: () => [] };
}

const two = { factor: 2 };

describe("the rules, by hand", () => {
  test("never keeps nothing, always keeps what fits", () => {
    expect(never.keep(finished(3), storage(1_000), {})).toBe(false);
    expect(always.keep(finished(3), storage(10), {})).toBe(true);
    expect(always.keep(finished(3), storage(9), {})).toBe(false);
  });

  test("the demo rule counts each ancestor once at full cost: 100 + 20 + 30 + 6 > 2 · 77, not > 2 · 78", () => {
    expect(helixDemo.keep(finished(3, { loadUs: 77 }), storage(10), two)).toBe(true);
    expect(helixDemo.keep(finished(3, { loadUs: 78 }), storage(10), two)).toBe(false);
    // Whatever was loaded or pruned in this iteration.
    expect(helixDemo.keep(finished(3, { loadUs: 77, spentUs: [0, 3, 4, 6] }), storage(10), two)).toBe(true);
  });

  test("Algorithm 2 counts what this iteration spent: x loaded for 3, y for 4, the source pruned: 13 > 2 · 6, not > 2 · 7", () => {
    const spentUs = [0, 3, 4, 6];
    expect(helixOnline.keep(finished(3, { loadUs: 6, spentUs }), storage(10), two)).toBe(true);
    expect(helixOnline.keep(finished(3, { loadUs: 7, spentUs }), storage(10), two)).toBe(false);
  });

  test.each([helixDemo, helixOnline])("$id is strict, and its factor is a parameter", (rule) => {
    expect(rule.keep(finished(0, { loadUs: 50 }), storage(10), two)).toBe(false);
    expect(rule.keep(finished(0, { loadUs: 49 }), storage(10), two)).toBe(true);
    expect(rule.keep(finished(0, { loadUs: 49 }), storage(10), { factor: 3 })).toBe(false);
    expect(rule.keep(finished(0, { loadUs: 49, sizeBytes: 11 }), storage(10), two)).toBe(false);
  });

  test("the formula as HILML prints it stores exactly the cheap results, and compares load time with bytes", () => {
    expect(helixHilmlLiteral.keep(finished(3, { loadUs: 78 }), storage(1_000), two)).toBe(false);
    expect(helixHilmlLiteral.keep(finished(3, { loadUs: 79 }), storage(1_000), two)).toBe(true);
    expect(helixHilmlLiteral.keep(finished(3, { loadUs: 79 }), storage(78), two)).toBe(false);
    expect(helixHilmlLiteral.roomOnly).toBeUndefined(); // so it refuses what fits
    expect(helixHilmlLiteral.keep(finished(3, { loadUs: 79, sizeBytes: 80 }), storage(79), two)).toBe(false);
  });

  test("HELIX as run for the Collaborative Optimizer: first fit in order of appearance, recreation > load", () => {
    const graph = new UnionGraph();
    const add = (signature: string, parents: number[], computeUs: number, loadUs: number, sizeBytes: number): number =>
      graph.update({ signature, parents, computeUs, loadUs, sizeBytes });
    const source = add("source", [], 100, 500, 1);
    const x = add("x", [source], 20, 119, 60); // 120 > 119
    const y = add("y", [source], 30, 130, 10); // 130 is not > 130
    const z = add("z", [x, y], 6, 155, 50); // 100 + 20 + 30 + 6 = 156 > 155: the source once
    const w = add("w", [z], 1, 10, 30);
    graph.settle(new Set(), [source, x, y, z, w]);
    expect(helixCollab.select(graph, 1_000, { factor: 1 })).toEqual([x, z, w]);
    // x takes 60 of 100: z does not fit any more, w does.
    expect(helixCollab.select(graph, 100, { factor: 1 })).toEqual([x, w]);
    expect(helixCollab.select(graph, 1_000, { factor: 2 })).toEqual([w]);
    graph.settle(new Set([y]), [y, z]);
    expect(helixCollab.select(graph, 1_000, { factor: 1 })).toEqual([z]);
  });

  test("factors default to 2, for the Collaborative Optimizer's variant to 1, and are checked", () => {
    expect(resolveParams(helixDemo)).toEqual({ factor: 2 });
    expect(resolveParams(helixOnline)).toEqual({ factor: 2 });
    expect(resolveParams(helixHilmlLiteral)).toEqual({ factor: 2 });
    expect(resolveParams(helixCollab)).toEqual({ factor: 1 });
    expect(() => resolveParams(helixDemo, { factor: -1 })).toThrow(/helix-demo: parameter factor/u);
    expect(() => resolveParams(helixDemo, { power: 1 })).toThrow(/has no parameter "power"; it takes factor/u);
    expect(() => resolveParams(never, { factor: 1 })).toThrow(/never: has no parameter "factor"; it takes none/u);
  });
});

describe("the registry", () => {
  test("finds members by id and nothing else", () => {
    for (const id of materializerIds) expect(materializerById(id)?.id).toBe(id);
    expect(materializerById("toString")).toBeUndefined();
    expect(materializerById("helix")).toBeUndefined();
  });

  const members = Object.values<Materializer>(materializers);
  describe.each(members)("$id", (member) => {
    test.each(materializerContract(member))("$title", async ({ check }) => check());
  });
});

describe("the contract", () => {
  const failing = async (materializer: Materializer): Promise<readonly string[]> => {
    const failed: string[] = [];
    for (const { title, check } of materializerContract(materializer, { seed: 1 })) {
      try {
        await check();
      } catch {
        failed.push(title);
      }
    }
    return failed;
  };

  test("finds a materializer that breaks the budget", async () => {
    const greedy: Materializer = { ...always, id: "greedy", keep: () => true };
    expect(await failing(greedy)).toContain("greedy: the budget holds at every instant");
  });

  test("finds one that remembers earlier runs", async () => {
    let asked = 0;
    const moody: Materializer = {
      ...always,
      id: "moody",
      keep: (result, view) => asked++ % 3 === 0 && result.sizeBytes <= view.freeBytes,
    };
    expect(await failing(moody)).toContain("moody: the same run gives the same rows");
  });

  test("finds one that writes to what it is shown", async () => {
    const vandal: Materializer = {
      ...always,
      id: "vandal",
      keep: ({ workflow, index }) => {
        workflow.spentUs[index] = 1_000;
        return false;
      },
    };
    expect(await failing(vandal)).toEqual(["vandal: what it is shown is left as it was"]);
  });

  test("finds one that keeps although it says it never does", async () => {
    const liar: Materializer = { ...always, id: "liar", neverKeeps: true };
    expect(await failing(liar)).toEqual(["liar: never answers yes, as it says"]);
  });

  test("finds one that minds how large the budget is although it says that only room matters", async () => {
    const shy: Materializer = {
      ...always,
      id: "shy",
      keep: ({ sizeBytes }, { budgetBytes, freeBytes }) => sizeBytes <= freeBytes && sizeBytes * 4 <= budgetBytes,
    };
    expect(await failing(shy)).toContain(
      "shy: a budget that turned nothing away gives the run of every larger one, as it says",
    );
    const { roomOnly: _, ...honest } = shy;
    expect(await failing(honest)).toEqual([]);
  });
});
