/** Where the linear pass is not optimal: the smallest counter-examples there are, and what shared ancestors cost. */
import { bruteForce } from "../src/algorithms/reuse/brute-force.ts";
import { linearPass } from "../src/algorithms/reuse/linear-pass.ts";
import { problemToJson } from "../src/core/problem-format.ts";
import type { ReuseProblem } from "../src/core/problem.ts";
import { MissingRowsError, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { formatNumber, formatShare } from "../src/report/charts/units.ts";
import { drawProblem } from "../src/workloads/synthetic/families.ts";
import { sharedNodes } from "../src/workloads/synthetic/realism.ts";
import { plannerOf, quantile } from "./planner-problems.ts";

const source = "SIGMOD 2020: the linear pass is called optimal";
const shares = [0, 0.05, 0.1, 0.2, 0.3, 0.5];
const count = 100;

/** Which sets of outputs are tried: any, all sinks, or one sink. */
const asked = ["any results", "all sinks", "one sink"] as const;

interface GapRow {
  readonly executor: string;
  /** Problems looked at, and those where the linear pass is dearer than the optimum. */
  readonly problems: number;
  readonly dearer: number;
  /** Needed nodes that several needed nodes consume ÷ needed nodes, over all problems. */
  readonly sharedShare: number;
  /** Cost ÷ optimum. */
  readonly median: number;
  readonly p90: number;
  readonly max: number;
  /** The dearer problem of least total cost, as `reuselab.problem`; empty where there is none. */
  readonly smallest: string;
}

type View = ResultView<Grid, GapRow>;

/** All problems of up to `nodes` nodes with compute costs 0 … 3 and loads 0 … 4 or none; then drawn ones by share of joins. */
export const linearGap = defineExperiment({
  id: "linear-gap",
  title: "Where the linear pass is not optimal",
  reproduces: source,
  group: "collab",
  params: {
    part: [...asked.flatMap((outputs) => [1, 2, 3].map((n) => `${n} nodes, ${outputs}`)), ...shares.map(joinsPart)],
    query: ["one", "leaves"],
  },
  when: ({ part, query }) => query === "leaves" || part.startsWith("joins"),
  estimate: { secondsPerCell: 2, memoryMegabytes: 300 },
  async *run({ part, query }, { seed, signal }): AsyncGenerator<GapRow, void, undefined> {
    const joins = shares.find((share) => part === joinsPart(share));
    if (joins === undefined) {
      yield searched(Number(part[0]), asked.find((outputs) => part.endsWith(outputs)) ?? "any results");
      return;
    }
    const gaps: number[] = [];
    let needed = 0;
    let shared = 0;
    for (let index = 0; index < count; index++) {
      signal.throwIfAborted();
      const problem = drawProblem("collab", seed, index, { query: query === "one" ? "one" : "leaves", joins });
      gaps.push(linearPass.plan(problem, {}).costUs / plannerOf("exact").plan(problem, {}).costUs);
      const counts = sharedNodes(problem);
      needed += counts.needed;
      shared += counts.shared;
    }
    yield summary(gaps, shared / needed, "");
  },
  chart: (view) => {
    const points = view.cells
      .filter(({ point }) => point.part.startsWith("joins"))
      .flatMap(({ point, rows }) =>
        rows.flatMap(({ executor, median, p90 }) => [
          {
            system: `${point.query === "one" ? "one leaf" : "all leaves"}, median`,
            executor,
            x: shareOf(point.part),
            y: median,
          },
          {
            system: `${point.query === "one" ? "one leaf" : "all leaves"}, p90`,
            executor,
            x: shareOf(point.part),
            y: p90,
          },
        ]),
      );
    if (points.length === 0) return undefined;
    return linesChart(points, shares.map(joinsPart).map(shareOf), {
      title: "Linear pass: cost ÷ optimum by share of joins",
      conditions: [`${count} problems each, published out-degrees, mixed stored shares and load scales`],
      xTitle: "Share of nodes that join several",
      yTitle: "Cost ÷ optimum",
      seriesTitle: "Outputs, quantile · executor",
      from: 1,
    });
  },
  tables: (view) => [table(view)],
  claims: [
    shapeClaim<Grid, GapRow>({
      id: "linear-is-optimal",
      claim: "The linear pass finds an optimal plan",
      source,
      expected: "no counter-example",
      tolerance: "none among all problems of up to 3 nodes; same shape when none has a single sink as its output",
      measure: (view) => {
        const found = asked.map((outputs) => smallestOf(view, outputs));
        return {
          got: asked
            .map((outputs, i) => `${outputs}: ${found[i] === undefined ? "none" : `${found[i]} nodes`}`)
            .join("; "),
          reproduced: found.every((nodes) => nodes === undefined),
          sameShape: found[2] === undefined,
        };
      },
    }),
    shapeClaim<Grid, GapRow>({
      id: "gap-grows-with-sharing",
      claim: "The more ancestors are shared, the dearer the linear pass",
      source: "our question: why the released generator shows nothing",
      expected: "median cost ÷ optimum rises with the share of joins",
      tolerance: "at every step, all leaves; same shape when the last is above the first",
      measure: (view) => {
        const medians = shares.map((share) => {
          const cell = view.cells.find(
            ({ point }) => point["part"] === joinsPart(share) && point["query"] === "leaves",
          );
          const row = cell?.rows[0];
          if (row === undefined) throw new MissingRowsError(`no row for ${joinsPart(share)}`);
          return row.median;
        });
        return {
          got: shares.map((share, i) => `${formatShare(share)}: ${medians[i]!.toFixed(3)}`).join(", "),
          reproduced: medians.every((median, i) => i === 0 || median >= medians[i - 1]!),
          sameShape: medians.at(-1)! > medians[0]!,
        };
      },
    }),
  ],
});

function joinsPart(share: number): string {
  return `joins ${Math.round(100 * share)} %`;
}

/** A label of the axis: `joins 5 %` → `5 %`. */
function shareOf(part: string): string {
  return part.slice("joins ".length);
}

/** Least number of nodes of a counter-example. */
function smallestOf(view: View, outputs: string): number | undefined {
  for (const nodes of [1, 2, 3]) {
    const row = view.cells.find(({ point }) => point["part"] === `${nodes} nodes, ${outputs}`)?.rows[0];
    if (row === undefined) throw new MissingRowsError(`no row for ${nodes} nodes, ${outputs}`);
    if (row.dearer > 0) return nodes;
  }
  return undefined;
}

function summary(gaps: readonly number[], sharedShare: number, smallest: string): GapRow {
  return {
    executor: "simulated",
    problems: gaps.length,
    dearer: gaps.filter((gap) => gap > 1).length,
    sharedShare,
    median: quantile(gaps, 0.5),
    p90: quantile(gaps, 0.9),
    max: gaps.reduce((a, b) => Math.max(a, b), 0),
    smallest,
  };
}

/** Goes through all problems of a number of nodes, against brute force. */
function searched(nodes: number, outputs: (typeof asked)[number]): GapRow {
  const gaps: number[] = [];
  let needed = 0;
  let shared = 0;
  let leastUs = Number.POSITIVE_INFINITY;
  let smallest = "";
  for (const problem of allProblems(nodes, outputs)) {
    const optimumUs = bruteForce.plan(problem, {}).costUs;
    const { costUs } = linearPass.plan(problem, {});
    gaps.push(optimumUs === costUs ? 1 : optimumUs === 0 ? Number.MAX_SAFE_INTEGER : costUs / optimumUs);
    const counts = sharedNodes(problem);
    needed += counts.needed;
    shared += counts.shared;
    if (costUs === optimumUs) continue;
    let us = 0;
    for (let v = 0; v < nodes; v++)
      us += problem.computeUs[v]! + (problem.loadUs[v] === Number.POSITIVE_INFINITY ? 0 : problem.loadUs[v]!);
    if (us >= leastUs) continue;
    leastUs = us;
    const ids = Array.from({ length: nodes }, (_, v) => "abc"[v] ?? `${v}`);
    smallest = `${problemToJson({ problem, ids })} costs ${costUs}, optimum ${optimumUs}`;
  }
  return summary(gaps, shared / needed, smallest);
}

/** Every DAG on `nodes` nodes in topological numbering, every set of outputs of a kind, every choice of small costs. */
export function* allProblems(nodes: number, outputs: (typeof asked)[number]): Generator<ReuseProblem, void, undefined> {
  const pairs: [number, number][] = [];
  for (let v = 0; v < nodes; v++) for (let p = 0; p < v; p++) pairs.push([p, v]);
  const computes = [0, 1, 2, 3];
  const loads = [0, 1, 2, 3, 4, Number.POSITIVE_INFINITY];
  const perNode = computes.length * loads.length;
  for (let arcs = 0; arcs < 1 << pairs.length; arcs++) {
    const chosen = pairs.filter((_, i) => arcs & (1 << i));
    const parentOffsets = new Int32Array(nodes + 1);
    const parentIds: number[] = [];
    for (let v = 0; v < nodes; v++) {
      for (const [p, child] of chosen) if (child === v) parentIds.push(p);
      parentOffsets[v + 1] = parentIds.length;
    }
    const sinks = Array.from({ length: nodes }, (_, v) => v).filter((v) => chosen.every(([p]) => p !== v));
    if (outputs === "one sink" && sinks.length > 1) continue;
    for (let set = 1; set < 1 << nodes; set++) {
      const asks = Array.from({ length: nodes }, (_, v) => v).filter((v) => set & (1 << v));
      if (outputs !== "any results" && asks.join(",") !== sinks.join(",")) continue;
      for (let code = 0; code < perNode ** nodes; code++) {
        const computeUs = new Float64Array(nodes);
        const loadUs = new Float64Array(nodes);
        for (let v = 0, rest = code; v < nodes; v++, rest = Math.floor(rest / perNode)) {
          computeUs[v] = computes[rest % computes.length]!;
          loadUs[v] = loads[Math.floor(rest / computes.length) % loads.length]!;
        }
        yield {
          nodeCount: nodes,
          parentOffsets,
          parentIds: Int32Array.from(parentIds),
          computeUs,
          loadUs,
          outputs: Int32Array.from(asks),
        };
      }
    }
  }
}

function table(view: View): ResultTable {
  return {
    title: "Linear pass against the optimum",
    note: "up to three nodes: all problems with computes 0 to 3 and loads 0 to 4 or none, outputs as said; joins: drawn",
    header: ["problems", "query", "looked at", "dearer", "shared nodes", "median", "p90", "max", "smallest"],
    rows: view.cells.flatMap(({ point, rows }) =>
      rows.map((row) => [
        String(point["part"]),
        String(point["query"]),
        String(row.problems),
        formatShare(row.dearer / row.problems),
        formatShare(row.sharedShare),
        formatNumber(row.median),
        formatNumber(row.p90),
        formatNumber(row.max),
        row.smallest,
      ]),
    ),
  };
}
