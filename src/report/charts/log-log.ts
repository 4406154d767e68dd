/** A positive number against a positive number, both axes logarithmic: one line per series. */
import { chartFrame, type ChartText } from "./frame.ts";
import { logTicks, tickLabel } from "./log-ticks.ts";
import type { ChartSpec } from "./spec.ts";
import { ink, systemColour } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** One point; `low` and `high` bound it where it was measured. */
export interface LogPoint {
  readonly series: string;
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
  /** Several lines of one series (median, 99th percentile …) share its colour and differ in their dashes. */
  readonly kind?: string;
}

/** A single labelled point from elsewhere, for example what a paper says. */
export interface LogMark {
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** What a log-log chart says about itself. */
export interface LogLogText extends ChartText {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly seriesTitle: string;
  readonly kindTitle?: string;
  /** Added to the series' names in the legend, by series: a slope, say. */
  readonly notes?: Readonly<Record<string, string>>;
  readonly marks?: readonly LogMark[];
}

/** Dashes by position of the kind. */
const dashes: readonly (readonly number[])[] = [[], [5, 3], [1, 3], [8, 3, 2, 3]];

/** The chart; series are listed from the highest at the right end. Both axes are marked at powers of ten. */
export function logLogChart(points: readonly LogPoint[], text: LogLogText): ChartSpec {
  const { notes = {}, marks = [] } = text;
  const last = new Map<string, LogPoint>();
  for (const point of points) {
    const best = last.get(point.series);
    if (best === undefined || point.x > best.x || (point.x === best.x && point.y > best.y))
      last.set(point.series, point);
  }
  const series = [...last.values()].sort((a, b) => b.y - a.y).map((point) => point.series);
  const labelOf = (name: string): string => `${name}${notes[name] ?? ""}`;
  const domain = series.map(labelOf);
  const range = series.map((name, i) => systemColour(name, i));
  const kinds = [...new Set(points.flatMap(({ kind }) => (kind === undefined ? [] : [kind])))];
  const x = {
    field: "x",
    type: "quantitative",
    title: text.xTitle,
    scale: { type: "log" },
    axis: { grid: false, values: logTicks([...points, ...marks].map((point) => point.x)), labelExpr: tickLabel },
  };
  const y = {
    field: "y",
    type: "quantitative",
    title: text.yTitle,
    scale: { type: "log" },
    axis: {
      values: logTicks([...points.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]), ...marks.map((m) => m.y)]),
      labelExpr: tickLabel,
    },
  };
  const stroke = {
    field: "series",
    type: "nominal",
    title: text.seriesTitle,
    sort: null,
    scale: { domain, range },
    legend: { symbolType: "stroke", symbolSize: 400, symbolOpacity: 1 },
  };
  const strokeDash = {
    field: "kind",
    type: "nominal",
    title: text.kindTitle ?? null,
    sort: null,
    scale: { domain: kinds, range: kinds.map((_, i) => dashes[i % dashes.length]) },
    legend: { symbolType: "stroke", symbolSize: 400, symbolStrokeColor: ink.muted },
  };
  const hasIntervals = points.some(({ low, high }) => low !== undefined && high !== undefined);
  return {
    ...chartFrame(text),
    data: {
      values: points.map((point) => ({
        ...point,
        series: labelOf(point.series),
        says: `${point.series}${point.kind === undefined ? "" : `, ${point.kind}`}, ${formatNumber(point.x)}: ${formatNumber(point.y)}`,
      })),
    },
    layer: [
      ...(hasIntervals
        ? [
            {
              mark: { type: "rule", strokeWidth: 5, opacity: 0.35, aria: false },
              encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, stroke },
            },
          ]
        : []),
      {
        mark: { type: "line", strokeWidth: 2, aria: false },
        encoding: { x, y, stroke, ...(kinds.length > 0 ? { strokeDash } : {}) },
      },
      {
        mark: { type: "point", filled: true, size: 36, opacity: 1, stroke: ink.paper, strokeWidth: 1 },
        encoding: {
          x,
          y,
          fill: stroke,
          description: { field: "says", type: "nominal" },
        },
      },
      ...(marks.length > 0 ? markLayers(marks, x, y) : []),
    ],
  };
}

function markLayers(marks: readonly LogMark[], x: object, y: object): object[] {
  const data = { values: marks.map((mark) => ({ ...mark, says: mark.label })) };
  return [
    {
      data,
      mark: { type: "point", shape: "diamond", filled: false, size: 70, stroke: ink.muted, strokeWidth: 1.5 },
      encoding: { x, y, description: { field: "says", type: "nominal" } },
    },
    {
      data,
      mark: { type: "text", align: "right", baseline: "middle", dx: -9, color: ink.muted, fontSize: 11, aria: false },
      encoding: { x, y, text: { field: "label" } },
    },
  ];
}
