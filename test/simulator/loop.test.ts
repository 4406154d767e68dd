import { describe, expect, test } from "vitest";
import { always } from "../../src/algorithms/materialize/always.ts";
import { systemById } from "../../src/baselines/index.ts";
import { BudgetError, ExecutorError, InfeasiblePlanError, PlugInError } from "../../src/core/errors.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { Materializer, OnlineMaterializer } from "../../src/core/materializer.ts";
import type { ReusePlanner } from "../../src/core/plug-in.ts";
import type { IterationReport } from "../../src/simulator/iteration-report.ts";
import { simulateCell } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { measuredExecutor } from "../support/measured-executor.ts";
import { node, runPair, versions } from "../support/sequences.ts";

//   s 100 → a 20 → b 30 → c 4 (output)      d 7 hangs on a and reaches no output
const chain = [
  node("s", "", 100, { sizeBytes: 5 }),
  node("a", "s", 20, { sizeBytes: 6 }),
  node("b", "a", 30, { sizeBytes: 7, memoryBytes: 70 }),
  node("d", "a", 7),
  node("c", "b", 4, { output: true }),
];

describe("rows", () => {
  test("charge compute, load and write, count each result once, slice what no output needs", async () => {
    const { rows } = await runPair(versions(chain, chain), "max-flow+always");
    expect(rows).toEqual([
      {
        iteration: 0,
        changeType: "initial",
        runUs: 157,
        computeUs: 154,
        loadUs: 0,
        writeUs: 3,
        storedBytes: 14,
        evictedBytes: 0,
        peakBytes: 76, // a and b; the source has left
        computed: 4,
        loaded: 0,
        pruned: 1,
        cumulativeUs: 157,
      },
      {
        iteration: 1,
        changeType: "dpr",
        runUs: 1,
        computeUs: 0,
        loadUs: 1,
        writeUs: 0,
        storedBytes: 14,
        evictedBytes: 0,
        peakBytes: 1,
        computed: 0,
        loaded: 1,
        pruned: 4,
        cumulativeUs: 158,
      },
    ]);
  });

  test("a batch materializer keeps every result alive, and the peak shows it", async () => {
    const { rows } = await runPair(versions(chain), "max-flow+helix-collab");
    expect(rows[0]?.peakBytes).toBe(5 + 6 + 70 + 1);
  });

  test("two nodes with one signature are one result with the costs of the first; naive runs both", async () => {
    const twins = [node("s", "", 100), node("x:same", "s", 20), node("y:same", "s", 33), node("z", "x y", 1)];
    const merged = await runPair(versions(twins), "compute-all+never");
    expect(merged.rows[0]).toMatchObject({ computeUs: 121, computed: 3, pruned: 0 });
    const apart = await runPair(versions(twins), "compute-all+never", { mergeEqual: false });
    expect(apart.rows[0]).toMatchObject({ computeUs: 154, computed: 4, pruned: 0 });
  });

  test("nondeterministic results and what follows from them are neither loaded nor stored, unless a switch opts in", async () => {
    const shaky = [node("s", "", 9), node("r", "s", 50, { deterministic: false }), node("f", "r", 50)];
    const plain = await runPair(versions(shaky, shaky), "max-flow+always");
    expect(plain.rows.map(({ computed, storedBytes }) => [computed, storedBytes])).toEqual([
      [3, 0],
      [3, 0],
    ]);
    const opted = await runPair(versions(shaky, shaky), "max-flow+always", { reuseNondeterministic: true });
    expect(opted.rows[1]).toMatchObject({ computed: 0, loaded: 1 });
  });

  test("planners see what was observed, the clock charges the running line", async () => {
    // b's load is recorded as 10, then 100: it is loaded on the strength of the first observation.
    const line = (loadUs: number, computeUs: number): TraceIteration["nodes"] => [
      node("s", "", 0),
      node("b", "s", computeUs, { loadUs }),
    ];
    const trace = versions(line(10, 50), line(10, 50), line(100, 50));
    const last = await runPair(trace, "max-flow+always");
    expect(last.rows.map(({ loadUs }) => loadUs)).toEqual([0, 10, 100]);
    const current = await runPair(trace, "max-flow+always", {}, { estimates: "current" });
    expect(current.rows.map(({ loadUs, computeUs }) => [loadUs, computeUs])).toEqual([
      [0, 50],
      [10, 0],
      [0, 50],
    ]);
  });

  test("a stored result keeps the size of the line under which it was written", async () => {
    const sized = (sizeBytes: number): TraceIteration["nodes"] => [node("s", "", 9), node("b", "s", 50, { sizeBytes })];
    const { rows } = await runPair(versions(sized(10), sized(99)), "max-flow+always");
    expect(rows[1]?.storedBytes).toBe(10);
  });
});

