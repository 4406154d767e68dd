/**
 * How tight the bounds are, and what they cost: `npx tsx bench/bounds/run.ts [--write]`. With `--write` the tables go to
 * `results/bounds/`. Answers are checked before times: every bound ≤ the optimum ≤ every heuristic.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { clairvoyantOptimum } from "../../src/bounds/clairvoyant.ts";
import { materializationBound } from "../../src/bounds/materialization-bound.ts";
import { greedyMarginal, optimalMaterialization, relaxedCostUs } from "../../src/bounds/materialization.ts";
import { reuseFloorUs } from "../../src/bounds/reuse-floor.ts";
import { windowedBoundUs } from "../../src/bounds/windows.ts";
import { type CellRecord, renderRecords } from "../../src/cli/print-records.ts";
import { systemClock } from "../../src/core/clock.ts";
import { rngStream } from "../../src/core/rng.ts";
import { packageRoot, provenance } from "../../src/harness/provenance.ts";
import { intermediateBytesOf } from "../../src/traces/statistics.ts";
import { editedSequence } from "./edited-sequences.ts";
import { futureInstance } from "./future-instances.ts";

const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

async function timedMs<T>(work: () => T | Promise<T>): Promise<{ value: T; ms: number }> {
  const start = systemClock.nowUs();
  const value = await work();
  return { value, ms: (systemClock.nowUs() - start) / 1000 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

const digits = (value: number, places: number): number => Number(value.toFixed(places));

function check(condition: boolean, what: string): void {
  if (!condition) throw new Error(`answers contradict each other: ${what}`);
}

/** Choose once, run known workloads: bounds and heuristics against the optimum. */
async function materializationTable(): Promise<CellRecord[]> {
  const rows: CellRecord[] = [];
  for (const family of ["dag", "tree"] as const)
    for (const nodes of [20, 40, 60])
      for (const budgetShare of [0.1, 0.25]) {
        const cells = { lagrangian: [], relaxation: [], greedy: [], program: [], search: [] } as Record<
          string,
          number[]
        >;
        let solved = 0;
        for (const seed of seeds) {
          const rng = rngStream(seed, `bench/${family}/${nodes}/${budgetShare}`);
          const instance = futureInstance(rng, {
            nodes,
            futures: 6,
            budgetShare,
            costs: "wide",
            tree: family === "tree",
          });
          const optimum = await timedMs(() => optimalMaterialization(instance));
          if (optimum.value === undefined) continue;
          solved++;
          const { costUs } = optimum.value;
          const greedy = greedyMarginal(instance);
          const bound = await timedMs(() => materializationBound(instance, { known: greedy }));
          check(bound.value.lowerBoundUs <= costUs && costUs <= greedy.costUs, `${family} ${nodes} ${seed}`);
          cells["lagrangian"]!.push(bound.value.lowerBoundUs / costUs);
          cells["relaxation"]!.push((await relaxedCostUs(instance)) / costUs);
          cells["greedy"]!.push(greedy.costUs / costUs);
          cells["program"]!.push(optimum.ms);
          cells["search"]!.push(bound.ms);
        }
        rows.push({
          family,
          nodes,
          budgetPercent: budgetShare * 100,
          solved: `${solved}/${seeds.length}`,
          lagrangianMedian: digits(median(cells["lagrangian"]!), 4),
          lagrangianMin: digits(Math.min(...cells["lagrangian"]!), 4),
          relaxationMedian: digits(median(cells["relaxation"]!), 4),
          greedyMedian: digits(median(cells["greedy"]!), 4),
          greedyMax: digits(Math.max(...cells["greedy"]!), 4),
          programMs: digits(median(cells["program"]!), 1),
          lagrangianMs: digits(median(cells["search"]!), 1),
        });
      }
  return rows;
}

