import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command as compare } from "../../src/cli/compare.ts";
import { command as run } from "../../src/cli/run.ts";
import { cellKey, readCells, writeCells, type Cell } from "../../src/harness/cells.ts";
import type { ComparisonOutcome } from "../../src/harness/run-compare.ts";
import type { FolderComparison } from "../../src/harness/run-compare-folders.ts";
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
      ["A", "A, tuned", "B", "B, tuned", "always", "never", "no limit", "none-fused", "other purge setting"].sort(),
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
    const changed = await runCommand(compare, [a, b], { format: "md", failOn: "worst>10%", traces: [traces] });
    expect(changed.code).toBe(1);
    expect(changed.stderr).toMatch(/is 2 times .* on .*system=helix /u);
    expect(changed.stdout).toContain("0 faster, 1 equal, 1 slower of 2 cells; 1 with equal rows");
    expect(changed.stdout).toContain("| workload | policy | budget |");
    expect(changed.stdout).toMatch(/slower on trace=ie@judged seed=1 .*: same code version and traces in both/u);
    expect(changed.stdout).toContain("iteration and node are not known: A: run again it gives other rows");

    writeCells(file, cells.slice(1));
    const fewer = JSON.parse((await runCommand(compare, [a, b], { format: "json" })).stdout) as { leftOut: unknown[] };
    expect(fewer.leftOut).toMatchObject([{ system: a, reason: "has no such cell" }]);
  });

  /** A folder of made-up arena cells: run time by trace, system and budget. */
  function madeUp(
    name: string,
    traceCount: number,
    usOf: (trace: number, system: string) => number,
    policy = "1",
  ): string {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    const cells = Array.from({ length: traceCount }, (_, i) =>
      ["helix", "collab"].flatMap((system) =>
        ["10%", "50%"].map((budget): Cell => {
          const configuration = {
            experiment: "arena",
            experimentVersion: 1,
            params: { trace: `t${i}`, system, tuning: "defaults", budget },
            seed: 1,
            executor: "simulated",
            inputs: { [`t${i}`]: policy === "1" ? "a" : "b" },
            policy,
          };
          const us = usOf(i, system);
          const rows = [0, 1].map((iteration) => ({
            iteration,
            computeUs: us / 2,
            loadUs: 0,
            writeUs: 0,
            cumulativeUs: ((iteration + 1) * us) / 2,
          }));
          return { key: cellKey(configuration), configuration, status: "done", rows, facts: {}, exclusions: [] };
        }),
      ),
    );
    writeCells(join(path, "cells.jsonl"), cells.flat());
    return path;
  }

  const compared = async (a: string, b: string): Promise<FolderComparison> =>
    JSON.parse((await runCommand(compare, [a, b], { format: "json" })).stdout) as FolderComparison;

  test("real runs are compared repetitions against repetitions, apart from simulated ones", async () => {
    const measured = (name: string, repetitions: number, medianUs: number): string => {
      const path = madeUp(name, 1, () => 500);
      const cells = Array.from({ length: repetitions }, (_, i): Cell => {
        const configuration = {
          experiment: "arena",
          experimentVersion: 1,
          params: { trace: "t0", system: "helix", repetition: i + 1, budget: "10%" },
          seed: 1,
          executor: "duckdb",
          inputs: {},
          policy: "1",
        };
        const rows = [{ iteration: 0, cumulativeUs: medianUs + i }];
        return { key: cellKey(configuration), configuration, status: "done", rows, facts: {}, exclusions: [] };
      });
      const file = join(path, "cells.jsonl");
      writeCells(file, [...readCells(file).cells.values(), ...cells]);
      return path;
    };
    const [a, b] = [measured("nine-a", 9, 2_000), measured("nine-b", 9, 1_000)];
    const outcome = await compared(a, b);
    expect(outcome.workloads).toHaveLength(4);
    expect(outcome.measured).toMatchObject([{ executor: "duckdb", repetitions: [9, 9], verdict: "slower" }]);
    const said = await runCommand(compare, [a, b], {});
    expect(said.stdout).toMatch(/measured: trace=t0 seed=1 system=helix budget 10% on duckdb: slower: medians/u);
    const few = await runCommand(compare, [measured("two-a", 2, 2_000), measured("two-b", 2, 1_000)], {});
    expect(few.stdout).toContain("not enough samples: 2 and 2 repetitions, at least 9 are needed");
  });

  test("statistics are over traces: systems and budgets of one are one observation", async () => {
    const base = (trace: number): number => 1_000 * (trace + 1);
    const few = await compared(
      madeUp("few-a", 5, (t) => base(t) * 1.1),
      madeUp("few-b", 5, base),
    );
    expect(few).toMatchObject({
      losses: 20,
      ratio: { missing: expect.stringContaining("not enough traces: 5") as string },
    });
    const slower = (trace: number, system: string): number =>
      base(trace) * (system === "helix" ? 1.44 : 1) * (1 + (trace + 1) / 10_000);
    const enough = await compared(madeUp("six-a", 6, slower), madeUp("six-b", 6, base));
    expect(enough.workloads).toHaveLength(24);
    const { ratio, wilcoxonP } = enough;
    // √1.44 in every trace, but for the small differences; six observations: the least two-sided p is 2 ÷ 2⁶.
    expect("value" in ratio ? ratio.value.estimate : 0).toBeCloseTo(1.2, 2);
    expect("value" in wilcoxonP ? wilcoxonP.value : 0).toBeCloseTo(2 / 64, 12);
    expect(enough.policies.map(({ policy }) => policy)).toEqual([
      "system=collab tuning=defaults",
      "system=helix tuning=defaults",
    ]);
    // Two tests of six observations each: Holm doubles the smaller p.
    expect(enough.policies[1]?.correctedP).toBeCloseTo(4 / 64, 12);
  });

  test("a loss says which part of the time, from which iteration, and what else differs", async () => {
    const [a, b] = [madeUp("old", 1, () => 2_000, "0"), madeUp("new", 1, () => 1_000)];
    const { workloads } = await compared(a, b);
    expect(workloads[0]?.explanation).toMatch(
      /^computeUs \+1000; behind from iteration 0; trace t0 is another recording; planners, materializers or plug-ins are of another version; iteration and node are not known: A: the simulator was of version 0, here \d+; B: the simulator was of version 1, here \d+$/u,
    );
    expect((await compared(b, a)).workloads[0]?.explanation).toBeUndefined();
  });
});

