/** Ranges of a number by category: for each category and series a bar from one quantile to another, its middle marked. */
import { chartFrame, type ChartText } from "./frame.ts";
import { logTicks, tickLabel } from "./log-ticks.ts";
import type { ChartSpec } from "./spec.ts";
import { coloursOf, ink } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** One range. */
export interface ChartRange {
  readonly category: string;
  readonly series: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What a chart of ranges says about itself. */
export interface RangesText extends ChartText {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly seriesTitle: string;
  /** `log` needs numbers above 0; `root` is for shares, many of them 0. */
  readonly scale: "linear" | "log" | "root";
  /** Where the axis begins; default: with the data. */
  readonly from?: number;
  readonly ticks?: readonly number[];
}

/** The chart; categories from top to bottom and series within them as they come first. */
export function rangesChart(ranges: readonly ChartRange[], text: RangesText): ChartSpec {
  const categories = [...new Set(ranges.map(({ category }) => category))];
  const domain = [...new Set(ranges.map(({ series }) => series))];
  const range = coloursOf(domain);
  const numbers = ranges.flatMap(({ low, high }) => [low, high]);
  const largest = Math.max(...numbers);
  const scale = {
    ...(text.scale === "root" ? { type: "sqrt" } : { type: text.scale }),
    ...(text.from === undefined ? {} : { domain: [text.from, largest], nice: true }),
  };
  const ticks = text.ticks ?? (text.scale === "log" ? logTicks(numbers) : undefined);
  const x = {
    field: "middle",
    type: "quantitative",
    title: text.xTitle,
    scale,
    axis: {
      ...(ticks === undefined ? { tickCount: 6 } : { values: ticks }),
      labelExpr: tickLabel,
      labelOverlap: "greedy",
    },
  };
  const y = {
    field: "category",
    type: "nominal",
    sort: categories,
    title: text.yTitle,
    axis: { grid: true, tickBand: "extent", ticks: false, labelPadding: 7 },
    scale: { paddingInner: 0.25 },
  };
  const yOffset = { field: "series", type: "nominal", sort: domain };
  const colour = { field: "series", type: "nominal", title: text.seriesTitle, sort: null, scale: { domain, range } };
  return {
    ...chartFrame(text),
    height: { step: 9 },
    data: {
      values: ranges.map((one) => ({
        ...one,
        says: `${one.category}, ${one.series}: ${formatNumber(one.middle)}, from ${formatNumber(one.low)} to ${formatNumber(one.high)}`,
      })),
    },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 2, aria: false },
        encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y, yOffset, color: colour },
      },
      {
        mark: { type: "point", filled: true, size: 42, opacity: 1, stroke: ink.paper, strokeWidth: 0.8 },
        encoding: { x, y, yOffset, color: colour, description: { field: "says", type: "nominal" } },
      },
    ],
  };
}
