/** Marks of logarithmic axes. */

/** Powers of ten around numbers above 0, with 2 and 5 between where there would be few. */
export function logTicks(numbers: readonly number[]): number[] {
  const low = Math.floor(Math.log10(Math.min(...numbers)) + 1e-9);
  const high = Math.ceil(Math.log10(Math.max(...numbers)) - 1e-9);
  const steps = high - low > 2 ? [1] : [1, 2, 5];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i).flatMap((exponent) =>
    steps.map((step) => Number(`${step}e${exponent}`)),
  );
}

/** Vega expression for labels: numbers below 1,000 as they are, larger ones as `1k`, `1M`; nothing gets a prefix like `m`. */
export const tickLabel = "datum.value < 1000 ? format(datum.value, '~r') : format(datum.value, '~s')";
