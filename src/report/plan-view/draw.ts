/** A plan as SVG text: pure, so that pages, notebooks and tests draw alike. Everything that came from a trace is escaped. */
import { formatBytes, formatUs } from "../charts/units.ts";
import { escapeHtml } from "../escape.ts";
import type { Layout, Place } from "./layers.ts";
import type { PlanNode, PlanOutcome, PlanStep, PlanVersion } from "./plan-record.ts";

/** Measures of a drawing, in px. */
export const planMeasures = { nodeWidth: 118, nodeHeight: 42, gapX: 16, gapY: 26, margin: 10 } as const;

const stateWords = { compute: "computed", load: "loaded", prune: "pruned", sliced: "not needed" } as const;
const kindWords = { dpr: "pre-processing", li: "learning or inference", ppr: "post-processing" } as const;

/** Time charged to a node in the iteration, in µs. */
export function chargedUs({ computeUs, loadUs, writeUs }: PlanOutcome): number {
  return computeUs + loadUs + writeUs;
}

/** What became of a node, line by line: for tooltips, and joined for screen readers. */
export function describeNode(node: PlanNode, outcome: PlanOutcome): readonly string[] {
  const { computeUs, loadUs, writeUs, bytes } = outcome;
  const lines = [node.id, `${node.op}${node.kind === null ? "" : ` · ${kindWords[node.kind]}`}`];
  const times = [
    ...(outcome.state === "compute" ? [`compute ${formatUs(computeUs)}`] : []),
    ...(outcome.state === "load" ? [`load ${formatUs(loadUs)}`] : []),
    ...(writeUs > 0 ? [`write ${formatUs(writeUs)}`] : []),
  ];
  lines.push(`${stateWords[outcome.state]}${times.length === 0 ? "" : `: ${times.join(", ")}`}`);
  if (times.length > 1) lines.push(`run time ${formatUs(chargedUs(outcome))}`);
  if (outcome.executions > 1) lines.push(`computed ${outcome.executions} times`);
  if (outcome.sameAs !== null) lines.push(`same result as ${outcome.sameAs}: time and storage stand there`);
  lines.push(
    bytes === null
      ? `not stored${node.sizeBytes === null ? "" : ` (would take ${formatBytes(node.sizeBytes)})`}`
      : `storage ${formatBytes(bytes)}, ${outcome.written ? "materialized in this iteration" : "stored earlier"}`,
  );
  if (outcome.state !== "compute" && node.computeUs !== null)
    lines.push(`computing it takes ${formatUs(node.computeUs)}`);
  if (node.edited) lines.push("edited in this iteration");
  return lines;
}

/** Cuts a name to the width of a node. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}

/** A drum, the papers' sign of storage, `size` px wide with its centre at (x, y). */
export function drum(x: number, y: number, className: string): string {
  const [w, h, r] = [13, 16, 3];
  const [left, top] = [x - w / 2, y - h / 2];
  return (
    `<path class="drum ${className}" d="M${left} ${top + r}a${w / 2} ${r} 0 0 1 ${w} 0v${h - 2 * r}a${w / 2} ${r} 0 0 1 ${-w} 0z` +
    `M${left} ${top + r}a${w / 2} ${r} 0 0 0 ${w} 0"/>`
  );
}

function secondLine(node: PlanNode, outcome: PlanOutcome): string {
  if (outcome.sameAs !== null) return `= ${shorten(outcome.sameAs, 12)}`;
  const size = outcome.bytes === null ? "" : ` · ${formatBytes(outcome.bytes)}`;
  switch (outcome.state) {
    case "compute":
    case "load":
      return `${formatUs(chargedUs(outcome))}${size}`;
    case "prune":
      return `pruned${size}`;
    case "sliced":
      return "not needed";
    default:
      return node.op;
  }
}

/** Size of a drawing in px. */
export function planSize(layout: Layout): { readonly width: number; readonly height: number } {
  const { nodeWidth, nodeHeight, gapX, gapY, margin } = planMeasures;
  return {
    width: Math.round(Math.max(1, layout.width) * (nodeWidth + gapX) - gapX + 2 * margin + 16),
    height: Math.max(1, layout.layerCount) * (nodeHeight + gapY) - gapY + 2 * margin,
  };
}

/**
 * Draws one plan. Nodes are groups with `data-node` (position in the version) that can take the focus; the first one is in the
 * tab order.
 * @param title what the picture is, for screen readers
 */
export function drawPlan(version: PlanVersion, step: PlanStep, layout: Layout, title: string): string {
  const { nodeWidth, nodeHeight, gapX, gapY, margin } = planMeasures;
  const { width, height } = planSize(layout);
  const centre = ({ x, layer }: Place): { readonly x: number; readonly top: number } => ({
    x: Math.round((x * (nodeWidth + gapX) - gapX / 2 + margin + 8) * 10) / 10,
    top: margin + layer * (nodeHeight + gapY),
  });
  const edges = layout.routes.map(({ from, to, via }) => {
    const outcome = step.outcomes[to]!;
    const parts: string[] = [];
    let last = centre(layout.places[from]!);
    let y = last.top + nodeHeight;
    parts.push(`M${last.x} ${y}`);
    for (const point of [...via.map(centre), centre(layout.places[to]!)]) {
      const middle = (y + point.top) / 2;
      parts.push(`C${last.x} ${middle} ${point.x} ${middle} ${point.x} ${point.top}`);
      last = point;
      y = point.top + nodeHeight;
      parts.push(`V${y}`);
    }
    parts.pop();
    return `<path class="edge ${outcome.state === "compute" ? "used" : "unused"}" data-from="${from}" data-to="${to}" d="${parts.join("")}"/>`;
  });
  const nodes = version.nodes.map((node, i) => {
    const outcome = step.outcomes[i]!;
    const { x, top } = centre(layout.places[i]!);
    const left = Math.round((x - nodeWidth / 2) * 10) / 10;
    const drums = [
      outcome.state === "load" ? drum(left, top + nodeHeight / 2, "loaded") : "",
      outcome.bytes === null || outcome.sameAs !== null
        ? ""
        : drum(left + nodeWidth, top + nodeHeight / 2, outcome.written ? "written" : "kept"),
    ];
    const tag = node.edited ? `<path class="mark" d="M${left + nodeWidth - 15} ${top}h15v15z"/>` : "";
    return (
      `<g class="node ${outcome.state} ${node.kind ?? "other"}${node.edited ? " edited" : ""}" data-node="${i}" role="img" tabindex="${i === 0 ? 0 : -1}" aria-label="${escapeHtml(describeNode(node, outcome).join("; "))}">` +
      `<rect x="${left}" y="${top}" width="${nodeWidth}" height="${nodeHeight}" rx="6"/><path class="bar" d="M${left + 3} ${top + 6}v${nodeHeight - 12}"/>${tag}` +
      `<text x="${left + 12}" y="${top + 18}">${escapeHtml(shorten(node.id, 13))}</text>` +
      `<text class="small" x="${left + 12}" y="${top + 33}">${escapeHtml(secondLine(node, outcome))}</text>${drums.join("")}</g>`
    );
  });
  return (
    `<svg class="plan" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${escapeHtml(title)}">` +
    `<g class="edges">${edges.join("")}</g>${nodes.join("")}</svg>`
  );
}
