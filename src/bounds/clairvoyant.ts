/**
 * System `oracle`: the least any policy could have paid for a whole known sequence, or bounds of it.
 *
 * Small sequences: integer program (HiGHS), its answer rounded, checked and priced in integers. Beyond limits that are
 * counts, never time: certified Lagrangian lower bound and the best schedule found.
 */
import { InfeasiblePlanError, TooLargeError } from "../core/errors.ts";
import type { TraceIteration } from "../core/iteration.ts";
import { clairvoyantProgram, countColumns } from "./clairvoyant-program.ts";
import {
  allWanted,
  nothingWanted,
  playForward,
  type PricedSchedule,
  wantedByLoads,
  withBestPlans,
} from "./known-schedules.ts";
import { pricesOfDuals, raiseBound } from "./raise-bound.ts";
import { type PricedIteration, priceSchedule, type ScheduledIteration } from "./schedule.ts";
import { priceSequence, type PricedSequence, type SequenceOptions } from "./sequence.ts";

/** Limits by counts, so that answers are the same on every machine. */
export interface BoundLimits {
  /** Columns of the integer program; above, bounds only. Default 20,000. */
  readonly programColumns?: number;
  /** Nodes of branch and bound; when reached, bounds only. Default 20,000. */
  readonly branchNodes?: number;
  /** Simplex iterations over all linear programs of branch and bound; when reached, bounds only. Default 20,000. */
  readonly branchIterations?: number;
  /** Columns up to which prices start from the linear relaxation. Default 40,000. */
  readonly relaxationColumns?: number;
  /** Steps of the Lagrangian search, each one planning problem per version. Default 150. */
  readonly steps?: number;
  /** Nodes over all versions; above, the sequence is excluded. Default 2,000,000. */
  readonly nodes?: number;
}

/** What is known of the least cost of a sequence. */
export interface ClairvoyantOutcome {
  /** `optimal`: lowerBoundUs = costUs. `bounds`: the optimum lies between them. `excluded`: too large, only the reason is given. */
  readonly status: "optimal" | "bounds" | "excluded";
  /** Microseconds, an integer. Optimal ones rest on HiGHS's branch and bound (relative 1e-9), others are certified in integers. 0 when excluded. */
  readonly lowerBoundUs: number;
  /** Exact price of the best schedule. */
  readonly costUs?: number;
  readonly perIteration?: readonly PricedIteration[];
  /** Plans and stored sets of that schedule; indices as in `sequence`. */
  readonly schedule?: readonly ScheduledIteration[];
  /** Signatures stored after each iteration. */
  readonly stored?: readonly (readonly string[])[];
  readonly sequence?: PricedSequence;
  /** Why it is not optimal. */
  readonly reason?: string;
}

/**
 * The clairvoyant optimum of a sequence under a budget.
 *
 * Accounting as in the loop: Σ compute + load + write of all iterations; `uniform` never stores sources, charges writes;
 * the budget holds at every instant (loads, then evictions, then writes). Writes of an iteration can be loaded from the next
 * one on. A policy may compute what no output needs, in order to store it. Systems that run a version fused as a whole
 * (`none-fused`) are outside of it.
 *
 * @param budgetBytes null = no limit
 */
export async function clairvoyantOptimum(
  iterations: readonly TraceIteration[],
  budgetBytes: number | null,
  options: SequenceOptions & { readonly limits?: BoundLimits } = {},
): Promise<ClairvoyantOutcome> {
  const limit = options.limits?.nodes ?? 2_000_000;
  const nodes = iterations.reduce((sum, iteration) => sum + iteration.nodes.length, 0);
  if (nodes > limit)
    return {
      status: "excluded",
      lowerBoundUs: 0,
      reason: `${nodes} nodes over all iterations; the limit is ${limit}, take a prefix or windows`,
    };
  const sequence = priceSequence(iterations, options);
  return clairvoyantOfSequence(sequence, budgetBytes ?? Infinity, options.limits);
}

