import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainingTraces } from "../../experiments/training-traces.ts";
import { command as run } from "../../src/cli/run.ts";
import { command as simulate } from "../../src/cli/simulate.ts";
import { readCells } from "../../src/harness/cells.ts";
import type { ResultMeta } from "../../src/harness/run-derived.ts";
import { TraceLibrary } from "../../src/harness/run-traces.ts";
import { writeModelTraces } from "../experiments/model-traces.ts";
import { runCommand } from "./run-command.ts";

let folder = "";
let traces = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reuselab-params-"));
  traces = writeModelTraces(join(folder, "traces"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plugIn = (id: string): string => {
  const file = join(folder, `${id}.mjs`);
  writeFileSync(
    file,
    `import { z } from "zod";
     export default { id: "${id}", title: "${id}", kind: "online", decideAt: "finish",
       params: z.object({ alpha: z.number().min(0).max(1).default(1) }),
       keep: ({ sizeBytes, computeUs, loadUs }, { freeBytes }, { alpha }) =>
         alpha * computeUs > loadUs && sizeBytes <= freeBytes };`,
  );
  return file;
};

const small = { quick: true, filter: ["trace=ie@judged", "budget=50%"], format: "json" };

async function arena(values: object): Promise<ResultMeta> {
  const outcome = await runCommand(run, ["arena"], { ...small, traces, ...values });
  expect(outcome.stderr).toBe("");
  expect(outcome.code).toBe(0);
  return JSON.parse(outcome.stdout) as ResultMeta;
}

describe("run --param", () => {
  test("sweeps a parameter of just the systems that have it; others run once", async () => {
    const out = join(folder, "swept");
    const meta = await arena({
      out,
      filter: [...small.filter, "system=helix,helix-nm", "tuning=defaults"],
      param: ["helix-online.factor=0.5,2,1000000"],
    });
    expect(meta.cells).toMatchObject({ total: 4, done: 4 });
    expect(meta.params["helix-online.factor"]).toEqual([null, 0.5, 2, 1_000_000]);
    const [header, ...lines] = readFileSync(join(out, "arena", "rows.csv"), "utf8")
      .trim()
      .split("\n");
    expect(header?.split(",").slice(0, 5)).toEqual(["trace", "system", "tuning", "budget", "helix-online.factor"]);
    const total = (start: string): string | undefined =>
      lines.find((line) => line.startsWith(start))?.split(",")[header!.split(",").indexOf("totalUs")];
    // So large a factor stores nothing.
    expect(total("ie@judged,helix,defaults,50%,1000000")).toBe(total("ie@judged,helix-nm,defaults,50%,,"));
    expect(total("ie@judged,helix,defaults,50%,2")).not.toBe(total("ie@judged,helix-nm,defaults,50%,,"));
    expect(meta.tables[0]?.rows.map(([policy]) => policy).sort()).toEqual([
      "helix, factor 0.5",
      "helix, factor 1000000",
      "helix, factor 2",
      "helix-nm",
    ]);
  });

  test("sets a plug-in's parameter, and replaces values of the grid", async () => {
    const meta = await arena({
      out: join(folder, "mine"),
      plugin: [plugIn("mine")],
      filter: ["trace=ie@judged", "tuning=defaults"],
      param: ["mine.alpha=0.3", "budget=7%", "system=exact+mine,helix"],
    });
    expect(meta.cells).toMatchObject({ total: 2, done: 2 });
    expect(meta.params).toMatchObject({ budget: ["7%"], system: ["exact+mine", "helix"], "mine.alpha": [null, 0.3] });
  });

  test("of an unknown name, a wrong type or a bad value is refused, naming what there is", async () => {
    for (const [param, says] of [
      ["helix-online.factr=2", /helix-online has no such parameter; it has factor/u],
      ["helix-online.factor=much", /helix-online.factor: much: .*expected number/u],
      ["helix-online.factor=-1", /helix-online.factor: -1: .*>=0/u],
      ["helix-onlin.factor=2", /takes no part in this run; nearest: helix-online/u],
      ["budgt=2%", /has such a parameter.*parameters of arena itself: trace, system, tuning, budget/u],
      ["budget=lots", /size "lots": expected a number with a unit/u],
      ["system=helxi", /unknown system "helxi"; nearest: helix/u],
      ["tuning", /expected id.name=value/u],
    ] as const) {
      const asked = { traces, filter: ["trace=ie@judged"], out: join(folder, "bad"), param: [param] };
      const outcome = await runCommand(run, ["arena"], asked);
      expect(outcome).toMatchObject({ code: 2, stdout: "" });
      expect(outcome.stderr).toMatch(says);
    }
    const other = await runCommand(run, ["change-mix"], {
      traces,
      out: join(folder, "bad"),
      param: ["helix.factor=2"],
    });
    expect(other).toMatchObject({ code: 2, stdout: "" });
    expect(other.stderr).toMatch(/experiment change-mix has no such parameter; it has dpr, li/u);
  });

  test("an edited plug-in runs its own cells again and nobody else's", async () => {
    const out = join(folder, "edited");
    const file = plugIn("editable");
    const values = {
      out,
      plugin: [file],
      filter: [...small.filter, "system=helix,exact+editable", "tuning=defaults"],
    };
    await arena(values);
    writeFileSync(file, readFileSync(file, "utf8").replace("alpha * computeUs", "alpha * computeUs * 0.9"));
    const outcome = await runCommand(run, ["arena"], { ...small, traces, ...values, format: "table" });
    expect(outcome.stdout).toContain("2 of 2 cells done (1 run now, 1 kept)");
  });
});

describe("tuned rows", () => {
  test("stand beside the defaults of every policy with parameters, and of no other", async () => {
    const out = join(folder, "tuned");
    const meta = await arena({
      out,
      plugin: [plugIn("tunable")],
      filter: [...small.filter, "system=helix,helix-nm,exact+tunable"],
    });
    const policies = meta.tables[0]?.rows.map(([policy]) => policy).sort();
    expect(policies).toEqual(["exact+tunable", "exact+tunable, tuned", "helix", "helix, tuned", "helix-nm"]);
    expect(meta.tables[0]?.note).toContain("which are not judged");
    const tuned = [...readCells(join(out, "arena", "cells.jsonl")).cells.values()].filter(
      ({ configuration }) => configuration.params["tuning"] === "tuned",
    );
    for (const { facts, configuration } of tuned) {
      expect(facts["tunedTried"]).toBeGreaterThan(4);
      expect(facts["tunedRatio"]).toBeLessThanOrEqual(1);
      // The recording that training needs is part of the key.
      expect(Object.keys(configuration.inputs).sort()).toEqual(["census-cover@judged", "ie@judged"]);
    }
  });

  test("are tuned on traces that nothing is judged on", async () => {
    const library = new TraceLibrary(traces);
    const training = await trainingTraces(library);
    expect(training.length).toBeGreaterThan(4);
    const text = new Set(training.map(({ iterations }) => JSON.stringify(iterations)));
    for (const reference of library.judgedReferences())
      expect(text.has(JSON.stringify((await library.load(reference)).iterations))).toBe(false);
    expect(library.judgedReferences()).toEqual(["census@judged", "ie@judged"]);
  });
});

describe("simulate --param", () => {
  const rowsOf = async (values: object): Promise<{ system: string; params?: string; cumulativeUs: number }[]> => {
    const trace = join(traces, "ie-10x.jsonl");
    const { code, stdout } = await runCommand(simulate, [trace], { format: "json", seed: "1", ...values });
    expect(code).toBe(0);
    return (JSON.parse(stdout) as { rows: { system: string; params?: string; cumulativeUs: number }[] }).rows;
  };

  test("with several values runs each, and says in every row which", async () => {
    const rows = await rowsOf({ system: ["helix,helix-nm"], param: ["helix-online.factor=0.5,1000000"] });
    const last = new Map(rows.map(({ system, params, cumulativeUs }) => [`${system} ${params}`, cumulativeUs]));
    expect([...last.keys()]).toEqual([
      "helix helix-online.factor=0.5",
      "helix helix-online.factor=1000000",
      "helix-nm ",
    ]);
    expect(last.get("helix helix-online.factor=1000000")).toBe(last.get("helix-nm "));
    expect((await rowsOf({ system: ["helix"] })).some((row) => "params" in row)).toBe(false);
  });

  test("wrong ones are exit 2 and name the valid ones", async () => {
    for (const [param, says] of [
      ["helix-online.x=1", /helix-online has no such parameter; it has factor/u],
      ["alpha=0.5", /none of exact, helix-online has such a parameter; there are helix-online.factor/u],
      ["factor=true", /expected number/u],
    ] as const) {
      const outcome = await runCommand(simulate, [join(traces, "ie-1x.jsonl")], { system: ["helix"], param: [param] });
      expect(outcome).toMatchObject({ code: 2, stdout: "" });
      expect(outcome.stderr).toMatch(says);
    }
  });
});
