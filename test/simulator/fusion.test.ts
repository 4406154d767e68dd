import { describe, expect, test } from "vitest";
import type { Iteration, IterationNode } from "../../src/core/iteration.ts";
import { operatorTraits, type Operator } from "../../src/core/operators.ts";
import { rngStream, randomInt, randomPick } from "../../src/core/rng.ts";
import { defaultSwitches } from "../../src/core/system.ts";
import { fusedSteps, type Step } from "../../src/simulator/fusion.ts";
import { prepareVersion, type PreparedVersion } from "../../src/simulator/prepare.ts";

function real(name: string, op: Operator["op"], parents: string, output = false): IterationNode {
  return {
    id: name,
    op,
    signature: name,
    parents: parents === "" ? [] : parents.split(" "),
    operator: { op } as Operator,
    ...(output ? { output: true } : {}),
  };
}

function prepared(nodes: readonly IterationNode[]): PreparedVersion {
  const iteration: Iteration = { iteration: 0, changeType: "initial", nodes };
  return prepareVersion(
    iteration,
    Int32Array.from(nodes, (_, i) => i),
    defaultSwitches,
  );
}

function shown(version: PreparedVersion, steps: readonly Step[]): readonly string[] {
  const name = (i: number): string => version.nodes[i]!.id;
  return steps.map((step) =>
    step.kind === "load"
      ? `load ${name(step.result)}`
      : `${step.results.map(name).join(" ")} -> ${step.barriers.map(name).join(" ")}`,
  );
}

function cut(
  nodes: readonly IterationNode[],
  stored: readonly string[] = [],
  states: Readonly<Record<string, 0 | 1 | 2>> = {},
): readonly string[] {
  const version = prepared(nodes);
  const plan = Uint8Array.from(version.nodes, ({ id }) => states[id] ?? 1);
  return shown(
    version,
    fusedSteps(version, plan, (i) => stored.includes(version.nodes[i]!.id)),
  );
}

const census = [
  real("data", "source", ""),
  real("rows", "scan", "data"),
  real("age", "field", "rows"),
  real("edu", "field", "rows"),
  real("bucket", "bucketise", "age"),
  real("cross", "interaction", "edu bucket"),
  real("income", "assemble", "rows edu bucket cross"),
  real("model", "learn", "income"),
  real("pred", "predict", "model income"),
  real("acc", "reduce", "pred", true),
];

describe("segments", () => {
  test("without a policy all between two barriers is one: field extractors are columns of one relation", () => {
    expect(cut(census)).toEqual([
      "data rows age edu bucket cross income -> income",
      "model -> model",
      "pred acc -> acc",
    ]);
  });

  test("what may be stored must exist; columns of one relation are still one segment with several results", () => {
    expect(cut(census, ["rows", "age", "bucket", "income", "pred"])).toEqual([
      "data rows -> rows",
      "age edu bucket cross income -> age bucket income",
      "model -> model",
      "pred -> pred",
      "acc -> acc",
    ]);
  });

  test("a loaded result is an input; what is computed after it is cut as ever", () => {
    expect(cut(census, ["rows"], { data: 0, rows: 2, age: 2 })).toEqual([
      "load rows",
      "load age",
      "edu bucket cross income -> income",
      "model -> model",
      "pred acc -> acc",
    ]);
  });

  test("a user-defined function ends its segment and splits the group it is in", () => {
    const nodes = [
      real("rows", "scan", ""),
      real("age", "field", "rows"),
      real("edu", "field", "rows"),
      real("custom", "udf", "age"),
      real("cross", "interaction", "edu custom"),
      real("out", "reduce", "cross", true),
    ];
    expect(cut(nodes)).toEqual(["rows age edu -> age edu", "custom -> custom", "cross out -> out"]);
  });

  test("a result with consumers in two segments is a barrier", () => {
    const nodes = [
      real("a", "scan", ""),
      real("b", "filter", "a"),
      real("c", "aggregate", "b"),
      real("d", "filter", "b"),
      real("e", "reduce", "c", true),
      real("f", "reduce", "d", true),
    ];
    expect(cut(nodes)).toEqual(["a b -> b", "c e -> e", "d f -> f"]);
  });
});

describe("whatever the workflow and the plan", () => {
  const ops = Object.keys(operatorTraits) as readonly Operator["op"][];

  test("every computed result is in one segment, inputs come before, what others read or may be stored exists (500 random cuts)", () => {
    for (let seed = 0; seed < 500; seed++) {
      const rng = rngStream(seed, "fusion");
      const nodes: IterationNode[] = [];
      for (let i = randomInt(rng, 1, 14); i > 0; i--) {
        const parents = nodes.filter(() => rng() < 2 / (nodes.length + 1)).map(({ id }) => id);
        nodes.push(real(`n${nodes.length}`, randomPick(rng, ops), parents.join(" "), rng() < 0.2));
      }
      const version = prepared(nodes);
      const { nodeCount: n, parentOffsets, parentIds } = version;
      // A random legal plan: outputs wanted, a wanted result is loaded or computed.
      const states = new Uint8Array(n);
      const wanted = new Set(version.outputs);
      for (let i = n - 1; i >= 0; i--) {
        if (!wanted.has(i)) continue;
        states[i] = rng() < 0.2 ? 2 : 1;
        if (states[i] === 1) for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) wanted.add(parentIds[e]!);
      }
      const mayStore = new Set(Array.from({ length: n }, (_, i) => i).filter(() => rng() < 0.3));
      const steps = fusedSteps(version, states, (i) => mayStore.has(i));

      const exists = new Set<number>();
      const ran = new Set<number>();
      for (const step of steps) {
        const members = step.kind === "load" ? [step.result] : step.results;
        for (const i of members) {
          expect(ran.has(i)).toBe(false);
          expect(states[i]).toBe(step.kind === "load" ? 2 : 1);
          ran.add(i);
          if (step.kind === "load") continue;
          for (let e = parentOffsets[i]!; e < parentOffsets[i + 1]!; e++) {
            const p = parentIds[e]!;
            expect(exists.has(p) || members.includes(p)).toBe(true);
          }
          const isHeld = version.outputs.includes(i) || mayStore.has(i);
          if (isHeld) expect(step.barriers).toContain(i);
        }
        if (step.kind === "compute") expect(step.barriers).toContain(members.at(-1));
        for (const i of step.kind === "load" ? members : step.barriers) exists.add(i);
        // An operator that demands a barrier has no child in its segment.
        for (const i of members)
          for (let e = parentOffsets[i]!; step.kind === "compute" && e < parentOffsets[i + 1]!; e++)
            if (members.includes(parentIds[e]!))
              expect(operatorTraits[version.nodes[parentIds[e]!]!.operator!.op].barrier).toBe(false);
      }
      expect(ran.size).toBe([...states].filter((state) => state > 0).length);
    }
  });
});
