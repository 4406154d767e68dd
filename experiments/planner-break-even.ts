import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type ResultView } from "../src/harness/experiment.ts";
import type { ReuseProblem } from "../src/core/problem.ts";
import { logLogChart, type LogPoint } from "../src/report/charts/log-log.ts";
import { formatNumber, formatShare, formatUs } from "../src/report/charts/units.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";
import { host, interleaved, plannerOf, quantile, total } from "./planner-problems.ts";

interface BreakEvenRow {
  readonly executor: string;
  readonly planner: string;
  readonly nodeCount: number;
  /** Median over problems of the median of interleaved repetitions. */
  readonly planUs: number;
  /** Share of the run time of computing everything that the plans save, over all problems. */
  readonly savedShare: number;
  /** Mean compute time of an operator at which planning costs what it saves; below it planning does not pay. */
  readonly breakEvenUs: number;
}

type Grid = {
  readonly family: readonly (typeof families)[number][];
  readonly stored: readonly number[];
  readonly nodes: readonly number[];
};
type View = ResultView<Grid, BreakEvenRow>;

const planners = ["exact", "linear-pass", "load-all", "max-flow"];
const families = ["collab", "kaggle", "mlpipe", "series-parallel", "layered", "layered-dense"] as const;
/** Operators that take this long on average are what most workflows are made of. */
const operatorUs = 1_000;

/**
 * From which operator on planning pays. Costs of synthetic problems mean nothing in absolute terms, so planning time is set
 * against the share of the work it saves: with n operators of mean time m, planning pays while planUs < share · n · m.
 */
export const plannerBreakEven = defineExperiment({
  id: "planner-break-even",
  title: "Operators for which planning pays",
  reproduces: "the node count and reuse rate at which each planner stops paying",
  group: "planner",
  params: {
    family: families,
    stored: [0.001, 0.01, 0.1, 0.6],
    nodes: [100, 1000, 10_000, 100_000],
  },
  quick: { family: ["collab", "layered"], nodes: [100, 1000, 10_000], stored: [0.01, 0.6] },
  executor: () => host,
  estimate: { secondsPerCell: 4, memoryMegabytes: 800 },
  async *run({ family, nodes, stored }, { seed }): AsyncGenerator<BreakEvenRow, void, undefined> {
    const problems = Array.from({ length: nodes > 10_000 ? 1 : 5 }, (_, index) =>
      drawProblem(family, seed, index, { nodes, storedShare: stored, loadScale: Math.exp(-1) }),
    );
    const noneUs = total(problems.map((problem) => plannerOf("compute-all").plan(problem, {}).costUs));
    const operators = total(problems.map(computedNodes));
    const times = problems.map((problem) => interleaved(problem, planners, 9, nodes > 10_000 ? 2 : 30));
    for (const planner of planners) {
      const costUs = total(problems.map((problem) => plannerOf(planner).plan(problem, {}).costUs));
      const planUs = quantile(
        times.map((own) => quantile(own.get(planner) ?? [], 0.5)),
        0.5,
      );
      const savedShare = (noneUs - costUs) / noneUs;
      yield {
        executor: host,
        planner,
        nodeCount: Math.round(operators / problems.length),
        planUs,
        savedShare,
        breakEvenUs: savedShare > 0 ? planUs / (savedShare * (operators / problems.length)) : Number.MAX_SAFE_INTEGER,
      };
    }
  },
  chart: (view) => breakEvenChart(view, "collab"),
  charts: (view) =>
    Object.fromEntries(families.slice(1).map((family) => [family, breakEvenChart(view, family)] as const)),
  tables: (view) => [
    {
      title: "Where each planner stops paying",
      note:
        "planning time measured (median of 9, warm), share saved exact; the last column extends the trend of the two largest graphs " +
        `to where planning eats what it saves if operators take ${formatUs(operatorUs)}`,
      header: ["family", "stored", "planner", "saves", "pays from operators of", "at nodes", "stops paying at nodes"],
      rows: groupsOf(view).flatMap(({ family, stored, rows }) =>
        planners.flatMap((planner) => {
          const own = rows.filter((row) => row.planner === planner);
          const last = own.at(-1);
          if (last === undefined) return [];
          return [
            [
              family,
              formatShare(stored),
              planner,
              formatShare(last.savedShare),
              last.savedShare > 0 ? formatUs(last.breakEvenUs) : "never",
              String(last.nodeCount),
              stopsAt(own),
            ],
          ];
        }),
      ),
    },
  ],
  claims: [
    shapeClaim<Grid, BreakEvenRow>({
      id: "milliseconds-pay",
      claim: "Planning by exact pays wherever a hundredth of the results is stored and operators take a millisecond",
      source: "own expectation, stated before the run",
      expected: "break-even below 1 ms per operator",
      tolerance: "every family and size, stored share ≥ 1 %; same shape below 10 ms",
      measure: (view) => {
        const rows = view.cells
          .filter(({ point }) => point.stored >= 0.01)
          .flatMap(({ rows: own }) => own.filter(({ planner }) => planner === "exact"));
        if (rows.length === 0) throw new MissingRowsError("no rows with a hundredth stored");
        const most = Math.max(...rows.map(({ breakEvenUs }) => breakEvenUs));
        return { got: formatUs(most), reproduced: most < 1_000, sameShape: most < 10_000 };
      },
    }),
  ],
});