describe("what a run may come to", () => {
  test("a materializer that says yes to what does not fit breaks the budget: nothing of it is stored, finished rows stay", async () => {
    const greedy: OnlineMaterializer = { ...always, id: "greedy", keep: () => true };
    const stored: number[] = [];
    const outcome = await runPair(
      versions(chain, chain),
      "compute-all+always",
      {},
      {
        materializer: greedy,
        budgetBytes: 8,
        onIteration: ({ row }: IterationReport) => void stored.push(row.storedBytes),
      },
    );
    expect(outcome.failure).toBeInstanceOf(BudgetError);
    expect(outcome.failure?.message).toMatch(/^materializer greedy: wants to store "b" of 7 bytes with 2 bytes free/u);
    expect(outcome.rows).toEqual([]);
  });

  test("an illegal plan and a plug-in that throws are named", async () => {
    const illegal: ReusePlanner = {
      id: "lazy",
      title: "",
      complexity: "",
      plan: ({ nodeCount }) => ({ states: new Uint8Array(nodeCount), costUs: 0 }),
    };
    const first = await runPair(versions(chain), "compute-all+never", {}, { planner: illegal });
    expect(first.failure).toBeInstanceOf(InfeasiblePlanError);
    expect(first.failure?.message).toContain('lazy: node "c" is an output but pruned');
    const broken: Materializer = {
      ...always,
      id: "broken",
      keep: () => {
        throw new TypeError("oh");
      },
    };
    const second = await runPair(versions(chain), "compute-all+always", {}, { materializer: broken });
    expect(second.failure).toBeInstanceOf(PlugInError);
    expect(second.failure?.message).toContain('materializer broken: threw "oh"');
  });

  test("an evicting materializer makes room; what is still to be loaded cannot be evicted", async () => {
    const swap: Materializer = {
      ...always,
      id: "swap",
      evict: ({ sizeBytes }, storage) =>
        sizeBytes > storage.freeBytes ? [...storage.entries()].slice(0, 1).map(({ signature }) => signature) : [],
    };
    const outcome = await runPair(versions(chain), "compute-all+always", {}, { materializer: swap, budgetBytes: 13 });
    expect(outcome.rows[0]).toMatchObject({ storedBytes: 8, evictedBytes: 6 });
    expect(outcome.budgetBound).toBe(true);

    const rob: Materializer = { ...always, id: "rob", evict: ({ node: { id } }) => (id === "e" ? ["b"] : []) };
    const grown = [node("e", "", 1), ...chain.slice(0, 3), node("f", "e b", 1, { output: true })];
    const robbed = await runPair(
      versions(chain, grown),
      "max-flow+always",
      {},
      { materializer: rob, accounting: "helix" },
    );
    expect(robbed.failure?.message).toContain("it is still to be loaded in this iteration");
    expect(robbed.rows.length).toBe(1);
  });

  test("the budget is said to bind only if it turned away what would have been stored", async () => {
    const bound = async (budgetBytes: number, pair: `${string}+${string}`): Promise<boolean> =>
      (await runPair(versions(chain), pair, {}, { budgetBytes })).budgetBound;
    expect(await bound(13, "max-flow+always")).toBe(true);
    expect(await bound(14, "max-flow+always")).toBe(false);
    expect(await bound(0, "max-flow+never")).toBe(false);
    expect(await bound(13, "max-flow+helix-collab")).toBe(true);
    expect(await bound(14, "max-flow+helix-collab")).toBe(false);
  });

  test("of results that leave scope together the one listed first is asked first, in whatever order the child names them", async () => {
    const [x, y] = [node("x", "s", 50, { sizeBytes: 6 }), node("y", "s", 60, { sizeBytes: 7 })];
    const stored = async (parents: string): Promise<readonly string[]> => {
      const seen: string[] = [];
      await runPair(
        versions([node("s", "", 9), x, y, node("z", parents, 70, { sizeBytes: 9, output: true })]),
        "max-flow+helix-demo",
        {},
        { budgetBytes: 7, onIteration: (report) => void seen.push(...report.stored.keys()) },
      );
      return seen;
    };
    expect(await stored("x y")).toEqual(["x"]);
    expect(await stored("y x")).toEqual(["x"]);
  });

  test("a system without what the trace requires is excluded; one that ends early says where", async () => {
    const iterations = versions(chain, chain).map((it) =>
      it.iteration === 1 ? { ...it, changeType: "ppr" as const } : it,
    );
    const facts = surveyTrace(iterations);
    const trace = { name: "t", requires: ["structured-prediction"], iterations, facts };
    const cell = async (id: string): ReturnType<typeof simulateCell> =>
      simulateCell({ trace, system: systemById(id)!, budget: { kind: "none" } });
    expect(await cell("keystoneml")).toMatchObject({
      rows: [],
      exclusion: { trace: "t", system: "keystoneml", reason: "lacks structured-prediction" },
    });
    const early = await cell("deepdive");
    expect(early.rows.length).toBe(1);
    expect(early.exclusion).toMatchObject({ fromIteration: 1, reason: "ends before the first li/ppr iteration" });
    expect((await cell("none-fused")).exclusion?.fromIteration).toBeUndefined();
  });

  test("recomputing without a cache beyond 2^53 µs is an exclusion, not a wrong number", async () => {
    const deep = [node("s", "", 1_000_000)];
    for (let i = 0; i < 60; i++) {
      const below = i === 0 ? "s" : `j${i - 1}`;
      deep.push(node(`l${i}`, below, 1), node(`r${i}`, below, 1), node(`j${i}`, `l${i} r${i}`, 1));
    }
    const outcome = await runPair(versions(deep), "compute-all+never", { inRunCache: "none" });
    expect(outcome.exclusion?.reason).toContain('computing "s" as often as it is asked for takes more than 2^53 µs');
    expect(outcome.failure).toBeUndefined();
  });

  test("declared outputs can be stored whatever the materializer says, as far as they fit", async () => {
    const cheap = await runPair(versions(chain), "max-flow+helix-hilml-literal", { alwaysStoreOutputs: true });
    expect(cheap.rows[0]?.storedBytes).toBe(1);
    const full = await runPair(
      versions(chain),
      "max-flow+helix-hilml-literal",
      { alwaysStoreOutputs: true },
      { budgetBytes: 0 },
    );
    expect(full.rows[0]?.storedBytes).toBe(0);
  });
});

