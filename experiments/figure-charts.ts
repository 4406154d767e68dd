/** Charts of the iteration figures. */
import type { Scalar } from "../src/harness/cells.ts";
import { budgetChart } from "../src/report/charts/budgets.ts";
import { cumulativeChart } from "../src/report/charts/cumulative.ts";
import type { ChartSpec } from "../src/report/charts/spec.ts";
import { noReuseBar } from "./figure-claims.ts";
import { MissingRowsError } from "../src/harness/claims.ts";
import {
  budgetText,
  figureBudgets,
  figureConditions,
  figureRows,
  figureSystems,
  judgedTrace,
  type FigureView,
} from "./iteration-figure.ts";

/** Cumulative run time at the judged budget. */
export function figureChart(
  view: FigureView,
  title: string,
  options: {
    readonly systems?: readonly string[];
    readonly at?: Readonly<Record<string, Scalar>>;
    readonly logScale?: boolean;
  } = {},
): ChartSpec | undefined {
  const { systems = figureSystems, at = {}, logScale = false } = options;
  const rows = figureRows(view, systems, at);
  if (rows.length === 0) return undefined;
  const conditions = [...figureConditions(view, at, systems), ...bar(view, at)];
  return cumulativeChart(rows, { title, conditions }, { logScale });
}

function bar(view: FigureView, at: Readonly<Record<string, Scalar>>): readonly string[] {
  try {
    return [noReuseBar(view, at)];
  } catch (error) {
    if (error instanceof MissingRowsError) return [];
    throw error;
  }
}

/** Total run time over budgets, systems that ran the whole trace. */
export function figureBudgetChart(view: FigureView, title: string): ChartSpec | undefined {
  const replayed = view.cells.filter(({ point }) => point["on"] === judgedTrace);
  const length = 1 + Math.max(...replayed.flatMap(({ rows }) => rows.map(({ iteration }) => iteration)));
  const whole = replayed.filter(({ rows }) => rows.at(-1)?.iteration === length - 1);
  const all = Number(whole[0]?.facts["intermediateBytes"] ?? 0);
  const bytesOf = (budget: string): number =>
    whole.find(({ point }) => point["budget"] === budget)?.rows[0]?.budgetBytes ?? Number.POSITIVE_INFINITY;
  const budgets = figureBudgets
    .filter((budget) => whole.some(({ point }) => point["budget"] === budget))
    .sort((a, b) => bytesOf(a) - bytesOf(b));
  if (budgets.length < 2) return undefined;
  const points = budgets.flatMap((budget) =>
    whole
      .filter(({ point }) => point["budget"] === budget)
      .map(({ point, rows }) => ({
        system: String(point["system"]),
        executor: rows[0]?.executor ?? "simulated",
        budget: budgetText(budget, all),
        totalUs: rows.at(-1)?.cumulativeUs ?? 0,
      })),
  );
  const [why = "", accounting = ""] = figureConditions(view);
  return budgetChart(
    points,
    budgets.map((budget) => budgetText(budget, all)),
    { title, conditions: [why, accounting], iterations: length },
  );
}

/** One chart of real runs per engine and scale that has been measured, by chart name. */
export function measuredCharts(view: FigureView, title: string): Readonly<Record<string, ChartSpec | undefined>> {
  const places = [...new Set(view.cells.map(({ point }) => String(point["on"])))].filter((on) => on !== judgedTrace);
  return Object.fromEntries(
    places
      .filter((on) => figureRows(view, figureSystems, { on }).length > 0)
      .map((on) => [
        `measured-${on.replace("@", "-")}`,
        figureChart(view, `${title}, measured (no verdict)`, { at: { on } }),
      ]),
  );
}
