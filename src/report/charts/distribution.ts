/** Distribution of a number over sequences: the share of sequences at or below each value (empirical distribution function). */
import { chartFrame, type ChartText } from "./frame.ts";
import type { ChartSpec } from "./spec.ts";
import { ink } from "./theme.ts";

/** One line of the chart. */
export interface DistributionLine {
  readonly label: string;
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly values: readonly number[];
}

/** A value to be marked, for example what a paper says. */
export interface DistributionMark {
  readonly label: string;
  readonly value: number;
}

/** The chart; its horizontal axis starts at 0. */
export function distributionChart(
  lines: readonly DistributionLine[],
  marks: readonly DistributionMark[],
  text: ChartText & { readonly axis: string },
): ChartSpec {
  const values = lines.flatMap(({ label, values: own }) => {
    const sorted = [...own].sort((a, b) => a - b);
    return sorted.map((value, i) => ({ line: label, value, share: (100 * (i + 1)) / sorted.length }));
  });
  const x = { field: "value", type: "quantitative", title: text.axis, scale: { zero: true, nice: true } };
  return {
    ...chartFrame(text),
    height: 300,
    layer: [
      {
        data: { values },
        mark: { type: "line", interpolate: "step-after", strokeWidth: 2, aria: false },
        encoding: {
          x,
          y: { field: "share", type: "quantitative", title: "Share of sequences (%)", scale: { domain: [0, 100] } },
          stroke: {
            field: "line",
            type: "nominal",
            title: null,
            sort: null,
            scale: { domain: lines.map(({ label }) => label), range: lines.map(({ colour }) => colour) },
            legend: { orient: "right", symbolType: "stroke", symbolSize: 400 },
          },
          strokeDash: {
            field: "line",
            type: "nominal",
            title: null,
            sort: null,
            scale: { domain: lines.map(({ label }) => label), range: lines.map(({ dash }) => dash ?? []) },
          },
        },
      },
      {
        data: { values: marks },
        mark: { type: "rule", stroke: ink.muted, strokeDash: [4, 3], aria: false },
        encoding: { x: { field: "value", type: "quantitative", title: text.axis } },
      },
      {
        data: { values: marks },
        mark: {
          type: "text",
          align: "right",
          baseline: "bottom",
          dx: -5,
          y: 294,
          color: ink.muted,
          fontSize: 11,
          aria: false,
        },
        encoding: { x: { field: "value", type: "quantitative", title: text.axis }, text: { field: "label" } },
      },
    ],
  };
}
