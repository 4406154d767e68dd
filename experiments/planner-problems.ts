/** What the planner experiments share: families, interleaved timing, summaries. */
import { reusePlanners } from "../src/algorithms/reuse/index.ts";
import { systemClock } from "../src/core/clock.ts";
import type { ReusePlanner } from "../src/core/plug-in.ts";
import type { ReuseProblem } from "../src/core/problem.ts";

/** Executor of rows that time our own code on this machine. */
export const host = "host";

/** A planner of the registry by id; ids come from the grids of these experiments. */
export function plannerOf(id: string): ReusePlanner {
  return reusePlanners[id as keyof typeof reusePlanners];
}

/** Times by planner id, one per round, in microseconds. */
export type RoundTimes = ReadonlyMap<string, readonly number[]>;

/**
 * Times planners on one problem in turn, A B A B …, after `warmups` rounds that do not count.
 *
 * @throws {Error} when two exact planners disagree: answers are compared before times are
 */
export function interleaved(
  problem: ReuseProblem,
  ids: readonly string[],
  rounds: number,
  warmups: number,
): RoundTimes {
  const planners = ids.map(plannerOf);
  const exact = planners.filter((planner) => planner.exact === true).map((planner) => planner.plan(problem, {}).costUs);
  if (new Set(exact).size > 1) throw new Error(`exact planners disagree: ${exact.join(", ")}`);
  const times = new Map(ids.map((id): [string, number[]] => [id, []]));
  for (let round = -warmups; round < rounds; round++)
    for (const planner of planners) {
      const startUs = systemClock.nowUs();
      planner.plan(problem, {});
      const us = systemClock.nowUs() - startUs;
      if (round >= 0) times.get(planner.id)?.push(us);
    }
  return times;
}

/** Value at a share of the sorted numbers, 0 … 1; NaN of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Sum. */
export function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0);
}
