/** Charts, tables and the self-contained page. */
export { claimsMarkdown, claimsMarkdownTable, claimsText } from "./claims-table.ts";
export { pageScript, type PageScript } from "./client-bundle.ts";
export { type Page, type PageFigure, renderPage } from "./page.ts";
export { renderPng, renderSvg } from "./render.ts";
export { markdownTable, textTable } from "./text-table.ts";
export type { PlanNode, PlanOutcome, PlanRun, PlanStep, PlanVersion, PlanView } from "./plan-view/plan-record.ts";
export { simulatePlans, type PlanRequest } from "./plan-view/simulate-plans.ts";
export { rankingTables } from "./ranking.ts";
export { readResultFolder } from "./result-folder.ts";
