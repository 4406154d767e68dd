/** Charts of the notebooks: Vega-Lite specifications of `src/report/charts`, drawn live. */
import "@observablehq/inputs/dist/index.css";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ChartSpec } from "../../src/report/charts/spec.ts";
import { withTooltips } from "../../src/report/with-tooltips.ts";

/** Draws a chart as an SVG element. */
export async function draw(spec: ChartSpec): Promise<HTMLElement> {
  const host = document.createElement("div");
  host.className = "drawn";
  host.style.overflowX = "auto";
  const { spec: compiled } = compile(withTooltips(spec) as unknown as TopLevelSpec);
  const view = new vega.View(vega.parse(compiled), {
    renderer: "svg",
    container: host,
    hover: true,
    logLevel: vega.Error,
  });
  await view.runAsync();
  return host;
}

/** A table of text. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const made = document.createElement("table");
  const line = (tag: "th" | "td", cells: readonly string[]): HTMLElement => {
    const row = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(tag);
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  };
  made.append(line("th", header), ...rows.map((cells) => line("td", cells)));
  const scroll = document.createElement("div");
  scroll.style.overflowX = "auto";
  scroll.append(made);
  return scroll;
}
