import { defineExperiment } from "../src/harness/experiment.ts";
import { figureChart } from "./figure-charts.ts";
import {
  censusBelowDeepDive,
  censusDeepDiveEnds,
  censusRatio,
  helixOrder,
  ieSaving,
  keystoneFlat,
} from "./figure-claims.ts";
import { figureSystems, judgedBudget, judgedTrace, runFigure } from "./iteration-figure.ts";

const source = "HELIX vision paper (HILML), Fig. 4";
const ie = { source: `${source}a`, at: { family: "ie" } };
const census = { source: `${source}b`, at: { family: "census" } };

/** The same sequences on a logarithmic axis: IE (a) and Census (b). */
export const hilmlFig4 = defineExperiment({
  id: "hilml-fig4",
  title: "IE and Census: cumulative run time on a logarithmic axis",
  reproduces: source,
  group: "hilml",
  params: { family: ["ie", "census"], system: figureSystems, budget: [judgedBudget] },
  inputs: ({ family }) => [`${family}@judged`],
  run: ({ family, ...point }, context) => runFigure(family, { on: judgedTrace, ...point }, context),
  chart: (view) =>
    figureChart(view, "Census: cumulative run time, log scale (HILML, Fig. 4b)", { at: census.at, logScale: true }),
  charts: (view) => ({
    ie: figureChart(view, "IE: cumulative run time, log scale (HILML, Fig. 4a)", { at: ie.at, logScale: true }),
  }),
  claims: [
    ieSaving(ie),
    censusRatio(census),
    helixOrder(census),
    keystoneFlat(census),
    censusBelowDeepDive(census),
    censusDeepDiveEnds(census),
  ],
});
