import { describe, expect, test } from "vitest";
import type { Iteration, IterationNode, TraceIteration } from "../../src/core/iteration.ts";
import type { SourceOp } from "../../src/core/operators.ts";
import { censusCover, censusDist } from "../../src/workloads/census/index.ts";
import { costVersions, priceVersions } from "../../src/workloads/costing.ts";

const node = (id: string, operation: string, parents: readonly string[], computeUs?: number): IterationNode => ({
  id,
  op: "x",
  operation,
  signature: `${id} ${operation}`,
  parents,
  ...(computeUs === undefined ? {} : { computeUs, sizeBytes: 10 * computeUs, loadUs: computeUs + 1 }),
});
const iteration = (i: number, nodes: readonly IterationNode[], more: Partial<Iteration> = {}): Iteration => ({
  iteration: i,
  changeType: i === 0 ? "initial" : "dpr",
  nodes,
  ...more,
});

/**
 * Iteration 0: s → a → m, s → b → m.  Iteration 1: a has another operator.  Iteration 2: b has another operator, and c is new.
 */
const recording = [
  iteration(
    0,
    [node("s", "src", [], 1), node("a", "A", ["s"], 10), node("b", "B", ["s"], 20), node("m", "M", ["a", "b"], 100)],
    {
      fusedUs: 120,
      segments: [
        { nodes: ["s", "a", "b"], fusedUs: 25 },
        { nodes: ["m"], fusedUs: 90 },
      ],
      metrics: { q: 1 },
    },
  ),
  iteration(1, [
    node("s", "src", [], 1),
    node("a", "A2", ["s"], 11),
    node("b", "B", ["s"], 20),
    node("m", "M", ["a", "b"], 110),
  ]),
  iteration(2, [
    node("s", "src", [], 1),
    node("a", "A", ["s"], 10),
    node("b", "B2", ["s"], 22),
    node("c", "C", ["s"], 5),
    node("m", "M", ["a", "b", "c"], 130),
  ]),
] as readonly TraceIteration[];

const priceOf = (version: readonly IterationNode[], id: string): number | undefined =>
  costVersions([iteration(0, version)], recording)[0]?.nodes.find((found) => found.id === id)?.computeUs;

describe("pricing a version from a recording", () => {
  test("the same operators on the same inputs cost what was recorded, whatever they are called and whatever the data", () => {
    const version = [
      node("s", "src", []),
      node("renamed", "A2", ["s"]),
      node("b", "B", ["s"]),
      node("m", "M", ["renamed", "b"]),
    ];
    expect(priceOf(version, "renamed")).toBe(11);
    expect(priceOf(version, "m")).toBe(110);
  });

  test("the same operator on other inputs costs what it did on the most alike ones", () => {
    // a as in iteration 1, b and c as in iteration 2: m shares s, b, c with iteration 2 and s, a with iteration 1
    const version = [
      node("s", "src", []),
      node("a", "A2", ["s"]),
      node("b", "B2", ["s"]),
      node("c", "C", ["s"]),
      node("m", "M", ["a", "b", "c"]),
    ];
    expect(priceOf(version, "m")).toBe(130);
  });

  test("of equally alike ones the earliest is taken", () => {
    const version = [node("s", "src", []), node("z", "Z", ["s"]), node("a", "A", ["z"]), node("m", "M", ["a"])];
    const withZ = [
      ...recording,
      iteration(3, [node("s", "src", [], 1), node("z", "Z", ["s"], 7)]),
    ] as readonly TraceIteration[];
    expect(costVersions([iteration(0, version)], withZ)[0]?.nodes.find(({ id }) => id === "m")?.computeUs).toBe(100);
  });

  test("an operator never recorded costs what its id did; without either, pricing is refused", () => {
    expect(priceOf([node("s", "src", []), node("a", "A9", ["s"])], "a")).toBe(10);
    expect(() => priceOf([node("s", "src", []), node("new", "N", ["s"])], "new")).toThrow(
      'neither the operator nor the id of node "new" (x) was recorded',
    );
    expect(() => costVersions([], [])).toThrow("the recording is empty");
  });

  test("whole and segment times follow the nodes' own; a new node joins the segment of its child, a missing one leaves", () => {
    const seen = node("c", "C", ["s"], 5) as TraceIteration["nodes"][number];
    const initial = recording[0] as TraceIteration;
    const version = [node("s", "src", []), node("a", "A", ["s"]), node("x", "C", ["s"]), node("m", "M", ["a", "x"])];
    const [priced] = costVersions([iteration(0, version)], [{ ...initial, nodes: [...initial.nodes, seen] }]);
    // recorded: s 1, a 10, b 20, m 100, c 5; now: s 1, a 10, x 5, m 100
    expect(priced?.fusedUs).toBe(Math.round((120 * 116) / 136));
    expect(priced?.segments).toEqual([
      { nodes: ["s", "a"], fusedUs: Math.round((25 * 11) / 31) },
      { nodes: ["x", "m"], fusedUs: Math.round((90 * 105) / 100) },
    ]);
    expect(priced?.metrics).toBeUndefined();
  });

  test("fields are imputed only where something was not recorded as it is", () => {
    expect(priceVersions(recording, recording)).toEqual({ iterations: recording, imputed: [] });
    const version = [node("s", "src", []), node("a", "A9", ["s"])];
    expect(priceVersions([iteration(0, version)], recording).imputed).toEqual([
      "computeUs",
      "fusedUs",
      "loadUs",
      "segments",
      "sizeBytes",
    ]);
  });
});

describe("Census sequences priced from a recording of census-cover", () => {
  const source = (fingerprint: string): SourceOp => ({ op: "source", dataset: "census", fingerprint, files: [] });
  const costs = new Map<string, number>();
  const recorded = censusCover.versions({ sources: { census: source("recorded") } }, 1, {}).map((version) => {
    const nodes = version.nodes.map((n) => {
      if (!costs.has(n.signature)) costs.set(n.signature, 1_000 + costs.size);
      return Object.assign({}, n, { computeUs: costs.get(n.signature) ?? 0, sizeBytes: 7 });
    });
    return Object.assign({}, version, { nodes });
  });

  test("every node of every sequence has a price, and extractors have exactly theirs", () => {
    const extractor = new Map(recorded.flatMap(({ nodes }) => nodes.map((n) => [n.operation, n.computeUs])));
    for (let seed = 1; seed <= 40; seed++) {
      const versions = censusDist.versions({ sources: { census: source("other") } }, seed, {
        iterations: 10,
        leadingDpr: 0,
      });
      for (const priced of costVersions(versions, recorded))
        for (const { op, operation, computeUs, sizeBytes } of priced.nodes) {
          expect(sizeBytes).toBe(7);
          if (op === "field" || op === "hash-feature" || op === "sql-udf" || op === "udf")
            expect(computeUs).toBe(extractor.get(operation));
        }
    }
  });

  test("one signature has one price, in every version of a sequence", () => {
    const versions = censusDist.versions({ sources: { census: source("x") } }, 5, { iterations: 20, leadingDpr: 0 });
    const prices = new Map<string, number>();
    for (const { nodes } of costVersions(versions, recorded))
      for (const { signature, computeUs } of nodes) {
        expect(prices.get(signature) ?? computeUs).toBe(computeUs);
        prices.set(signature, computeUs);
      }
  });
});
