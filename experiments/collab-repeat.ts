import { ratioClaim, shapeClaim, MissingRowsError, type Comparison } from "../src/harness/claims.ts";
import { defineExperiment, type Grid } from "../src/harness/experiment.ts";
import { barsChart } from "../src/report/charts/bars.ts";
import type { LinePoint } from "../src/report/charts/lines.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
import {
  isKaggleCell,
  type KaggleCell,
  kaggleConditions,
  kaggleExecutor,
  kaggleInputs,
  kaggleTable,
  type KagglePoint,
  type KaggleRow,
  type KaggleView,
  measured,
  noteFloor,
  repeated,
  replayed,
  runKaggle,
  seconds,
  usualBudget,
} from "./collab-kaggle.ts";
import { measuredConditions, measuredPoints, measuredTable, repetitions } from "./collab-measured.ts";
import { collabAccountings } from "./collab-openml.ts";

const source = "SIGMOD 2020, repeated executions";
const workloads = ["1", "2", "3"];
/** W3 takes 200 to 400 s there, HL 70 s more than CO in the second run: in shares of a run without reuse. */
const publishedGap = [70 / 400, 70 / 200] as const;

function cellOf(view: KaggleView, workload: string, line: string, accounting: string): KaggleCell {
  const found = view.cells.find(
    ({ point, rows }) =>
      point["on"] === replayed &&
      point["workload"] === workload &&
      point["line"] === line &&
      point["accounting"] === accounting &&
      rows.length === 2,
  );
  if (found === undefined) throw new MissingRowsError(`no rows of ${line} on workload ${workload}`);
  return found;
}

const secondUs = (cell: KaggleCell): number => cell.rows[1]!.runUs;

function compare(view: KaggleView, workload: string, accounting: string): Comparison {
  const ours = cellOf(view, workload, "collab", accounting);
  const floorUs = ours.facts["lastFloorUs"];
  if (typeof floorUs !== "number") throw new MissingRowsError("no floor");
  return {
    totals: [
      { oursUs: secondUs(ours), noneUs: secondUs(cellOf(view, workload, "kg", accounting)), optimumUs: floorUs },
    ],
    optimumIs: "lower bound: all outputs loaded",
    says: `second run of workload ${workload}, collab against no reuse, ${usualBudget} of 130, accounting ${accounting}`,
  };
}

const pointOf = (point: Omit<KagglePoint, "budget">): KagglePoint => ({
  ...point,
  budget: point.line === "kg" ? "none" : usualBudget,
});

