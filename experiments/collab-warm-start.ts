import { pairSystem, systems } from "../src/baselines/index.ts";
import type { Iteration } from "../src/core/iteration.ts";
import type { SourceOp } from "../src/core/operators.ts";
import { shuffled, type Rng } from "../src/core/rng.ts";
import type { SystemSpec } from "../src/core/system.ts";
import { MissingRowsError, ratioClaim, shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type Grid, type ResultTable, type ResultView } from "../src/harness/experiment.ts";
import { runMeasured } from "../src/harness/run-measured.ts";
import { linesChart } from "../src/report/charts/lines.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import { censusWorkflow } from "../src/workloads/census/workflow.ts";
import { editVersion } from "../src/workloads/dsl.ts";
import { type Edit, flattenEdits } from "../src/workloads/edits.ts";

const source = "SIGMOD 2020, warm start";
const scale = 0.1;
const budget = "400KB";
const executor = "duckdb";

const collab = systems.collab;
/** OML runs every workload as it stands; CO−W and CO+W reuse, without and with warm starts. */
const lines: Readonly<Record<string, SystemSpec>> = {
  oml: pairSystem("compute-all", "never"),
  "co-w": { ...collab, id: "co-w" },
  "co+w": { ...collab, id: "co+w", switches: { ...collab.switches, warmStart: true } },
};
const lineIds = Object.keys(lines);

/** One workload of the sequence. Microseconds. */
interface WarmRow {
  readonly executor: string;
  readonly accounting: string;
  /** 1, 2, … */
  readonly workload: number;
  readonly runUs: number;
  readonly cumulativeUs: number;
  readonly learnUs: number;
  /** Iterations the learner took; 0 where its model was reused. */
  readonly iterations: number;
  /** 1 if it started from a stored model. */
  readonly warm: number;
  readonly accuracy: number;
}

type View = ResultView<Grid, WarmRow>;

const ages: readonly (readonly number[])[] = [
  [20, 25, 30, 35, 40, 45, 50, 55, 60, 65],
  [20, 30, 40, 50, 60, 70],
  [25, 45, 65],
  Array.from({ length: 26 }, (_, i) => 18 + 2 * i),
];
const strengths = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100] as const;
const limits = [10, 30, 100] as const;

/** Pipelines as on OpenML: one of four feature sets, a logistic regression of drawn strength and limit; each once. */
function pipelines(sourceOp: SourceOp, count: number, rng: Rng): readonly Iteration[] {
  const all = ages.flatMap((edges) =>
    strengths.flatMap((l2) => limits.map((maxIterations) => ({ edges, l2, maxIterations }))),
  );
  const [first, ...rest] = shuffled(rng, all)
    .slice(0, count)
    .map(({ edges, l2, maxIterations }): Edit => ({
      label: `${edges.length} ages, l2 ${l2}, ${maxIterations} iterations`,
      changeType: "dpr",
      apply: (version) =>
        editVersion(version, (w) => {
          w.set("ageBucket", "bucketise", { edges });
          w.set("incPred", "learn", { model: "logistic-regression", l2, maxIterations, warmStart: true });
        }),
    }));
  const start = censusWorkflow(sourceOp);
  return flattenEdits({
    first: first === undefined ? start : first.apply(start),
    runs: rest.map((edit) => ({ edit })),
  });
}

function sourceOf(versions: readonly Iteration[]): SourceOp {
  const found = versions[0]?.nodes.find(({ operator }) => operator?.op === "source")?.operator;
  if (found?.op !== "source") throw new Error("the census workload reads no source");
  return found;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};
const sumOf = (rows: readonly WarmRow[], field: "runUs" | "learnUs" | "iterations" | "warm" | "accuracy"): number =>
  rows.reduce((sum, row) => sum + row[field], 0);

/** Runs of a line, one per repetition. @throws {MissingRowsError} if there is none */
function runsOf(view: View, line: string): readonly (readonly WarmRow[])[] {
  const runs = view.cells
    .filter(({ point, rows }) => point["line"] === line && rows.length > 0)
    .map(({ rows }) => rows);
  if (runs.length === 0) throw new MissingRowsError(`no rows of ${line}; run on ${executor}`);
  return runs;
}

/** Median over repetitions. */
const over = (view: View, line: string, of: (rows: readonly WarmRow[]) => number): number =>
  median(runsOf(view, line).map(of));