/** The size at which only the Lagrangian bound is left. */
async function largeTable(): Promise<CellRecord[]> {
  const rows: CellRecord[] = [];
  for (const family of ["dag", "tree"] as const)
    for (const budgetShare of [0.1, 0.25]) {
      const rng = rngStream(1, `bench/large/${family}`);
      const tree = family === "tree";
      const instance = futureInstance(rng, { nodes: 1000, futures: 50, budgetShare, costs: "wide", tree });
      const { value, ms } = await timedMs(() => materializationBound(instance));
      check(value.lowerBoundUs <= value.choice.costUs, family);
      rows.push({
        family,
        nodes: 1000,
        workloads: 50,
        budgetPercent: budgetShare * 100,
        boundToBestKnown: digits(value.lowerBoundUs / value.choice.costUs, 4),
        steps: value.steps,
        seconds: digits(ms / 1000, 2),
      });
    }
  return rows;
}

/** The clairvoyant optimum of sequences, and what bounds without the integer program are worth. */
async function sequenceTable(): Promise<CellRecord[]> {
  const rows: CellRecord[] = [];
  for (const [nodes, versions] of [
    [20, 13],
    [40, 13],
    [60, 20],
    [100, 30],
  ] as const)
    for (const percent of [100, 50, 10, 2]) {
      const iterations = editedSequence(1, nodes, versions);
      const budget = Math.floor(((await intermediateBytesOf(iterations)) * percent) / 100);
      const whole = await timedMs(() => clairvoyantOptimum(iterations, budget));
      const { status, costUs = 0, lowerBoundUs } = whole.value;
      const search = await timedMs(() =>
        clairvoyantOptimum(iterations, budget, { limits: { programColumns: 0, relaxationColumns: 0 } }),
      );
      const windows = await windowedBoundUs(iterations, 5, budget);
      const floor = await reuseFloorUs(iterations);
      for (const low of [search.value.lowerBoundUs, windows.lowerBoundUs, floor])
        check(low <= costUs, `${nodes} ${versions} ${percent}`);
      rows.push({
        nodes,
        versions,
        budgetPercent: percent,
        status,
        gapPercent: digits(100 * (costUs / lowerBoundUs - 1), 3),
        programMs: digits(whole.ms, 0),
        lagrangian: digits(search.value.lowerBoundUs / costUs, 4),
        heuristic: digits((search.value.costUs ?? Infinity) / costUs, 4),
        lagrangianMs: digits(search.ms, 0),
        windowsOf5: digits(windows.lowerBoundUs / costUs, 4),
        floor: digits(floor / costUs, 4),
      });
    }
  return rows;
}

const tables: [id: string, title: string, make: () => Promise<CellRecord[]>][] = [
  [
    "materialization",
    "Choose once for 6 known workloads: bound ÷ optimum and heuristic ÷ optimum, 8 instances per line",
    materializationTable,
  ],
  ["large", "1,000 nodes, 50 workloads: bound ÷ best known choice", largeTable],
  ["sequence", "Clairvoyant optimum of edited sequences; bounds ÷ best known cost", sequenceTable],
];

let page =
  "# Bounds\n\nMade by `npx tsx bench/bounds/run.ts --write`. Ratios are exact and the same everywhere; times are single runs, warm.\n";
for (const [id, title, make] of tables) {
  const rows = await make();
  const columns = Object.keys(rows[0] ?? {});
  process.stdout.write(`\n${title}\n${renderRecords(rows, columns, "table")}`);
  page += `\n## ${title}\n\n${renderRecords(rows, columns, "md")}`;
  if (process.argv.includes("--write")) {
    mkdirSync(join(packageRoot(), "results", "bounds"), { recursive: true });
    writeFileSync(join(packageRoot(), "results", "bounds", `${id}.csv`), renderRecords(rows, columns, "csv"));
  }
}
if (process.argv.includes("--write")) {
  const machine = JSON.stringify(provenance(), null, 1);
  writeFileSync(
    join(packageRoot(), "results", "bounds", "README.md"),
    `${page}\n## Machine\n\n\`\`\`json\n${machine}\n\`\`\`\n`,
  );
}
