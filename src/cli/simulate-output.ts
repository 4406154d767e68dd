import { rowColumns, type Exclusion, type RunRow } from "../core/result-row.ts";
import type { EstimateMode, SystemSpec } from "../core/system.ts";
import type { BudgetSpec } from "../core/units.ts";
import { formatBytes, formatUs } from "../report/charts/units.ts";
import { clairvoyantCosts, type CellOutcome } from "../simulator/simulate.ts";
import { renderRecords, type CellRecord } from "./print-records.ts";

/** A cell that ran, or was left out. */
export interface CellSummary {
  readonly trace: string;
  readonly system: SystemSpec;
  readonly budget: BudgetSpec;
  /** Parameters that were set, as text; undefined when none were for any system. */
  readonly params?: string;
  readonly estimates: EstimateMode;
  readonly outcome: CellOutcome;
}

const headColumns = [
  "trace",
  "system",
  "planner",
  "materializer",
  "budgetBytes",
  "accounting",
  "seed",
  "executor",
] as const;

/**
 * Prints a simulation. `json` is one object `{"rows","excluded"}`, `ndjson` and `csv` one line per row; `table` and `md` are
 * for people: one line per system and budget.
 */
export function renderSimulation(
  summaries: readonly CellSummary[],
  rows: readonly RunRow[],
  excluded: readonly Exclusion[],
  format: unknown,
): string {
  if (format === "json") return `${JSON.stringify({ rows, excluded })}\n`;
  if (format === "ndjson") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (format === "csv") {
    const extra = ["params", "estimates"].filter((name) => rows.some((row) => name in row));
    return renderRecords(rows as readonly (RunRow & CellRecord)[], [...headColumns, ...extra, ...rowColumns], "csv");
  }
  const lines = summaries.map(summaryLine);
  const isOneTrace = new Set(summaries.map(({ trace }) => trace)).size === 1;
  const columns = Object.keys(lines[0] ?? {}).filter(
    (name) => (name !== "trace" || !isOneTrace) && (name !== "note" || lines.some((line) => line["note"] !== "")),
  );
  const title = isOneTrace ? `${summaries[0]?.trace ?? ""}, ` : "";
  const { accounting } = rows[0] ?? { accounting: "uniform" };
  const estimates = summaries[0]?.estimates === "current" ? `, ${clairvoyantCosts}` : "";
  const head = `${title}simulated, ${accounting} accounting${estimates}`;
  return `${head}\n\n${renderRecords(lines, columns, format)}`;
}

function summaryLine({ trace, system, budget, params, outcome }: CellSummary): CellRecord {
  const { rows, exclusion, failure, budgetBytes, budgetBound } = outcome;
  const last = rows.at(-1);
  const isWhole = exclusion === undefined && failure === undefined;
  let peakBytes = 0;
  let mostBytes = 0;
  let computed = 0;
  let loaded = 0;
  for (const row of rows) {
    peakBytes = Math.max(peakBytes, row.peakBytes);
    mostBytes = Math.max(mostBytes, row.storedBytes);
    computed += row.computed;
    loaded += row.loaded;
  }
  const has = last !== undefined;
  return {
    trace,
    system: system.id,
    ...(params === undefined ? {} : { params }),
    budget: budgetText(budget, budgetBytes),
    bound: budgetBytes === null || !has ? "" : budgetBound ? "yes" : "no",
    iterations: rows.length,
    total: has && isWhole ? formatUs(last.cumulativeUs) : "-",
    "last iteration": has ? formatUs(last.runUs) : "-",
    stored: has ? formatBytes(last.storedBytes) : "-",
    "most stored": has ? formatBytes(mostBytes) : "-",
    "peak memory": has ? formatBytes(peakBytes) : "-",
    computed: has ? computed : null,
    loaded: has ? loaded : null,
    note: noteOf(outcome),
  };
}

function noteOf({ exclusion, failure, rows }: CellOutcome): string {
  if (failure !== undefined) return `failed: ${failure.message}`;
  if (exclusion === undefined) return "";
  const last = rows.at(-1);
  return last === undefined
    ? `excluded: ${exclusion.reason}`
    : `${exclusion.reason}; ${formatUs(last.cumulativeUs)} up to there`;
}

function budgetText(budget: BudgetSpec, bytes: number | null): string {
  if (bytes === null) return "none";
  return budget.kind === "share" ? `${budget.percent}% = ${formatBytes(bytes)}` : formatBytes(bytes);
}
