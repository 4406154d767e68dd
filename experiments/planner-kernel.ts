import { exactWithStats } from "../src/algorithms/reuse/exact.ts";
import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type ResultView } from "../src/harness/experiment.ts";
import { rangesChart } from "../src/report/charts/ranges.ts";
import { formatShare } from "../src/report/charts/units.ts";
import { drawProblem, problemFamilyIds, type ProblemFamilyId } from "../src/workloads/synthetic/families.ts";
import { quantile } from "./planner-problems.ts";

interface KernelRow {
  readonly executor: string;
  /** What has been done to the problem so far. */
  readonly stage: string;
  /** Nodes left ÷ nodes of the problem. */
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly p99: number;
  readonly mean: number;
  /** Share of problems with nothing left. */
  readonly settled: number;
}

type Grid = { readonly family: readonly ProblemFamilyId[]; readonly query: readonly ("leaves" | "few")[] };
type View = ResultView<Grid, KernelRow>;

const count = 300;
const stages = [
  ["one pass up and down", "undecided"],
  ["rounds of bounds", "kernelNodes"],
  ["contraction", "contractedNodes"],
  ["left for the flow solver", "flowNodes"],
] as const;

/** How much of a problem the reductions of `exact` leave, step by step. Counts, the same everywhere. */
export const plannerKernel = defineExperiment({
  id: "planner-kernel",
  title: "Kernel size after the reductions of the exact planner",
  reproduces: "why an optimal plan costs no more than a linear pass",
  group: "planner",
  params: { family: problemFamilyIds, query: ["leaves", "few"] },
  quick: { family: ["collab", "layered", "layered-dense", "diamonds"] },
  estimate: { secondsPerCell: 1, memoryMegabytes: 300 },
  async *run({ family, query }, { seed }): AsyncGenerator<KernelRow, void, undefined> {
    const left = stages.map((): number[] => []);
    for (let index = 0; index < count; index++) {
      const problem = drawProblem(family, seed, index, { query });
      const { stats } = exactWithStats(problem);
      for (const [i, [, counter]] of stages.entries()) left[i]!.push(stats[counter] / problem.nodeCount);
    }
    for (const [i, [stage]] of stages.entries()) {
      const own = left[i]!;
      yield {
        executor: "simulated",
        stage,
        median: quantile(own, 0.5),
        p10: quantile(own, 0.1),
        p90: quantile(own, 0.9),
        p99: quantile(own, 0.99),
        mean: own.reduce((sum, share) => sum + share, 0) / own.length,
        settled: own.filter((share) => share === 0).length / own.length,
      };
    }
  },
  chart: (view) => kernelChart(view, "leaves"),
  charts: (view) => ({ few: kernelChart(view, "few") }),
  tables: (view) => [
    {
      title: "Nodes left, as a share of the problem",
      note: `${count} problems a line; flow nodes count a split node twice; counts, not times`,
      header: ["family", "outputs", "after", "mean", "median", "p90", "p99", "nothing left"],
      rows: view.cells.flatMap(({ point, rows }) =>
        rows.map((row) => [
          point.family,
          point.query === "leaves" ? "all leaves" : "few",
          row.stage,
          ...[row.mean, row.median, row.p90, row.p99, row.settled].map(formatShare),
        ]),
      ),
    },
  ],
  claims: [
    shapeClaim<Grid, KernelRow>({
      id: "small-kernel",
      claim: "On Collab-like graphs a kernel of 0.4 % of the nodes is left in the median, 9 % at the 99th percentile",
      source: "prototype with five of the rules, all leaves required",
      expected: "median ≤ 0.4 %, p99 ≤ 9 %",
      tolerance: "both at most that; same shape within twice that",
      measure: (view) => {
        const row = view.cells
          .find(({ point }) => point.family === "collab" && point.query === "leaves")
          ?.rows.find(({ stage }) => stage === "left for the flow solver");
        if (row === undefined) throw new MissingRowsError("no rows of collab");
        return {
          got: `median ${formatShare(row.median)}, p99 ${formatShare(row.p99)}`,
          reproduced: row.median <= 0.004 && row.p99 <= 0.09,
          sameShape: row.median <= 0.008 && row.p99 <= 0.18,
          note: `${formatShare(row.settled)} of the problems are settled without any flow`,
        };
      },
    }),
  ],
});

function kernelChart(view: View, query: string): ReturnType<typeof rangesChart> | undefined {
  const cells = view.cells.filter(({ point, rows }) => point.query === query && rows.length > 0);
  if (cells.length === 0) return undefined;
  return rangesChart(
    cells.flatMap(({ point, rows }) =>
      rows
        .filter(({ stage }) => stage !== "contraction")
        .map(({ stage, mean, p90 }) => ({
          category: point.family,
          series: stage,
          low: 100 * Math.min(mean, p90),
          middle: 100 * mean,
          high: 100 * Math.max(mean, p90),
        })),
    ),
    {
      title: "What the reductions of the exact planner leave",
      conditions: [
        `${query === "leaves" ? "all leaves required" : "few outputs required"} · mixed stored shares and load scales · counts, no times`,
        `mean of ${count} problems, bars to the 90th percentile; the axis is a square root`,
      ],
      xTitle: "Nodes left (% of the problem)",
      yTitle: "Family",
      seriesTitle: "After",
      scale: "root",
      from: 0,
      ticks: [0, 1, 5, 10, 20, 50, 100],
    },
  );
}
