/** Chart specifications into pictures: Vega-Lite → Vega (headless) → SVG → PNG. The same specification gives the same bytes. */
import { Resvg } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { ChartSpec } from "./charts/spec.ts";
import { fontFiles, readFontMetrics, type FontMetrics } from "./font.ts";

type MarkText = string | number | readonly unknown[];

interface TextItem {
  readonly text?: MarkText;
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

let metricsByWeight: { readonly regular: FontMetrics; readonly bold: FontMetrics } | undefined;

/** Makes Vega measure text with the widths of the font the pictures are drawn in. */
function useFontMetrics(): void {
  if (metricsByWeight !== undefined) return;
  const [regular, bold] = fontFiles();
  const metrics = { regular: readFontMetrics(regular!), bold: readFontMetrics(bold!) };
  metricsByWeight = metrics;
  const textMetrics = (
    vega as unknown as {
      textMetrics: { width: (item: TextItem, text?: MarkText) => number; canvas(use: boolean): void };
    }
  ).textMetrics;
  textMetrics.canvas(false);
  textMetrics.width = (item, given) => {
    const text = given ?? item.text ?? "";
    const lines: readonly string[] = Array.isArray(text)
      ? text.map(String)
      : [typeof text === "object" ? "" : `${text}`];
    const weight = item.fontWeight;
    const isBold = weight === "bold" || (typeof weight === "number" && weight >= 600);
    const font = isBold ? metrics.bold : metrics.regular;
    return Math.max(0, ...lines.map((line) => font.widthEm(line))) * (item.fontSize ?? 11);
  };
}

/** Marks that carry a description get it as `<title>`, which browsers show on hover. */
function withTooltips(svg: string): string {
  return svg.replace(
    /<(path|rect|line|text)((?:\s[^<>]*?)?\saria-label="([^"]*)"[^<>]*?)\/?>(?:<\/\1>)?/gu,
    (whole, tag: string, attributes: string, label: string) =>
      tag === "text" || attributes.includes('role="graphics-symbol"')
        ? tag === "text"
          ? whole
          : `<${tag}${attributes.replace(/\/$/u, "")}><title>${label}</title></${tag}>`
        : whole,
  );
}

/**
 * Draws a chart as SVG text.
 * @throws {Error} from Vega-Lite when the specification is not valid
 */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  useFontMetrics();
  const warnings: string[] = [];
  const logger = {
    level: () => logger,
    error: (...parts: unknown[]) => (warnings.push(parts.join(" ")), logger),
    warn: (...parts: unknown[]) => (warnings.push(parts.join(" ")), logger),
    info: () => logger,
    debug: () => logger,
  };
  const compiled = compile(spec as unknown as TopLevelSpec, { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  try {
    vega.resetSVGDefIds();
    const svg = await view.toSVG();
    if (warnings.length > 0) throw new TypeError(`chart: ${warnings.join("; ")}`);
    return `${withTooltips(svg)}\n`;
  } finally {
    view.finalize();
  }
}

/** Draws SVG text as a PNG of `scale` pixels per unit with the shipped fonts only. */
export function renderPng(svg: string, scale = 2): Uint8Array {
  return new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: { fontFiles: [...fontFiles()], loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" },
    background: "#ffffff",
  })
    .render()
    .asPng();
}
