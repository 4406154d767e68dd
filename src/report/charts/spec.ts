/** A Vega-Lite specification with its data inside: plain JSON, ready to be written to `chart.vl.json`. */
export interface ChartSpec {
  readonly $schema: string;
  readonly [property: string]: unknown;
}
