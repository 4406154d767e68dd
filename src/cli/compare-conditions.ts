import { UsageError } from "../core/errors.ts";
import type { ComparisonSummary } from "../harness/run-compare.ts";
import { formatNumber, formatShare } from "../report/charts/units.ts";

const measures = ["slower", "worst", "losses", "stored"] as const;

/** One condition of `--fail-on`. */
export interface FailCondition {
  readonly measure: (typeof measures)[number];
  /** A share of 1, or a count for `losses`. */
  readonly above: number;
}

/** What conditions look at. */
export interface Judged extends ComparisonSummary {
  readonly a: string;
  readonly b: string;
  readonly workloads: readonly {
    readonly trace: string;
    /** Where several policies run the trace: which. */
    readonly policy?: string;
    readonly budget: string;
    readonly ratio: number;
    readonly aBytes: number;
    readonly bBytes: number;
  }[];
}

/** Reads `slower>2%,worst>10%,losses>0,stored>20%`. @throws {UsageError} */
export function conditionsOf(text: string | undefined): readonly FailCondition[] {
  if (text === undefined) return [];
  return text.split(",").map((part): FailCondition => {
    const [, name = "", number = "", percent = ""] = /^(\w+)>(\d+(?:\.\d+)?)(%?)$/u.exec(part.trim()) ?? [];
    const measure = measures.find((one) => one === name);
    if (measure === undefined || (measure === "losses") === (percent === "%"))
      throw new UsageError(
        `--fail-on "${part}": expected slower>N%, worst>N%, losses>N or stored>N%, for example slower>2%`,
      );
    return { measure, above: measure === "losses" ? Number(number) : Number(number) / 100 };
  });
}

/** What each condition that is not met says; none if all are. */
export function failuresOf(conditions: readonly FailCondition[], outcome: Judged): readonly string[] {
  const { a, b, workloads, losses } = outcome;
  return conditions.flatMap(({ measure, above }) => {
    if (measure === "losses")
      return losses > above ? [`${a} loses on ${losses} workloads; at most ${above} allowed`] : [];
    if (measure === "slower") {
      const mean =
        "value" in outcome.ratio
          ? outcome.ratio.value.estimate
          : Math.exp(workloads.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / workloads.length);
      return mean - 1 > above ? [`${a} is ${formatShare(mean - 1)} slower than ${b} in the geometric mean`] : [];
    }
    if (measure === "worst")
      return workloads
        .filter(({ ratio }) => ratio - 1 > above)
        .map(
          ({ trace, policy, budget, ratio }) =>
            `${a} is ${formatNumber(ratio)} times ${b} on ${trace}${policy === undefined ? "" : `, ${policy}`}, budget ${budget}`,
        );
    const [mine, theirs] = [
      workloads.reduce((sum, { aBytes }) => sum + aBytes, 0),
      workloads.reduce((sum, { bBytes }) => sum + bBytes, 0),
    ];
    return mine > theirs * (1 + above) ? [`${a} stores ${mine} bytes over all workloads, ${b} ${theirs}`] : [];
  });
}
