import { defineExperiment, type Experiment } from "../src/harness/experiment.ts";
import { attainedTable, figureBudgetChart, figureChart, measuredCharts } from "./figure-charts.ts";
import { enginesChart, measuredTables } from "./figure-engines.ts";
import type { ClaimPlace, FigureClaim } from "./figure-claims.ts";
import {
  executorOf,
  figureBudgets,
  figureSystems,
  isFigureCell,
  judgedBudget,
  judgedTrace,
  runFigure,
} from "./iteration-figure.ts";

/** What one part of the demo paper's Fig. 2 has of its own. */
export interface DemoFigure {
  readonly id: string;
  readonly title: string;
  /** Letter of the part, for example `a`. */
  readonly part: string;
  /** Family of traces, also the id of the workload. */
  readonly family: string;
  /** How charts call the family. */
  readonly name: string;
  readonly claims: readonly ((place: ClaimPlace) => FigureClaim)[];
}

/** One part of the demo paper's Fig. 2: cumulative run time of one workload, simulated at every budget and measured on DuckDB and on Spark. */
export function demoFigure({ id, title, part, family, name, claims }: DemoFigure): Experiment {
  const source = `HELIX demonstration, PVLDB 2018, Fig. 2${part}`;
  return defineExperiment({
    id,
    title,
    reproduces: source,
    group: "demo",
    params: { on: [judgedTrace, "duckdb@1x", "spark@1x"], system: figureSystems, budget: figureBudgets },
    quick: { on: [judgedTrace], budget: [judgedBudget] },
    when: isFigureCell,
    executor: ({ on }) => executorOf(on),
    inputs: ({ on }) => (on === judgedTrace ? [`${family}@judged`] : []),
    run: (point, context) => runFigure(family, point, context),
    chart: (view) => figureChart(view, `${name}: cumulative run time (demo paper, Fig. 2${part})`),
    charts: (view) => ({
      budgets: figureBudgetChart(view, `${name}: run time against storage budget`),
      ...measuredCharts(view, `${name}: cumulative run time`),
      engines: enginesChart(view, `${name}: simulated and measured, in units of the first version`),
    }),
    tables: (view) => [attainedTable(view), ...measuredTables(view)],
    claims: claims.map((claim) => claim({ source })),
  });
}
