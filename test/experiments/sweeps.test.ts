import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { budgetCurve } from "../../experiments/budget-curve.ts";
import { seedSweep } from "../../experiments/seeds.ts";
import { judgeClaims } from "../../src/harness/claims.ts";
import { runExperiment, type RunOutcome } from "../../src/harness/run.ts";
import { TraceLibrary } from "../../src/harness/run-traces.ts";
import { writeModelTraces } from "./model-traces.ts";

let folder = "";
let traces: TraceLibrary;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-sweeps-"));
  traces = new TraceLibrary(writeModelTraces(join(folder, "traces")));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const total = ({ cells }: RunOutcome, at: Readonly<Record<string, unknown>>): number | undefined =>
  cells
    .find((cell) => Object.entries(at).every(([name, value]) => cell?.configuration.params[name] === value))
    ?.rows.map(({ totalUs }) => Number(totalUs))[0];

describe("budget-curve", () => {
  test("judges its claims on the cells it ran; the bound is below every system and falls with the budget", async () => {
    const outcome = await runExperiment(budgetCurve, { folder: join(folder, "budget"), quick: true, traces });
    expect(outcome.meta.failures).toEqual([]);
    const claims = new Map(outcome.meta.claims.map(({ id, got, verdict }) => [id, { got, verdict }]));
    expect([...claims.keys()]).toEqual(["small-budget", "not-above-always", "stores-less"]);
    for (const { got, verdict } of claims.values()) {
      expect(String(got)).toMatch(/census|ie/u);
      expect(["reproduced", "same shape", "not"]).toContain(verdict);
    }
    for (const family of ["census", "ie"]) {
      const bounds = ["1%", "10%", "50%", "none"].map((budget) =>
        total(outcome, { family, budget, system: "lower-bound" })!,
      );
      expect([...bounds].sort((a, b) => b - a)).toEqual(bounds);
      for (const [i, budget] of ["1%", "10%", "50%", "none"].entries())
        for (const system of ["helix", "helix-am", "collab"])
          expect(total(outcome, { family, budget, system })!).toBeGreaterThanOrEqual(bounds[i]!);
    }
  });

  test("without the cells a claim needs it is not testable and says which are missing", () => {
    const view = {
      cells: [{ point: { family: "ie", budget: "none", system: "helix" }, rows: [], facts: {}, exclusions: [] }],
      rows: [],
      seed: 1,
    };
    const claims = judgeClaims(budgetCurve.id, budgetCurve.claims, view as never);
    expect(claims.map(({ verdict }) => verdict)).toEqual(["not testable", "not testable", "not testable"]);
    expect(claims[0]?.note).toContain("budget 10%");
  });
});

describe("seeds", () => {
  test("judges HELIX against never storing over the drawn sequences", async () => {
    const outcome = await runExperiment(seedSweep, {
      folder: join(folder, "seeds"),
      filters: ["sequence=1,2,3,4,5", "system=helix,helix-nm", "budget=none"],
      traces,
    });
    expect(outcome.meta.failures).toEqual([]);
    const ratios = [1, 2, 3, 4, 5].map(
      (sequence) => total(outcome, { sequence, system: "helix" })! / total(outcome, { sequence, system: "helix-nm" })!,
    );
    const below = ratios.filter((ratio) => ratio < 1).length;
    expect(outcome.meta.claims).toMatchObject([
      {
        id: "below-never",
        got: expect.stringContaining("of 5") as string,
        verdict: below === 5 ? "reproduced" : below >= 3 ? "same shape" : "not",
      },
      { id: "one-sequence-tells" },
    ]);
  });
});
