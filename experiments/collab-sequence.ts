import { MissingRowsError, savingClaim, type Comparison } from "../src/harness/claims.ts";
import { defineExperiment } from "../src/harness/experiment.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import {
  isKaggleCell,
  kaggleCell,
  kaggleConditions,
  kaggleExecutor,
  kaggleInputs,
  kaggleLines,
  kaggleTable,
  type KaggleRow,
  type KaggleView,
  measured,
  noteFloor,
  replayed,
  runKaggle,
  seconds,
  totalOf,
  usualBudget,
  cumulativePoints,
} from "./collab-kaggle.ts";
import { collabAccountings } from "./collab-openml.ts";

const source = "SIGMOD 2020, sequence of the Kaggle workloads, cumulative run time";

function compare(view: KaggleView, accounting: string): Comparison {
  const ours = kaggleCell(view, { line: "collab", accounting });
  const none = kaggleCell(view, { line: "kg", accounting });
  const floorUs = ours.facts["floorUs"];
  if (typeof floorUs !== "number") throw new MissingRowsError("no floor");
  return {
    totals: [{ oursUs: totalOf(ours), noneUs: totalOf(none), optimumUs: floorUs }],
    optimumIs: "lower bound: everything computed once, outputs that come again loaded",
    says: `collab against no reuse over ${ours.rows.length} workloads, ${usualBudget} of 130, accounting ${accounting}`,
  };
}

/** All eight workloads in order, one user after the other. */
export const collabSequence = defineExperiment({
  id: "collab-sequence",
  title: "Kaggle: the eight workloads in order",
  reproduces: source,
  group: "collab",
  params: {
    on: [replayed, measured],
    accounting: collabAccountings,
    budget: [usualBudget, "none"] as const,
    line: Object.keys(kaggleLines),
  },
  quick: { on: [replayed] },
  when: isKaggleCell,
  executor: kaggleExecutor,
  inputs: kaggleInputs,
  estimate: { secondsPerCell: 20, memoryMegabytes: 1_000 },
  async *run(point, context): AsyncGenerator<KaggleRow, void, undefined> {
    await noteFloor(point, context);
    yield* runKaggle(point, context);
  },
  chart: (view) => sequenceChart(view, "collab", replayed),
  charts: (view) => ({
    uniform: sequenceChart(view, "uniform", replayed),
    measured: sequenceChart(view, "uniform", measured),
  }),
  tables: (view) =>
    collabAccountings
      .map((accounting) =>
        kaggleTable(view, accounting, [
          { title: "total s", of: (cell) => seconds(totalOf(cell)) },
          ...Array.from({ length: 8 }, (_, i) => ({
            title: `W${i + 1} s`,
            of: ({ rows }: { readonly rows: readonly KaggleRow[] }) => seconds(rows[i]?.runUs ?? Number.NaN),
          })),
        ]),
      )
      .filter((table) => table !== undefined),
  claims: collabAccountings.map((accounting) =>
    savingClaim<Record<string, readonly string[]>, KaggleRow>({
      id: `half-${accounting}`,
      claim:
        "Over the eight workloads the Collaborative Optimizer takes 50 % less time than running them as they stand",
      source: `${source}; accounting ${accounting}`,
      expected: 0.5,
      points: 0.1,
      sameShapeAbove: 0.1,
      compare: (view) => compare(view, accounting),
    }),
  ),
});

function sequenceChart(view: KaggleView, accounting: string, on: string): ReturnType<typeof linesChart> | undefined {
  const cells = view.cells.filter(
    ({ point, rows }) => point["accounting"] === accounting && point["on"] === on && rows.length > 0,
  );
  if (cells.length === 0) return undefined;
  return linesChart(
    cumulativePoints(cells, "line"),
    cells[0]!.rows.map(({ run }) => `W${run}`),
    {
      title: "Kaggle workloads in order: cumulative run time",
      conditions: [...kaggleConditions(cells, accounting), `budget ${usualBudget} of 130 · kg: as they stand · α 0.5`],
      xTitle: "Workload",
      yTitle: "Cumulative run time (s)",
    },
  );
}
