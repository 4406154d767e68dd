/** Predicted against real times: points along a diagonal, one panel per split. */
import type { ChartText } from "./frame.ts";
import type { ChartSpec } from "./spec.ts";
import { chartConfig, ink } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** One cell: a total in seconds, predicted and real (median and extremes). */
export interface PredictionPoint {
  readonly panel: string;
  readonly series: string;
  readonly label: string;
  readonly predicted: number;
  readonly real: number;
  readonly low: number;
  readonly high: number;
}

const panelColours = ["#0b3d91", "#9a3412", "#0e7490", "#831843"] as const;

/** The chart: real times with their range over predicted ones; the line is where both are equal. Axes are logarithmic. */
export function predictionChart(points: readonly PredictionPoint[], text: ChartText): ChartSpec {
  const all = points.flatMap(({ predicted, low, high }) => [predicted, low, high]);
  const domain = [Math.min(...all) * 0.9, Math.max(...all) * 1.1];
  const scale = { type: "log", domain, nice: false };
  const x = { field: "predicted", type: "quantitative", title: "Predicted (s)", scale, axis: { tickCount: 5 } };
  const y = (field: string): object => ({
    field,
    type: "quantitative",
    title: "Real (s)",
    scale,
    axis: { tickCount: 5 },
  });
  const series = [...new Set(points.map((point) => point.series))];
  const color = {
    field: "series",
    type: "nominal",
    title: "Engine · model",
    sort: null,
    scale: { domain: series, range: series.map((_, i) => panelColours[i % panelColours.length]) },
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: text.title, subtitle: [...text.conditions] },
    config: chartConfig,
    data: {
      values: points.map((point) => ({
        ...point,
        start: domain[0],
        end: domain[1],
        says: `${point.label}: predicted ${formatNumber(point.predicted)} s, real ${formatNumber(point.real)} s`,
      })),
    },
    facet: { field: "panel", type: "nominal", title: null, sort: null },
    columns: 2,
    spec: {
      width: 300,
      height: 300,
      layer: [
        {
          mark: { type: "rule", color: ink.axis, strokeDash: [4, 3], aria: false },
          encoding: {
            x: { field: "start", type: "quantitative", scale },
            x2: { field: "end" },
            y: { field: "start", type: "quantitative", scale },
            y2: { field: "end" },
          },
        },
        {
          mark: { type: "rule", opacity: 0.5, aria: false },
          encoding: { x, y: y("low"), y2: { field: "high" }, color },
        },
        {
          mark: { type: "point", filled: true, size: 36, opacity: 0.8 },
          encoding: { x, y: y("real"), color, description: { field: "says" } },
        },
      ],
    },
  };
}