/** Each of the first three workloads by itself, run twice, nothing stored before. */
export const collabRepeat = defineExperiment({
  id: "collab-repeat",
  title: "Kaggle: workloads run twice",
  reproduces: source,
  group: "collab",
  params: {
    on: [replayed, measured],
    repetition: repetitions,
    accounting: collabAccountings,
    workload: workloads,
    line: ["kg", "collab-helix", "collab"] as string[],
  },
  quick: { on: [replayed] },
  when: (point, around) => isKaggleCell(pointOf(point), around),
  executor: kaggleExecutor,
  inputs: kaggleInputs,
  estimate: { secondsPerCell: 15, memoryMegabytes: 1_000 },
  async *run({ workload, ...rest }, context): AsyncGenerator<KaggleRow, void, undefined> {
    const twice = repeated(Number(workload), 2);
    await noteFloor(pointOf(rest), context, twice);
    yield* runKaggle(pointOf(rest), context, twice);
  },
  chart: (view) => repeatChart(view, "collab"),
  charts: (view) => ({
    uniform: repeatChart(view, "uniform"),
    measured: measuredChart(view),
  }),
  tables: (view) =>
    [
      ...collabAccountings.map((accounting) =>
        kaggleTable(view, accounting, [
          { title: "workload", of: ({ point }) => `W${String(point["workload"])}` },
          { title: "run 1 s", of: ({ rows }) => seconds(rows[0]!.runUs) },
          { title: "run 2 s", of: ({ rows }) => seconds(rows[1]?.runUs ?? Number.NaN) },
        ]),
      ),
      measuredTable(view, {
        says: "The second run of a workload, for real",
        labelOf: lineOf,
        of: ({ point }) => String(point["workload"]),
        us: (rows) => rows.at(-1)!.runUs,
      }),
    ].filter((table) => table !== undefined),
  claims: collabAccountings.flatMap((accounting) => [
    ...["2", "3"].map((workload) =>
      ratioClaim<Grid, KaggleRow>({
        id: `tenfold-w${workload}-${accounting}`,
        claim: `The second run of workload ${workload} is about 10 times faster than without reuse`,
        source: `${source}; accounting ${accounting}`,
        expected: 10,
        times: 2,
        sameShapeAbove: 2,
        compare: (view) => compare(view, workload, accounting),
      }),
    ),
    shapeClaim<Grid, KaggleRow>({
      id: `less-on-w1-${accounting}`,
      claim: "Workload 1 gains less, as it draws a density plot that cannot be stored",
      source: `${source}; accounting ${accounting}`,
      expected: "W1 < W2, W3",
      tolerance: "in this order; same shape when W1 gains less than one of them",
      measure: (view) => {
        const gain = (workload: string): number =>
          secondUs(cellOf(view, workload, "kg", accounting)) / secondUs(cellOf(view, workload, "collab", accounting));
        const [first, second, third] = workloads.map(gain) as [number, number, number];
        return {
          got: `W1 ${formatNumber(first)}x, W2 ${formatNumber(second)}x, W3 ${formatNumber(third)}x`,
          reproduced: first < Math.min(second, third),
          sameShape: first < Math.max(second, third),
          note: "our workload 1 has no plot: everything it makes can be stored",
        };
      },
    }),
    shapeClaim<Grid, KaggleRow>({
      id: `helix-behind-on-w3-${accounting}`,
      claim:
        "In the second run of workload 3 HL takes about 70 s more than CO (a run without reuse takes 200 to 400 s)",
      source: `${source}; accounting ${accounting}; HL is judged as order and band`,
      expected: `${formatShare(publishedGap[0])} to ${formatShare(publishedGap[1])} of a run without reuse`,
      tolerance: "x/÷ 1.5 beyond that band; same shape when HL takes longer at all",
      measure: (view) => {
        const none = secondUs(cellOf(view, "3", "kg", accounting));
        const [hl, co] = ["collab-helix", "collab"].map((line) => secondUs(cellOf(view, "3", line, accounting))) as [
          number,
          number,
        ];
        const gap = (hl - co) / none;
        return {
          got: formatShare(gap),
          reproduced: gap >= publishedGap[0] / 1.5 && gap <= publishedGap[1] * 1.5,
          sameShape: gap > 0,
          note: `HL ${seconds(hl)} s, CO ${seconds(co)} s, no reuse ${seconds(none)} s`,
        };
      },
    }),
  ]),
});

const lineOf = ({ point }: KaggleCell): string => `${String(point["line"])}, W${String(point["workload"])}`;

function repeatChart(view: KaggleView, accounting: string): ReturnType<typeof barsChart> | undefined {
  const cells = view.cells.filter(
    ({ point, rows }) => point["accounting"] === accounting && point["on"] === replayed && rows.length > 0,
  );
  const points = cells.flatMap((cell) =>
    cell.rows.map(({ executor, run, runUs }) => ({ system: lineOf(cell), executor, x: `run ${run}`, y: runUs / 1e6 })),
  );
  return twoRuns(points, "Kaggle workloads run twice", kaggleConditions(accounting));
}

/** Medians of the real runs. */
function measuredChart(view: KaggleView): ReturnType<typeof barsChart> | undefined {
  const points = measuredPoints(view, lineOf, { x: ({ run }) => `run ${run}`, us: ({ runUs }) => runUs });
  return twoRuns(points, "Kaggle workloads run twice, for real", measuredConditions(view));
}

/** Bars of the lines, run after run of each workload; points come as `line, workload`. */
function twoRuns(
  points: readonly LinePoint[],
  title: string,
  conditions: readonly string[],
): ReturnType<typeof barsChart> | undefined {
  if (points.length === 0) return undefined;
  const bars = points.map(({ system, x, ...rest }) => {
    const [line = "", workload = ""] = system.split(", ");
    return { ...rest, system: line, x: `${workload}, ${x}` };
  });
  return barsChart(bars, [...new Set(bars.map(({ x }) => x))].sort(byText), {
    title,
    conditions: [...conditions, `budget ${usualBudget} of 130 · kg: as they stand · α 0.5`],
    xTitle: "Workload, run",
    seriesTitle: "Line · executor",
    yTitle: "Run time (s)",
    logScale: true,
  });
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
