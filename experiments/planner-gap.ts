import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { rangesChart } from "../src/report/charts/ranges.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
import { drawProblem, problemFamilyIds, type ProblemFamilyId } from "../src/workloads/synthetic/families.ts";
import { plannerOf, quantile } from "./planner-problems.ts";

interface GapRow {
  readonly executor: string;
  readonly planner: string;
  /** Cost ÷ optimum. */
  readonly p10: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
  readonly suboptimalShare: number;
}

type Grid = { readonly family: readonly ProblemFamilyId[]; readonly query: readonly ("leaves" | "one")[] };
type View = ResultView<Grid, GapRow>;

const heuristics = ["linear-pass", "per-node-greedy", "load-all", "bottom-up", "compute-all"];
const count = 300;
/** Every node has at most one consumer: nothing is shared. */
const unshared: ReadonlySet<ProblemFamilyId> = new Set(["chains", "in-tree"]);

/** How far each heuristic is from the optimum. Simulated: exact numbers. */
export const plannerGap = defineExperiment({
  id: "planner-gap",
  title: "Optimality gap of each planner by family",
  reproduces: "SIGMOD 2020 calls the linear pass optimal; here is by how much it is not",
  group: "planner",
  version: 2,
  params: { family: problemFamilyIds, query: ["leaves", "one"] },
  quick: { family: ["collab", "collab-released", "diamonds", "in-tree"] },
  estimate: { secondsPerCell: 1, memoryMegabytes: 300 },
  async *run({ family, query }, { seed }): AsyncGenerator<GapRow, void, undefined> {
    const gaps = new Map(heuristics.map((id): [string, number[]] => [id, []]));
    for (let index = 0; index < count; index++) {
      const problem = drawProblem(family, seed, index, { query });
      const { costUs } = plannerOf("exact").plan(problem, {});
      for (const [id, own] of gaps) own.push(costUs === 0 ? 1 : plannerOf(id).plan(problem, {}).costUs / costUs);
    }
    for (const [planner, own] of gaps)
      yield {
        executor: "simulated",
        planner,
        p10: quantile(own, 0.1),
        median: quantile(own, 0.5),
        p90: quantile(own, 0.9),
        max: Math.max(...own),
        suboptimalShare: own.filter((gap) => gap > 1).length / own.length,
      };
  },
  chart: (view) => gapChart(view, "leaves"),
  charts: (view) => ({ one: gapChart(view, "one") }),
  tables: (view) => [table(view)],
  claims: [
    shapeClaim<Grid, GapRow>({
      id: "optimal-without-sharing",
      claim: "Where every result has one consumer the linear pass is optimal",
      source: "our proof: nothing is priced twice",
      expected: "largest cost ÷ optimum = 1 on chains and in-trees",
      tolerance: "exact; same shape never",
      measure: (view) => {
        const rows = view.cells
          .filter(({ point }) => unshared.has(point.family))
          .flatMap(({ rows: own }) => own.filter(({ planner }) => planner === "linear-pass"));
        if (rows.length === 0) throw new MissingRowsError("neither chains nor in-trees");
        const most = Math.max(...rows.map(({ max }) => max));
        return { got: formatNumber(most), reproduced: most === 1, sameShape: false };
      },
    }),
    shapeClaim<Grid, GapRow>({
      id: "optimal-as-released",
      claim: "On the released generator with one query the linear pass is optimal",
      source: "SIGMOD 2020: the linear pass is called optimal",
      expected: "no dearer plan",
      tolerance: `none of ${count} problems; same shape below 1 %`,
      measure: (view) => {
        const row = view.cells
          .find(({ point }) => point.family === "collab-released" && point.query === "one")
          ?.rows.find(({ planner }) => planner === "linear-pass");
        if (row === undefined) throw new MissingRowsError("no rows of collab-released with one query");
        return {
          got: `${formatShare(row.suboptimalShare)} dearer`,
          reproduced: row.suboptimalShare === 0,
          sameShape: row.suboptimalShare < 0.01,
        };
      },
    }),
  ],
});

function table(view: View): ResultTable {
  return {
    title: "Cost ÷ optimum",
    note: `${count} problems a line, mixed stored shares and load scales; exact numbers`,
    header: ["family", "outputs", "planner", "median", "p90", "max", "dearer than the optimum"],
    rows: view.cells.flatMap(({ point, rows }) =>
      rows.map((row) => [
        point.family,
        point.query === "leaves" ? "all leaves" : "one leaf",
        row.planner,
        row.median.toFixed(3),
        formatNumber(row.p90),
        formatNumber(row.max),
        formatShare(row.suboptimalShare),
      ]),
    ),
  };
}

function gapChart(view: View, query: string): ReturnType<typeof rangesChart> | undefined {
  const cells = view.cells.filter(({ point, rows }) => point.query === query && rows.length > 0);
  if (cells.length === 0) return undefined;
  const same = cells.every(({ rows }) => {
    const [a, b] = ["load-all", "bottom-up"].map((id) => rows.find(({ planner }) => planner === id));
    return a?.median === b?.median && a?.p90 === b?.p90 && a?.max === b?.max;
  });
  return rangesChart(
    cells.flatMap(({ point, rows }) =>
      rows
        .filter(({ planner }) => !(same && planner === "bottom-up"))
        .map(({ planner, p10, median, p90 }) => ({
          category: point.family,
          series: planner,
          low: p10,
          middle: median,
          high: p90,
        })),
    ),
    {
      title: "How much dearer than the optimum each planner is",
      conditions: [
        `${query === "leaves" ? "all leaves required" : "one random leaf required"} · mixed stored shares and load scales · simulated, exact numbers`,
        `median of ${count} problems, bars from the 10th to the 90th percentile${same ? "; bottom-up plans as load-all does" : ""}`,
      ],
      xTitle: "Cost ÷ optimum",
      yTitle: "Family",
      seriesTitle: "Planner",
      scale: "log",
    },
  );
}
