import { MissingRowsError, ratioClaim, shapeClaim, type Comparison } from "../src/harness/claims.ts";
import { defineExperiment, type Grid } from "../src/harness/experiment.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { budgetChart, budgetGrid, budgetTables } from "./collab-budgets.ts";
import {
  budgetLabel,
  isKaggleCell,
  type KaggleCell,
  kaggleCell,
  kaggleInputs,
  type KaggleRow,
  type KaggleView,
  noteFloor,
  publishedBudgets,
  runKaggle,
  totalOf,
} from "./collab-kaggle.ts";
import { collabAccountings } from "./collab-openml.ts";

const source = "SIGMOD 2020, speed-ups over running the workloads as they stand";

const publishedSa = { "8GB": 1.77, "16GB": 1.97, "32GB": 2, "64GB": 2 } as const;
const publishedHelix = { "8GB": 1.11, "16GB": 1.18 } as const;

function compare(view: KaggleView, accounting: string, line: string, budget: string): Comparison {
  const ours = kaggleCell(view, { line, accounting, budget });
  const floorUs = ours.facts["floorUs"];
  if (typeof floorUs !== "number") throw new MissingRowsError("no floor");
  return {
    totals: [
      { oursUs: totalOf(ours), noneUs: totalOf(kaggleCell(view, { line: "kg", accounting })), optimumUs: floorUs },
    ],
    optimumIs: "lower bound: everything computed once, outputs that come again loaded",
    says: `${line} against no reuse over ${ours.rows.length} workloads, budget ${budgetLabel(budget)}, accounting ${accounting}`,
  };
}

const speedUp = (view: KaggleView, accounting: string, cell: KaggleCell): number =>
  totalOf(kaggleCell(view, { line: "kg", accounting })) / totalOf(cell);

const hasNone = (view: KaggleView, accounting: string): boolean =>
  view.cells.some(({ point, rows }) => point["line"] === "kg" && point["accounting"] === accounting && rows.length > 0);

/** How many times faster each materializer makes the sequence, by budget. */
export const collabSpeedUp = defineExperiment({
  id: "collab-speed-up",
  title: "Kaggle: speed-up over no reuse by materializer and budget",
  reproduces: source,
  group: "collab",
  params: budgetGrid,
  when: isKaggleCell,
  inputs: kaggleInputs,
  estimate: { secondsPerCell: 0.2, memoryMegabytes: 300 },
  async *run(point, context): AsyncGenerator<KaggleRow, void, undefined> {
    await noteFloor(point, context);
    yield* runKaggle(point, context);
  },
  chart: (view) => speedUpChart(view, "collab"),
  charts: (view) => ({ uniform: speedUpChart(view, "uniform") }),
  tables: (view) =>
    budgetTables(view, (accounting) => [
      {
        title: "speed-up",
        of: (cell) => (hasNone(view, accounting) ? formatNumber(speedUp(view, accounting, cell)) : ""),
      },
    ]),
  claims: collabAccountings.flatMap((accounting) => [
    ratioClaim<Grid, KaggleRow>({
      id: `all-twice-${accounting}`,
      claim: "Storing everything makes the workloads twice as fast",
      source: `${source}; accounting ${accounting}`,
      expected: 2,
      times: 1.25,
      sameShapeAbove: 1.2,
      compare: (view) => compare(view, accounting, "all", "none"),
    }),
    ...publishedBudgets.map((budget) =>
      ratioClaim<Grid, KaggleRow>({
        id: `sa-${budget.toLowerCase()}-${accounting}`,
        claim: `SA makes them ${publishedSa[budget]} times as fast with ${budget} of 130 GB`,
        source: `${source}; accounting ${accounting}`,
        expected: publishedSa[budget],
        times: 1.25,
        sameShapeAbove: 1.2,
        compare: (view) => compare(view, accounting, "collab", budget),
      }),
    ),
    shapeClaim<Grid, KaggleRow>({
      id: `helix-least-${accounting}`,
      claim: "HL reaches 1.11 with 8 GB, 1.18 with 16 GB and at most 1.31",
      source: `${source}; accounting ${accounting}; HL is judged as order and band`,
      expected: "HL below SA and HM at 8 and 16 GB, at most 1.31",
      tolerance:
        "in this order, between 1 and 1.31 x 1.25 at every budget; same shape when HL is below SA at 8 and 16 GB",
      measure: (view) => {
        const of = (line: string, budget: string): number =>
          speedUp(view, accounting, kaggleCell(view, { line, accounting, budget }));
        const helix = publishedBudgets.map((budget) => of("collab-helix", budget));
        const small = Object.keys(publishedHelix);
        const belowSa = small.every((budget) => of("collab-helix", budget) < of("collab", budget));
        const belowHm = small.every((budget) => of("collab-helix", budget) < of("collab-utility", budget));
        return {
          got: publishedBudgets.map((budget, i) => `${budget} ${formatNumber(helix[i]!)}`).join(", "),
          reproduced: belowSa && belowHm && helix.every((x) => x >= 1 && x <= 1.31 * 1.25),
          sameShape: belowSa,
        };
      },
    }),
  ]),
});

function speedUpChart(view: KaggleView, accounting: string): ReturnType<typeof budgetChart> {
  if (!hasNone(view, accounting)) return undefined;
  return budgetChart(view, accounting, {
    title: "Kaggle workloads: speed-up over no reuse",
    level: "all has no budget",
    yTitle: "Times as fast as without reuse",
    from: 1,
    of: (cell) => (cell.point["line"] === "kg" ? undefined : speedUp(view, accounting, cell)),
  });
}
