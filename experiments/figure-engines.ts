/** What the engines say beside the simulation: one chart with all kinds of lines, one table of the measured shapes. */
import { MissingRowsError } from "../src/harness/claims.ts";
import type { ResultTable } from "../src/harness/experiment.ts";
import { type LinePoint, linesChart } from "../src/report/charts/lines.ts";
import type { ChartSpec } from "../src/report/charts/spec.ts";
import { formatNumber, formatUs } from "../src/report/charts/units.ts";
import {
  cheapestWithoutReuse,
  type FigureCell,
  type FigureView,
  judgedBudget,
  judgedSystem,
  judgedTrace,
  runOf,
} from "./iteration-figure.ts";

/** Places where the judged system and a system without reuse have run at the judged budget: the trace first. */
function placesOf(view: FigureView): readonly string[] {
  const places = new Set(view.cells.map(({ point }) => String(point["on"])));
  return [...places].filter((on) => {
    try {
      cheapestWithoutReuse(view, runOf(view, judgedSystem, { on }).rows.length, { on });
      return true;
    } catch (error) {
      if (error instanceof MissingRowsError) return false;
      throw error;
    }
  });
}

/** The two lines of a place: the judged system, and the cheapest without reuse over the same iterations. */
function linesAt(view: FigureView, on: string): { readonly ours: FigureCell; readonly none: FigureCell } {
  const ours = runOf(view, judgedSystem, { on });
  return { ours, none: runOf(view, cheapestWithoutReuse(view, ours.rows.length, { on }).system, { on }) };
}

/**
 * Cumulative run time of the judged system and of the cheapest without reuse, simulated and on each engine; each place in units
 * of its own first version without reuse, since traces and real runs are of different scales. Undefined before any real run.
 */
export function enginesChart(view: FigureView, title: string): ChartSpec | undefined {
  const places = placesOf(view);
  if (places.every((on) => on === judgedTrace)) return undefined;
  const points = places.flatMap((on): readonly LinePoint[] => {
    const { ours, none } = linesAt(view, on);
    const unitUs = none.rows[0]?.runUs ?? 1;
    return [ours, none].flatMap(({ rows, point }) =>
      rows.map(({ iteration, cumulativeUs, executor }) => ({
        system: String(point["system"]),
        executor,
        x: String(iteration),
        y: cumulativeUs / unitUs,
      })),
    );
  });
  const length = Math.max(...points.map(({ x }) => Number(x))) + 1;
  const why = places.map((on) => String(linesAt(view, on).ours.facts["why"] ?? on));
  return linesChart(
    points,
    Array.from({ length }, (_, i) => String(i)),
    {
      title,
      conditions: [
        ...why,
        `budget ${judgedBudget} · solid: simulated, dashed: measured; measured lines are of one run`,
      ],
      xTitle: "Iteration",
      yTitle: "Cumulative run time ÷ first version without reuse",
    },
  );
}

/** How many times faster than no reuse, by place; measured ones carry no verdict. None before any real run. */
export function measuredTables(view: FigureView): readonly ResultTable[] {
  const places = placesOf(view);
  if (places.every((on) => on === judgedTrace)) return [];
  const rows = places.map((on) => {
    const { ours, none } = linesAt(view, on);
    const [oursUs, noneUs] = [ours, none].map((cell) => cell.rows[ours.rows.length - 1]?.cumulativeUs ?? 0);
    const executor = ours.rows[0]?.executor ?? "";
    return [
      executor,
      String(ours.facts["trace"] ?? on),
      on === judgedTrace ? "" : on.replace(/^.*@/u, ""),
      formatUs(oursUs ?? 0),
      `${formatUs(noneUs ?? 0)} (${String(none.point["system"])})`,
      formatNumber((noneUs ?? 0) / (oursUs ?? 1)),
    ];
  });
  const table = {
    title: "By engine",
    note: "The judged system against the cheapest without reuse, where each was run; measured values are of one run after a warm-up and decide no claim.",
    header: ["executor", "workload or trace", "scale", judgedSystem, "no reuse", "times faster"],
    rows,
  };
  return [table];
}
