/** Charts of the iteration figures. */
import type { Scalar } from "../src/harness/cells.ts";
import { budgetChart } from "../src/report/charts/budgets.ts";
import { cumulativeChart } from "../src/report/charts/cumulative.ts";
import type { ChartSpec } from "../src/report/charts/spec.ts";
import { noReuseBar } from "./figure-claims.ts";
import type { ResultTable } from "../src/harness/experiment.ts";
import { formatShare, formatUs } from "../src/report/charts/units.ts";
import { MissingRowsError, type Totals } from "../src/harness/claims.ts";
import {
  budgetText,
  compareTotals,
  explained,
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

/** What the judged system and `helix` reach of the attainable saving at each budget, and which node costs the rest. */
export function attainedTable(view: FigureView): ResultTable {
  const rows = view.cells.flatMap(({ point, rows: own, facts }) => {
    const system = String(point["system"]);
    const budget = String(point["budget"]);
    if (!explained.has(system) || point["on"] !== judgedTrace || own.length === 0) return [];
    const totals = totalsAt(view, system, budget);
    if (totals === undefined) return [];
    const { oursUs, noneUs, optimumUs } = totals;
    const attained = noneUs > optimumUs ? (noneUs - oursUs) / (noneUs - optimumUs) : undefined;
    const node = facts["costliestNode"];
    const excessUs = Number(facts["costliestNodeExcessUs"] ?? 0);
    return [
      [
        system,
        budgetText(budget, Number(facts["intermediateBytes"] ?? 0)),
        formatUs(oursUs),
        formatUs(noneUs),
        formatUs(optimumUs),
        attained === undefined ? "–" : formatShare(attained),
        attained === undefined || attained >= 0.9 || typeof node !== "string"
          ? ""
          : `${node} (${formatUs(excessUs)} more than in the optimum)`,
      ],
    ];
  });
  return {
    title: "Of the attainable saving",
    note: "(no reuse − ours) ÷ (no reuse − optimum) at the same budget; no reuse is the cheapest such run. Below 90 % the node that costs most beyond the optimum is named.",
    header: ["system", "budget", "run time", "no reuse", "optimum or bound", "attained", "what it costs"],
    rows,
  };
}

/** Undefined when a filter left out what it is compared with. */
function totalsAt(view: FigureView, system: string, budget: string): Totals | undefined {
  try {
    return compareTotals(view, { system, at: { budget } }).totals[0];
  } catch (error) {
    if (error instanceof MissingRowsError) return undefined;
    throw error;
  }
}