/** Nodes that computing everything computes. */
function computedNodes(problem: ReuseProblem): number {
  return plannerOf("compute-all")
    .plan(problem, {})
    .states.reduce((sum, state) => sum + (state === 1 ? 1 : 0), 0);
}

function groupsOf(view: View): readonly { family: string; stored: number; rows: readonly BreakEvenRow[] }[] {
  const keys = new Map(
    view.cells.map(({ point }) => [`${point.family} ${point.stored}`, { family: point.family, stored: point.stored }]),
  );
  return [...keys.values()].map(({ family, stored }) => ({
    family,
    stored,
    rows: view.cells
      .filter(({ point }) => point.family === family && point.stored === stored)
      .flatMap(({ rows }) => rows),
  }));
}

/** Node count at which planning costs what it saves with operators of {@link operatorUs}. */
function stopsAt(rows: readonly BreakEvenRow[]): string {
  const [before, last] = rows.slice(-2);
  if (last === undefined || last.savedShare <= 0) return "never pays";
  if (last.breakEvenUs >= operatorUs) return `below ${formatNumber(last.nodeCount)}`;
  if (before === undefined || before.savedShare <= 0) return "unknown";
  const slope = Math.log(last.breakEvenUs / before.breakEvenUs) / Math.log(last.nodeCount / before.nodeCount);
  const exponent = Math.log(operatorUs / last.breakEvenUs) / slope;
  const nodes = last.nodeCount * Math.exp(exponent);
  return slope <= 0 || nodes > 1e12 ? "beyond 10¹²" : `≈ ${nodes.toExponential(0)}`;
}

function breakEvenChart(view: View, family: string): ReturnType<typeof logLogChart> | undefined {
  const stored = [...new Set(view.cells.map(({ point }) => point.stored))];
  const shown = stored.length > 2 ? [stored[1]!, stored.at(-1)!] : stored;
  const points = view.cells
    .filter(({ point }) => point.family === family && shown.includes(point.stored))
    .flatMap(({ point, rows }) =>
      rows
        .filter(({ savedShare }) => savedShare > 0)
        .map(({ planner, nodeCount, breakEvenUs }): LogPoint => ({
          series: planner,
          kind: `${formatShare(point.stored)} stored`,
          x: nodeCount,
          y: breakEvenUs,
        })),
    );
  if (points.length === 0) return undefined;
  return logLogChart(points, {
    title: `Operator time above which planning pays, ${family}`,
    conditions: [
      "planning time ÷ (share of the work saved × operators); planning: median of 9, warm, executor host",
      "all leaves required · loads e⁻¹ × compute · median of 5 problems (1 of 100,000 nodes)",
    ],
    xTitle: "Operators computed without reuse",
    yTitle: "Mean operator time at break-even (µs)",
    seriesTitle: "Planner",
    kindTitle: "Reuse",
  });
}
