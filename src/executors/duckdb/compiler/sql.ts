/** Text fragments of DuckDB SQL; the only place that quotes. */

/** An identifier, quoted: `"id"` (a string in double quotes is an identifier here, never a literal). */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal; backslashes are kept as they are, quotes doubled. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A DOUBLE literal that reads back as the same bits: the shortest decimal in exponent form (a plain `0.1` is a DECIMAL). */
export function double(value: number): string {
  if (!Number.isFinite(value)) return `CAST('${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}' AS DOUBLE)`;
  const exponential = value.toExponential();
  return value < 0 || Object.is(value, -0) ? `(${Object.is(value, -0) ? "-0e0" : exponential})` : exponential;
}

/** A list literal of doubles. */
export function doubles(values: Iterable<number>): string {
  return `[${Array.from(values, double).join(", ")}]`;
}

/** A constant of any plain type. */
export function constant(value: string | number): string {
  if (typeof value === "string") return text(value);
  return Number.isSafeInteger(value) ? String(value) : double(value);
}

/** The enumeration type that holds the column `split`; one byte a row. */
export function splitType(splits: readonly string[]): string {
  return `ENUM(${splits.map(text).join(", ")})`;
}

/** Smallest unsigned type that holds codes 0 … levels−1. */
export function codeType(levels: number): string {
  if (levels <= 0x100) return "UTINYINT";
  return levels <= 0x1_0000 ? "USMALLINT" : "UINTEGER";
}

/** Bytes a value takes in an engine vector; text counts its 16-byte head and a guess for long values. */
export function widthBytes(sqlType: string): number {
  const widths: Readonly<Record<string, number>> = {
    BOOLEAN: 1,
    UTINYINT: 1,
    USMALLINT: 2,
    UINTEGER: 4,
    INTEGER: 4,
    BIGINT: 8,
    DOUBLE: 8,
    VARCHAR: 20,
  };
  if (sqlType.startsWith("ENUM")) return 1;
  return widths[sqlType] ?? 16;
}
