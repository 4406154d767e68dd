import { expect, test } from "vitest";
import { systems } from "../../src/baselines/index.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { Accounting, SystemSpec } from "../../src/core/system.ts";
import { simulateCell } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { randomTrace } from "../support/random-traces.ts";
import { node, runPair, versions } from "../support/sequences.ts";

//   s 100 → a 10 → b 1 (weight 3) → d 5
//             └──→ c 2 ───────────┘
const diamond = versions([
  node("s", "", 100, { memoryBytes: 9 }),
  node("a", "s", 10, { memoryBytes: 5 }),
  node("b", "a", 1, { weight: 3, memoryBytes: 1 }),
  node("c", "a", 2, { memoryBytes: 1 }),
  node("d", "b c", 5, { memoryBytes: 1 }),
]);

async function computeUs(cache: "none" | "greedy" | "aggressive", memoryBytes = Infinity): Promise<number | undefined> {
  const { rows } = await runPair(diamond, "compute-all+never", { inRunCache: cache }, { memoryBytes });
  return rows[0]?.computeUs;
}

test("without a cache a result is computed once per weighted use: a and s four times", async () => {
  expect(await computeUs("none")).toBe(4 * 100 + 4 * 10 + 1 + 2 + 5);
});

test("aggressive caching computes everything once", async () => {
  expect(await computeUs("aggressive")).toBe(118);
});

test("greedy caching takes what saves most and fits: a saves 330, s 300; then nothing more is to be saved", async () => {
  expect(await computeUs("greedy")).toBe(118);
  expect(await computeUs("greedy", 13)).toBe(118); // a alone does it
  expect(await computeUs("greedy", 9)).toBe(118);
  expect(await computeUs("greedy", 4)).toBe(448); // neither fits
});

async function totals(trace: readonly TraceIteration[], system: SystemSpec, memoryBytes: number): Promise<number[]> {
  const outcome = await simulateCell({
    trace: { name: "t", iterations: trace, facts: { ...surveyTrace(trace), chargeSegments: false } },
    system,
    budget: { kind: "none" },
    memoryBytes,
  });
  return outcome.rows.map(({ runUs }) => runUs);
}

test("helix-nm = keystoneml-aggressive = keystoneml with unlimited memory to the microsecond; greedy lies between it and no cache (80 random traces)", async () => {
  let strictlyBetween = 0;
  for (let seed = 0; seed < 80; seed++) {
    const trace = randomTrace(seed, { iterations: 4, nodes: 3 + (seed % 12), noise: seed % 2 === 0, segments: false });
    const aggressive = await totals(trace, systems["keystoneml-aggressive"], Infinity);
    expect(await totals(trace, systems["helix-nm"], Infinity)).toEqual(aggressive);
    expect(await totals(trace, systems.keystoneml, Infinity)).toEqual(aggressive);
    const none = await totals(trace, systems["keystoneml-nocache"], Infinity);
    const greedy = await totals(trace, systems.keystoneml, 60_000_000);
    for (const [i, us] of greedy.entries()) {
      expect(us).toBeGreaterThanOrEqual(aggressive[i]!);
      expect(us).toBeLessThanOrEqual(none[i]!);
      if (us > aggressive[i]! && us < none[i]!) strictlyBetween++;
    }
  }
  expect(strictlyBetween).toBeGreaterThan(10);
});

test("a zero budget is compute-all: every budgeted system that keeps within it reruns what slicing leaves (60 random traces)", async () => {
  for (let seed = 100; seed < 160; seed++) {
    const trace = randomTrace(seed, {
      iterations: 5,
      nodes: 3 + (seed % 9),
      noise: seed % 2 === 0,
      segments: seed % 3 === 0,
    });
    const facts = surveyTrace(trace);
    const run = async (system: SystemSpec, accounting: Accounting): Promise<number[]> => {
      const cell = { trace: { name: "t", iterations: trace, facts }, system, accounting };
      const { rows } = await simulateCell({ ...cell, budget: { kind: "bytes", bytes: 0 } });
      return rows.map(({ runUs }) => runUs);
    };
    for (const accounting of ["uniform", "helix"] as const) {
      const rerun = await run(systems["keystoneml-aggressive"], accounting);
      for (const id of ["helix", "helix-demo", "helix-am", "helix-nm", "collab-helix"] as const)
        expect(await run(systems[id], accounting)).toEqual(rerun);
    }
  }
});
