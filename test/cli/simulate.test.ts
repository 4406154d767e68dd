import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { defaultSystems, systems } from "../../src/baselines/index.ts";
import { command } from "../../src/cli/simulate.ts";
import type { TraceIteration } from "../../src/core/iteration.ts";
import type { Exclusion, RunRow } from "../../src/core/result-row.ts";
import { simulateCell } from "../../src/simulator/simulate.ts";
import { surveyTrace } from "../../src/simulator/trace-facts.ts";
import { randomTrace } from "../support/random-traces.ts";
import { refIntermediateBytes, referenceRows } from "../support/reference-simulator.ts";
import { node, versions } from "../support/sequences.ts";
import { runCommand, type CommandOutcome } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));

function traceFile(name: string, iterations: readonly object[], header: object = {}): string {
  const path = join(folder, `${name}.jsonl`);
  const lines = [{ format: "reuselab.trace", version: 1, name, ...header }, ...iterations];
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

async function simulate(
  paths: readonly string[],
  values: Readonly<Record<string, string | boolean | readonly string[]>> = {},
): Promise<CommandOutcome> {
  return runCommand(command, paths, values);
}

type Printed = { rows: (RunRow & { estimates?: string })[]; excluded: Exclusion[] };
const parsed = ({ stdout }: CommandOutcome): Printed => JSON.parse(stdout) as Printed;

const chain: TraceIteration[] = versions(
  [node("s", "", 1_000), node("a", "s", 400, { sizeBytes: 30, kind: "dpr" }), node("b", "a", 90, { sizeBytes: 70 })],
  [node("s", "", 1_000), node("a", "s", 400, { sizeBytes: 30, kind: "dpr" }), node("b:b2", "a", 90, { sizeBytes: 50 })],
).map((it) => (it.iteration === 1 ? { ...it, changeType: "ppr" as const } : it));
const chainFile = traceFile("chain", chain);

describe("rows", () => {
  test("are those of a cell of its own, under every budget, whether or not the system looks at it", async () => {
    const iterations = randomTrace(5, { iterations: 4, nodes: 7, noise: true, segments: true });
    const path = traceFile("budgets", iterations);
    const { rows } = parsed(await simulate([path], { budget: ["3%,40%", "none"], format: "json" }));
    const facts = surveyTrace(iterations);
    const wanted: RunRow[] = [];
    for (const system of defaultSystems)
      for (const budget of [{ kind: "share", percent: 3 }, { kind: "share", percent: 40 }, { kind: "none" }] as const)
        wanted.push(...(await simulateCell({ trace: { name: "budgets", iterations, facts }, system, budget })).rows);
    expect(rows).toEqual(wanted);
  });

  test("have the documented columns, in order, one per iteration, repeated per budget also where nothing is stored", async () => {
    const { code, stdout } = await simulate([chainFile], {
      system: ["helix-nm"],
      budget: ["none,50%", "1KiB"],
      format: "json",
    });
    expect(code).toBe(0);
    const { rows, excluded } = JSON.parse(stdout) as Printed;
    expect(excluded).toEqual([]);
    expect(rows.map(({ budgetBytes, iteration }) => [budgetBytes, iteration])).toEqual([
      [null, 0],
      [null, 1],
      [75, 0], // half of 30 + 70 + 50: the source does not count
      [75, 1],
      [1024, 0],
      [1024, 1],
    ]);
    expect(Object.entries(rows[0] ?? {})).toEqual([
      ["trace", "chain"],
      ["system", "helix-nm"],
      ["planner", rows[0]?.planner],
      ["materializer", "never"],
      ["budgetBytes", null],
      ["accounting", "uniform"],
      ["seed", 1],
      ["executor", "simulated"],
      ["iteration", 0],
      ["changeType", "initial"],
      ["runUs", 1_490],
      ["computeUs", 1_490],
      ["loadUs", 0],
      ["writeUs", 0],
      ["storedBytes", 0],
      ["evictedBytes", 0],
      ["peakBytes", 100],
      ["computed", 3],
      ["loaded", 0],
      ["pruned", 0],
      ["cumulativeUs", 1_490],
    ]);
  });

  test("of every system equal the independent simulator's, through the file and the command line", async () => {
    const trace = randomTrace(11, { iterations: 6, nodes: 7, noise: true, segments: true });
    const path = traceFile("random", trace);
    const outcome = await simulate([path], {
      budget: ["30%", "none"],
      accounting: "helix",
      estimates: "mean",
      memory: "50MB",
      format: "json",
    });
    const { rows } = parsed(outcome);
    for (const { id: system } of defaultSystems.filter(({ id }) => !["collab", "collab-utility"].includes(id)))
      for (const budgetBytes of [Math.floor((refIntermediateBytes(trace) * 30) / 100), null]) {
        const settings = {
          system,
          budgetBytes,
          accounting: "helix",
          estimates: "mean",
          memoryBytes: 50_000_000,
        } as const;
        const got = rows.filter((row) => row.system === system && row.budgetBytes === budgetBytes);
        const wanted = referenceRows(trace, settings).rows;
        expect(got.map(({ cumulativeUs, storedBytes }) => [system, cumulativeUs, storedBytes])).toEqual(
          wanted.map(({ cumulativeUs, storedBytes }) => [system, cumulativeUs, storedBytes]),
        );
      }
  });

  test("without --system every system that is not explicit only runs, or is excluded with the reason", async () => {
    const outcome = await simulate([chainFile], { format: "json" });
    const { rows, excluded } = parsed(outcome);
    const ran = new Set(rows.map(({ system }) => system));
    expect(
      [
        ...ran,
        ...excluded.filter(({ fromIteration }) => fromIteration === undefined).map(({ system }) => system),
      ].sort(),
    ).toEqual(defaultSystems.map(({ id }) => id).sort());
    expect(excluded).toEqual([
      expect.objectContaining({ trace: "chain", system: "none-fused" }),
      { trace: "chain", system: "deepdive", reason: "ends before the first li/ppr iteration", fromIteration: 1 },
    ]);
    expect(outcome.stderr).toContain("excluded: deepdive: ends before the first li/ppr iteration (from iteration 1)");
    expect((await simulate([chainFile], { format: "json", quiet: true })).stderr).toBe("");
  });

  test("`all` names the system of that id", async () => {
    const { rows } = parsed(await simulate([chainFile], { system: ["all"], format: "json", budget: ["0B"] }));
    expect(new Set(rows.map(({ system, budgetBytes }) => `${system} ${budgetBytes}`))).toEqual(new Set(["all 0"]));
    expect(rows[1]?.storedBytes).toBe(150);
  });

  test("are the same on one thread and on three", async () => {
    const paths = [21, 22, 23, 24].map((seed) =>
      traceFile(`thread${seed}`, randomTrace(seed, { iterations: 3, nodes: 5, noise: true, segments: false })),
    );
    const budget = ["none,50%,1%,10%,25%,100%,90%,1KiB"];
    const single = await simulate(paths, { budget, format: "json", jobs: "1" });
    expect(parsed(single).rows.length).toBeGreaterThan(1_000);
    expect(await simulate(paths, { budget, format: "json", jobs: "3" })).toEqual(single);

    const bad = [chainFile, traceFile("bad1", [{ iteration: 7 }]), ...paths, traceFile("bad2", [{ iteration: 8 }])];
    for (const jobs of ["1", "3"]) {
      const { code, stdout, stderr } = await simulate(bad, { budget, format: "json", jobs });
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("bad1.jsonl:2");
      expect(stderr).not.toContain("bad2");
    }
  }, 60_000);

  test("the oracle runs only when it is named, and no system is below it", async () => {
    const named = parsed(await simulate([chainFile], { system: ["oracle,helix,helix-demo,all"], format: "json" }));
    const last = named.rows
      .filter(({ iteration }) => iteration === 1)
      .map(({ system, cumulativeUs }) => [system, cumulativeUs]);
    const [oracle, ...others] = last;
    expect(oracle?.[0]).toBe("oracle");
    for (const [, us] of others) expect(us).toBeGreaterThanOrEqual(oracle?.[1] as number);
    expect(parsed(await simulate([chainFile], { format: "json" })).rows.some(({ system }) => system === "oracle")).toBe(
      false,
    );
  });

  test("a pair is called P+M; its parameters are settable by id or alone", async () => {
    const pair = { planner: "linear-pass", materializer: "helix-demo", format: "json" };
    const plain = parsed(await simulate([chainFile], pair)).rows;
    expect(plain[0]).toMatchObject({
      system: "linear-pass+helix-demo",
      planner: "linear-pass",
      materializer: "helix-demo",
    });
    expect(plain[0]?.storedBytes).toBe(100);
    for (const param of ["helix-demo.factor=1e6", "factor=1000000"])
      expect(parsed(await simulate([chainFile], { ...pair, param: [param] })).rows[0]?.storedBytes).toBe(0);
  });

  test("costs no system can know are labelled in every format", async () => {
    for (const format of ["json", "ndjson", "csv", "table", "md"])
      expect((await simulate([chainFile], { system: ["helix"], estimates: "current", format })).stdout).toContain(
        "clairvoyant costs",
      );
    expect((await simulate([chainFile], { system: ["helix"], format: "csv" })).stdout).not.toContain("clairvoyant");
  });

  test("are printed one per line as ndjson and csv, and summed up per system and budget in a table", async () => {
    const values = { system: ["helix,deepdive"], budget: ["20%"] };
    const ndjson = await simulate([chainFile], { ...values, format: "ndjson" });
    expect(
      ndjson.stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as RunRow).system),
    ).toEqual(["helix", "helix", "deepdive"]);
    const csv = (await simulate([chainFile], { ...values, format: "csv" })).stdout.trim().split("\n");
    expect(csv[0]).toBe(
      "trace,system,planner,materializer,budgetBytes,accounting,seed,executor,iteration,changeType,runUs,computeUs,loadUs,writeUs,storedBytes,evictedBytes,peakBytes,computed,loaded,pruned,cumulativeUs",
    );
    expect(csv.length).toBe(4);
    const table = (await simulate([chainFile], values)).stdout.split("\n");
    expect(table[0]).toBe("chain, simulated, uniform accounting");
    expect(table[4]).toMatch(/^helix +20% = 30 B +yes +2 /u);
    expect(table[5]).toMatch(/^deepdive +20% = 30 B +no +1 +- .*ends before the first li\/ppr iteration/u);
  });

  test("several traces stand in one answer, each under the name in its header", async () => {
    const other = traceFile("other", chain.slice(0, 1));
    const { rows } = parsed(await simulate([chainFile, other], { system: ["naive"], format: "json" }));
    expect(rows.map(({ trace, iteration }) => [trace, iteration])).toEqual([
      ["chain", 0],
      ["chain", 1],
      ["other", 0],
    ]);
  });

  test("a trace too large to be held is read again for each cell, with the same rows", async () => {
    // 120 × 900 nodes are more than are held.
    const wide = (iteration: number): TraceIteration => ({
      iteration,
      changeType: iteration === 0 ? "initial" : "dpr",
      nodes: [node("s", "", 500, { sizeBytes: 9 })].concat(
        Array.from({ length: 900 }, (_, i) =>
          node(`n${i}:${i === iteration ? "new" : "old"}${i}`, "s", 10 + i, { sizeBytes: 9 }),
        ),
      ),
    });
    const big = Array.from({ length: 120 }, (_, iteration) => wide(iteration));
    const path = traceFile("wide", big);
    const { rows } = parsed(await simulate([path], { system: ["helix-am"], budget: ["50%"], format: "json" }));
    const held = await simulateCell({
      trace: { name: "wide", iterations: big, facts: surveyTrace(big) },
      system: systems["helix-am"],
      budget: { kind: "share", percent: 50 },
    });
    expect(rows).toEqual(held.rows);
    expect(rows[1]?.budgetBytes).toBe(4_590); // (900 + 120) · 9 ÷ 2: the source does not count
  });

  test("--dry-run says what would run", async () => {
    const { stdout } = await simulate([chainFile], {
      system: ["helix"],
      budget: ["10%,none"],
      dryRun: true,
      format: "json",
    });
    expect(JSON.parse(stdout)).toMatchObject([
      { trace: "chain", system: "helix", budgetBytes: 15, iterations: 2 },
      { trace: "chain", system: "helix", budgetBytes: null, iterations: 2 },
    ]);
  });
});

