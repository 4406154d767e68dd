import { describe, expect, test } from "vitest";
import type { KaggleRow, KaggleView } from "../../experiments/collab-kaggle.ts";
import { measuredConditions, measuredPoints, measuredTable } from "../../experiments/collab-measured.ts";
import { collabRunTime } from "../../experiments/collab-run-time.ts";
import { collabSequence } from "../../experiments/collab-sequence.ts";
import { gridOf, pointsOf, type Experiment } from "../../src/harness/experiment.ts";
import { TraceLibrary } from "../../src/harness/run-traces.ts";
import type { LoadedPlugIns } from "../../src/harness/plug-ins/loaded.ts";

/** A run of two workloads, seconds each. */
function rows(executor: string, seconds: readonly [number, number]): readonly KaggleRow[] {
  const bytes = { storedBytes: 0, logicalBytes: 0, seenBytes: 0 };
  return seconds.map((s, i) => {
    const cumulativeUs = 1e6 * (i === 0 ? s : seconds[0] + s);
    return { executor, accounting: "uniform", run: i + 1, runUs: s * 1e6, cumulativeUs, ...bytes };
  });
}

/** Runs of kg and collab on both; the k-th repetition of kg takes 10 k seconds, that of collab half of it. */
function view(repetitions: number): KaggleView {
  const cells = Array.from({ length: repetitions }, (_, i) => i + 1).flatMap((repetition) =>
    (["kg", "collab"] as const).map((line) => ({
      point: { on: "duckdb@0.0025x", repetition, accounting: "uniform", budget: line === "kg" ? "none" : "16GB", line },
      rows: rows("duckdb", line === "kg" ? [4 * repetition, 6 * repetition] : [4 * repetition, repetition]),
      facts: { why: "measured on duckdb", budgetBytes: line === "kg" ? null : 16 },
      exclusions: [],
    })),
  );
  const simulated = { on: "trace", repetition: 1, accounting: "uniform", budget: "16GB", line: "collab" };
  const replay = { point: simulated, rows: rows("simulated", [1_000, 1_000]), facts: {}, exclusions: [] };
  return { cells: [replay, ...cells], rows: [], seed: 1 };
}

const table = (repetitions: number): ReturnType<typeof measuredTable> =>
  measuredTable(view(repetitions), {
    says: "In order",
    labelOf: ({ point }) => String(point["line"]),
    of: () => "",
    us: (run) => run.at(-1)!.cumulativeUs,
  });

describe("real runs of the Kaggle figures", () => {
  test("stand in a table of their own: medians, intervals, and ratios to kg of the same repetition", () => {
    const [kg, collab] = table(9)!.rows;
    expect(kg!.slice(0, 5)).toEqual(["kg", "none", "duckdb", "9", "50"]);
    expect(collab!.slice(0, 5)).toEqual(["collab", "16 GB of 130", "duckdb", "9", "25"]);
    expect(kg![5]).toMatch(/^\d+ to \d+$/u);
    expect(collab!.slice(6)).toEqual(["2", "2 to 2"]);
    expect(table(9)!.rows.flat()).not.toContain("simulated");
    expect(table(9)!.note).toContain("decides no claim");
  });

  test("fewer than nine repetitions give no interval and say so", () => {
    expect(table(8)!.rows.map((row) => row[5])).toEqual(["not enough samples", "not enough samples"]);
    expect(measuredConditions(view(8)).join()).toContain("not enough samples");
    expect(measuredConditions(view(9)).join()).not.toContain("not enough samples");
    expect(table(0)).toBeUndefined();
  });

  test("lines of a chart are medians of each workload and name their executor", () => {
    const points = measuredPoints(view(9), ({ point }) => String(point["line"]), {
      x: ({ run }) => `W${run}`,
      us: ({ cumulativeUs }) => cumulativeUs,
    });
    expect(points.map(({ system, x, y }) => `${system} ${x} ${y}`)).toEqual([
      "kg W1 20",
      "kg W2 50",
      "collab W1 20",
      "collab W2 25",
    ]);
    expect(new Set(points.map(({ executor }) => executor))).toEqual(new Set(["duckdb"]));
  });

  test("the sequence is run nine times by every line in turns, its replay once", () => {
    const experiment = collabSequence as unknown as Experiment;
    const around = { traces: new TraceLibrary(), plugIns: {} as LoadedPlugIns };
    const points = pointsOf(gridOf(experiment, false)).filter((point) => experiment.when!(point, around));
    const real = points.filter((point) => experiment.executor!(point) === "duckdb");
    const turns = real.map(({ line, repetition }) => `${String(repetition)} ${String(line)}`);
    expect(turns.slice(0, 5)).toEqual(["1 collab", "1 collab-helix", "1 kg", "1 all", "2 collab"]);
    expect(turns).toHaveLength(36);
    const replays = points.filter((point) => experiment.executor!(point) === "simulated");
    expect(new Set(replays.map(({ repetition }) => repetition))).toEqual(new Set([1]));
  });

  test("every line is run three times by budget, and no chart or table of replays has a real run", () => {
    const experiment = collabRunTime as unknown as Experiment;
    const around = { traces: new TraceLibrary(), plugIns: {} as LoadedPlugIns };
    const points = pointsOf(gridOf(experiment, false)).filter((point) => experiment.when!(point, around));
    const real = points.filter((point) => experiment.executor!(point) === "duckdb");
    const lines = new Set(real.map(({ line, budget }) => `${String(line)} ${String(budget)}`));
    const limited = ["collab", "collab-utility", "collab-helix"].flatMap((line) => [`${line} 8GB`, `${line} 32GB`]);
    expect([...lines].toSorted()).toEqual([...limited, "kg none", "all none"].toSorted());
    expect(real).toHaveLength(3 * lines.size);
    expect(real.map(({ repetition }) => repetition)).toEqual([1, 2, 3].flatMap((k) => Array.from(lines, () => k)));
    expect(new Set(real.map(({ accounting }) => accounting))).toEqual(new Set(["uniform"]));

    const cells = points
      .filter(({ accounting }) => accounting === "uniform")
      .map((point) => {
        const executor = experiment.executor!(point);
        const facts = { why: "measured on duckdb", budgetBytes: point["budget"] === "none" ? null : 16 };
        return { point, rows: rows(executor, executor === "duckdb" ? [1, 2] : [100, 200]), facts, exclusions: [] };
      });
    const both = { cells, rows: [], seed: 1 };
    const [simulated, onDuckdb] = experiment.tables!(both);
    expect(simulated!.rows).toHaveLength(14);
    expect(new Set(simulated!.rows.map((row) => row[2]))).toEqual(new Set(["300"]));
    expect(onDuckdb!.rows.map((row) => [row[0], row[2], row[4]])).toEqual(
      expect.arrayContaining([
        ["kg", "duckdb", "3"],
        ["collab-utility, 8GB", "duckdb", "3"],
      ]),
    );
    expect(onDuckdb!.rows).toHaveLength(lines.size);
    const charts = experiment.charts!(both);
    expect(JSON.stringify(charts["uniform"])).not.toContain("duckdb");
    expect(JSON.stringify(charts["measured"])).not.toContain("simulated");
  });
});