describe("a real engine", () => {
  const measured = versions(chain, [...chain.slice(0, 4), node("c:c2", "b", 4, { output: true })]);

  test("runs fused what nothing may store, and every result of a policy that may", async () => {
    const rerun = measuredExecutor();
    const { rows } = await runPair(measured, "compute-all+never", {}, { executor: rerun });
    expect(rerun.log.calls).toEqual(["compute s+a+b+c -> c", "compute s+a+b+c -> c"]);
    expect(rows[0]).toMatchObject({ runUs: 108, computed: 4, peakBytes: 1 });
    const reuse = measuredExecutor();
    await runPair(measured, "max-flow+always", {}, { executor: reuse });
    expect(reuse.log.calls).toEqual([
      "compute s+a -> a",
      "write a",
      "compute b -> b",
      "write b",
      "compute c -> c",
      "write c",
      "load b",
      "compute c -> c",
      "write c",
    ]);
    expect(reuse.log.alive.size).toBe(0);
  });

  test("a segment's time is shared in proportion to what is known, and marked; told times are taken", async () => {
    const nodesOf = async (tellsTimes: boolean): Promise<readonly unknown[]> => {
      const reports: IterationReport[] = [];
      await runPair(
        measured,
        "compute-all+never",
        {},
        {
          executor: measuredExecutor({ tellsTimes }),
          onIteration: (report: IterationReport) => void reports.push(report),
        },
      );
      return reports[0]!.nodes.map(({ node: { id }, computeUs, attributed, state }) => [
        id,
        state,
        computeUs,
        attributed,
      ]);
    };
    expect(await nodesOf(false)).toEqual([
      ["s", "compute", 71, true],
      ["a", "compute", 14, true],
      ["b", "compute", 21, true],
      ["d", "sliced", 0, false],
      ["c", "compute", 2, true],
    ]);
    expect(await nodesOf(true)).toEqual([
      ["s", "compute", 108, false],
      ["a", "compute", 0, false],
      ["b", "compute", 0, false],
      ["d", "sliced", 0, false],
      ["c", "compute", 0, false],
    ]);
  });

  test("a write that ends over budget is removed, its time stays charged, and the next size is known better", async () => {
    // Everything doubles on storage: a takes 12 of 13 bytes, b is too large anyway, c seems to fit and does not.
    const engine = measuredExecutor({ compression: 2 });
    const outcome = await runPair(measured.slice(0, 1), "max-flow+always", {}, { executor: engine, budgetBytes: 13 });
    expect(engine.log.calls.filter((call) => !call.startsWith("compute"))).toEqual(["write a", "write c", "evict c"]);
    expect(outcome.rows[0]).toMatchObject({ writeUs: 6, storedBytes: 12 });
    expect(outcome.budgetBound).toBe(true);
  });

  test("what the store holds already is taken over, with its costs", async () => {
    const stored = new Map([["b", { bytes: 7, computeUs: 30, loadUs: 2 }]]);
    const engine = measuredExecutor({ stored });
    const { rows } = await runPair(versions(chain), "max-flow+never", {}, { executor: engine });
    expect(rows[0]).toMatchObject({ loaded: 1, computed: 1, storedBytes: 7 });
  });

  test("an engine failure in mid-iteration keeps finished rows and what is stored, and frees the memory", async () => {
    const engine = measuredExecutor({ failsAt: "x" });
    const broken = [...chain.slice(0, 3), node("y", "b", 1), node("x", "y", 1, { output: true })];
    const outcome = await runPair(versions(chain, broken), "max-flow+always", {}, { executor: engine });
    expect(outcome.failure).toBeInstanceOf(ExecutorError);
    expect(outcome.rows.length).toBe(1);
    expect([...engine.log.stored.keys()].sort()).toEqual(["a", "b", "c", "y"]);
    expect(engine.log.alive.size).toBe(0);
  });

  test("an abort between two steps keeps them too", async () => {
    const abort = new AbortController();
    const engine = measuredExecutor();
    const stopping = {
      ...engine,
      write: async (...call: Parameters<typeof engine.write>) => {
        abort.abort();
        return engine.write(...call);
      },
    };
    const outcome = await runPair(measured, "max-flow+always", {}, { executor: stopping, signal: abort.signal });
    expect(outcome).toMatchObject({ aborted: true, rows: [] });
    expect(outcome.failure).toBeUndefined();
    expect([...engine.log.stored.keys()]).toEqual(["a"]);
    expect(engine.log.alive.size).toBe(0);
  });
});
