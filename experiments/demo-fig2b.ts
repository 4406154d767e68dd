import { defineExperiment } from "../src/harness/experiment.ts";
import { attainedTable, figureBudgetChart, figureChart, measuredCharts } from "./figure-charts.ts";
import { censusBelowDeepDive, censusDeepDiveEnds, censusRatio, helixOrder, keystoneFlat } from "./figure-claims.ts";
import {
  executorOf,
  figureBudgets,
  figureSystems,
  isFigureCell,
  judgedBudget,
  judgedTrace,
  runFigure,
} from "./iteration-figure.ts";

const source = "HELIX demonstration, PVLDB 2018, Fig. 2b";

/** Census: HELIX, KeystoneML three ways, DeepDive on its prefix, and the engine's own way without reuse. */
export const demoFig2b = defineExperiment({
  id: "demo-fig2b",
  title: "Census: cumulative run time, HELIX, KeystoneML and DeepDive",
  reproduces: source,
  group: "demo",
  params: { on: [judgedTrace, "duckdb@1x"], system: figureSystems, budget: figureBudgets },
  quick: { on: [judgedTrace], budget: [judgedBudget] },
  when: isFigureCell,
  executor: ({ on }) => executorOf(on),
  inputs: ({ on }) => (on === judgedTrace ? ["census@judged"] : []),
  run: (point, context) => runFigure("census", point, context),
  chart: (view) => figureChart(view, "Census: cumulative run time (demo paper, Fig. 2b)"),
  charts: (view) => ({
    budgets: figureBudgetChart(view, "Census: run time against storage budget"),
    ...measuredCharts(view, "Census: cumulative run time"),
  }),
  tables: (view) => [attainedTable(view)],
  claims: [
    censusRatio({ source }),
    helixOrder({ source }),
    keystoneFlat({ source }),
    censusBelowDeepDive({ source }),
    censusDeepDiveEnds({ source }),
  ],
});
