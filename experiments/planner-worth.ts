import { pairSystem } from "../src/baselines/index.ts";
import { systemClock } from "../src/core/clock.ts";
import { parseBudget } from "../src/core/units.ts";
import { shapeClaim } from "../src/harness/claims.ts";
import { defineExperiment, type ResultView } from "../src/harness/experiment.ts";
import { simulatedTrace } from "../src/harness/run-replay.ts";
import { rangesChart } from "../src/report/charts/ranges.ts";
import { simulateCell } from "../src/simulator/simulate.ts";
import { host, quantile } from "./planner-problems.ts";

interface WorthRow {
  readonly executor: string;
  readonly iterations: number;
  /** Planning time of all iterations, median of the repetitions; microseconds. */
  readonly planUs: number;
  /** Least and largest of the repetitions. */
  readonly lowUs: number;
  readonly highUs: number;
  /** Simulated run time of the sequence. */
  readonly runUs: number;
  readonly savedUs: number;
  /** Planning ÷ end-to-end time. */
  readonly share: number;
  /** Planning ÷ run time saved against computing everything. */
  readonly perSaved: number;
}

type Grid = { readonly trace: readonly string[]; readonly planner: readonly string[] };
type View = ResultView<Grid, WorthRow>;

const planners = ["exact", "linear-pass", "max-flow", "load-all"];

/** Does planning time matter? Planning against the run time it saves, on every recorded trace. */
export const plannerWorth = defineExperiment({
  id: "planner-worth",
  title: "Planning time against run time saved, on recorded traces",
  reproduces: "whether planner overhead matters end to end",
  group: "planner",
  version: 2,
  params: { trace: ["census@judged"] as string[], planner: planners },
  extend: (grid, { traces }) => ({ ...grid, trace: traces.list().map(({ name }) => name) }),
  executor: () => host,
  inputs: ({ trace }) => [trace],
  async *run({ trace: name, planner }, context): AsyncGenerator<WorthRow, void, undefined> {
    const trace = simulatedTrace(await context.trace(name));
    const runOf = async (id: string): Promise<{ planUs: number; runUs: number; iterations: number }> => {
      let planUs = 0;
      const { rows } = await simulateCell({
        trace,
        system: pairSystem(id, "helix-online"),
        budget: parseBudget("none"),
        clock: systemClock,
        signal: context.signal,
        onIteration: (report) => {
          planUs += report.planUs ?? 0;
        },
      });
      return { planUs, runUs: rows.at(-1)?.cumulativeUs ?? Number.NaN, iterations: rows.length };
    };
    const none = await runOf("compute-all");
    const times: number[] = [];
    let runUs = 0;
    for (let repetition = 0; repetition < 12; repetition++) {
      const one = await runOf(planner);
      if (repetition >= 3) times.push(one.planUs);
      ({ runUs } = one);
    }
    const planUs = quantile(times, 0.5);
    const savedUs = none.runUs - runUs;
    yield {
      executor: host,
      iterations: none.iterations,
      planUs,
      lowUs: Math.min(...times),
      highUs: Math.max(...times),
      runUs,
      savedUs,
      share: planUs / (planUs + runUs),
      perSaved: planUs / savedUs,
    };
  },
  chart: (view) => shareChart(view),
  tables: (view) => [
    {
      title: "Planning time by trace and planner",
      note: "planning measured on this machine (median of 9, warm), run time simulated: never added up but for the share",
      header: [
        "trace",
        "planner",
        "planning, all iterations (µs)",
        "per iteration (µs)",
        "simulated run time (s)",
        "share of end-to-end time",
        "planning ÷ run time saved",
      ],
      rows: view.cells.flatMap(({ point, rows }) =>
        rows.map(({ planUs, runUs, share, perSaved, iterations }) => [
          point.trace,
          point.planner,
          planUs.toFixed(0),
          (planUs / iterations).toFixed(1),
          (runUs / 1e6).toFixed(2),
          `${(100 * share).toFixed(5)} %`,
          perSaved > 0 ? perSaved.toExponential(1) : "nothing saved",
        ]),
      ),
    },
  ],
  claims: [
    shapeClaim<Grid, WorthRow>({
      id: "share-of-planning",
      claim: "Planning is far below 0.1 % of end-to-end time on real traces, with any planner",
      source: "own expectation, stated before the run",
      expected: "< 0.1 %",
      tolerance: "largest share over traces and planners; same shape below 1 %",
      measure: (view) => {
        const share = Math.max(...view.rows.map((row) => row.share));
        return { got: `${(100 * share).toFixed(4)} %`, reproduced: share < 0.001, sameShape: share < 0.01 };
      },
    }),
  ],
});

function shareChart(view: View): ReturnType<typeof rangesChart> | undefined {
  const cells = view.cells.filter(({ rows }) => rows.length > 0);
  if (cells.length === 0) return undefined;
  return rangesChart(
    cells.flatMap(({ point, rows }) =>
      rows.map(({ planUs, lowUs, highUs, runUs }) => ({
        category: point.trace,
        series: point.planner,
        low: (100 * lowUs) / (lowUs + runUs),
        middle: (100 * planUs) / (planUs + runUs),
        high: (100 * highUs) / (highUs + runUs),
      })),
    ),
    {
      title: "Share of planning in end-to-end time",
      conditions: [
        "planning measured (executor host; median, least and largest of 9, warm), run time simulated from the trace",
        "materializer helix-online, no budget, accounting uniform",
      ],
      xTitle: "Planning ÷ (planning + run time) (%)",
      yTitle: "Trace",
      seriesTitle: "Planner",
      scale: "log",
    },
  );
}
