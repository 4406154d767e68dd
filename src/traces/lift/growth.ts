/** Quantities that are proportional to rows, but for a constant: sizes in bytes. */

/** A value at a scale. */
export interface At {
  readonly scale: number;
  readonly value: number;
}

/** Growth per unit of scale on the line through two points; never negative. @throws {RangeError} unless scales differ */
export function slopeThrough(low: At, high: At): number {
  if (!(high.scale > low.scale))
    throw new RangeError(`growth: scales are ${low.scale} and ${high.scale}; expected two, ascending`);
  return Math.max(0, (high.value - low.value) / (high.scale - low.scale));
}

/** `recorded` at another scale, on a line with this slope. Rounded. */
export function grown(recorded: At, slope: number, scale: number): number {
  return Math.round(recorded.value + slope * (scale - recorded.scale));
}
