import { describe, expect, test } from "vitest";
import { maxFlow } from "../../src/algorithms/reuse/max-flow.ts";
import { pairSystem } from "../../src/baselines/index.ts";
import { traceOffers, unmetNeeds } from "../../src/core/capabilities.ts";
import type { TraceIteration, TraceNode } from "../../src/core/iteration.ts";
import type { Capability, ReusePlanner } from "../../src/core/plug-in.ts";
import { simulateCell } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";

function versions(more: Partial<TraceNode> = {}): readonly TraceIteration[] {
  const base = { op: "x", computeUs: 10, sizeBytes: 5 };
  const nodes = [
    { ...base, id: "a", signature: "a", parents: [] },
    { ...base, ...more, id: "b", signature: "b", parents: ["a"], output: true },
  ];
  return [{ iteration: 0, changeType: "initial", nodes }];
}

const offersOf = (more: Partial<TraceNode>, imputed: readonly string[] = []): readonly Capability[] =>
  traceOffers({ source: { imputed } }, surveyTrace(versions(more)).seen);

describe("what a trace offers", () => {
  test("follows from the fields its nodes have and from what its header calls imputed", () => {
    expect(offersOf({})).toEqual(["frequency", "future"]);
    expect(offersOf({ loadUs: 3 })).toEqual(["frequency", "measured-load", "future"]);
    expect(offersOf({ loadUs: 3 }, ["loadUs"])).toEqual(["frequency", "future"]);
    expect(offersOf({ columns: [{ id: "c", bytes: 5 }] })).toContain("columns");
    expect(offersOf({ quality: 0.5 })).toContain("quality");
    expect(traceOffers({ requires: ["structured-prediction"] }, surveyTrace(versions()).seen)).toContain(
      "structured-prediction",
    );
  });

  test("decides with what a policy needs whether the two may run: needs ⊆ offers", () => {
    expect(unmetNeeds([{ id: "p" }, { id: "m", needs: [] }], [])).toBeUndefined();
    expect(unmetNeeds([{ id: "p", needs: ["columns"] }], ["columns", "future"])).toBeUndefined();
    expect(unmetNeeds([{ id: "p", needs: ["columns", "quality"] }], ["quality"])).toBe(
      "p needs columns; there is quality",
    );
  });
});

describe("a simulated run", () => {
  const picky: ReusePlanner = { ...maxFlow, id: "picky", needs: ["columns"] };
  const run = (more: Partial<TraceNode>) => {
    const iterations = versions(more);
    return simulateCell({
      trace: { name: "t", iterations, facts: surveyTrace(iterations) },
      system: pairSystem("picky", "never"),
      planner: picky,
      budget: { kind: "none" },
    });
  };

  test("leaves out a policy that needs what the trace lacks, and says what", async () => {
    const { rows, exclusion } = await run({});
    expect(rows).toEqual([]);
    expect(exclusion).toEqual({
      trace: "t",
      system: "picky+never",
      reason: "picky needs columns; there is frequency, future",
    });
  });

  test("runs the same policy where the trace has it", async () => {
    const { rows, exclusion } = await run({ columns: [{ id: "c", bytes: 5 }] });
    expect([rows.length, exclusion]).toEqual([1, undefined]);
  });
});
