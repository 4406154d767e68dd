import type { ChartSpec } from "./spec.ts";
import { chartConfig } from "./theme.ts";

/** What a chart says about itself; accounting and budget belong into `conditions`. */
export interface ChartText {
  readonly title: string;
  /** Lines under the title: trace, accounting, budget and whether it bound. */
  readonly conditions: readonly string[];
}

/** What all charts have in common: title and conditions, size of the plot in pixels, look. */
export function chartFrame(text: ChartText): ChartSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: text.title, subtitle: [...text.conditions] },
    width: 560,
    height: 340,
    config: chartConfig,
  };
}
