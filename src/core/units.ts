import { UsageError } from "./errors.ts";

/** Largest cost or size accepted anywhere: doubles are exact integers up to here. */
export const maxExact = Number.MAX_SAFE_INTEGER;

/** True for a non-negative integer below 2^53: the only costs (µs) and sizes (bytes) that enter the harness. */
export function isExact(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Adds two costs or sizes; saturates at Infinity once the exact range is left. */
export function addExact(a: number, b: number): number {
  const sum = a + b;
  return sum > maxExact ? Number.POSITIVE_INFINITY : sum;
}

const byteUnits = new Map<string, number>([
  ["B", 1],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
  ["KiB", 1024],
  ["MiB", 1024 * 1024],
  ["GiB", 1024 * 1024 * 1024],
  ["TiB", 1024 * 1024 * 1024 * 1024],
]);

const timeUnits = new Map<string, number>([
  ["us", 1],
  ["ms", 1e3],
  ["s", 1e6],
  ["min", 6e7],
  ["h", 3.6e9],
]);

function parseWithUnit(text: string, what: string, units: ReadonlyMap<string, number>): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/u.exec(text.trim());
  const factor = match === null ? undefined : units.get(match[2] ?? "");
  const value = match === null || factor === undefined ? Number.NaN : Math.round(Number(match[1]) * factor);
  if (value > maxExact)
    throw new UsageError(`${what} "${text}": is 2^53 ${[...units.keys()][0]} or more; expected less`);
  if (!isExact(value))
    throw new UsageError(
      `${what} "${text}": expected a number with a unit (${[...units.keys()].join(", ")}), for example 10${[...units.keys()][2]}`,
    );
  return value;
}

/** Parses a size such as `1GiB` or `500 MB` into bytes; a bare number is refused. @throws {UsageError} */
export function parseBytes(text: string): number {
  return parseWithUnit(text, "size", byteUnits);
}

/** Parses a duration such as `30s` into microseconds; a bare number is refused. @throws {UsageError} */
export function parseDurationUs(text: string): number {
  return parseWithUnit(text, "duration", timeUnits);
}

/** A storage budget as asked for: bytes, a share of a trace's distinct intermediate bytes, or no limit. */
export type BudgetSpec =
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "share"; readonly percent: number }
  | { readonly kind: "none" };

/** Parses `1GiB`, `50%` or `none`. @throws {UsageError} on anything else, bare numbers included. */
export function parseBudget(text: string): BudgetSpec {
  const trimmed = text.trim();
  if (trimmed === "none") return { kind: "none" };
  const share = /^(\d+(?:\.\d+)?)\s*%$/u.exec(trimmed);
  if (share !== null) return { kind: "share", percent: Number(share[1]) };
  return { kind: "bytes", bytes: parseBytes(trimmed) };
}

/** Bytes of a budget on a trace; `null` = no limit. A share is rounded down to whole bytes. */
export function budgetBytesOf(spec: BudgetSpec, intermediateBytes: number): number | null {
  if (spec.kind === "none") return null;
  return spec.kind === "bytes" ? spec.bytes : Math.floor((intermediateBytes * spec.percent) / 100);
}
