import { pairSystem, systems } from "../src/baselines/index.ts";
import type { SystemSpec } from "../src/core/system.ts";
import { MissingRowsError, ratioClaim, type Comparison } from "../src/harness/claims.ts";
import { defineExperiment, type Grid, type ResultView } from "../src/harness/experiment.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import {
  benchmarkStream,
  collabAccountings,
  replayStream,
  streamFloor,
  streamTable,
  type StreamRow,
} from "./collab-openml.ts";

const source = "SIGMOD 2020, quality (a), OpenML";

/** Plain OpenML: every pipeline runs as it stands. */
const oml = "oml";
const lines: Readonly<Record<string, SystemSpec>> = {
  [oml]: pairSystem("compute-all", "never"),
  collab: systems.collab,
  "collab-utility": systems["collab-utility"],
  "top-quality": pairSystem("linear-pass", "top-quality"),
};

type View = ResultView<Grid, StreamRow>;

function lastRow(view: View, system: string, accounting: string): StreamRow {
  const row = view.cells
    .find(({ point }) => point["line"] === system && point["accounting"] === accounting)
    ?.rows.at(-1);
  if (row === undefined) throw new MissingRowsError(`no rows of ${system} under accounting ${accounting}`);
  return row;
}

function compare(view: View, accounting: string, what: "totalUs" | "goldUs"): Comparison {
  const ours = lastRow(view, "collab", accounting);
  const none = lastRow(view, oml, accounting);
  const floor = streamFloor(benchmarkStream(view.seed, ours.runs));
  return {
    totals: [{ oursUs: ours[what], noneUs: none[what], optimumUs: floor[what] }],
    optimumIs: "lower bound: everything computed once, what comes again loaded",
    says: `collab against plain OpenML over ${ours.runs} runs of the openml-like stream, budget 6.7 % of all bytes, accounting ${accounting}`,
  };
}

/** The stream of 2,000 pipelines, each compared with the best one before: the Collaborative Optimizer against plain OpenML. */
export const collabQuality = defineExperiment({
  id: "collab-quality",
  title: "OpenML-like stream with model benchmarking",
  reproduces: source,
  group: "collab",
  params: { accounting: collabAccountings, line: Object.keys(lines), runs: [2_000] as number[] },
  quick: { runs: [400] },
  estimate: { secondsPerCell: 3, memoryMegabytes: 300 },
  async *run({ accounting, line, runs }, context): AsyncGenerator<StreamRow, void, undefined> {
    const stream = benchmarkStream(context.seed, runs);
    context.fact("bestModels", new Set(stream.gold).size - 1);
    // 100 MB of 1.5 GB there.
    yield* replayStream(
      stream,
      { system: lines[line]!, budget: "6.7%", accounting, every: Math.ceil(runs / 20) },
      context,
    );
  },
  chart: (view) => qualityChart(view, "collab"),
  charts: (view) => ({ uniform: qualityChart(view, "uniform") }),
  tables: (view) =>
    collabAccountings.map((accounting) => streamTable(view, accounting, "line")).filter((table) => table !== undefined),
  claims: collabAccountings.flatMap((accounting) => [
    ratioClaim<Grid, StreamRow>({
      id: `five-times-${accounting}`,
      claim: "The Collaborative Optimizer is 5 times faster than plain OpenML",
      source: `${source}; accounting ${accounting}`,
      expected: 5,
      times: 1.5,
      sameShapeAbove: 1.5,
      compare: (view) => compare(view, accounting, "totalUs"),
    }),
    ratioClaim<Grid, StreamRow>({
      id: `gold-standard-${accounting}`,
      claim: "Running the best model again takes 65 s in all instead of 2,000 s",
      source: `${source}; accounting ${accounting}`,
      expected: 2_000 / 65,
      times: 1.5,
      sameShapeAbove: 5,
      compare: (view) => compare(view, accounting, "goldUs"),
    }),
  ]),
});

function qualityChart(view: View, accounting: string): ReturnType<typeof linesChart> | undefined {
  const cells = view.cells.filter(({ point, rows }) => point["accounting"] === accounting && rows.length > 0);
  if (cells.length === 0) return undefined;
  return linesChart(
    cells.flatMap(({ point, rows }) =>
      rows.map(({ executor, runs, totalUs }) => ({
        system: String(point["line"]),
        executor,
        x: String(runs),
        y: totalUs / 1e6,
      })),
    ),
    cells[0]!.rows.map(({ runs }) => String(runs)),
    {
      title: "OpenML-like stream: cumulative run time",
      conditions: [
        "every run also runs the best earlier pipeline again · budget 6.7 % of all bytes · α 0.5",
        `accounting ${accounting} · costs, sizes and qualities modelled`,
      ],
      xTitle: "Runs",
      yTitle: "Cumulative run time (s)",
    },
  );
}
