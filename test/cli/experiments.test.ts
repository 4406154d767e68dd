import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command as merge } from "../../src/cli/merge.ts";
import { command as report } from "../../src/cli/report.ts";
import { command as reproduce } from "../../src/cli/reproduce.ts";
import { command as run } from "../../src/cli/run.ts";
import { command as start } from "../../src/cli/start.ts";
import type { ResultMeta } from "../../src/harness/run-derived.ts";
import { writeModelTraces } from "../experiments/model-traces.ts";
import { runCommand } from "./run-command.ts";

let folder = "";
let traces = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-cli-"));
  traces = writeModelTraces(join(folder, "traces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (...names: string[]): string => join(folder, ...names);

describe("reproduce", () => {
  test("prints claims in the documented shape", async () => {
    const { code, stdout } = await runCommand(reproduce, ["demo-fig2a"], {
      quick: true,
      traces,
      out: at("one"),
      baseline: at("none"),
      format: "json",
    });
    expect(code).toBe(0);
    const { claims } = JSON.parse(stdout) as { claims: Record<string, unknown>[] };
    expect(claims).toHaveLength(2);
    for (const claim of claims) {
      for (const field of ["experiment", "claim", "expected", "got", "tolerance", "verdict"])
        expect(claim).toHaveProperty(field);
      expect(["reproduced", "same shape", "not", "not testable"]).toContain(claim["verdict"]);
    }
    expect(claims[0]).toHaveProperty("ceiling");
    expect(claims[0]).toHaveProperty("attained");
  });

  test("exits 1 only if a claim that was reproduced in the committed results no longer is", async () => {
    const baseline = at("baseline");
    await runCommand(run, ["demo-fig2a"], { quick: true, traces, out: baseline });
    const values = { quick: true, traces, out: at("two"), baseline };
    expect((await runCommand(reproduce, ["demo-fig2a"], values)).code).toBe(0);

    const file = join(baseline, "demo-fig2a", "meta.json");
    const meta = JSON.parse(readFileSync(file, "utf8")) as ResultMeta;
    const claims = meta.claims.map((claim) => (claim.id === "ie-saving" ? { ...claim, verdict: "reproduced" } : claim));
    writeFileSync(file, JSON.stringify({ ...meta, claims }));
    const lost = await runCommand(reproduce, ["demo-fig2a"], values);
    expect(lost.code).toBe(1);
    expect(lost.stderr).toContain("no longer reproduced: demo-fig2a ie-saving");
  });

  test("knows groups, and names what it does not know", async () => {
    const group = await runCommand(reproduce, ["hilml"], { dryRun: true, format: "json" });
    expect((JSON.parse(group.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(["hilml-fig4"]);
    const unknown = await runCommand(reproduce, ["demo-fig2"], {});
    expect(unknown).toMatchObject({ code: 2, stdout: "" });
    expect(unknown.stderr).toContain("demo-fig2a");
  });

  test("without traces of the family: exit 2 and how to record them", async () => {
    const outcome = await runCommand(reproduce, ["demo-fig2a"], { traces: at("empty"), out: at("three") });
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toContain("reuselab record ie");
  });
});

describe("run", () => {
  test("writes DIR/ID, continues what is there, and plans with --dry-run", async () => {
    const values = { traces, out: at("results"), filter: ["on=trace", "budget=10GB,none"] };
    const plan = await runCommand(run, ["demo-fig2a"], { ...values, dryRun: true, format: "json" });
    expect(JSON.parse(plan.stdout)).toMatchObject([{ experiment: "demo-fig2a", total: 20, finished: 0, toRun: 20 }]);
    expect(existsSync(at("results"))).toBe(false);
    expect((await runCommand(run, ["demo-fig2a"], values)).stdout).toContain("20 run now, 0 kept");
    expect((await runCommand(run, ["demo-fig2a"], values)).stdout).toContain("0 run now, 20 kept");
    for (const name of [
      "cells.jsonl",
      "runs.jsonl",
      "rows.csv",
      "chart.svg",
      "chart.png",
      "chart.vl.json",
      "claims.md",
      "meta.json",
    ])
      expect(existsSync(at("results", "demo-fig2a", name))).toBe(true);
  });

  test("refuses unknown experiments, seeds and filters with exit 2", async () => {
    for (const [ids, values] of [
      [["nothing"], {}],
      [["demo-fig2a"], { seed: "x" }],
      [["demo-fig2a"], { shard: "3/2" }],
      [["demo-fig2a"], { timeout: "30" }],
      [["demo-fig2a"], { filter: ["system=helxi"] }],
    ] as const)
      expect(await runCommand(run, ids, { traces, out: at("refused"), ...values })).toMatchObject({
        code: 2,
        stdout: "",
      });
  });

  test("a results folder that cannot be written is exit 2, and says so", async () => {
    writeFileSync(at("file"), "");
    const outcome = await runCommand(run, ["demo-fig2a"], { traces, out: at("file") });
    expect(outcome.code).toBe(2);
  });
});

describe("report", () => {
  test("makes one page of several folders", async () => {
    await runCommand(run, ["demo-fig2a"], { quick: true, traces, out: at("r") });
    await runCommand(run, ["hilml-fig4"], { traces, filter: ["family=ie"], out: at("r") });
    const outcome = await runCommand(report, [at("r", "demo-fig2a"), at("r", "hilml-fig4")], { out: at("page") });
    expect(outcome.code).toBe(0);
    const html = readFileSync(at("page", "index.html"), "utf8");
    for (const part of ['id="demo-fig2a"', 'id="hilml-fig4"', "Provenance of", "lacks structured-prediction"])
      expect(html).toContain(part);
  });

  test("of what is no results folder is exit 2", async () => {
    expect(await runCommand(report, [at("traces")], { out: at("page2") })).toMatchObject({ code: 2, stdout: "" });
    expect(await runCommand(report, [], {})).toMatchObject({ code: 2 });
  });
});

describe("merge", () => {
  test("puts shards together to the bytes of one run", async () => {
    const whole = { quick: true, traces, filter: ["system=helix,helix-demo"] };
    await runCommand(run, ["demo-fig2a"], { ...whole, out: at("whole") });
    for (const i of [1, 2]) await runCommand(run, ["demo-fig2a"], { ...whole, shard: `${i}/2`, out: at(`s${i}`) });
    const outcome = await runCommand(merge, [at("s1", "demo-fig2a"), at("s2", "demo-fig2a")], {
      out: at("merged"),
      traces,
    });
    expect(outcome.code).toBe(0);
    const cells = (name: string): string => readFileSync(at(name, "demo-fig2a", "cells.jsonl"), "utf8");
    expect(cells("merged")).toBe(cells("whole"));
    const runs = readFileSync(at("merged", "demo-fig2a", "runs.jsonl"), "utf8")
      .trim()
      .split("\n");
    expect(runs).toHaveLength(2);
  });

  test("refuses two answers to one simulated configuration", async () => {
    await runCommand(run, ["demo-fig2a"], { quick: true, traces, filter: ["system=helix"], out: at("m1") });
    cpSync(at("m1"), at("m2"), { recursive: true });
    const file = at("m2", "demo-fig2a", "cells.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"intermediateBytes":(\d)/u, '"intermediateBytes":9$1'));
    const outcome = await runCommand(merge, [at("m1", "demo-fig2a"), at("m2", "demo-fig2a")], {
      out: at("m3"),
      traces,
    });
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain("differs between");
  });
});

test("start without an engine leaves the table, the figures and one page", async () => {
  const outcome = await runCommand(start, [], { traces, out: at("start"), executor: "none", quick: true });
  expect(outcome.code).toBe(0);
  expect(outcome.stdout).toMatch(/paper says\s+expected\s+we got\s+ceiling/u);
  expect(outcome.stdout).toContain("excluded: keystoneml on ie-100x: lacks structured-prediction");
  for (const name of ["demo-fig2a.svg", "demo-fig2a.png", "demo-fig2b.svg", "demo-fig2b.png", "index.html"])
    expect(existsSync(at("start", name))).toBe(true);
});
