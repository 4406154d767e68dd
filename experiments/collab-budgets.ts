/** What the two figures over budgets share: every materializer at every published budget, and one chart over them. */
import type { ResultTable } from "../src/harness/experiment.ts";
import { linesChart, type LinesText } from "../src/report/charts/lines.ts";
import {
  budgetLabel,
  type KaggleCell,
  kaggleConditions,
  kaggleLines,
  kaggleTable,
  type KaggleView,
  publishedBudgets,
  replayed,
} from "./collab-kaggle.ts";
import { collabAccountings } from "./collab-openml.ts";

/** Every line at every budget, in both accountings. */
export const budgetGrid = {
  on: [replayed] as string[],
  accounting: collabAccountings,
  budget: [...publishedBudgets, "none"] as string[],
  line: Object.keys(kaggleLines),
};

/** A value of each replayed cell over the budgets; lines without a budget are level. Undefined where no cell has the value. */
export function budgetChart(
  view: KaggleView,
  accounting: string,
  options: Omit<LinesText, "conditions" | "xTitle"> & {
    readonly level: string;
    readonly of: (cell: KaggleCell) => number | undefined;
  },
): ReturnType<typeof linesChart> | undefined {
  const { level, of, ...text } = options;
  const points = view.cells.flatMap((cell) => {
    if (cell.point["accounting"] !== accounting || cell.point["on"] !== replayed || cell.rows.length === 0) return [];
    const y = of(cell);
    if (y === undefined) return [];
    const budget = String(cell.point["budget"]);
    const { executor } = cell.rows[0]!;
    return (budget === "none" ? publishedBudgets : [budget]).map((at) => ({
      system: String(cell.point["line"]),
      executor,
      x: budgetLabel(at),
      y,
    }));
  });
  if (points.length === 0) return undefined;
  return linesChart(points, publishedBudgets.map(budgetLabel), {
    ...text,
    conditions: [...kaggleConditions(accounting), level],
    xTitle: "Budget",
  });
}

/** A table for each accounting. */
export function budgetTables(
  view: KaggleView,
  columns: (accounting: string) => Parameters<typeof kaggleTable>[2],
): readonly ResultTable[] {
  return collabAccountings.flatMap((accounting) => kaggleTable(view, accounting, columns(accounting)) ?? []);
}
