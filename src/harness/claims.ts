/**
 * Claims: what a paper says, as code, with a tolerance that stands before the run. Each becomes expected / got / ceiling /
 * attained / verdict; a claim that fails is reported, not hidden (DESIGN §9).
 */
import type { CellView, Grid, ResultView } from "./experiment.ts";
import type { Scalar } from "./cells.ts";
import { formatNumber, formatShare } from "../report/charts/units.ts";

/** How a claim came out. */
export const verdicts = ["reproduced", "same shape", "not", "not testable"] as const;
export type Verdict = (typeof verdicts)[number];

/** What the numbers of a claim are. */
export type ClaimUnit = "x" | "share";

/** A judged claim: one line of the table `paper says / we got / ceiling / verdict`. */
export interface ClaimResult {
  readonly experiment: string;
  readonly id: string;
  /** The paper's sentence. */
  readonly claim: string;
  readonly source: string;
  readonly expected: number | string;
  /** null when nothing could be measured. */
  readonly got: number | string | null;
  /** What numbers of this claim are: `x` = a ratio, `share` = a share of 1. */
  readonly unit?: ClaimUnit;
  /** 5–95 % band where `got` is a median over sequences. */
  readonly band?: readonly [number, number];
  /** Largest value any policy could reach here. */
  readonly ceiling?: number;
  /** Share of the attainable saving: (none − ours) ÷ (none − optimum). */
  readonly attained?: number;
  readonly tolerance: string;
  readonly verdict: Verdict;
  readonly note?: string;
}

/** What a claim's own code answers. */
export type ClaimOutcome = Omit<ClaimResult, "experiment" | "id" | "claim" | "source" | "expected" | "tolerance">;

/** A claim; made by {@link ratioClaim}, {@link savingClaim} or {@link shapeClaim}. */
export interface Claim<G extends Grid = Grid, R extends object = object> {
  readonly id: string;
  readonly claim: string;
  /** Paper, figure. */
  readonly source: string;
  readonly expected: number | string;
  readonly tolerance: string;
  /** @throws {MissingRowsError} when the cells it needs are not there */
  judge(view: ResultView<G, R>): ClaimOutcome;
}

/** The cells a claim needs failed, were filtered out or excluded; the claim is then not testable. */
export class MissingRowsError extends Error {
  override get name(): string {
    return "MissingRowsError";
  }
}

/** Totals over a common prefix of one sequence (or of each of many), in microseconds. */
export interface Totals {
  readonly oursUs: number;
  /** The system compared with. */
  readonly noneUs: number;
  /** Least total of any policy, or a proven lower bound of it. */
  readonly optimumUs: number;
}

/** What a comparison of two systems is made of. */
export interface Comparison {
  /** One per sequence; a verdict over many is on their median. At least one. */
  readonly totals: readonly Totals[];
  /** What `optimumUs` is: `clairvoyant optimum`, `lower bound`, … */
  readonly optimumIs: string;
  /** Who and what, for the note: systems, iterations, budget, trace. */
  readonly says: string;
}

