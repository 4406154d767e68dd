/** Plain tables for terminals and Markdown. */

/** A table with aligned columns and a rule under the header; cells are cut at line breaks. */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => cell.replace(/[\r\n]+/gu, " ")));
  const widths = header.map((name, i) => Math.max(name.length, ...clean.map((row) => (row[i] ?? "").length)));
  const numeric = header.map(
    (_, i) => clean.length > 0 && clean.every((row) => /^[−-]?[\d.,]+(?: \S{1,3})?$|^[–-]?$/u.test(row[i] ?? "")),
  );
  const line = (cells: readonly string[]): string =>
    `${cells
      .map((cell, i) => (numeric[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd()}\n`;
  return line(header) + line(widths.map((width) => "─".repeat(width))) + clean.map(line).join("");
}

/** A Markdown table; pipes and line breaks in cells are escaped. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .map((cell) =>
        cell
          .replace(/\\/gu, "\\\\")
          .replace(/\|/gu, "\\|")
          .replace(/[\r\n]+/gu, " "),
      )
      .join(" | ")} |\n`;
  return line(header) + line(header.map(() => "---")) + rows.map(line).join("");
}
