/** Charts of the iteration figures. */
import type { Scalar } from "../src/harness/cells.ts";
import { budgetChart } from "../src/report/charts/budgets.ts";
import { cumulativeChart } from "../src/report/charts/cumulative.ts";
import type { ChartSpec } from "../src/report/charts/spec.ts";
import { noReuseBar } from "./figure-claims.ts";
import { MissingRowsError } from "../src/harness/claims.ts";
import {
  boundLine,
  budgetText,
  figureBudgets,
  figureConditions,
  figureRows,
  figureSystems,
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
): ChartSpec {
  const { systems = figureSystems, at = {}, logScale = false } = options;
  const conditions = [...figureConditions(view, at, systems), ...bar(view, at)];
  return cumulativeChart(figureRows(view, systems, at), { title, conditions }, { logScale });
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
export function figureBudgetChart(view: FigureView, title: string): ChartSpec {
  const length = Math.max(...view.cells.map(({ rows }) => rows.length));
  const whole = view.cells.filter(({ rows }) => rows.length === length);
  const all = Number(whole[0]?.facts["intermediateBytes"] ?? 0);
  const bytesOf = (budget: string): number => {
    const cell = whole.find(({ point }) => point["budget"] === budget && point["system"] !== boundLine);
    return cell?.rows[0]?.budgetBytes ?? Number.POSITIVE_INFINITY;
  };
  const budgets = figureBudgets
    .filter((budget) => whole.some(({ point }) => point["budget"] === budget))
    .sort((a, b) => bytesOf(a) - bytesOf(b));
  const points = whole.map(({ point, rows }) => ({
    system: String(point["system"]),
    executor: rows[0]?.executor ?? "simulated",
    budget: budgetText(String(point["budget"]), all),
    totalUs: rows[length - 1]?.cumulativeUs ?? 0,
  }));
  const [why = "", accounting = ""] = figureConditions(view);
  return budgetChart(
    points,
    budgets.map((budget) => budgetText(budget, all)),
    { title, conditions: [why, accounting], iterations: length },
  );
}