interface ComparisonClaim<G extends Grid, R extends object> {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  compare(view: ResultView<G, R>): Comparison;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

function attainedOf(totals: readonly Totals[]): number | undefined {
  const shares = totals
    .filter(({ noneUs, optimumUs }) => noneUs > optimumUs)
    .map(({ noneUs, oursUs, optimumUs }) => (noneUs - oursUs) / (noneUs - optimumUs));
  return shares.length === 0 ? undefined : median(shares);
}

function outcomeOf(
  comparison: Comparison,
  unit: ClaimUnit,
  valueOf: (oursUs: number, noneUs: number) => number,
  judge: (got: number, ceiling: number) => Verdict,
  explain: (got: number, ceiling: number, verdict: Verdict) => string,
): ClaimOutcome {
  const { totals, optimumIs, says } = comparison;
  if (totals.length === 0) throw new MissingRowsError(`no totals: ${says}`);
  const values = totals.map(({ oursUs, noneUs }) => valueOf(oursUs, noneUs));
  const got = median(values);
  const ceiling = median(totals.map(({ optimumUs, noneUs }) => valueOf(optimumUs, noneUs)));
  const attained = attainedOf(totals);
  const verdict = judge(got, ceiling);
  return {
    got,
    unit,
    ...(totals.length > 1 ? { band: [quantile(values, 0.05), quantile(values, 0.95)] as const } : {}),
    ceiling,
    ...(attained === undefined ? {} : { attained }),
    verdict,
    note: [says, `ceiling from the ${optimumIs}`, explain(got, ceiling, verdict)]
      .filter((part) => part !== "")
      .join("; "),
  };
}

/**
 * "N times faster": got = none ÷ ours, reproduced within ×/÷ `times` of the expected ratio, same shape when above
 * `sameShapeAbove`; not testable when the paper's number exceeds what any policy could reach here.
 */
export function ratioClaim<G extends Grid, R extends object>(
  definition: ComparisonClaim<G, R> & {
    readonly expected: number;
    readonly times: number;
    readonly sameShapeAbove: number;
  },
): Claim<G, R> {
  const { id, claim, source, expected, times, sameShapeAbove } = definition;
  const judge = (got: number, ceiling: number): Verdict => {
    if (expected > ceiling) return "not testable";
    if (got >= expected / times && got <= expected * times) return "reproduced";
    return got > sameShapeAbove ? "same shape" : "not";
  };
  const explain = (got: number, ceiling: number, verdict: Verdict): string =>
    verdict === "not testable"
      ? `no policy reaches ${formatNumber(expected)}x here: ${formatNumber(expected)} = ${formatNumber(got)} (reuse, ours) × ` +
        `${formatNumber(expected / got)} (would have to be an engine constant; at least ${formatNumber(expected / ceiling)} even with the best policy)`
      : "";
  return {
    id,
    claim,
    source,
    expected,
    tolerance: `x/÷ ${times}; same shape above ${sameShapeAbove}`,
    judge: (view) => outcomeOf(definition.compare(view), "x", (ours, none) => none / ours, judge, explain),
  };
}

/**
 * "P lower": got = 1 − ours ÷ none, reproduced within ± `points` (a share) of the expected saving, same shape when above
 * `sameShapeAbove`; not testable when the paper's number exceeds what any policy could reach here.
 */
export function savingClaim<G extends Grid, R extends object>(
  definition: ComparisonClaim<G, R> & {
    readonly expected: number;
    readonly points: number;
    readonly sameShapeAbove: number;
  },
): Claim<G, R> {
  const { id, claim, source, expected, points, sameShapeAbove } = definition;
  const judge = (got: number, ceiling: number): Verdict => {
    if (expected > ceiling) return "not testable";
    if (Math.abs(got - expected) <= points) return "reproduced";
    return got > sameShapeAbove ? "same shape" : "not";
  };
  const explain = (got: number, ceiling: number, verdict: Verdict): string =>
    verdict === "not testable"
      ? `no policy saves ${formatShare(expected)} here: as a ratio ${formatNumber(1 / (1 - expected))} = ${formatNumber(1 / (1 - got))} (reuse, ours) × ` +
        `${formatNumber((1 - got) / (1 - expected))} (would have to be an engine constant; at least ${formatNumber((1 - ceiling) / (1 - expected))} even with the best policy)`
      : "";
  return {
    id,
    claim,
    source,
    expected,
    tolerance: `± ${formatShare(points)}; same shape above ${formatShare(sameShapeAbove)}`,
    judge: (view) => outcomeOf(definition.compare(view), "share", (ours, none) => 1 - ours / none, judge, explain),
  };
}

/** A statement about order or shape: conditions for *reproduced* and for *same shape*, both named before the run. */
export function shapeClaim<G extends Grid, R extends object>(definition: {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly expected: string;
  readonly tolerance: string;
  /** `got` in the form of `expected`. */
  measure(view: ResultView<G, R>): {
    readonly got: string;
    readonly reproduced: boolean;
    readonly sameShape: boolean;
    readonly note?: string;
  };
}): Claim<G, R> {
  const { id, claim, source, expected, tolerance } = definition;
  return {
    id,
    claim,
    source,
    expected,
    tolerance,
    judge(view) {
      const { got, reproduced, sameShape, note } = definition.measure(view);
      const verdict: Verdict = reproduced ? "reproduced" : sameShape ? "same shape" : "not";
      return { got, verdict, ...(note === undefined ? {} : { note }) };
    },
  };
}

/** Judges every claim of an experiment, in order; one whose cells are missing is `not testable` and says which. */
export function judgeClaims<G extends Grid, R extends object>(
  experiment: string,
  claims: readonly Claim<G, R>[],
  view: ResultView<G, R>,
): readonly ClaimResult[] {
  return claims.map((claim) => {
    const { id, claim: sentence, source, expected, tolerance } = claim;
    const outcome = judgeOne(claim, view);
    return { experiment, id, claim: sentence, source, expected, tolerance, ...outcome };
  });
}

function judgeOne<G extends Grid, R extends object>(claim: Claim<G, R>, view: ResultView<G, R>): ClaimOutcome {
  try {
    return claim.judge(view);
  } catch (error) {
    if (!(error instanceof MissingRowsError)) throw error;
    return { got: null, verdict: "not testable", note: error.message };
  }
}

/** The one cell at a (partial) point. @throws {MissingRowsError} when it is not there */
export function cellAt<G extends Grid, R extends object>(
  view: ResultView<G, R>,
  at: Readonly<Record<string, Scalar>>,
): CellView<G, R> {
  const found = view.cells.find((cell) => Object.entries(at).every(([name, value]) => cell.point[name] === value));
  if (found === undefined) throw new MissingRowsError(`no cell for ${describePoint(at)}`);
  return found;
}

/** `system helix, budget 10GB`. */
export function describePoint(point: Readonly<Record<string, Scalar>>): string {
  return Object.entries(point)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

/** Claims that were `reproduced` before and no longer are; a claim that is gone counts. */
export function lostClaims(before: readonly ClaimResult[], now: readonly ClaimResult[]): readonly ClaimResult[] {
  return before.filter(
    (old) => old.verdict === "reproduced" && now.find((claim) => claim.id === old.id)?.verdict !== "reproduced",
  );
}
