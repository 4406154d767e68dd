/** A number by category and line: bars side by side, for categories that have no order a line could follow. */
import { chartFrame, type ChartText } from "./frame.ts";
import type { LinePoint } from "./lines.ts";
import type { ChartSpec } from "./spec.ts";
import { coloursOf, ink } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** What a chart of bars says about itself. */
export interface BarsText extends ChartText {
  readonly xTitle: string;
  readonly yTitle: string;
  /** Default: systems and executors. */
  readonly seriesTitle?: string;
  /** Bars of a logarithmic axis begin at half their smallest value, as it has no zero. */
  readonly logScale?: boolean;
}

/** The chart; `order` gives the categories in the order of the axis, lines stand as they first come. Measured bars have an outline. */
export function barsChart(points: readonly LinePoint[], order: readonly string[], text: BarsText): ChartSpec {
  const labelOf = ({ system, executor }: LinePoint): string => `${system} · ${executor}`;
  const lines = [...new Map(points.map((point) => [labelOf(point), point])).entries()];
  const domain = lines.map(([label]) => label);
  const range = coloursOf(lines.map(([, { system }]) => system));
  const isLog = text.logScale === true;
  const ys = points.map(({ y }) => y);
  const low = isLog ? Math.min(...ys) / 2 : 0;
  const axis = { labelAngle: 0, labelOverlap: true, labelSeparation: 6, grid: false };
  return {
    ...chartFrame(text),
    data: {
      values: points.map((point) => ({
        line: labelOf(point),
        x: point.x,
        y: point.y,
        low,
        edge: point.executor === "simulated" ? 0 : 1.5,
        says: `${labelOf(point)}, ${point.x}: ${formatNumber(point.y)}`,
      })),
    },
    mark: { type: "bar", stroke: ink.text },
    encoding: {
      x: { field: "x", type: "ordinal", sort: [...order], title: text.xTitle, axis },
      xOffset: { field: "line", type: "nominal", sort: domain },
      y: {
        field: "y",
        type: "quantitative",
        title: text.yTitle,
        axis: { tickCount: 6 },
        scale: isLog ? { type: "log", nice: false, domain: [low, Math.max(...ys) * 1.1] } : { zero: true, nice: true },
      },
      y2: { field: "low" },
      strokeWidth: { field: "edge", type: "quantitative", scale: null, legend: null },
      color: {
        field: "line",
        type: "nominal",
        title: text.seriesTitle ?? "System · executor",
        sort: null,
        scale: { domain, range },
        legend: { orient: "right", symbolStrokeWidth: 0 },
      },
      description: { field: "says", type: "nominal" },
    },
  };
}
