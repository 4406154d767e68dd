import { IncrementalPlanner, type PlanEdit } from "../src/algorithms/reuse/incremental-planner.ts";
import { systemClock } from "../src/core/clock.ts";
import { randomInt } from "../src/core/rng.ts";
import { defineExperiment } from "../src/harness/experiment.ts";
import { logLogChart } from "../src/report/charts/log-log.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";
import { host, plannerOf, quantile } from "./planner-problems.ts";

interface ReplanRow {
  readonly executor: string;
  readonly nodeCount: number;
  readonly edits: number;
  readonly medianUs: number;
  readonly p99Us: number;
  readonly maxUs: number;
  /** Median of a cold exact plan of the same graph, warm code. */
  readonly coldUs: number;
}

/** Replanning after one edit (a compute cost, a load cost, a result stored or evicted) against planning anew. */
export const plannerReplan = defineExperiment({
  id: "planner-replan",
  title: "Replanning after one edit",
  reproduces: "what interactive use and bounds by many replans need",
  group: "planner",
  params: { family: ["collab", "layered", "mlpipe", "kaggle", "series-parallel"], nodes: [1000, 10_000, 100_000] },
  quick: { family: ["collab", "layered"], nodes: [1000, 10_000] },
  executor: () => host,
  estimate: { secondsPerCell: 5, memoryMegabytes: 800 },
  async *run({ family, nodes }, context): AsyncGenerator<ReplanRow, void, undefined> {
    const problem = drawProblem(family, context.seed, 0, { nodes, storedShare: 0.6, loadScale: Math.E });
    const draw = context.rng(`edits/${family}/${nodes}`);
    const planner = new IncrementalPlanner(problem);
    const edit = (): PlanEdit => {
      const node = randomInt(draw, 0, problem.nodeCount - 1);
      const us = Math.max(1, Math.round(problem.computeUs[node]! * (0.2 + 3 * draw())));
      const kind = draw();
      if (kind < 0.4) return { kind: "compute-cost", node, computeUs: us };
      if (kind < 0.8) return { kind: "store", node, loadUs: us };
      return { kind: "evict", node };
    };
    const times: number[] = [];
    for (let k = 0; k < 2000; k++) {
      const next = edit();
      const startUs = systemClock.nowUs();
      planner.apply([next]);
      if (k >= 1000) times.push(systemClock.nowUs() - startUs);
    }
    const exact = plannerOf("exact");
    const now = planner.problem();
    const replannedUs = planner.plan().costUs;
    const cold: number[] = [];
    for (let k = 0; k < 12; k++) {
      const startUs = systemClock.nowUs();
      const { costUs } = exact.plan(now, {});
      if (k >= 3) cold.push(systemClock.nowUs() - startUs);
      if (costUs !== replannedUs) throw new Error(`replanning costs ${replannedUs}, a cold plan ${costUs}`);
    }
    yield {
      executor: host,
      nodeCount: problem.nodeCount,
      edits: times.length,
      medianUs: quantile(times, 0.5),
      p99Us: quantile(times, 0.99),
      maxUs: Math.max(...times),
      coldUs: quantile(cold, 0.5),
    };
  },
  chart: (view) => {
    const cells = view.cells.filter(({ rows }) => rows.length > 0);
    if (cells.length === 0) return undefined;
    return logLogChart(
      cells.flatMap(({ point, rows }) =>
        rows.flatMap(({ nodeCount, medianUs, coldUs }) => [
          { series: `${point.family}, one edit`, x: nodeCount, y: Math.max(0.1, medianUs) },
          { series: `${point.family}, cold`, x: nodeCount, y: coldUs },
        ]),
      ),
      {
        title: "Replanning after one edit, and planning anew",
        conditions: [
          "median of 1,000 edits after 1,000 to warm up; cold: median of 9, warm code; executor host",
          "60 % stored, loads e¹ × compute; every cost equal to a cold plan's",
        ],
        xTitle: "Nodes",
        yTitle: "Time (µs)",
        seriesTitle: "Family",
      },
    );
  },
});
