import { describe, expect, test } from "vitest";
import { command } from "../../src/cli/bound.ts";
import { simulateOracleCell } from "../../src/cli/simulate-oracle.ts";
import { command as simulate } from "../../src/cli/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { loadTrace } from "../../src/traces/read.ts";
import { runCommand } from "./run-command.ts";

const golden = new URL("../golden/traces/", import.meta.url).pathname;
const values = { accounting: "uniform" };

interface Row {
  system: string;
  costUs: number;
  lowerBoundUs: number;
  bound: string;
  gap: number | null;
  attainedShare: number | null;
}

async function rowsOf(file: string, more: Record<string, string | readonly string[]>): Promise<Row[]> {
  const { code, stdout, stderr } = await runCommand(command, [`${golden}${file}`], {
    ...values,
    format: "json",
    ...more,
  });
  expect({ code, stderr: stderr.replaceAll(/^excluded: .*\n/gmu, "") }).toEqual({ code: 0, stderr: "" });
  return (JSON.parse(stdout) as { rows: Row[] }).rows;
}

describe("bound", () => {
  test("prints what simulate charges, and nobody goes below the bound", async () => {
    for (const file of ["chain.jsonl", "diamond.jsonl", "nondeterministic.jsonl"])
      for (const budget of ["none", "40%", "0B"]) {
        const rows = await rowsOf(file, { budget: [budget] });
        const simulated = await runCommand(simulate, [`${golden}${file}`], {
          ...values,
          budget: [budget],
          estimates: "last",
          seed: "1",
          format: "json",
        });
        const totals = new Map<string, number>();
        for (const row of (JSON.parse(simulated.stdout) as { rows: { system: string; cumulativeUs: number }[] }).rows)
          totals.set(row.system, row.cumulativeUs);
        for (const { system, costUs, lowerBoundUs, bound } of rows) {
          expect(bound).toBe("optimum");
          expect(costUs).toBeGreaterThanOrEqual(lowerBoundUs);
          if (system !== "oracle") expect({ system, costUs }).toEqual({ system, costUs: totals.get(system) });
          else expect(costUs).toBe(lowerBoundUs);
        }
        expect(rows.at(-1)!.system).toBe("oracle");
      }
  });

  test("windows give a lower bound without an oracle; pairs stand for systems", async () => {
    const [whole] = await rowsOf("chain.jsonl", { planner: "exact", materializer: "helix-online" });
    const rows = await rowsOf("chain.jsonl", { planner: "exact", materializer: "helix-online", lookAhead: "2" });
    expect(rows.map(({ system, bound }) => ({ system, bound }))).toEqual([
      { system: "exact+helix-online", bound: "windows of 2" },
    ]);
    expect(rows[0]!.lowerBoundUs).toBeLessThanOrEqual(whole!.lowerBoundUs);
  });

  test("gap and share of the attainable saving are those of the definition", async () => {
    const rows = await rowsOf("chain.jsonl", { system: ["helix-demo,helix-nm"] });
    const [ours, none, oracle] = rows;
    expect(ours!.gap).toBeCloseTo(ours!.costUs / oracle!.costUs - 1, 5);
    expect(ours!.attainedShare).toBeCloseTo((none!.costUs - ours!.costUs) / (none!.costUs - oracle!.costUs), 5);
    expect([none!.attainedShare, oracle!.attainedShare]).toEqual([0, 1]);
  });

  test("the oracle may be named: its row alone, or why there is none", async () => {
    const rows = await rowsOf("chain.jsonl", { system: ["oracle"] });
    expect(rows.map(({ system, gap, bound }) => ({ system, gap, bound }))).toEqual([
      { system: "oracle", gap: 0, bound: "optimum" },
    ]);
    const none = await runCommand(command, [`${golden}chain.jsonl`], {
      ...values,
      system: ["oracle"],
      lookAhead: "2",
      format: "json",
    });
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none.stderr).toBe("excluded: oracle: no schedule is known, only a bound (windows of 2)\n");
  });

  test("the oracle's rows come from the loop and add up to its cost", async () => {
    const { header, iterations } = await loadTrace(`${golden}chain.jsonl`);
    const facts = surveyTrace(iterations);
    const outcome = await simulateOracleCell({
      trace: { name: header.name, iterations, facts },
      budget: { kind: "share", percent: 40 },
    });
    expect(outcome.rows.length).toBe(iterations.length);
    expect(outcome.rows.at(-1)!.cumulativeUs).toBe(outcome.optimum.costUs);
    expect(outcome.rows[0]).toMatchObject({ system: "oracle", planner: "clairvoyant", materializer: "clairvoyant" });
  });

  const bad: [string, readonly string[], Record<string, string | readonly string[]>, string][] = [
    ["no trace", [], {}, "no trace given"],
    ["a bare budget", [`${golden}chain.jsonl`], { budget: ["100"] }, 'size "100"'],
    ["a look-ahead of nothing", [`${golden}chain.jsonl`], { lookAhead: "0" }, '--look-ahead "0"'],
    ["an unknown system", [`${golden}chain.jsonl`], { system: ["helixx"] }, "helix"],
    ["an unknown accounting", [`${golden}chain.jsonl`], { accounting: "x" }, "uniform, helix, collab"],
    ["half a pair", [`${golden}chain.jsonl`], { planner: "exact" }, "needs --materializer"],
  ];
  test.each(bad)("refuses %s with exit 2", async (_, files, more, message) => {
    const { code, stdout, stderr } = await runCommand(command, files, { ...values, ...more });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