/** The same for a sequence that is priced already. @throws {TooLargeError} when costs leave the exact range */
export async function clairvoyantOfSequence(
  sequence: PricedSequence,
  budgetBytes: number,
  limits: BoundLimits = {},
): Promise<ClairvoyantOutcome> {
  let best = playForward(sequence, nothingWanted(sequence), budgetBytes);
  if (!Number.isFinite(best.price.costUs))
    throw new TooLargeError("oracle: the sequence costs 2^53 µs or more; scale the costs down");
  const consider = (candidate: PricedSchedule | undefined): void => {
    if (candidate !== undefined && candidate.price.costUs < best.price.costUs) best = candidate;
  };
  const greedy = playForward(sequence, allWanted(sequence), budgetBytes);
  consider(greedy);
  consider(playForward(sequence, wantedByLoads(sequence, greedy), budgetBytes));

  const columns = countColumns(sequence);
  let reason = `${columns} columns; the limit of the integer program is ${limits.programColumns ?? 20_000}`;
  if (columns <= (limits.programColumns ?? 20_000)) {
    const { program, scale, decode } = clairvoyantProgram(sequence, budgetBytes);
    const maxNodes = limits.branchNodes ?? 20_000;
    const maxIterations = limits.branchIterations ?? 20_000;
    const outcome = await program.solve({ maxNodes, maxIterations });
    if (outcome.status !== "failed" && Number.isFinite(outcome.objective)) {
      const { schedule, initial } = decode(outcome.values);
      consider(attempt(() => withBestPlans(sequence, schedule, budgetBytes, initial)));
      const { versions } = sequence;
      if (versions.some(({ segments }) => segments.length > 0))
        consider(
          attempt(() => ({ schedule, initial, price: priceSchedule(sequence, schedule, budgetBytes, initial) })),
        );
      const provenUs = outcome.dualBound * scale;
      if (outcome.status === "optimal" && best.price.costUs - provenUs < Math.max(0.5, 1e-9 * best.price.costUs))
        return outcomeOf(sequence, best, best.price.costUs, undefined);
    }
    reason =
      outcome.status === "limit"
        ? `branch and bound reached ${maxNodes} nodes or ${maxIterations} simplex iterations`
        : "the integer program's answer did not pass the check in integers";
  }
  const lowerBoundUs = await certifiedBoundUs(sequence, budgetBytes, limits, best, consider);
  return outcomeOf(sequence, best, lowerBoundUs, reason);
}

/** A rounded answer that breaks a rule is no answer. */
function attempt(make: () => PricedSchedule): PricedSchedule | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof InfeasiblePlanError) return undefined;
    throw error;
  }
}

/** Raises the Lagrangian bound; relaxed answers on the way become schedules. */
async function certifiedBoundUs(
  sequence: PricedSequence,
  budgetBytes: number,
  limits: BoundLimits,
  known: PricedSchedule,
  consider: (candidate: PricedSchedule) => void,
): Promise<number> {
  let targetUs = known.price.costUs;
  const start = await relaxedPrices(sequence, budgetBytes, limits);
  const { boundUs } = raiseBound(sequence, budgetBytes, {
    steps: limits.steps ?? 150,
    targetUs,
    ...(start === undefined ? {} : { start }),
    onStep({ keep }, step) {
      if (step % 10 !== 0) return undefined;
      const candidate = playForward(sequence, keep, budgetBytes);
      consider(candidate);
      targetUs = Math.min(targetUs, candidate.price.costUs);
      return targetUs;
    },
  });
  return Math.min(boundUs, targetUs);
}

/** Prices of the linear relaxation, where it is small enough. */
async function relaxedPrices(
  sequence: PricedSequence,
  budgetBytes: number,
  limits: BoundLimits,
): Promise<ReturnType<typeof pricesOfDuals> | undefined> {
  if (countColumns(sequence) > (limits.relaxationColumns ?? 40_000)) return undefined;
  const { program, scale, priceRows } = clairvoyantProgram(sequence, budgetBytes);
  const { status, rowDuals } = await program.solve({ relaxed: true });
  if (status !== "optimal" || rowDuals === undefined) return undefined;
  return pricesOfDuals(sequence, priceRows, rowDuals, scale, budgetBytes);
}

function outcomeOf(
  sequence: PricedSequence,
  { schedule, price }: PricedSchedule,
  lowerBoundUs: number,
  reason: string | undefined,
): ClairvoyantOutcome {
  return {
    status: lowerBoundUs === price.costUs ? "optimal" : "bounds",
    lowerBoundUs,
    costUs: price.costUs,
    perIteration: price.perIteration,
    schedule,
    stored: schedule.map(({ stored }) => stored.map((id) => sequence.results[id]!.signature)),
    sequence,
    ...(reason === undefined || lowerBoundUs === price.costUs ? {} : { reason }),
  };
}
