/** Charts of the notebooks: Vega-Lite specifications of `src/report/charts`, drawn live. */
import "@observablehq/inputs/dist/index.css";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ChartSpec } from "../../src/report/charts/spec.ts";
import { narrowed } from "../../src/report/client/narrow.ts";
import { darkCharts } from "../../src/report/page-style.ts";
import { withTooltips } from "../../src/report/with-tooltips.ts";

const style = document.createElement("style");
style.textContent = `@media (prefers-color-scheme:dark){
${darkCharts(".drawn")}
.drawn svg{background:none!important}
}
td.number{text-align:right;white-space:nowrap}`;
document.head.append(style);

/** Draws a chart as an SVG element, no wider than the page's text where that is narrower than the chart. */
export async function draw(spec: ChartSpec): Promise<HTMLElement> {
  const host = document.createElement("div");
  host.className = "drawn";
  host.style.overflowX = "auto";
  const { spec: whole } = compile(withTooltips(spec) as unknown as TopLevelSpec);
  const compiled = innerWidth < phonePx ? narrowed(whole, textWidth()) : whole;
  const view = new vega.View(vega.parse(compiled), {
    renderer: "svg",
    container: host,
    hover: true,
    logLevel: vega.Error,
  });
  await view.runAsync();
  return host;
}

/** Screens narrower than this have no room beside the text. */
const phonePx = 700;

/** Width of the page's text in pixels. */
function textWidth(): number {
  const main = document.querySelector("main") ?? document.body;
  const { paddingLeft, paddingRight } = getComputedStyle(main);
  return main.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
}

/** Digits, perhaps with a unit. */
const isNumber = (text: string): boolean => /^[\d.,]+(?: \S{1,3})?$/u.test(text);

/** A table of text; numbers stand right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const made = document.createElement("table");
  const line = (tag: "th" | "td", cells: readonly string[]): HTMLElement => {
    const row = document.createElement("tr");
    for (const text of cells) {
      const cell = document.createElement(tag);
      cell.textContent = text;
      if (isNumber(text)) cell.className = "number";
      row.append(cell);
    }
    return row;
  };
  made.append(line("th", header), ...rows.map((cells) => line("td", cells)));
  for (const [i, head] of [...made.querySelectorAll("th")].entries())
    if (rows.length > 0 && rows.every((cells) => isNumber(cells[i] ?? ""))) head.style.textAlign = "right";
  const scroll = document.createElement("div");
  scroll.style.overflowX = "auto";
  scroll.append(made);
  return scroll;
}
