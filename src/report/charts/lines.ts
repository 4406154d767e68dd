/** A number against an ordered category: one line per series. */
import { chartFrame, type ChartText } from "./frame.ts";
import type { ChartSpec } from "./spec.ts";
import { coloursOf, executorDash, ink } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** One point. */
export interface LinePoint {
  readonly system: string;
  readonly executor: string;
  readonly x: string;
  readonly y: number;
}

/** What a chart of lines says about itself. */
export interface LinesText extends ChartText {
  readonly xTitle: string;
  readonly yTitle: string;
  /** Default: systems and executors. */
  readonly seriesTitle?: string;
  readonly logScale?: boolean;
  /** Where a linear axis begins, default 0: 1 for ratios that are never below. */
  readonly from?: number;
}

/** The chart; `order` gives the categories in the order of the axis. Lines are listed from the highest at the left end. */
export function linesChart(points: readonly LinePoint[], order: readonly string[], text: LinesText): ChartSpec {
  const seriesTitle = text.seriesTitle ?? "System · executor";
  const labelOf = ({ system, executor }: LinePoint): string => `${system} · ${executor}`;
  const byLine = new Map<string, LinePoint[]>();
  for (const point of points) {
    const line = byLine.get(labelOf(point));
    if (line === undefined) byLine.set(labelOf(point), [point]);
    else line.push(point);
  }
  const lines = [...byLine.entries()]
    .map(([label, own]) => ({
      label,
      system: own[0]?.system ?? "",
      executor: own[0]?.executor ?? "",
      top: own[0]?.y ?? 0,
    }))
    .sort((a, b) => b.top - a.top || (a.label < b.label ? -1 : 1));
  const domain = lines.map(({ label }) => label);
  const range = coloursOf(lines.map(({ system }) => system));
  const axis = { labelAngle: 0, labelOverlap: true, labelSeparation: 6, grid: false };
  const x = { field: "x", type: "ordinal", sort: [...order], title: text.xTitle, axis };
  const ys = points.map(({ y }) => y);
  const alone = points
    .filter((point) => byLine.get(labelOf(point))?.length === 1)
    .map((point) => ({ x: point.x, y: point.y, colour: range[domain.indexOf(labelOf(point))] ?? ink.muted }));
  const y = {
    field: "y",
    type: "quantitative",
    title: text.yTitle,
    axis: { tickCount: 6 },
    scale:
      text.logScale === true
        ? { type: "log", nice: false, domain: [Math.min(...ys) * 0.9, Math.max(...ys) * 1.1] }
        : { zero: true, nice: true, ...(text.from === undefined ? {} : { zero: false, domainMin: text.from }) },
  };
  return {
    ...chartFrame(text),
    data: {
      values: points.map((point) => ({
        line: labelOf(point),
        x: point.x,
        y: point.y,
        says: `${labelOf(point)}, ${point.x}: ${formatNumber(point.y)}`,
      })),
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 2, aria: false },
        encoding: {
          x,
          y,
          stroke: {
            field: "line",
            type: "nominal",
            title: seriesTitle,
            sort: null,
            scale: { domain, range },
            legend: { orient: "right", symbolType: "stroke", symbolSize: 400 },
          },
          strokeDash: {
            field: "line",
            type: "nominal",
            title: seriesTitle,
            sort: null,
            scale: { domain, range: lines.map(({ executor }) => executorDash(executor)) },
          },
        },
      },
      {
        mark: { type: "point", filled: true, size: 46, opacity: 1, stroke: ink.paper, strokeWidth: 1, fill: ink.muted },
        encoding: { x, y, description: { field: "says", type: "nominal" }, detail: { field: "line", type: "nominal" } },
      },
      ...(alone.length === 0 ? [] : [lonePoints(x, y, alone)]),
    ],
  };
}

/** Points that no line leads to have their line's colour, else nobody knew whose they are. */
function lonePoints(
  x: object,
  y: object,
  points: readonly { readonly x: string; readonly y: number; readonly colour: string }[],
): Record<string, unknown> {
  return {
    data: { values: [...points] },
    mark: { type: "point", filled: true, size: 90, opacity: 1, strokeWidth: 0, aria: false },
    encoding: { x, y, fill: { field: "colour", type: "nominal", scale: null, legend: null } },
  };
}
