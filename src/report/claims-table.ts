/** The table "paper says / we got / ceiling / verdict" as Markdown and as plain text. */
import type { ClaimResult } from "../harness/claims.ts";
import { formatNumber, formatShare } from "./charts/units.ts";
import { markdownTable, textTable } from "./text-table.ts";

/** A number or text of a claim for people. */
export function claimValue(value: number | string | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "number" ? formatNumber(value) : value;
}

function gotOf({ got, band }: ClaimResult): string {
  const value = claimValue(got);
  return band === undefined ? value : `${value} [${formatNumber(band[0])}, ${formatNumber(band[1])}]`;
}

const header = [
  "experiment",
  "paper says",
  "expected",
  "we got",
  "ceiling",
  "attained",
  "tolerance",
  "verdict",
] as const;

function cellsOf(claim: ClaimResult): readonly string[] {
  return [
    claim.experiment,
    claim.claim,
    claimValue(claim.expected),
    gotOf(claim),
    claimValue(claim.ceiling),
    claim.attained === undefined ? "–" : formatShare(claim.attained),
    claim.tolerance,
    claim.verdict,
  ];
}

/** Claims as a table for a terminal, notes below it. */
export function claimsText(claims: readonly ClaimResult[]): string {
  if (claims.length === 0) return "no claims\n";
  const notes = claims.filter(({ note }) => note !== undefined && note !== "");
  return (
    textTable(header, claims.map(cellsOf)) +
    notes.map((claim) => `${claim.experiment} ${claim.id}: ${claim.note ?? ""}\n`).join("")
  );
}

/** Claims as a Markdown table. */
export function claimsMarkdownTable(claims: readonly ClaimResult[]): string {
  return markdownTable(header, claims.map(cellsOf));
}

/** `claims.md` of a results folder. */
export function claimsMarkdown(meta: {
  readonly title: string;
  readonly reproduces: string;
  readonly quick: boolean;
  readonly claims: readonly ClaimResult[];
  readonly exclusions: readonly {
    readonly trace: string;
    readonly system: string;
    readonly reason: string;
    readonly fromIteration?: number;
  }[];
}): string {
  const parts = [`# ${meta.title}\n`, `Reproduces: ${meta.reproduces}${meta.quick ? " (quick variant)" : ""}\n`];
  if (meta.claims.length === 0) parts.push("This experiment states no claims.\n");
  else {
    parts.push(claimsMarkdownTable(meta.claims));
    const notes = meta.claims.filter(({ note }) => note !== undefined && note !== "");
    parts.push(notes.map((claim) => `- **${claim.id}** (${claim.source}): ${claim.note ?? ""}\n`).join(""));
  }
  if (meta.exclusions.length > 0) {
    parts.push("## Excluded\n");
    parts.push(meta.exclusions.map(exclusionLine).join(""));
  }
  return parts.filter((part) => part !== "").join("\n");
}

function exclusionLine(exclusion: {
  readonly trace: string;
  readonly system: string;
  readonly reason: string;
  readonly fromIteration?: number;
}): string {
  const from = exclusion.fromIteration === undefined ? "" : ` from iteration ${exclusion.fromIteration}`;
  return `- ${exclusion.trace}: ${exclusion.system}${from}: ${exclusion.reason}\n`;
}
