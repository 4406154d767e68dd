import { linearRegression } from "simple-statistics";
import { rngStream } from "../src/core/rng.ts";
import { defineExperiment, type ResultView } from "../src/harness/experiment.ts";
import { bootstrapInterval } from "../src/harness/statistics.ts";
import { logLogChart } from "../src/report/charts/log-log.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";
import { host, interleaved, quantile } from "./planner-problems.ts";

interface OverheadRow {
  readonly executor: string;
  readonly planner: string;
  readonly nodeCount: number;
  readonly problem: number;
  readonly planUs: number;
  readonly lowUs: number;
  readonly highUs: number;
  readonly repetitions: number;
}

/** Largest problem each planner is asked to plan here: the published solver's own limit, patience for the plain one. */
const largest: Readonly<Record<string, number>> = { "max-flow-edmonds-karp": 1500, "max-flow": 100_000 };
const planners = ["exact", "linear-pass", "load-all", "max-flow", "max-flow-edmonds-karp"];

/** Planning time against the number of nodes, planners in turn on the same problems. */
export const plannerOverhead = defineExperiment({
  id: "planner-overhead",
  title: "Planner overhead by number of nodes",
  reproduces: "how planning time grows (SIGMOD 2020: linear for the linear pass, 40x that for an optimal plan)",
  group: "planner",
  params: {
    family: ["collab", "collab-released", "layered", "layered-dense"],
    nodes: [100, 1000, 10_000, 100_000, 1_000_000],
  },
  quick: { family: ["collab", "layered"], nodes: [100, 1000, 10_000] },
  executor: () => host,
  estimate: { secondsPerCell: 8, memoryMegabytes: 1500 },
  async *run({ family, nodes }, { seed }): AsyncGenerator<OverheadRow, void, undefined> {
    const ids = planners.filter((id) => nodes <= (largest[id] ?? Number.POSITIVE_INFINITY));
    for (let index = 0; index < (nodes < 1_000_000 ? 3 : 1); index++) {
      const problem = drawProblem(family, seed, index, { nodes, storedShare: 0.6, loadScale: Math.E });
      for (const [planner, times] of interleaved(problem, ids, 9, nodes > 10_000 ? 1 : nodes > 1000 ? 20 : 100)) {
        const { estimate, low, high } = bootstrapInterval(
          times,
          (us) => quantile(us, 0.5),
          rngStream(seed, "planner-overhead/interval"),
        );
        yield {
          executor: host,
          planner,
          nodeCount: problem.nodeCount,
          problem: index,
          planUs: estimate,
          lowUs: low,
          highUs: high,
          repetitions: times.length,
        };
      }
    }
  },
  chart: (view) => overheadChart(view, "collab"),
  charts: (view) => ({
    layered: overheadChart(view, "layered"),
    "layered-dense": overheadChart(view, "layered-dense"),
  }),
  tables: (view) => [slopes(view)],
});

type View = ResultView<{ readonly family: readonly string[]; readonly nodes: readonly number[] }, OverheadRow>;

function overheadChart(view: View, family: string): ReturnType<typeof logLogChart> | undefined {
  const rows = view.cells.filter(({ point }) => point.family === family).flatMap(({ rows: own }) => own);
  if (rows.length === 0) return undefined;
  return logLogChart(
    rows
      .filter(({ problem }) => problem === 0)
      .map(({ planner, nodeCount, planUs, lowUs, highUs }) => ({
        series: planner,
        x: nodeCount,
        y: planUs,
        low: lowUs,
        high: highUs,
      })),
    {
      title: `Planning time by number of nodes, ${family}`,
      conditions: [
        "all leaves required · 60 % stored, loads e¹ × compute",
        "medians of 9 interleaved repetitions with 95 % bootstrap intervals, warm, executor host",
      ],
      xTitle: "Nodes",
      yTitle: "Planning time (µs)",
      seriesTitle: "Planner",
    },
  );
}

/** Slope of log time over log nodes from 1,000 nodes on: 1 means linear. */
function slopes(view: View): {
  title: string;
  note: string;
  header: readonly string[];
  rows: readonly (readonly string[])[];
} {
  const rows: string[][] = [];
  for (const family of new Set(view.cells.map(({ point }) => point.family)))
    for (const planner of planners) {
      const own = view.cells
        .filter(({ point }) => point.family === family && point.nodes >= 1000)
        .flatMap(({ rows: all }) => all)
        .filter((row) => row.planner === planner);
      if (new Set(own.map(({ nodeCount }) => nodeCount)).size < 2) continue;
      const points = own.map(({ nodeCount, planUs }): [number, number] => [Math.log(nodeCount), Math.log(planUs)]);
      const { estimate, low, high } = bootstrapInterval(
        points.map((_, at) => at),
        (chosen) => linearRegression(chosen.map((at) => points[at]!)).m,
        rngStream(1, "planner-overhead/slope"),
      );
      rows.push([
        family,
        planner,
        estimate.toFixed(2),
        Number.isFinite(low) ? `${low.toFixed(2)} to ${high.toFixed(2)}` : "not enough samples",
      ]);
    }
  return {
    title: "Slope of log time over log nodes",
    note: "from 1,000 nodes on; 95 % bootstrap interval over problems; 1 = linear",
    header: ["family", "planner", "slope", "interval"],
    rows,
  };
}
