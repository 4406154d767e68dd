import { stringify } from "csv-stringify/sync";

/** A value in a cell; null and undefined print as nothing (as `null` in JSON). */
export type Cell = string | number | boolean | null | undefined;

/** One row by column name. */
export type CellRecord = Readonly<Record<string, Cell>>;

/**
 * Renders rows in one of the formats every command takes: `table`, `md`, `csv`, `ndjson`, or `json` (one array).
 * Numbers are right-aligned in tables. Ends with a line break; no rows give the head alone.
 *
 * @param columns names in order; other fields of the rows are left out
 */
export function renderRecords(rows: readonly CellRecord[], columns: readonly string[], format: unknown): string {
  const picked = (row: CellRecord): object => Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
  switch (format) {
    case "json":
      return `${JSON.stringify(rows.map(picked))}\n`;
    case "ndjson":
      return rows.map((row) => `${JSON.stringify(picked(row))}\n`).join("");
    case "csv":
      return stringify([columns, ...rows.map((row) => columns.map((name) => cellText(row[name])))]);
    default:
      return renderTable(rows, columns, format === "md");
  }
}

function cellText(value: Cell): string {
  return value === null || value === undefined ? "" : String(value);
}

function renderTable(rows: readonly CellRecord[], columns: readonly string[], markdown: boolean): string {
  const widths = columns.map((name) => Math.max(3, name.length, ...rows.map((row) => cellText(row[name]).length)));
  const right = columns.map((name) => rows.some((row) => typeof row[name] === "number"));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => (right[i] === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    return markdown ? `| ${padded.join(" | ")} |\n` : `${padded.join("  ").trimEnd()}\n`;
  };
  const rule = widths.map((width, i) =>
    markdown && right[i] === true ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  const escaped = (cell: string): string => (markdown ? cell.replaceAll("|", "\\|") : cell);
  return (
    line(columns) + line(rule) + rows.map((row) => line(columns.map((name) => escaped(cellText(row[name]))))).join("")
  );
}
