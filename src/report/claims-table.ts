/** The table "paper says / we got / ceiling / verdict" as Markdown and as plain text. */
import type { ResultTable } from "../harness/experiment.ts";
import type { ClaimResult, ClaimUnit } from "../harness/claims.ts";
import { formatNumber, formatShare } from "./charts/units.ts";
import { markdownTable, textTable } from "./text-table.ts";

/** A number or text of a claim for people: `3.06x`, `60 %`, or as it is. */
export function claimValue(value: number | string | null | undefined, unit?: ClaimUnit): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  return unit === "share" ? formatShare(value) : `${formatNumber(value)}${unit ?? ""}`;
}

/** What we got, with its band where there is one. */
export function gotText({ got, band, unit }: ClaimResult): string {
  const value = claimValue(got, unit);
  return band === undefined ? value : `${value} [${claimValue(band[0], unit)}, ${claimValue(band[1], unit)}]`;
}

const header = ["experiment", "paper says", "expected", "we got", "ceiling", "attained", "verdict"] as const;

function cellsOf(claim: ClaimResult): readonly string[] {
  return [
    claim.experiment,
    claim.claim,
    claimValue(claim.expected, claim.unit),
    gotText(claim),
    claimValue(claim.ceiling, claim.unit),
    claim.attained === undefined ? "–" : formatShare(claim.attained),
    claim.verdict,
  ];
}

/** Claims as a table for a terminal; tolerances and notes below it. */
export function claimsText(claims: readonly ClaimResult[]): string {
  if (claims.length === 0) return "no claims\n";
  const lines = claims.map(({ experiment, id, tolerance, note }) => {
    const rest = note === undefined || note === "" ? "" : `; ${note}`;
    return `${experiment} ${id}: tolerance ${tolerance}${rest}\n`;
  });
  return `${textTable(header, claims.map(cellsOf))}\n${lines.join("")}`;
}

/** Claims as a Markdown table. */
export function claimsMarkdownTable(claims: readonly ClaimResult[]): string {
  return markdownTable(
    [...header, "tolerance"],
    claims.map((claim) => [...cellsOf(claim), claim.tolerance]),
  );
}

/** `claims.md` of a results folder. */
export function claimsMarkdown(meta: {
  readonly title: string;
  readonly reproduces: string;
  readonly quick: boolean;
  readonly claims: readonly ClaimResult[];
  readonly tables: readonly ResultTable[];
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
  for (const { title, note, header: names, rows } of meta.tables)
    parts.push(`## ${title}\n`, `${note}\n`, markdownTable(names, rows));
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
