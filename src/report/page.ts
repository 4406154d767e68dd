/**
 * One self-contained HTML page of results: no request leaves it, light and dark, everything that came from files escaped.
 */
import type { ClaimResult, Verdict } from "../harness/claims.ts";
import type { ResultTable } from "../harness/experiment.ts";
import type { RunRecord } from "../harness/provenance.ts";
import type { ResultMeta } from "../harness/run-derived.ts";
import { formatBytes, formatShare, formatUs } from "./charts/units.ts";
import type { ChartSpec } from "./charts/spec.ts";
import { claimValue, gotText } from "./claims-table.ts";
import type { PageScript } from "./client-bundle.ts";
import { escapeHtml } from "./escape.ts";
import { figureSpec } from "./figure-spec.ts";
import { packedBlock, packText } from "./packed.ts";
import { planStyle } from "./page-plan-style.ts";
import { planViewHtml } from "./page-plan.ts";
import { pageStyle } from "./page-style.ts";
import type { PlanView } from "./plan-view/plan-record.ts";

/** A figure: SVG text as `renderSvg` makes it, and what it was drawn from. */
export interface PageFigure {
  readonly name: string;
  readonly svg: string;
  /** Makes the figure live where the page has a script. */
  readonly spec?: ChartSpec;
  /** Stands for an SVG that is too large for a page. */
  readonly png?: Uint8Array;
}

/** One experiment's results on the page. */
export interface PageResult {
  readonly meta: ResultMeta;
  readonly runs: readonly RunRecord[];
  readonly figures: readonly PageFigure[];
  /** Raw data offered for download. */
  readonly rowsCsv: string;
  readonly cells: string;
  /** Rankings made from the cells, shown before the experiment's own tables. */
  readonly rankings?: readonly ResultTable[];
}

/** A table of its own below the experiments, for example the totals of the real runs. */
export interface PageTable extends ResultTable {
  readonly figures?: readonly PageFigure[];
}

/** Content of a page. */
export interface Page {
  readonly title: string;
  readonly intro: string;
  readonly results: readonly PageResult[];
  readonly tables?: readonly PageTable[];
  readonly plans?: readonly PlanView[];
  /** Makes figures, plan views and downloads live; a page without it shows still figures and the first plans. */
  readonly script?: PageScript;
}

/** Packed data of a page, collected while its parts are written. */
interface Blocks {
  readonly isLive: boolean;
  readonly blocks: string[];
}

/** Characters of SVG above which a figure's PNG is shown, and of packed data above which it stays still. */
const largeSvg = 400_000;
const largeSpec = 2_000_000;

const verdictClass: Readonly<Record<Verdict, string>> = {
  reproduced: "good",
  "same shape": "fair",
  not: "bad",
  "not testable": "open",
};

