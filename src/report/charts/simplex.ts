/** A number over the simplex of change-type frequencies: a triangle of squares, coloured and labelled. */
import { chartFrame, type ChartText } from "./frame.ts";
import type { ChartSpec } from "./spec.ts";
import { ink } from "./theme.ts";
import { formatNumber } from "./units.ts";

/** One point of the simplex; the three frequencies add up to 100 %. */
export interface SimplexPoint {
  readonly dpr: number;
  readonly li: number;
  readonly ppr: number;
  readonly value: number;
  /** What the tooltip says beside the value. */
  readonly says: string;
}

/** The chart: pre-processing to the right, learning upwards, post-processing is the rest. */
export function simplexChart(points: readonly SimplexPoint[], text: ChartText & { readonly scale: string }): ChartSpec {
  const axis = { grid: false, labelAngle: 0, ticks: false, domain: false };
  const x = { field: "dpr", type: "ordinal", title: "Pre-processing edits (%)", axis };
  const y = {
    field: "li",
    type: "ordinal",
    title: "Learning edits (%); the rest is post-processing",
    sort: "descending",
    axis,
  };
  const values = points.map(({ dpr, li, ppr, value, says }) => ({
    dpr,
    li,
    value,
    label: formatNumber(Math.round(value * 100) / 100),
    says: `${dpr} % dpr, ${li} % li, ${ppr} % ppr: ${formatNumber(value)} ${says}`,
  }));
  // Label colours lie on coloured squares and must not follow the page into its dark scheme: they are not inks.
  const largest = Math.max(...values.map(({ value }) => value));
  return {
    ...chartFrame(text),
    width: 520,
    height: 400,
    data: { values },
    layer: [
      {
        mark: { type: "rect", stroke: ink.paper, strokeWidth: 1 },
        encoding: {
          x,
          y,
          color: {
            field: "value",
            type: "quantitative",
            title: text.scale,
            scale: { scheme: "blues", domain: [Math.min(1, ...values.map(({ value }) => value)), largest] },
            legend: { orient: "right", gradientLength: 160 },
          },
          description: { field: "says", type: "nominal" },
        },
      },
      {
        mark: { type: "text", fontSize: 10, aria: false },
        encoding: {
          x,
          y,
          text: { field: "label" },
          color: {
            condition: { test: `datum.value > ${largest * 0.65}`, value: "#fdfdff" },
            value: "#10243e",
          },
        },
      },
    ],
  };
}
