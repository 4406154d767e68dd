import { MissingRowsError, savingClaim, type Comparison } from "../src/harness/claims.ts";
import { defineExperiment, type Grid } from "../src/harness/experiment.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import {
  isKaggleCell,
  type KaggleCell,
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
import { measuredConditions, measuredPoints, measuredTable, repetitions } from "./collab-measured.ts";
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
    repetition: repetitions,
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
  chart: (view) => sequenceChart(view, "collab"),
  charts: (view) => ({
    uniform: sequenceChart(view, "uniform"),
    measured: measuredChart(view),
  }),
  tables: (view) =>
    [
      ...collabAccountings.map((accounting) =>
        kaggleTable(view, accounting, [
          { title: "total s", of: (cell) => seconds(totalOf(cell)) },
          ...Array.from({ length: 8 }, (_, i) => ({
            title: `W${i + 1} s`,
            of: ({ rows }: { readonly rows: readonly KaggleRow[] }) => seconds(rows[i]?.runUs ?? Number.NaN),
          })),
        ]),
      ),
      measuredTable(view, {
        says: "All eight workloads in order, run for real",
        labelOf: lineOf,
        of: () => "",
        us: (rows) => rows.at(-1)!.cumulativeUs,
      }),
    ].filter((table) => table !== undefined),
  claims: collabAccountings.map((accounting) =>
    savingClaim<Grid, KaggleRow>({
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

function sequenceChart(view: KaggleView, accounting: string): ReturnType<typeof linesChart> | undefined {
  const cells = view.cells.filter(
    ({ point, rows }) => point["accounting"] === accounting && point["on"] === replayed && rows.length > 0,
  );
  if (cells.length === 0) return undefined;
  return linesChart(
    cumulativePoints(cells, "line"),
    cells[0]!.rows.map(({ run }) => `W${run}`),
    {
      title: "Kaggle workloads in order: cumulative run time",
      conditions: [...kaggleConditions(accounting), `budget ${usualBudget} of 130 · kg: as they stand · α 0.5`],
      xTitle: "Workload",
      yTitle: "Cumulative run time (s)",
    },
  );
}

const lineOf = ({ point }: KaggleCell): string => String(point["line"]);

/** Medians of the real runs. */
function measuredChart(view: KaggleView): ReturnType<typeof linesChart> | undefined {
  const points = measuredPoints(view, lineOf, { x: ({ run }) => `W${run}`, us: ({ cumulativeUs }) => cumulativeUs });
  if (points.length === 0) return undefined;
  return linesChart(points, [...new Set(points.map(({ x }) => x))], {
    title: "Kaggle workloads in order, for real: cumulative run time",
    conditions: [...measuredConditions(view), `budget ${usualBudget} of 130 · kg: as they stand · α 0.5`],
    xTitle: "Workload",
    yTitle: "Cumulative run time (s)",
  });
}
