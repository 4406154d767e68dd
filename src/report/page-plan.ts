import { escapeHtml } from "./escape.ts";
import { packedBlock } from "./packed.ts";
import { drawPlan, drum } from "./plan-view/draw.ts";
import { layoutLayers } from "./plan-view/layers.ts";
import type { PlanView } from "./plan-view/plan-record.ts";

/** Most nodes beside each other in the picture that a page without script shows. */
const stillWidth = 5;

function stillPlan(view: PlanView): string {
  const version = view.versions[0];
  if (version === undefined) return "<p>This trace has no iterations.</p>";
  const layout = layoutLayers(
    version.nodes.map(({ parents }) => parents),
    stillWidth,
  );
  return view.runs
    .slice(0, 2)
    .map(({ system, steps, ends }) => {
      const picture =
        steps[0] === undefined
          ? `<p>${escapeHtml(ends ?? "did not run")}</p>`
          : drawPlan(version, steps[0], layout, `Plan of ${system} in iteration ${version.iteration}`);
      return `<div class="pane"><p><strong>${escapeHtml(system)}</strong>, iteration ${version.iteration}</p><div class="canvas">${picture}</div></div>`;
    })
    .join("");
}

function legend(): string {
  const node = (state: string, kind: string): string =>
    `<svg class="plan key" viewBox="0 0 34 22" width="34" height="22" aria-hidden="true"><g class="node ${state} ${kind}"><rect x="4" y="2" width="26" height="18" rx="4"/><path class="bar" d="M7 6v10"/></g></svg>`;
  const sign = (kind: string, x: number): string =>
    `<svg class="plan key" viewBox="0 0 34 22" width="34" height="22" aria-hidden="true"><g class="node compute other"><rect x="8" y="2" width="18" height="18" rx="4"/>${drum(x, 11, kind)}</g></svg>`;
  const mark =
    '<svg class="plan key" viewBox="0 0 34 22" width="34" height="22" aria-hidden="true"><g class="node compute other edited"><rect x="4" y="2" width="26" height="18" rx="4"/><path class="mark" d="M19 2h11v11z"/></g></svg>';
  const entries = [
    [node("compute", "dpr"), "pre-processing (dpr)"],
    [node("compute", "li"), "learning, inference (li)"],
    [node("compute", "ppr"), "post-processing (ppr)"],
    [node("prune", "other"), "pruned"],
    [sign("loaded", 8), "loaded"],
    [sign("written", 26), "materialized now"],
    [sign("kept", 26), "stored earlier"],
    [mark, "edited"],
  ] as const;
  return `<ul class="keys" aria-label="Legend">${entries.map(([picture, text]) => `<li>${picture}${text}</li>`).join("")}</ul>`;
}

/** A plan view; without the page's script it shows the plans of the first iteration. */
export function planViewHtml(
  view: PlanView,
  index: number,
  page: { readonly isLive: boolean; readonly blocks: string[] },
): string {
  const data = `plan-data-${index}`;
  if (page.isLive) page.blocks.push(packedBlock(data, view));
  const cut =
    view.versions.length < view.iterationCount
      ? ` · the first ${view.versions.length} of ${view.iterationCount} iterations`
      : "";
  return `<section class="wide" id="plan-${index}" aria-labelledby="plan-${index}-title">
<h2 id="plan-${index}-title">Plans: ${escapeHtml(view.trace)}</h2>
<p class="meta">${escapeHtml(view.conditions)}${cut} · ← and → change the iteration, ↑ and ↓ go through the nodes</p>
${legend()}
<div class="plan-view" tabindex="-1"${page.isLive ? ` data-plan="${data}"` : ""}><div class="panes">${stillPlan(view)}</div></div>
</section>
`;
}
