/** Text fragments every engine reads alike; what differs is in a {@link Dialect}. */

/** An identifier, quoted: `"id"` (engines are set up so that double quotes hold identifiers, never literals). */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A DOUBLE literal that reads back as the same bits: the shortest decimal in exponent form (a plain `0.1` is a DECIMAL). */
export function double(value: number): string {
  if (!Number.isFinite(value)) return `CAST('${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}' AS DOUBLE)`;
  const exponential = value.toExponential();
  return value < 0 || Object.is(value, -0) ? `(${Object.is(value, -0) ? "-0e0" : exponential})` : exponential;
}
