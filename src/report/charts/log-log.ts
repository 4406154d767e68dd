/** A positive number against a positive number, both axes logarithmic: one line per series. */
import type { ChartText } from "./cumulative.ts";
import type { ChartSpec } from "./spec.ts";
import { chartConfig, ink, systemColour } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** One point; `low` and `high` bound it where it was measured. */
export interface LogPoint {
  readonly series: string;
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

/** The chart; series are listed from the highest at the right end. */
export function logLogChart(
  points: readonly LogPoint[],
  text: ChartText & { readonly xTitle: string; readonly yTitle: string; readonly seriesTitle: string },
): ChartSpec {
  const last = new Map<string, LogPoint>();
  for (const point of points) if ((last.get(point.series)?.x ?? 0) <= point.x) last.set(point.series, point);
  const domain = [...last.values()].sort((a, b) => b.y - a.y).map(({ series }) => series);
  const range = domain.map((series, i) => systemColour(series, i));
  const x = {
    field: "x",
    type: "quantitative",
    title: text.xTitle,
    scale: { type: "log" },
    axis: { grid: false, format: "~s" },
  };
  const y = {
    field: "y",
    type: "quantitative",
    title: text.yTitle,
    scale: { type: "log" },
    axis: { format: "~s", tickCount: 6 },
  };
  const colour = { field: "series", type: "nominal", title: text.seriesTitle, sort: null, scale: { domain, range } };
  const hasIntervals = points.some(({ low, high }) => low !== undefined && high !== undefined);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: text.title, subtitle: [...text.conditions] },
    width: 560,
    height: 340,
    config: chartConfig,
    data: {
      values: points.map((point) =>
        Object.assign({ says: `${point.series}, ${formatNumber(point.x)}: ${formatNumber(point.y)}` }, point),
      ),
    },
    layer: [
      ...(hasIntervals
        ? [
            {
              mark: { type: "rule", opacity: 0.5, aria: false },
              encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: colour },
            },
          ]
        : []),
      { mark: { type: "line", strokeWidth: 2, aria: false }, encoding: { x, y, color: colour } },
      {
        mark: { type: "point", filled: true, size: 40, opacity: 1, stroke: ink.paper, strokeWidth: 1 },
        encoding: { x, y, color: colour, description: { field: "says", type: "nominal" } },
      },
    ],
  };
}
