/** Charts, tables and the self-contained page. */
export { claimsMarkdown, claimsMarkdownTable, claimsText } from "./claims-table.ts";
export { type Page, type PageFigure, renderPage } from "./page.ts";
export { renderPng, renderSvg } from "./render.ts";
export { markdownTable, textTable } from "./text-table.ts";
