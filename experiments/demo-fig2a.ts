import { defineExperiment } from "../src/harness/experiment.ts";
import { figureBudgetChart, figureChart } from "./figure-charts.ts";
import { ieKeystoneAbsent, ieSaving } from "./figure-claims.ts";
import { figureBudgets, figureSystems, judgedBudget, replayFigure } from "./iteration-figure.ts";

const source = "HELIX demonstration, PVLDB 2018, Fig. 2a";

/** IE: HELIX and DeepDive over iterations of pre-processing edits. */
export const demoFig2a = defineExperiment({
  id: "demo-fig2a",
  title: "IE: cumulative run time, HELIX and DeepDive",
  reproduces: source,
  group: "demo",
  params: { system: figureSystems, budget: figureBudgets },
  quick: { budget: [judgedBudget] },
  inputs: () => ["ie@judged"],
  run: ({ system, budget }, context) => replayFigure("ie@judged", system, budget, context),
  chart: (view) => figureChart(view, "IE: cumulative run time (demo paper, Fig. 2a)"),
  charts: (view) => ({ budgets: figureBudgetChart(view, "IE: run time against storage budget") }),
  claims: [ieSaving({ source }), ieKeystoneAbsent({ source })],
});
