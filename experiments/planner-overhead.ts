import { linearRegression } from "simple-statistics";
import { rngStream } from "../src/core/rng.ts";
import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { bootstrapInterval, type Interval } from "../src/harness/statistics.ts";
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
const families = ["collab", "collab-released", "layered", "layered-dense"] as const;

/** Planning time against the number of nodes, planners in turn on the same problems. */
export const plannerOverhead = defineExperiment({
  id: "planner-overhead",
  title: "Planner overhead by number of nodes",
  reproduces: "how planning time grows (SIGMOD 2020: linear for the linear pass, 40x that for an optimal plan)",
  group: "planner",
  params: {
    family: families,
    nodes: [100, 300, 1000, 3000, 10_000, 30_000, 100_000, 1_000_000],
  },
  quick: { family: ["collab", "layered"], nodes: [100, 1000, 10_000] },
  executor: () => host,
  estimate: { secondsPerCell: 6, memoryMegabytes: 1500 },
  async *run({ family, nodes }, { seed }): AsyncGenerator<OverheadRow, void, undefined> {
    const ids = planners.filter((id) => nodes <= (largest[id] ?? Number.POSITIVE_INFINITY));
    for (let index = 0; index < (nodes < 1_000_000 ? 3 : 1); index++) {
      const problem = drawProblem(family, seed, index, { nodes, storedShare: 0.6, loadScale: Math.E });
      const warmUps = nodes > 10_000 ? 2 : nodes > 1000 ? 20 : 100;
      for (const [planner, times] of interleaved(problem, ids, 9, warmUps)) {
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
  charts: (view) =>
    Object.fromEntries(families.slice(1).map((family) => [family, overheadChart(view, family)] as const)),
  tables: (view) => [table(view)],
  claims: [
    slopeClaim(
      "linear-pass",
      "The linear pass's planning time grows linearly with the graph",
      "SIGMOD 2020, complexity",
    ),
    slopeClaim("exact", "The optimal plan's time grows linearly too, with planner exact", "our question"),
  ],
});

type Grid = { readonly family: readonly (typeof families)[number][]; readonly nodes: readonly number[] };
type View = ResultView<Grid, OverheadRow>;

function slopeClaim(planner: string, claim: string, source: string): ReturnType<typeof shapeClaim<Grid, OverheadRow>> {
  return shapeClaim<Grid, OverheadRow>({
    id: `${planner}-grows-linearly`,
    claim,
    source,
    expected: "slope 1 of log time over log nodes",
    tolerance: "0.9 to 1.15 on every family; same shape below 1.3 (from cache to memory a node costs more)",
    measure: (view) => {
      const found = familiesOf(view).map((family) => ({ family, slope: slopeOf(view, family, planner) }));
      const slopes = found.flatMap(({ family, slope }) => (slope === undefined ? [] : [{ family, ...slope }]));
      if (slopes.length === 0) throw new MissingRowsError(`fewer than three sizes planned by ${planner}`);
      return {
        got: slopes.map(({ family, estimate }) => `${family} ${estimate.toFixed(2)}`).join(", "),
        reproduced: slopes.every(({ estimate }) => estimate >= 0.9 && estimate <= 1.15),
        sameShape: slopes.every(({ estimate }) => estimate < 1.3),
        note: `95 % intervals: ${slopes.map(({ family, low, high }) => `${family} ${low.toFixed(2)} to ${high.toFixed(2)}`).join(", ")}`,
      };
    },
  });
}

function familiesOf(view: View): readonly string[] {
  return [...new Set(view.cells.map(({ point }) => point.family))];
}

function rowsOf(view: View, family: string): readonly OverheadRow[] {
  return view.cells.filter(({ point }) => point.family === family).flatMap(({ rows }) => rows);
}

/** Slope of log time over log nodes with a bootstrap interval over problems; undefined below three sizes. */
function slopeOf(view: View, family: string, planner: string): Interval | undefined {
  const own = rowsOf(view, family).filter((row) => row.planner === planner);
  if (new Set(own.map(({ nodeCount }) => nodeCount)).size < 3) return undefined;
  const points = own.map(({ nodeCount, planUs }): [number, number] => [Math.log(nodeCount), Math.log(planUs)]);
  return bootstrapInterval(
    points.map((_, at) => at),
    (chosen) => linearRegression(chosen.map((at) => points[at]!)).m,
    rngStream(1, "planner-overhead/slope"),
  );
}

function overheadChart(view: View, family: string): ReturnType<typeof logLogChart> | undefined {
  const rows = rowsOf(view, family);
  if (rows.length === 0) return undefined;
  const sizes = [...new Set(view.cells.filter(({ point }) => point.family === family).map(({ point }) => point.nodes))];
  const points = planners.flatMap((planner) =>
    sizes.flatMap((nodes) => {
      const own = view.cells
        .filter(({ point }) => point.family === family && point.nodes === nodes)
        .flatMap((cell) => cell.rows.filter((row) => row.planner === planner));
      if (own.length === 0) return [];
      return {
        series: planner,
        x: nodes,
        y: quantile(
          own.map(({ planUs }) => planUs),
          0.5,
        ),
        low: Math.min(...own.map(({ lowUs }) => lowUs)),
        high: Math.max(...own.map(({ highUs }) => highUs)),
      };
    }),
  );
  const notes = Object.fromEntries(
    planners.flatMap((planner) => {
      const slope = slopeOf(view, family, planner);
      return slope === undefined
        ? []
        : [[planner, `: slope ${slope.estimate.toFixed(2)} (${slope.low.toFixed(2)} to ${slope.high.toFixed(2)})`]];
    }),
  );
  return logLogChart(points, {
    title: `Planning time by number of nodes, ${family}`,
    conditions: [
      "all leaves required · 60 % stored, loads e¹ × compute · warm, executor host",
      "median of 3 problems (1 of a million nodes), 9 interleaved repetitions each; bars: 95 % bootstrap intervals of all of them",
    ],
    xTitle: "Nodes",
    yTitle: "Planning time (µs)",
    seriesTitle: "Planner: slope of log time over log nodes (95 % interval)",
    notes,
  });
}

function table(view: View): ResultTable {
  return {
    title: "Slope of log time over log nodes",
    note: "95 % bootstrap interval over problems of all sizes; 1 = linear; at least three sizes",
    header: ["family", "planner", "slope", "interval"],
    rows: familiesOf(view).flatMap((family) =>
      planners.flatMap((planner) => {
        const slope = slopeOf(view, family, planner);
        return slope === undefined
          ? []
          : [[family, planner, slope.estimate.toFixed(2), `${slope.low.toFixed(2)} to ${slope.high.toFixed(2)}`]];
      }),
    ),
  };
}