/** Makes ids of one figure differ from those of the others on the page. */
function isolateIds(svg: string, prefix: string): string {
  return svg
    .replace(/\bid="([^"]+)"/gu, `id="${prefix}-$1"`)
    .replace(/url\(#([^)]+)\)/gu, `url(#${prefix}-$1)`)
    .replace(/^<svg /u, '<svg role="img" ');
}

function figureHtml(figure: PageFigure, prefix: string, page: Blocks): string {
  const id = `${prefix}-${figure.name}`;
  let live = "";
  if (page.isLive && figure.spec !== undefined) {
    const block = packedBlock(`spec-${id}`, figureSpec(figure.spec));
    if (block.length <= largeSpec) {
      page.blocks.push(block);
      live = ` data-spec="${escapeHtml(`spec-${id}`)}"`;
    }
  }
  const picture =
    figure.svg.length > largeSvg && figure.png !== undefined
      ? `<img alt="figure ${escapeHtml(id)}" src="data:image/png;base64,${Buffer.from(figure.png).toString("base64")}">`
      : isolateIds(figure.svg.trim(), id);
  return `<figure class="chart" tabindex="0"${live} aria-label="figure: arrow keys go through its marks"><div class="still">${picture}</div></figure>\n`;
}

/** True for a column of nothing but numbers, with units or without, and dashes where there is none. */
function isNumeric(column: readonly string[]): boolean {
  const filled = column.filter((text) => text !== "–" && text !== "");
  return (
    filled.length > 0 &&
    filled.every((text) => /^[-−]?\d[\d.,]*(?:e[+-]?\d+)?x?(?: ?(?:%|[µmkKMGT]?i?[sBhg]|min))?$/u.test(text))
  );
}

function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  classOf?: (row: number) => string,
): string {
  const isNumber = header.map((_, c) => c > 0 && isNumeric(rows.map((row) => row[c] ?? "")));
  const classed = (c: number): string => (isNumber[c] === true ? ' class="number"' : "");
  const head = header.map((name, c) => `<th scope="col"${classed(c)}>${escapeHtml(name)}</th>`).join("");
  const body = rows
    .map((row, r) => {
      const cells = row.map((cell, c) =>
        c === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<td${classed(c)}>${escapeHtml(cell)}</td>`,
      );
      const attribute = classOf === undefined ? "" : ` class="${classOf(r)}"`;
      return `<tr${attribute}>${cells.join("")}</tr>`;
    })
    .join("\n");
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>\n`;
}

function claimRow(claim: ClaimResult): string {
  const { unit } = claim;
  const cells = [
    `<th scope="row">${escapeHtml(claim.claim)}<small class="source">${escapeHtml(claim.source)}</small></th>`,
    `<td>${escapeHtml(claimValue(claim.expected, unit))}</td>`,
    `<td>${escapeHtml(gotText(claim))}</td>`,
    `<td>${escapeHtml(claimValue(claim.ceiling, unit))}</td>`,
    `<td>${claim.attained === undefined ? "–" : escapeHtml(formatShare(claim.attained))}</td>`,
    `<td>${escapeHtml(claim.tolerance)}</td>`,
    `<td><span class="verdict ${verdictClass[claim.verdict]}">${escapeHtml(claim.verdict)}</span></td>`,
  ];
  const note =
    claim.note === undefined || claim.note === ""
      ? ""
      : `<tr class="note"><td colspan="7">${escapeHtml(claim.note)}</td></tr>\n`;
  return `<tr>${cells.join("")}</tr>\n${note}`;
}

/** The table "paper says / we got / ceiling / verdict". */
function claimsHtml(claims: readonly ClaimResult[]): string {
  const head = ["paper says", "expected", "we got", "ceiling", "of attainable saving", "tolerance", "verdict"]
    .map((name) => `<th scope="col">${name}</th>`)
    .join("");
  return `<div class="scroll" tabindex="0"><table class="claims"><thead><tr>${head}</tr></thead><tbody>\n${claims.map(claimRow).join("")}</tbody></table></div>\n`;
}

function exclusionsHtml(meta: ResultMeta): string {
  if (meta.exclusions.length === 0) return "";
  const rows = meta.exclusions.map(({ trace, system, reason, fromIteration }) => [
    system,
    trace,
    fromIteration === undefined ? "entirely" : `from iteration ${fromIteration}`,
    reason,
  ]);
  return `<h3>Excluded</h3>\n${table(["system", "trace", "what is missing", "reason"], rows)}`;
}

function failuresHtml(meta: ResultMeta): string {
  if (meta.failures.length === 0) return "";
  const rows = meta.failures.map(({ params, code, message }) => [
    Object.entries(params)
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(" "),
    code,
    message,
  ]);
  return `<h3>Failed cells</h3>\n${table(["cell", "code", "message"], rows)}`;
}

function provenanceHtml(runs: readonly RunRecord[]): string {
  if (runs.length === 0) return "";
  const rows = runs.map((run) => [
    run.startedAt,
    run.status,
    `${run.keys.length} cells${run.resumed > 0 ? ` (+ ${run.resumed} kept)` : ""}`,
    run.wallUs === undefined ? "–" : formatUs(run.wallUs),
    `${run.cpu}, ${run.cores} cores, ${formatBytes(run.memoryBytes)}`,
    `${run.os}, Node ${run.node}`,
    run.commit === null ? "–" : `${run.commit.slice(0, 10)}${run.dirty === true ? " (with changes)" : ""}`,
    run.command.join(" "),
  ]);
  return `<details><summary>Provenance of ${runs.length} run${runs.length === 1 ? "" : "s"}</summary>\n${table(
    ["started", "ended", "did", "wall", "machine", "software", "commit", "command"],
    rows,
  )}</details>\n`;
}

function download(name: string, content: string, page: Blocks): string {
  const data = packText(content);
  if (!page.isLive)
    return `<a download="${escapeHtml(name)}.gz" href="data:application/gzip;base64,${data}">${escapeHtml(name)}.gz</a>`;
  const id = `raw-${name}`;
  page.blocks.push(`<script type="application/gzip" id="${escapeHtml(id)}">${data}</script>\n`);
  return `<button type="button" class="download" data-from="${escapeHtml(id)}" data-name="${escapeHtml(name)}">${escapeHtml(name)} (${formatBytes(Buffer.byteLength(content))})</button>`;
}

function resultHtml(result: PageResult, page: Blocks): string {
  const { meta } = result;
  const id = escapeHtml(meta.experiment);
  const counts = `${meta.cells.done} of ${meta.cells.total} cells done${meta.cells.failed > 0 ? `, ${meta.cells.failed} failed` : ""}${
    meta.cells.notRun > 0 ? `, ${meta.cells.notRun} not run` : ""
  }`;
  return `<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${escapeHtml(meta.title)}</h2>
<p class="meta">${escapeHtml(meta.reproduces)} · <code>reuselab reproduce ${id}</code> · ${counts} · executors: ${escapeHtml(meta.executors.join(", "))}${meta.quick ? " · quick variant" : ""}</p>
${result.figures.map((figure) => figureHtml(figure, meta.experiment, page)).join("")}${meta.claims.length === 0 ? "" : claimsHtml(meta.claims)}${[...(result.rankings ?? []), ...meta.tables].map((own) => `<h3>${escapeHtml(own.title)}</h3>\n<p class="meta">${escapeHtml(own.note)}</p>\n${table(own.header, own.rows)}`).join("")}${exclusionsHtml(meta)}${failuresHtml(meta)}${provenanceHtml(result.runs)}<p class="meta">Raw data: ${download(`${meta.experiment}-rows.csv`, result.rowsCsv, page)} · ${download(`${meta.experiment}-cells.jsonl`, result.cells, page)}</p>
</section>
`;
}

function tableHtml(own: PageTable, index: number, page: Blocks): string {
  return `<section><h2>${escapeHtml(own.title)}</h2>\n<p>${escapeHtml(own.note)}</p>\n${(own.figures ?? [])
    .map((figure) => figureHtml(figure, `own${index}`, page))
    .join("")}${table(own.header, own.rows)}</section>\n`;
}

/** The page as text; deterministic for equal content. */
export function renderPage(page: Page): string {
  const claims = page.results.flatMap(({ meta }) => meta.claims);
  const summary = (["reproduced", "same shape", "not", "not testable"] as const)
    .map((verdict) => ({ verdict, count: claims.filter((claim) => claim.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `<span class="verdict ${verdictClass[verdict]}">${count} ${verdict}</span>`)
    .join(" ");
  const parts: Blocks = { isLive: page.script !== undefined, blocks: [] };
  const plans = page.plans ?? [];
  const main =
    plans.map((view, i) => planViewHtml(view, i, parts)).join("") +
    page.results.map((result) => resultHtml(result, parts)).join("") +
    (page.tables ?? []).map((own, i) => tableHtml(own, i, parts)).join("");
  const contents = [
    ...plans.map(({ trace }, i) => ({ id: `plan-${i}`, title: `Plans: ${trace}` })),
    ...page.results.map(({ meta }) => ({ id: meta.experiment, title: meta.title })),
  ]
    .map(({ id, title }) => `<li><a href="#${escapeHtml(id)}">${escapeHtml(title)}</a></li>`)
    .join("");
  const scripts = page.script === undefined ? "" : `; script-src ${page.script.hash}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:${scripts}">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(page.title)}</title>
<style>
${pageStyle}${plans.length === 0 ? "" : planStyle}</style>
</head>
<body>
<header>
<h1>${escapeHtml(page.title)}</h1>
<p>${escapeHtml(page.intro)}</p>
${summary === "" ? "" : `<p>Claims: ${summary}</p>\n`}<nav aria-label="Contents"><ul>${contents}</ul></nav>
</header>
<main>
${main}</main>
${parts.blocks.join("")}${page.script === undefined ? "" : `<script>${page.script.text}</script>\n`}</body>
</html>
`;
}
