/** Units in which charts and tables show microseconds and bytes. */

/** A display unit: its symbol and how many of the exact unit it holds. */
export interface DisplayUnit {
  readonly symbol: string;
  readonly per: number;
}

const timeUnits: readonly DisplayUnit[] = [
  { symbol: "h", per: 3.6e9 },
  { symbol: "min", per: 6e7 },
  { symbol: "s", per: 1e6 },
  { symbol: "ms", per: 1e3 },
  { symbol: "µs", per: 1 },
];

const byteUnits: readonly DisplayUnit[] = [
  { symbol: "TB", per: 1e12 },
  { symbol: "GB", per: 1e9 },
  { symbol: "MB", per: 1e6 },
  { symbol: "KB", per: 1e3 },
  { symbol: "B", per: 1 },
];

function unitFor(units: readonly DisplayUnit[], value: number, atLeast: number): DisplayUnit {
  const last = units.at(-1) ?? { symbol: "", per: 1 };
  return units.find((unit) => value >= unit.per * atLeast) ?? last;
}

/** Unit for an axis whose largest value is `maxUs` microseconds: seconds up to ten minutes, minutes up to ten hours. */
export function timeUnitFor(maxUs: number): DisplayUnit {
  return unitFor(timeUnits, maxUs, maxUs >= 6e7 ? 10 : 1);
}

/** Unit for an axis whose largest value is `maxBytes`. */
export function byteUnitFor(maxBytes: number): DisplayUnit {
  return unitFor(byteUnits, maxBytes, 1);
}

function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "n/a";
  const text = value.toPrecision(digits);
  return Math.abs(value) >= 1000 || text.includes("e") ? `${Math.round(value)}` : `${Number(text)}`;
}

/** A duration for people, three significant digits: `1.23 s`. */
export function formatUs(us: number): string {
  const unit = unitFor(timeUnits.slice(1), Math.abs(us), 1);
  return `${significant(us / unit.per, 3)} ${unit.symbol}`;
}

/** A size for people, three significant digits: `9.1 MB`; null = no limit. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return "no limit";
  const unit = byteUnitFor(bytes);
  return `${significant(bytes / unit.per, 3)} ${unit.symbol}`;
}

/** A plain number for people, three significant digits. */
export function formatNumber(value: number): string {
  return significant(value, 3);
}

/** A share for people: `0.613` → `61.3 %`. */
export function formatShare(share: number): string {
  return `${significant(share * 100, 3)} %`;
}
