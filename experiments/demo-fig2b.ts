import { defineExperiment } from "../src/harness/experiment.ts";
import { figureBudgetChart, figureChart } from "./figure-charts.ts";
import { censusBelowDeepDive, censusDeepDiveEnds, censusRatio, helixOrder, keystoneFlat } from "./figure-claims.ts";
import { figureBudgets, figureSystems, judgedBudget, replayFigure } from "./iteration-figure.ts";

const source = "HELIX demonstration, PVLDB 2018, Fig. 2b";

/** Census: HELIX, KeystoneML three ways, DeepDive on its prefix, and the engine's own way without reuse. */
export const demoFig2b = defineExperiment({
  id: "demo-fig2b",
  title: "Census: cumulative run time, HELIX, KeystoneML and DeepDive",
  reproduces: source,
  group: "demo",
  params: { system: figureSystems, budget: figureBudgets },
  quick: { budget: [judgedBudget] },
  inputs: () => ["census@judged"],
  run: ({ system, budget }, context) => replayFigure("census@judged", system, budget, context),
  chart: (view) => figureChart(view, "Census: cumulative run time (demo paper, Fig. 2b)"),
  charts: (view) => ({ budgets: figureBudgetChart(view, "Census: run time against storage budget") }),
  claims: [
    censusRatio({ source }),
    helixOrder({ source }),
    keystoneFlat({ source }),
    censusBelowDeepDive({ source }),
    censusDeepDiveEnds({ source }),
  ],
});