describe("bad input", () => {
  const refused = async (
    values: Readonly<Record<string, string | boolean | readonly string[]>>,
    message: RegExp,
    paths: readonly string[] = [chainFile],
  ): Promise<void> => {
    const outcome = await simulate(paths, values);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toMatch(/\n\s+at /u);
  };

  test("if nothing is left to run, exit 2 with the reasons on stderr, also when quiet", async () => {
    const path = traceFile("people", chain, { requires: ["structured-prediction"] });
    await refused(
      { system: ["keystoneml,none-fused"], quiet: true, format: "json" },
      /^excluded: keystoneml: lacks structured-prediction\nexcluded: none-fused: .*fusedUs.*\n$/u,
      [path],
    );
  });

  test("unknown ids name the nearest ones", async () => {
    await refused({ system: ["helx"] }, /unknown system "helx"; nearest: helix/u);
    await refused({ planner: "maxflow", materializer: "never" }, /unknown planner "maxflow"; nearest: max-flow/u);
    await refused({ planner: "max-flow", materializer: "nevr" }, /unknown materializer "nevr"; nearest: never/u);
  });

  test("half a pair, a pair beside systems, bare sizes, wrong words", async () => {
    await refused({ planner: "max-flow" }, /needs --materializer/u);
    await refused({ materializer: "never" }, /needs --planner/u);
    await refused({ planner: "max-flow", materializer: "never", system: ["helix"] }, /use either/u);
    await refused({ budget: ["1000"] }, /size "1000": expected a number with a unit/u);
    await refused({ memory: "5" }, /expected a number with a unit/u);
    await refused({ accounting: "fair" }, /--accounting "fair": expected one of uniform, helix, collab/u);
    await refused({ estimates: "best" }, /--estimates "best": expected one of last, mean, current/u);
    await refused({ jobs: "0" }, /--jobs "0": expected a number of threads, 1 or more/u);
    await refused({ seed: "x" }, /--seed "x": expected an integer/u);
    await refused({ system: ["helix"], param: ["helix-demo.factor=3"] }, /"helix-demo" takes no part in this run/u);
    await refused({ system: ["helix"], param: ["alpha=3"] }, /none of .* has such a parameter/u);
    await refused({ system: ["helix"], param: ["factor=much"] }, /--param factor/u);
  });

  test("a trace that validate refuses, even in its last line, a missing one, none", async () => {
    const late = traceFile("late", [
      ...chain,
      { iteration: 2, changeType: "dpr", nodes: [{ ...chain[0]!.nodes[0], computeUs: -1 }] },
    ]);
    await refused({ format: "json" }, /late\.jsonl:4: .*computeUs/u, [late]);
    await refused({}, /ENOENT|no such file|cannot be read/u, [join(folder, "nowhere.jsonl")]);
    await refused({}, /no trace given/u, []);
  });
});
