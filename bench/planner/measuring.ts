/** Rows, quantiles and times of the tables of results/planner-lab. */
import { exact } from "../../src/algorithms/reuse/exact.ts";
import { linearPass } from "../../src/algorithms/reuse/linear-pass.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { ReusePlan, ReuseProblem } from "../../src/core/plan.ts";
import type { FamilyKnobs } from "../../src/workloads/synthetic/families.ts";

/** One line of a table, by column. */
export type Row = Record<string, string | number>;

/** Knobs of the tables with graphs of one size. */
export const mixed: FamilyKnobs = { storedShare: 0.6, loadScale: Math.E };

/** The quantile p of the numbers, without interpolation; NaN of none. */
export function quantile(numbers: readonly number[], p: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

/** Their sum. */
export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** How long it takes, in microseconds. */
export function timeUs(act: () => ReusePlan): number {
  const startUs = systemClock.nowUs();
  act();
  return systemClock.nowUs() - startUs;
}

/** Least of five alternating runs of both planners, in microseconds. */
export function alternate(problem: ReuseProblem): { exactUs: number; linearUs: number } {
  let exactUs = Number.POSITIVE_INFINITY;
  let linearUs = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    linearUs = Math.min(
      linearUs,
      timeUs(() => linearPass.plan(problem, {})),
    );
    exactUs = Math.min(
      exactUs,
      timeUs(() => exact.plan(problem, {})),
    );
  }
  return { exactUs, linearUs };
}
