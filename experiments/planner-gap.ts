import { defineExperiment, type ResultView } from "../src/harness/experiment.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { exactWithStats } from "../src/algorithms/reuse/exact.ts";
import { drawProblem, problemFamilyIds } from "../src/workloads/synthetic/families.ts";
import { plannerOf, quantile } from "./planner-problems.ts";

interface GapRow {
  readonly executor: string;
  readonly planner: string;
  /** Cost ÷ optimum. */
  readonly median: number;
  readonly p90: number;
  readonly max: number;
  readonly suboptimalShare: number;
  /** Nodes left for the flow solver ÷ nodes. */
  readonly kernelShareMedian: number;
  readonly kernelShareMax: number;
}

const heuristics = ["linear-pass", "per-node-greedy", "load-all", "bottom-up", "compute-all"];
const count = 300;

/** How far each heuristic is from the optimum, and how much of a problem is left after the reductions. Simulated: exact numbers. */
export const plannerGap = defineExperiment({
  id: "planner-gap",
  title: "Optimality gap of each planner by family",
  reproduces: "SIGMOD 2020 calls the linear pass optimal; here is by how much it is not",
  group: "planner",
  params: { family: [...problemFamilyIds], query: ["leaves", "one"] },
  quick: { family: ["collab", "collab-released", "diamonds", "in-tree"] },
  estimate: { secondsPerCell: 1, memoryMegabytes: 300 },
  async *run({ family, query }, { seed }): AsyncGenerator<GapRow, void, undefined> {
    const gaps = new Map(heuristics.map((id): [string, number[]] => [id, []]));
    const kernels: number[] = [];
    for (let index = 0; index < count; index++) {
      const problem = drawProblem(family, seed, index, { query });
      const { plan, stats } = exactWithStats(problem);
      kernels.push(stats.flowNodes / problem.nodeCount);
      for (const [id, own] of gaps)
        own.push(plan.costUs === 0 ? 1 : plannerOf(id).plan(problem, {}).costUs / plan.costUs);
    }
    for (const [planner, own] of gaps)
      yield {
        executor: "simulated",
        planner,
        median: quantile(own, 0.5),
        p90: quantile(own, 0.9),
        max: Math.max(...own),
        suboptimalShare: own.filter((gap) => gap > 1).length / own.length,
        kernelShareMedian: quantile(kernels, 0.5),
        kernelShareMax: Math.max(...kernels),
      };
  },
  chart: (view) => gapChart(view, "leaves"),
  charts: (view) => ({ one: gapChart(view, "one") }),
});

type View = ResultView<{ readonly family: readonly string[]; readonly query: readonly string[] }, GapRow>;

function gapChart(view: View, query: string): ReturnType<typeof linesChart> | undefined {
  const cells = view.cells.filter(({ point, rows }) => point.query === query && rows.length > 0);
  if (cells.length === 0) return undefined;
  return linesChart(
    cells.flatMap(({ point, rows }) =>
      rows.map(({ executor, planner, p90 }) => ({ system: planner, executor, x: point.family, y: p90 })),
    ),
    cells.map(({ point }) => point.family),
    {
      title: `Cost ÷ optimum, 90th percentile of ${count} problems`,
      conditions: [
        query === "leaves" ? "all leaves required" : "one random leaf required",
        "mixed stored shares and load scales",
      ],
      xTitle: "Family",
      yTitle: "Cost ÷ optimum",
      logScale: true,
    },
  );
}