describe("two result folders of a plug-in before and after an edit", () => {
  const versions = { hasty: "loadUs[v] < computeUs[v]", never: "false" };
  const source = (loads: string): string => `export default {
    id: "mine", title: "Loads what is cheaper alone", complexity: "O(V + E)",
    plan({ nodeCount, computeUs, parentOffsets, parentIds, loadUs, outputs }) {
      const states = new Uint8Array(nodeCount);
      let costUs = 0;
      for (const o of outputs) states[o] = 1;
      for (let v = nodeCount - 1; v >= 0; v--) {
        if (states[v] === 0) continue;
        if (${loads}) states[v] = 2;
        else for (let e = parentOffsets[v]; e < parentOffsets[v + 1]; e++) states[parentIds[e]] ||= 1;
        costUs += states[v] === 2 ? loadUs[v] : computeUs[v];
      }
      return { states, costUs };
    },
  };`;
  const fileOf = (name: keyof typeof versions): string => join(folder, name, "mine.mjs");
  const ran = async (name: keyof typeof versions): Promise<string> => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(fileOf(name), source(versions[name]));
    const out = join(folder, name, "results");
    await runCommand(run, ["arena"], {
      traces,
      out,
      filter: ["trace=ie@judged", "system=mine+helix-online", "tuning=defaults", "budget=50%"],
      plugin: [fileOf(name)],
    });
    return join(out, "arena");
  };

  test("with both files named a loss is explained down to iteration and node; else it is said which is missing", async () => {
    const [slow, fast] = [await ran("never"), await ran("hasty")];
    const outcome = async (plugin: readonly string[]): Promise<FolderComparison> =>
      JSON.parse(
        (await runCommand(compare, [slow, fast], { format: "json", traces: [traces], plugin })).stdout,
      ) as FolderComparison;
    const { workloads, losses } = await outcome([fileOf("hasty"), fileOf("never")]);
    expect(losses).toBe(1);
    const { loss, explanation } = workloads[0]!;
    expect(loss?.differs?.a).not.toBe(loss?.differs?.b);
    expect(loss?.behind?.us).toBeGreaterThan(0);
    expect(explanation).toContain(
      `they first differ in iteration ${loss?.differs?.iteration} at "${loss?.differs?.node}" (${loss?.differs?.a} against ${loss?.differs?.b})`,
    );
    expect(explanation).toMatch(/behind from iteration \d+, where "[^"]+" .* cost \d+ µs more$/u);

    const [alone] = (await outcome([fileOf("hasty")])).workloads;
    expect(alone?.loss).toBeUndefined();
    const hash = createHash("sha256")
      .update(readFileSync(fileOf("never")))
      .digest("hex");
    expect(alone?.explanation).toContain(
      `iteration and node are not known: A: the plug-in file with SHA-256 ${hash.slice(0, 12)}… is not at hand; name it with --plugin`,
    );
  });
});

describe("tuned rows", () => {
  test("stand beside A and B where they have parameters, unless parameters are given", async () => {
    const values = { trace: "ie@judged", budget: "50%" };
    const { standings } = await json("helix-demo", "helix-nm", values);
    const tuned = standings.filter(({ role }) => role.endsWith("tuned"));
    expect(tuned).toMatchObject([{ system: "helix-demo", role: "A, tuned" }]);
    const given = await json("helix-demo", "helix-nm", { ...values, param: ["helix-demo.factor=3"] });
    expect(given.standings.some(({ role }) => role.endsWith("tuned"))).toBe(false);
    expect(given.standings[0]?.params).toBe("helix-demo.factor=3");
  });
});

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
