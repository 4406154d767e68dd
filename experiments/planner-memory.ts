import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type ResultView } from "../src/harness/experiment.ts";
import { probePlanner } from "../src/harness/planner-bench.ts";
import { logLogChart } from "../src/report/charts/log-log.ts";
import { formatBytes } from "../src/report/charts/units.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";
import { host, plannerOf } from "./planner-problems.ts";

interface MemoryRow {
  readonly executor: string;
  readonly planner: string;
  readonly nodeCount: number;
  /** Bytes of the problem itself. */
  readonly problemBytes: number;
  /** Growth of resident memory over the loaded problem while it is planned for the first time; least of the repetitions. */
  readonly peakBytes: number;
}

type Grid = { readonly family: readonly (typeof families)[number][]; readonly nodes: readonly number[] };
type View = ResultView<Grid, MemoryRow>;

const repetitions = 3;
const families = ["collab", "layered", "layered-dense"] as const;
const planners = ["exact", "linear-pass", "load-all", "compute-all", "max-flow", "max-flow-edmonds-karp"];
/** Largest problem some planners are asked to plan. */
const largest: Readonly<Record<string, number>> = { "max-flow-edmonds-karp": 1500, "max-flow": 100_000 };
const targetBytes = 50e6;

/** Memory of planning, each planner in a process of its own. `compute-all` makes nothing but the plan. */
export const plannerMemory = defineExperiment({
  id: "planner-memory",
  title: "Planner memory by number of nodes",
  reproduces: "whether an optimal plan needs more memory than there is",
  group: "planner",
  params: { family: families, nodes: [1000, 10_000, 100_000, 1_000_000] },
  quick: { family: ["collab"], nodes: [1000, 10_000, 100_000] },
  executor: () => host,
  estimate: { secondsPerCell: 15, memoryMegabytes: 1500 },
  async *run({ family, nodes }, { seed, signal }): AsyncGenerator<MemoryRow, void, undefined> {
    const knobs = { storedShare: 0.6, loadScale: Math.E };
    const problem = drawProblem(family, seed, 0, { ...knobs, nodes });
    const small = drawProblem(family, seed, 0, { ...knobs, nodes: 10 });
    for (const planner of planners.filter((id) => nodes <= (largest[id] ?? Number.POSITIVE_INFINITY))) {
      let peakBytes = Number.POSITIVE_INFINITY;
      for (let repetition = 0; repetition < repetitions; repetition++) {
        signal.throwIfAborted();
        const probe = await probePlanner({ planner: plannerOf(planner), params: {} }, small, problem);
        peakBytes = Math.min(peakBytes, probe.peakBytes);
      }
      yield {
        executor: host,
        planner,
        nodeCount: problem.nodeCount,
        problemBytes: 24 * problem.nodeCount + 4 * problem.parentIds.length + 4 * problem.outputs.length,
        peakBytes,
      };
    }
  },
  chart: (view) => memoryChart(view, "collab"),
  charts: (view) => Object.fromEntries(families.slice(1).map((family) => [family, memoryChart(view, family)] as const)),
  tables: (view) => [
    {
      title: "Growth of resident memory while planning",
      note: `least of ${repetitions} fresh processes a planner; beyond compute-all, which makes nothing but the plan`,
      header: ["family", "nodes", "problem", "planner", "growth", "beyond compute-all"],
      rows: view.cells.flatMap(({ point, rows }) =>
        rows.map(({ planner, nodeCount, problemBytes, peakBytes }) => [
          point.family,
          String(nodeCount),
          formatBytes(problemBytes),
          planner,
          formatBytes(peakBytes),
          formatBytes(Math.max(0, peakBytes - baseOf(rows))),
        ]),
      ),
    },
  ],
  claims: [
    shapeClaim<Grid, MemoryRow>({
      id: "extra-memory",
      claim: "A plan of a million nodes takes at most 50 MB beyond the plan itself, with planner exact",
      source: "own target, stated before the run",
      expected: "≤ 50 MB",
      tolerance: "on every family; same shape ≤ 100 MB",
      measure: (view) => {
        const found = view.cells
          .filter(({ point }) => point.nodes === 1_000_000)
          .flatMap(({ point, rows }) => {
            const own = rows.find(({ planner }) => planner === "exact");
            return own === undefined ? [] : [{ family: point.family, bytes: own.peakBytes - baseOf(rows) }];
          });
        if (found.length === 0) throw new MissingRowsError("no problem of a million nodes");
        const most = Math.max(...found.map(({ bytes }) => bytes));
        return {
          got: found.map(({ family, bytes }) => `${family} ${formatBytes(bytes)}`).join(", "),
          reproduced: most <= targetBytes,
          sameShape: most <= 2 * targetBytes,
        };
      },
    }),
  ],
});

/** What the plan alone takes. */
function baseOf(rows: readonly MemoryRow[]): number {
  const row = rows.find(({ planner }) => planner === "compute-all");
  if (row === undefined) throw new MissingRowsError("no row of compute-all");
  return row.peakBytes;
}

function memoryChart(view: View, family: string): ReturnType<typeof logLogChart> | undefined {
  const rows = view.cells.filter(({ point }) => point.family === family).flatMap(({ rows: own }) => own);
  if (rows.length === 0) return undefined;
  const problems = new Map(rows.map(({ nodeCount, problemBytes }) => [nodeCount, problemBytes]));
  return logLogChart(
    [
      // A page is the least that can be seen.
      ...rows.map(({ planner, nodeCount, peakBytes }) => ({
        series: planner,
        x: nodeCount,
        y: Math.max(4096, peakBytes) / 1e6,
      })),
      ...[...problems].map(([nodeCount, bytes]) => ({ series: "the problem itself", x: nodeCount, y: bytes / 1e6 })),
    ],
    {
      title: `Memory that planning takes, ${family}`,
      conditions: [
        "growth of resident memory over the loaded problem at its first plan, a process per planner",
        `least of ${repetitions} processes; 60 % stored, loads e¹ × compute, all leaves required; executor host`,
      ],
      xTitle: "Nodes",
      yTitle: "Peak memory (MB)",
      seriesTitle: "Planner",
    },
  );
}
