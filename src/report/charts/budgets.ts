/** Total run time against storage budget: one line per system. */
import type { ChartSpec } from "./spec.ts";
import { chartFrame, type ChartText } from "./frame.ts";
import { coloursOf, executorDash, ink } from "./theme.ts";
import { formatUs, timeUnitFor } from "./units.ts";

/** One run at one budget. */
export interface BudgetPoint {
  readonly system: string;
  readonly executor: string;
  /** Label on the axis, for example `25 % = 1.2 MB`. */
  readonly budget: string;
  readonly totalUs: number;
}

/** The chart; `budgets` gives the labels in the order of the axis, smallest first. */
export function budgetChart(
  points: readonly BudgetPoint[],
  budgets: readonly string[],
  text: ChartText & { readonly iterations: number },
): ChartSpec {
  const labelOf = ({ system, executor }: BudgetPoint): string => `${system} · ${executor}`;
  const byLine = new Map<string, BudgetPoint[]>();
  for (const point of points) byLine.set(labelOf(point), [...(byLine.get(labelOf(point)) ?? []), point]);
  const merged = new Map<string, { systems: string[]; executor: string; points: readonly BudgetPoint[] }>();
  for (const line of byLine.values()) {
    const first = line[0]!;
    const shape = `${first.executor}\u0000${line.map(({ budget, totalUs }) => `${budget}:${totalUs}`).join()}`;
    const same = merged.get(shape);
    if (same === undefined) merged.set(shape, { systems: [first.system], executor: first.executor, points: line });
    else same.systems.push(first.system);
  }
  const lines = [...merged.values()]
    .map((line) =>
      Object.assign(line, {
        label:
          line.executor === "bound"
            ? "clairvoyant optimum or proven lower bound"
            : `${line.systems.join(" = ")} · ${line.executor}`,
      }),
    )
    .sort((a, b) => (b.points[0]?.totalUs ?? 0) - (a.points[0]?.totalUs ?? 0) || (a.label < b.label ? -1 : 1));
  const unit = timeUnitFor(10 * Math.min(...points.map(({ totalUs }) => totalUs)));
  const stroke = {
    field: "line",
    type: "nominal",
    title: "System · executor",
    sort: null,
    scale: {
      domain: lines.map(({ label }) => label),
      range: coloursOf(lines.map(({ systems: [system = ""] }) => system)),
    },
    legend: { orient: "right", symbolType: "stroke", symbolSize: 400 },
  };
  const x = {
    field: "budget",
    type: "ordinal",
    sort: [...budgets],
    title: "Storage budget (share of all distinct intermediate bytes, or bytes)",
    axis: { labelAngle: -30, grid: false },
  };
  const y = {
    field: "total",
    type: "quantitative",
    title: `Run time of all ${text.iterations} iterations (${unit.symbol}, log scale)`,
    scale: { type: "log", nice: false, ...domainOf(points, unit.per) },
    axis: { tickCount: 6 },
  };
  return {
    ...chartFrame(text),
    data: {
      values: lines.flatMap(({ label, points: own }) =>
        own.map(({ budget, totalUs }) => ({
          line: label,
          budget,
          total: totalUs / unit.per,
          says: `${label}, budget ${budget}: ${formatUs(totalUs)}`,
        })),
      ),
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 2, aria: false },
        encoding: {
          x,
          y,
          stroke,
          strokeDash: {
            field: "line",
            type: "nominal",
            title: "System · executor",
            sort: null,
            scale: {
              domain: lines.map(({ label }) => label),
              range: lines.map(({ executor }) => executorDash(executor)),
            },
          },
        },
      },
      {
        mark: { type: "point", filled: true, size: 46, opacity: 1, stroke: ink.paper, strokeWidth: 1, fill: ink.muted },
        encoding: { x, y, description: { field: "says", type: "nominal" }, detail: { field: "line", type: "nominal" } },
      },
    ],
  };
}

function domainOf(points: readonly BudgetPoint[], per: number): { readonly domain: readonly [number, number] } {
  const totals = points.map(({ totalUs }) => totalUs).filter((us) => us > 0);
  return { domain: [(Math.min(...totals) * 0.85) / per, (Math.max(...totals) * 1.15) / per] };
}
