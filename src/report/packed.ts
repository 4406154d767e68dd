import { gzipSync } from "node:zlib";
import { escapeHtml } from "./escape.ts";

/** Text longer than this is compressed. */
const plainLength = 4_000;

/** A block of data in a page that its script reads by id; `<` never appears in it, so it cannot end early. */
export function packedBlock(id: string, value: unknown): string {
  const text = JSON.stringify(value);
  if (text.length <= plainLength)
    return `<script type="application/json" id="${escapeHtml(id)}">${text.replaceAll("<", String.raw`\u003c`)}</script>\n`;
  return `<script type="application/gzip" id="${escapeHtml(id)}">${packText(text)}</script>\n`;
}

/** Text as gzip in base64; equal text gives equal bytes on one Node version. */
export function packText(text: string): string {
  return gzipSync(text, { level: 9 }).toString("base64");
}
