import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command as compare } from "../../src/cli/compare.ts";
import { command as run } from "../../src/cli/run.ts";
import { readCells, writeCells } from "../../src/harness/cells.ts";
import type { ComparisonOutcome } from "../../src/harness/run-compare.ts";
import { writeModelTraces } from "../experiments/model-traces.ts";
import { runCommand } from "./run-command.ts";

let folder = "";
let traces = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-compare-"));
  traces = writeModelTraces(join(folder, "traces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const json = async (a: string, b: string, values = {}): Promise<ComparisonOutcome> =>
  JSON.parse((await runCommand(compare, [a, b], { traces, format: "json", ...values })).stdout) as ComparisonOutcome;

describe("compare", () => {
  test("a system with itself: all ties, ratio 1 everywhere, and no test where there is nothing to test", async () => {
    const outcome = await json("helix", "helix", { sequences: "6", budget: "50%", trace: "ie@judged" });
    expect(outcome).toMatchObject({ wins: 0, losses: 0, ties: 7 });
    expect(outcome.ratio).toMatchObject({ value: { estimate: 1, low: 1, high: 1 } });
    expect(outcome.wilcoxonP).toMatchObject({ missing: expect.stringContaining("all paired differences are zero") });
  });

  test("says aloud when there are too few traces for an interval", async () => {
    const outcome = await json("helix-demo", "helix-nm", { trace: "ie@judged", budget: "none" });
    expect(outcome.ratio).toMatchObject({ missing: expect.stringContaining("not enough traces: 1") });
    expect(outcome.wins).toBe(1);
  });

  test("is the mirror image the other way round", async () => {
    const values = { sequences: "8", budget: "50%", trace: "ie@judged" };
    const [there, back] = [await json("helix-demo", "helix-nm", values), await json("helix-nm", "helix-demo", values)];
    expect(back.wins).toBe(there.losses);
    expect(back.losses).toBe(there.wins);
    const estimate = (one: ComparisonOutcome): number => ("value" in one.ratio ? one.ratio.value.estimate : NaN);
    expect(estimate(there) * estimate(back)).toBeCloseTo(1, 10);
    expect(estimate(there)).toBeLessThan(1);
  });

  test("explains a loss by iteration and node, and fails when asked to", async () => {
    const outcome = await runCommand(compare, ["helix-nm", "helix-demo"], {
      traces,
      trace: "ie@judged",
      budget: "none",
      failOn: "slower>2%",
    });
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/loss on ie-100x, budget none: they first differ in iteration 0 at "\w+"/u);
    expect(outcome.stdout).toMatch(/behind from iteration \d+, where ".+" .+ cost \d+ µs more/u);
    const fine = await runCommand(compare, ["helix-demo", "helix-nm"], {
      traces,
      trace: "ie@judged",
      failOn: "slower>2%",
    });
    expect(fine.code).toBe(0);
  });

  test("lists systems that cannot run a trace instead of dropping them", async () => {
    const outcome = await json("helix", "keystoneml", { budget: "none" });
    expect(outcome.leftOut).toEqual([
      { trace: "ie-100x", system: "keystoneml", reason: "lacks structured-prediction" },
    ]);
    expect(outcome.workloads.map(({ trace }) => trace)).toEqual(["census-100x"]);
  });

  test("prints Markdown for a pull request", async () => {
    const { stdout } = await runCommand(compare, ["helix", "helix-nm"], {
      traces,
      trace: "ie@judged",
      budget: "none",
      format: "md",
    });
    expect(stdout).toContain("| trace | budget |");
    expect(stdout).toContain("- helix against helix-nm: 1 wins, 0 ties, 0 losses");
  });

  test("refuses unknown ids and conditions", async () => {
    expect(await runCommand(compare, ["helix", "helxi"], { traces })).toMatchObject({ code: 2, stdout: "" });
    expect(await runCommand(compare, ["helix", "helix"], { traces, failOn: "2%" })).toMatchObject({
      code: 2,
      stdout: "",
    });
  });
});

describe("beside the two systems", () => {
  test("stand the bounds and HELIX's other purge setting, each with time saved, bytes and planning time", async () => {
    const { standings } = await json("helix", "helix-demo", { trace: "ie@judged", budget: "50%,none" });
    const roles = new Map(standings.map(({ role, ...rest }) => [role, rest]));
    expect([...roles.keys()].sort()).toEqual(
      ["A", "B", "always", "never", "no limit", "none-fused", "other purge setting"].sort(),
    );
    expect(roles.get("never")?.saved).toBe(0);
    const twins = [roles.get("A"), roles.get("other purge setting")];
    expect(new Set(twins.map((one) => one?.system))).toEqual(new Set(["helix", "helix-keep"]));
    expect(twins[0]!.totalUs).toBeLessThanOrEqual(twins[1]!.totalUs);
    for (const { planUs } of standings) expect(planUs).toBeGreaterThan(0);
  });

  test("the Pareto front holds exactly the systems no other one dominates", async () => {
    const { standings } = await json("helix-demo", "collab", { trace: "ie@judged", budget: "50%" });
    const most = Math.max(...standings.map(({ workloads }) => workloads));
    const whole = standings.filter(({ workloads }) => workloads === most);
    for (const one of standings) {
      const beaten = whole.some(
        (other) =>
          other.totalUs <= one.totalUs &&
          other.storedBytes <= one.storedBytes &&
          other.planUs <= one.planUs &&
          (other.totalUs < one.totalUs || other.storedBytes < one.storedBytes || other.planUs < one.planUs),
      );
      expect(one.pareto).toBe(whole.includes(one) && !beaten);
    }
  });
});

describe("two result folders", () => {
  test("are paired cell by cell; what changed is named and judged", async () => {
    const [left, right] = [join(folder, "left"), join(folder, "right")];
    for (const out of [left, right])
      await runCommand(run, ["arena"], {
        traces,
        out,
        quick: true,
        filter: ["trace=ie@judged", "system=helix,helix-nm", "tuning=defaults", "budget=50%"],
      });
    const [a, b] = [join(left, "arena"), join(right, "arena")];
    const same = await runCommand(compare, [a, b], { format: "json", failOn: "losses>0,worst>0%,stored>0%" });
    expect(same.code).toBe(0);
    expect(JSON.parse(same.stdout)).toMatchObject({ wins: 0, ties: 2, losses: 0, identical: 2, leftOut: [] });

    const file = join(a, "cells.jsonl");
    const cells = [...readCells(file).cells.values()].map((cell) => {
      const slower = cell.rows.map((row) => ({ ...row, totalUs: Number(row["totalUs"]) * 2 }));
      return cell.configuration.params["system"] === "helix" ? Object.assign({}, cell, { rows: slower }) : cell;
    });
    writeCells(file, cells);
    const changed = await runCommand(compare, [a, b], { format: "md", failOn: "worst>10%" });
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(/is 2 times .* on .*system=helix /u);
    expect(changed.stdout).toContain("0 faster, 1 equal, 1 slower of 2 cells; 1 with equal rows");
    expect(changed.stdout).toContain("| cell | budget |");

    writeCells(file, cells.slice(1));
    const fewer = JSON.parse((await runCommand(compare, [a, b], { format: "json" })).stdout) as { leftOut: unknown[] };
    expect(fewer.leftOut).toMatchObject([{ system: a, reason: "has no such cell" }]);
  });
});

const planner = `
const LOAD = 2, COMPUTE = 1;
export default {
  id: "mine", title: "Loads every output it can, else computes everything", complexity: "O(V + E)",
  plan({ nodeCount, computeUs, parentOffsets, parentIds, loadUs, outputs }) {
    const states = new Uint8Array(nodeCount);
    for (const o of outputs) states[o] = loadUs[o] < Infinity ? LOAD : COMPUTE;
    for (let i = nodeCount - 1; i >= 0; i--)
      if (states[i] === COMPUTE) for (let e = parentOffsets[i]; e < parentOffsets[i + 1]; e++) states[parentIds[e]] ||= COMPUTE;
    let costUs = 0;
    for (let i = 0; i < nodeCount; i++) costUs += states[i] === COMPUTE ? computeUs[i] : states[i] === LOAD ? loadUs[i] : 0;
    return { states, costUs };
  },
};
`;

describe("a planner of one's own", () => {
  test("is compared by its id and enters the arena", async () => {
    const file = join(folder, "mine.mjs");
    writeFileSync(file, planner);
    const outcome = await json("mine", "helix", { plugin: [file], trace: "ie@judged", budget: "none" });
    expect(outcome.a).toBe("mine+helix-online");
    expect(outcome.wins).toBe(0);
    const arena = await runCommand(run, ["arena"], {
      plugin: [file],
      traces,
      out: join(folder, "results"),
      quick: true,
      filter: ["trace=ie@judged", "system=helix,mine+helix-online", "tuning=defaults", "budget=50%"],
      format: "json",
    });
    expect(arena.code).toBe(0);
    const { tables } = JSON.parse(arena.stdout) as { tables: { rows: string[][] }[] };
    expect(tables[0]?.rows.map(([system]) => system)).toEqual(["helix", "mine+helix-online"]);
  });
});
