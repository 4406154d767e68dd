/** Fixed looks of every chart: sizes, fonts and colours, so that the same rows always give the same picture. */

/** Ink used in the charts; the HTML page repaints exactly these values in its dark scheme. */
export const ink = {
  paper: "#ffffff",
  text: "#1f2328",
  muted: "#57606a",
  grid: "#e3e6ea",
  axis: "#8c959f",
} as const;

/** Family with a shipped font file first, metrically equal fallbacks after it. */
export const fontFamily = "DejaVu Sans, Verdana, sans-serif";

/** The papers' colours of change types: purple for pre-processing, orange for learning, green for post-processing. */
export const changeTypeColours = {
  initial: "#8c959f",
  dpr: "#8250df",
  li: "#f08c00",
  ppr: "#2da44e",
} as const;

/** What the change types are called in legends. */
export const changeTypeTitles = {
  initial: "initial version",
  dpr: "pre-processing (dpr)",
  li: "learning (li)",
  ppr: "post-processing (ppr)",
} as const;

/** Line colours of known systems and planners: none of them purple, orange or green, which mean change types. */
const systemColours = new Map<string, string>([
  ["helix-demo", "#0b3d91"],
  ["helix", "#3b82f6"],
  ["helix-am", "#0e7490"],
  ["helix-nm", "#475569"],
  ["keystoneml", "#9a3412"],
  ["keystoneml-aggressive", "#9a3412"],
  ["keystoneml-nocache", "#dc2626"],
  ["none-fused", "#6b7280"],
  ["naive", "#111827"],
  ["deepdive", "#be185d"],
  ["collab", "#854d0e"],
  ["collab-utility", "#e11d48"],
  ["collab-helix", "#1e40af"],
  ["all", "#155e75"],
  ["kg", "#111827"],
  ["oracle", "#000000"],
  ["lower-bound", "#8c959f"],
  ["max-flow", "#1e40af"],
  ["exact", "#0369a1"],
  ["linear-pass", "#9a3412"],
  ["compute-all", "#334155"],
  ["load-all", "#a16207"],
  ["bottom-up", "#164e63"],
  ["per-node-greedy", "#831843"],
  ["mine", "#0f172a"],
]);

const spareColours = ["#7f1d1d", "#164e63", "#4338ca", "#78350f", "#9f1239", "#334155", "#0369a1", "#831843"] as const;

/** Colour of a system's line; unknown systems take spare colours by position among the unknown ones of a chart. */
export function systemColour(system: string, spareIndex: number): string {
  return systemColours.get(system) ?? spareColours[spareIndex % spareColours.length] ?? "#334155";
}

/** True if the system has a colour of its own. */
function hasOwnColour(system: string): boolean {
  return systemColours.has(system);
}

/** Dash pattern by executor: simulated solid, measured ones broken, so that they are never mixed unmarked. */
export function executorDash(executor: string): readonly number[] {
  switch (executor) {
    case "simulated":
      return [];
    case "duckdb":
      return [7, 4];
    case "bound":
      return [1, 3];
    case "spark":
      return [10, 3, 2, 3];
    default:
      return [4, 2];
  }
}

/** Vega-Lite `config` shared by all charts. */
export const chartConfig = {
  background: ink.paper,
  font: fontFamily,
  padding: 12,
  view: { stroke: null },
  title: {
    anchor: "start",
    color: ink.text,
    font: fontFamily,
    fontSize: 15,
    fontWeight: "bold",
    subtitleColor: ink.muted,
    subtitleFont: fontFamily,
    subtitleFontSize: 11,
    subtitleLineHeight: 15,
    subtitlePadding: 5,
    offset: 14,
  },
  axis: {
    domainColor: ink.axis,
    gridColor: ink.grid,
    tickColor: ink.axis,
    labelColor: ink.text,
    titleColor: ink.text,
    labelFont: fontFamily,
    titleFont: fontFamily,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    titlePadding: 8,
    labelFlush: false,
  },
  legend: {
    labelColor: ink.text,
    titleColor: ink.muted,
    labelFont: fontFamily,
    titleFont: fontFamily,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    labelLimit: 0,
    titleLimit: 0,
    rowPadding: 4,
    symbolSize: 90,
    symbolStrokeWidth: 2.5,
    offset: 18,
    layout: { right: { margin: 22, direction: "vertical" } },
  },
  header: { labelColor: ink.text, titleColor: ink.muted, labelFont: fontFamily, titleFont: fontFamily },
} as const;

/** Counterparts of chart colours on a dark page, by the colour in the SVG. */
export const darkColours: Readonly<Record<string, string>> = {
  [ink.paper]: "#161b22",
  [ink.text]: "#e6edf3",
  [ink.muted]: "#9aa7b4",
  [ink.grid]: "#2b323b",
  [ink.axis]: "#6e7681",
  "#8250df": "#a982f5",
  "#f08c00": "#ffa940",
  "#2da44e": "#3fb963",
  "#0b3d91": "#7fb0ff",
  "#3b82f6": "#4f8ff7",
  "#0e7490": "#22b8d6",
  "#475569": "#94a3b8",
  "#9a3412": "#f08a5d",
  "#dc2626": "#ff6b6b",
  "#6b7280": "#9ca3af",
  "#111827": "#d1d5db",
  "#be185d": "#f472b6",
  "#854d0e": "#c98a2b",
  "#a16207": "#f5e27a",
  "#e11d48": "#fb7185",
  "#1e40af": "#8ab4ff",
  "#155e75": "#38bdf8",
  "#000000": "#ffffff",
  "#0f172a": "#f8fafc",
  "#7f1d1d": "#f87171",
  "#164e63": "#67e8f9",
  "#4338ca": "#a5b4fc",
  "#78350f": "#fbbf77",
  "#9f1239": "#fb7185",
  "#334155": "#a8b8cc",
  "#0369a1": "#38bdf8",
  "#831843": "#f9a8d4",
};

/** Colours of a chart's systems, in their order: their own, else spare ones. */
export function coloursOf(systems: readonly string[]): string[] {
  let spare = 0;
  return systems.map((system) => systemColour(system, hasOwnColour(system) ? 0 : spare++));
}
