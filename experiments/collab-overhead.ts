import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { logLogChart } from "../src/report/charts/log-log.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import {
  drawnProblems,
  generators,
  queries,
  rowsOf,
  settings,
  settingText,
  type Generator,
  type Query,
} from "./collab-synthetic.ts";
import { host, interleaved, quantile } from "./planner-problems.ts";

const source = "SIGMOD 2020, reuse (d), cumulative planner overhead";
const published = { linearSeconds: 80, flowSeconds: 3_500, ratio: 40 } as const;
/** The published flow algorithm: a hundred times slower than the others, so it is timed once for each distinct workload. */
const slow = "max-flow-edmonds-karp";
/** Beside it a modern one, and the exact planner that is used here. */
const fast = ["linear-pass", "max-flow", "exact"];
const planners = ["linear-pass", slow, "max-flow", "exact"];
const repetitions = `medians of 3 interleaved repetitions a distinct workload (${slow}: 1), warm`;

interface OverheadRow {
  readonly executor: string;
  readonly planner: string;
  readonly workloads: number;
  readonly cumulativeUs: number;
}

type View = ResultView<Grid, OverheadRow>;

/** Cumulative planning time over 10,000 draws among 1,000 distinct workloads. Measured on this machine, never byte-identical. */
export const collabOverhead = defineExperiment({
  id: "collab-overhead",
  title: "Planner overhead on 10,000 synthetic workloads",
  reproduces: source,
  group: "collab",
  params: { generator: generators, query: queries, distinct: [1_000] as number[] },
  quick: { distinct: [20] },
  executor: () => host,
  estimate: { secondsPerCell: 300, memoryMegabytes: 500 },
  async *run({ generator, query, distinct }, { seed, signal }): AsyncGenerator<OverheadRow, void, undefined> {
    const sums = new Map(planners.map((id): [string, number] => [id, 0]));
    const every = Math.ceil(distinct / 20);
    let workloads = 0;
    for (const { index, problem, draws } of drawnProblems(generator, query, seed, distinct)) {
      signal.throwIfAborted();
      const isFirst = index === 0;
      const timed = [
        ...interleaved(problem, fast, 3, isFirst ? 20 : 1),
        ...[...interleaved(problem, [slow, "exact"], 1, isFirst ? 3 : 0)].slice(0, 1),
      ];
      for (const [id, us] of timed) sums.set(id, sums.get(id)! + draws * quantile(us, 0.5));
      workloads += draws;
      if ((index + 1) % every === 0 || index + 1 === distinct)
        for (const [planner, cumulativeUs] of sums) yield { executor: host, planner, workloads, cumulativeUs };
    }
  },
  chart: (view) => overheadChart(view, "collab-released", "one"),
  charts: (view) => ({
    "released-leaves": overheadChart(view, "collab-released", "leaves"),
    "honest-one": overheadChart(view, "collab", "one"),
    "honest-leaves": overheadChart(view, "collab", "leaves"),
  }),
  tables: (view) => [table(view)],
  claims: settings.flatMap(({ generator, query }) => {
    const where = settingText(generator, query);
    const total = (view: View, planner: string): OverheadRow => rowsOf(view, generator, query, planner).at(-1)!;
    return [
      shapeClaim<Grid, OverheadRow>({
        id: `forty-times-${generator}-${query}`,
        claim: `Planning by Edmonds-Karp takes ${published.ratio} times the linear pass (3,500 s against 80 s)`,
        source: `${source}; ${where}`,
        expected: `${published.ratio}x`,
        tolerance: "x/÷ 1.5; same shape above 5x",
        measure: (view) => {
          const ln = total(view, "linear-pass");
          const ratio = (planner: string): number => total(view, planner).cumulativeUs / ln.cumulativeUs;
          const got = ratio("max-flow-edmonds-karp");
          const scaled = (ln.cumulativeUs / ln.workloads) * 1e-2; // to 10,000 workloads, in seconds
          return {
            got: `${formatNumber(got)}x`,
            reproduced: got >= published.ratio / 1.5 && got <= published.ratio * 1.5,
            sameShape: got > 5,
            note:
              `the same optimal costs: max-flow ${formatNumber(ratio("max-flow"))}x, exact ${formatNumber(ratio("exact"))}x; ` +
              `linear pass ${formatNumber(scaled)} s per 10,000 here, ${published.linearSeconds} s there (other machine and language: context, no ratio)`,
          };
        },
      }),
      shapeClaim<Grid, OverheadRow>({
        id: `linear-growth-${generator}-${query}`,
        claim: "The linear pass's overhead grows linearly with the number of workloads",
        source: `${source}; ${where}`,
        expected: "second half ÷ first half = 1",
        tolerance: "x/÷ 1.25 per workload; same shape x/÷ 2",
        measure: (view) => {
          const rows = rowsOf(view, generator, query, "linear-pass");
          const half = rows[(rows.length >> 1) - 1];
          const whole = rows.at(-1)!;
          if (half === undefined) throw new MissingRowsError("one row only");
          const first = half.cumulativeUs / half.workloads;
          const second = (whole.cumulativeUs - half.cumulativeUs) / (whole.workloads - half.workloads);
          const ratio = second / first;
          return {
            got: formatNumber(ratio),
            reproduced: ratio >= 1 / 1.25 && ratio <= 1.25,
            sameShape: ratio >= 0.5 && ratio <= 2,
          };
        },
      }),
    ];
  }),
});

function table(view: View): ResultTable {
  return {
    title: "Cumulative planning time",
    note: `${repetitions}, on this machine`,
    header: ["setting", "planner", "workloads", "seconds", "÷ linear pass"],
    rows: view.cells.flatMap(({ point, rows }) => {
      const last = planners
        .map((id) => rows.findLast(({ planner }) => planner === id))
        .filter((row) => row !== undefined);
      const linearUs = last.find(({ planner }) => planner === "linear-pass")?.cumulativeUs ?? Number.NaN;
      return last.map(({ planner, workloads, cumulativeUs }) => [
        settingText(point["generator"] as Generator, point["query"] as Query),
        planner,
        String(workloads),
        formatNumber(cumulativeUs / 1e6),
        formatNumber(cumulativeUs / linearUs),
      ]);
    }),
  };
}

function overheadChart(view: View, generator: Generator, query: Query): ReturnType<typeof logLogChart> | undefined {
  const cell = view.cells.find(({ point }) => point["generator"] === generator && point["query"] === query);
  if (cell === undefined || cell.rows.length === 0) return undefined;
  return logLogChart(
    cell.rows.map(({ planner, workloads, cumulativeUs }) => ({ series: planner, x: workloads, y: cumulativeUs / 1e6 })),
    {
      title: "Cumulative planning time over synthetic workloads",
      conditions: [
        `${settingText(generator, query)} · executor host`,
        repetitions,
        `published: linear pass ${published.linearSeconds} s, Edmonds-Karp ${published.flowSeconds} s over 10,000`,
      ],
      xTitle: "Workloads planned",
      yTitle: "Cumulative planning time (s)",
      seriesTitle: "Planner",
    },
  );
}