/** A sequence of pipelines over the same data, the Collaborative Optimizer with and without warm starts against plain OpenML. */
export const collabWarmStart = defineExperiment({
  id: "collab-warm-start",
  title: "Warm start of learners",
  reproduces: source,
  group: "collab",
  params: { repetition: [1, 2, 3, 4, 5, 6, 7, 8, 9] as number[], line: lineIds, workloads: [24] as number[] },
  quick: { repetition: [1], workloads: [8] },
  executor: () => executor,
  estimate: { secondsPerCell: 10, memoryMegabytes: 500 },
  async *run({ line, workloads }, context): AsyncGenerator<WarmRow, void, undefined> {
    const rows: WarmRow[] = [];
    const { dataTitle } = await runMeasured({
      workload: "census",
      system: lines[line]!,
      budget,
      executor,
      scale,
      seed: context.seed,
      versions: (all) => pipelines(sourceOf(all), workloads, context.rng("pipelines")),
      signal: context.signal,
      onIteration({ row, nodes, metrics }) {
        const learner = nodes.find(({ node }) => node.id === "incPred");
        rows.push({
          executor,
          accounting: "uniform",
          workload: row.iteration + 1,
          runUs: row.runUs,
          cumulativeUs: row.cumulativeUs,
          learnUs: learner?.computeUs ?? 0,
          iterations: learner?.learnerIterations ?? 0,
          warm: learner?.startedFrom === undefined ? 0 : 1,
          accuracy: metrics["checked.accuracy"] ?? Number.NaN,
        });
      },
    });
    context.fact("data", dataTitle);
    yield* rows;
  },
  chart: (view) => {
    const present = lineIds.filter((line) =>
      view.cells.some(({ point, rows }) => point["line"] === line && rows.length > 0),
    );
    if (present.length === 0) return undefined;
    const count = runsOf(view, present[0]!)[0]!.length;
    return linesChart(
      present.flatMap((system) =>
        Array.from({ length: count }, (_, i) => ({
          system,
          executor,
          x: String(i + 1),
          y: over(view, system, (rows) => rows[i]?.cumulativeUs ?? Number.NaN) / 1e6,
        })),
      ),
      Array.from({ length: count }, (_, i) => String(i + 1)),
      {
        title: "Warm start: cumulative run time",
        conditions: [
          `logistic regressions over four feature sets of Census at scale ${scale} · measured on ${executor}, medians`,
          `accounting uniform, writes charged · budget ${budget} · α 0.5`,
        ],
        xTitle: "Workload",
        yTitle: "Cumulative run time (s)",
      },
    );
  },
  tables: (view) => {
    const present = lineIds.filter((line) =>
      view.cells.some(({ point, rows }) => point["line"] === line && rows.length > 0),
    );
    return present.length === 0 ? [] : [table(view, present)];
  },
  claims: [
    ratioClaim<Grid, WarmRow>({
      id: "three-times",
      claim: "With warm starts the Collaborative Optimizer is 3 times faster than plain OpenML",
      source,
      expected: 3,
      times: 1.5,
      sameShapeAbove: 1.25,
      compare: (view) => {
        const ours = runsOf(view, "co+w");
        const none = runsOf(view, "oml");
        return {
          totals: ours.slice(0, none.length).map((rows, i) => ({
            oursUs: sumOf(rows, "runUs"),
            noneUs: sumOf(none[i]!, "runUs"),
            optimumUs: none[i]![0]!.runUs,
          })),
          optimumIs: "lower bound: only the first workload runs",
          says: `CO+W against OML over ${ours[0]!.length} pipelines, measured on ${executor}, ${ours.length} repetitions, budget ${budget}`,
        };
      },
    }),
    shapeClaim<Grid, WarmRow>({
      id: "without-is-alike",
      claim: "Without warm starts the Collaborative Optimizer is hardly faster than plain OpenML (5 ms a workload)",
      source,
      expected: "CO−W ÷ OML just below 1",
      tolerance: "0.8 to 1; same shape below 1",
      measure: (view) => {
        const ratio =
          over(view, "co-w", (rows) => sumOf(rows, "runUs")) / over(view, "oml", (rows) => sumOf(rows, "runUs"));
        return { got: formatNumber(ratio), reproduced: ratio >= 0.8 && ratio <= 1, sameShape: ratio < 1 };
      },
    }),
    shapeClaim<Grid, WarmRow>({
      id: "fewer-iterations",
      claim: "A learner that starts from a stored model needs fewer iterations",
      source: `${source}; the text gives no number`,
      expected: "CO+W < CO−W",
      tolerance: "at least 10 % fewer over all workloads; same shape when fewer",
      measure: (view) => {
        const warm = over(view, "co+w", (rows) => sumOf(rows, "iterations"));
        const cold = over(view, "co-w", (rows) => sumOf(rows, "iterations"));
        const starts = over(view, "co+w", (rows) => sumOf(rows, "warm"));
        return {
          got: `${warm} of ${cold}`,
          reproduced: warm <= 0.9 * cold,
          sameShape: warm < cold,
          note: `${starts} of ${runsOf(view, "co+w")[0]!.length} learners started from a stored model`,
        };
      },
    }),
    shapeClaim<Grid, WarmRow>({
      id: "accuracy",
      claim: "Warm starts change the mean accuracy by +0.014",
      source,
      expected: "+0.014",
      tolerance: "± 0.01; same shape when it falls by no more than 0.01",
      measure: (view) => {
        const change =
          over(view, "co+w", (rows) => sumOf(rows, "accuracy") / rows.length) -
          over(view, "co-w", (rows) => sumOf(rows, "accuracy") / rows.length);
        return {
          got: `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(4)}`,
          reproduced: Math.abs(change - 0.014) <= 0.01,
          sameShape: change >= -0.01,
        };
      },
    }),
  ],
});

function table(view: View, present: readonly string[]): ResultTable {
  const number = (line: string, of: (rows: readonly WarmRow[]) => number): string => formatNumber(over(view, line, of));
  return {
    title: "Warm start",
    note: `sums over all workloads, medians of ${runsOf(view, present[0]!).length} interleaved repetitions; measured on ${executor}, accounting uniform, budget ${budget}`,
    header: ["line", "run s", "learning s", "iterations", "warm starts", "mean accuracy"],
    rows: present.map((line) => [
      line,
      number(line, (rows) => sumOf(rows, "runUs") / 1e6),
      number(line, (rows) => sumOf(rows, "learnUs") / 1e6),
      number(line, (rows) => sumOf(rows, "iterations")),
      number(line, (rows) => sumOf(rows, "warm")),
      over(view, line, (rows) => sumOf(rows, "accuracy") / rows.length).toFixed(4),
    ]),
  };
}
