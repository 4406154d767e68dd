import { defineExperiment } from "../src/harness/experiment.ts";
import { attainedTable, figureBudgetChart, figureChart, measuredCharts } from "./figure-charts.ts";
import { ieKeystoneAbsent, ieSaving } from "./figure-claims.ts";
import {
  executorOf,
  figureBudgets,
  figureSystems,
  isFigureCell,
  judgedBudget,
  judgedTrace,
  runFigure,
} from "./iteration-figure.ts";

const source = "HELIX demonstration, PVLDB 2018, Fig. 2a";

/** IE: HELIX and DeepDive over iterations of pre-processing edits. */
export const demoFig2a = defineExperiment({
  id: "demo-fig2a",
  title: "IE: cumulative run time, HELIX and DeepDive",
  reproduces: source,
  group: "demo",
  params: { on: [judgedTrace, "duckdb@1x"], system: figureSystems, budget: figureBudgets },
  quick: { on: [judgedTrace], budget: [judgedBudget] },
  when: isFigureCell,
  executor: ({ on }) => executorOf(on),
  inputs: ({ on }) => (on === judgedTrace ? ["ie@judged"] : []),
  run: (point, context) => runFigure("ie", point, context),
  chart: (view) => figureChart(view, "IE: cumulative run time (demo paper, Fig. 2a)"),
  charts: (view) => ({
    budgets: figureBudgetChart(view, "IE: run time against storage budget"),
    ...measuredCharts(view, "IE: cumulative run time"),
  }),
  tables: (view) => [attainedTable(view)],
  claims: [ieSaving({ source }), ieKeystoneAbsent({ source })],
});
