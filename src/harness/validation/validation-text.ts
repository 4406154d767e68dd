/** A validation for people: what was run, one line per split and model, targets, gap buckets. */
import { formatNumber, formatShare } from "../../report/charts/units.ts";
import type { ErrorSummary, SplitAnalysis } from "./analysis.ts";
import type { EngineFacts, SplitResult, Validation } from "./run-validation.ts";
import { splitTitles } from "./splits.ts";

/** Repetitions below which no target is judged. */
export const enoughRepetitions = 9;

/** What the error may be at most, and the order right at least. */
const targets = { inSample: 0.1, heldOut: 0.2, order: 0.95, regret: 0.02 } as const;

/** Least pairs with a predicted gap of 5 to 20 % that say something. */
const enoughPairs = 10;

/** A table: title, header, rows of text. */
export interface TextTable {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A target and whether it was reached. */
export interface TargetLine {
  readonly executor: string;
  readonly split: string;
  readonly model: string;
  readonly target: string;
  readonly got: number | null;
  readonly verdict: "reached" | "missed" | "not enough samples" | "not testable";
}

/** Errors of every split and model, beside the noise floor and the null model. */
export function errorTable({ results }: Validation): TextTable {
  const header = ["engine", "split", "model", "of", "cells", "bias", "median error", "95 %", "noise", "null model"];
  const rows = results.flatMap(({ executor, split, model, analysis }) =>
    (["iteration", "cumulative"] as const).map((of) => [
      executor,
      split,
      model,
      of,
      String(analysis.cells),
      signed(analysis[of].bias),
      formatShare(analysis[of].medianAbs),
      formatShare(analysis[of].p95Abs),
      floorText(analysis.noise?.[of]),
      floorText(analysis.nullModel?.[of]),
    ]),
  );
  return { title: "Errors: (predicted − real) ÷ real; noise and null model as median / 95 %", header, rows };
}

/** Where the error of sums lies: in statements, loads or writes. */
export function partTable({ results }: Validation): TextTable {
  const header = ["engine", "split", "model", "part", "predicted", "real", "predicted ÷ real"];
  const rows = results.flatMap(({ executor, split, model, analysis }) =>
    (analysis.parts ?? []).map(({ part, predictedUs, realUs }) => [
      executor,
      split,
      model,
      part,
      `${formatNumber(predictedUs / 1e6)} s`,
      `${formatNumber(realUs / 1e6)} s`,
      realUs > 0 ? formatNumber(predictedUs / realUs) : "–",
    ]),
  );
  return { title: "Parts of the run time, summed over all cells", header, rows };
}

/** Decisions, order of pairs and regret. */
export function decisionTable({ results }: Validation): TextTable {
  const header = ["engine", "split", "model", "same decisions", "real runs among themselves"];
  const more = [
    "right beyond noise",
    "noise floor",
    "regret, median",
    "regret, largest",
    "regret against the others' choice",
  ];
  const rows = results.map(({ executor, split, model, analysis }) => {
    const { beyondNoise, regret } = analysis;
    return [
      executor,
      split,
      model,
      formatShare(analysis.decisionAgreement),
      share(analysis.realAgreement),
      beyondNoise === undefined ? "–" : `${beyondNoise.right} of ${beyondNoise.pairs}`,
      share(beyondNoise?.floor),
      share(regret?.median),
      share(regret?.max),
      share(regret?.againstOthersChoice),
    ];
  });
  return { title: "Decisions and order", header: [...header, ...more], rows };
}

/** Pairs in the predicted order, by predicted gap. */
export function bucketTable({ results }: Validation): TextTable {
  const [first] = results;
  const buckets = first?.analysis.buckets ?? [];
  const header = ["engine", "split", "model", ...buckets.map(({ from, to }) => bucketText(from, to))];
  const rows = results.map(({ executor, split, model, analysis }) => [
    executor,
    split,
    model,
    ...analysis.buckets.map(({ pairs, right }) => `${right} of ${pairs}`),
  ]);
  return { title: "Pairs of cells in the predicted order, by predicted gap", header, rows };
}

/** What was run. */
export function engineTable({ engines }: Validation): TextTable {
  const header = ["engine", "data", "rows", "iterations", "cells", "fixed cost", "naive sequence", "first uses"];
  const rows = engines.map((one) => [
    one.engine,
    one.dataset,
    String(one.rows),
    String(one.iterations),
    String(one.cells),
    share(one.fixedShare),
    one.naiveSeconds === undefined ? "–" : `${formatNumber(one.naiveSeconds)} s`,
    `${formatNumber(one.firstUseUs / 1e6)} s`,
  ]);
  return { title: "What was run", header, rows };
}

/** Targets, judged only with enough repetitions. */
export function targetLines(validation: Validation): readonly TargetLine[] {
  return validation.results.flatMap(({ executor, split, model, analysis }) => {
    const line = (target: string, got: number | undefined, isReached: (got: number) => boolean): TargetLine => ({
      executor,
      split,
      model,
      target,
      got: got ?? null,
      verdict: verdictOf(analysis, got, isReached),
    });
    const limit = split === "in-sample" ? targets.inSample : targets.heldOut;
    const { beyondNoise, regret } = analysis;
    const order =
      beyondNoise === undefined || beyondNoise.pairs === 0 ? undefined : beyondNoise.right / beyondNoise.pairs;
    return [
      line(`median cumulative error ≤ ${formatShare(limit)}`, analysis.cumulative.medianAbs, (got) => got <= limit),
      line(`order right beyond noise ≥ ${formatShare(targets.order)}`, order, (got) => got >= targets.order),
      line(`median regret ≤ ${formatShare(targets.regret)}`, regret?.median, (got) => got <= targets.regret),
    ];
  });
}

function verdictOf(
  { repetitions }: SplitAnalysis,
  got: number | undefined,
  isReached: (got: number) => boolean,
): TargetLine["verdict"] {
  if (repetitions < enoughRepetitions) return "not enough samples";
  if (got === undefined) return "not testable";
  return isReached(got) ? "reached" : "missed";
}

/** Targets as a table. */
export function targetTable(validation: Validation): TextTable {
  return {
    title: "Targets",
    header: ["engine", "split", "model", "target", "got", "verdict"],
    rows: targetLines(validation).map(({ executor, split, model, target, got, verdict }) => [
      executor,
      split,
      model,
      target,
      got === null ? "–" : formatShare(got),
      verdict,
    ]),
  };
}

/** Labels and warnings under the tables. */
export function remarks({ engines, results }: Validation): readonly string[] {
  const repetitions = Math.min(...results.map(({ analysis }) => analysis.repetitions));
  const few = results.filter(({ analysis }) => (middlePairs(analysis) ?? 0) < enoughPairs);
  const used = [...new Set(results.map(({ split }) => split))];
  return [
    ...(repetitions < enoughRepetitions
      ? [`not enough samples: ${repetitions} repetitions, ${enoughRepetitions} are needed; nothing is judged`]
      : []),
    ...used.map((split) => `${split}: ${splitTitles[split]}`),
    "model replay: as `reuselab simulate` replays a trace; model statements: the same loop, statements cut and costs known as on the engine",
    "null model: an iteration takes the mean of the other settings' real iterations",
    ...noisy(results),
    ...few.map(
      ({ executor, split, model, analysis }) =>
        `${executor}, ${split}, ${model}: ${middlePairs(analysis) ?? 0} pairs with a predicted gap of 5 to 20 %, ${enoughPairs} are wanted`,
    ),
    ...engines.flatMap(lateRemarks),
  ];
}

/** Engines whose real runs differ from each other by more than predictions may. */
function noisy(results: readonly SplitResult[]): readonly string[] {
  const floors = new Map<string, number>();
  for (const { executor, analysis } of results) {
    const floor = analysis.noise?.cumulative.medianAbs ?? 0;
    if (floor > targets.inSample) floors.set(executor, Math.max(floor, floors.get(executor) ?? 0));
  }
  return [...floors].map(
    ([executor, floor]) =>
      `${executor}: real runs differ from each other by ${formatShare(floor)} (median), more than a prediction may: the machine was busy; repeat on a quiet one`,
  );
}

function lateRemarks({ executor, fixedShare, excluded }: EngineFacts): readonly string[] {
  return [
    ...(fixedShare !== undefined && fixedShare > 0.05
      ? [
          `${executor}: fixed cost is ${formatShare(fixedShare)} of the first version, more than 5 %: this scale measures constants of the engine too`,
        ]
      : []),
    ...excluded.map((reason) => `left out: ${reason}`),
  ];
}

function middlePairs({ buckets }: SplitAnalysis): number | undefined {
  return buckets.find(({ from, to }) => from === 0.05 && to === 0.2)?.pairs;
}

/** One line per cell, for `errors.csv`; microseconds. */
export function cellRecords({ results }: Validation): readonly Readonly<Record<string, string | number>>[] {
  return results.flatMap(({ executor, split, model, cells }: SplitResult) =>
    cells.flatMap(({ cell, predicted, real }) =>
      predicted.runUs.map((predictedUs, iteration) => ({
        executor,
        split,
        model,
        profile: cell.profile,
        setting: cell.setting,
        budget: cell.budget,
        iteration,
        predictedUs,
        ...Object.fromEntries(real.map(({ runUs }, i) => [`realUs${i + 1}`, runUs[iteration] ?? 0])),
      })),
    ),
  );
}

function floorText(summary: ErrorSummary | undefined): string {
  return summary === undefined ? "–" : `${formatShare(summary.medianAbs)} / ${formatShare(summary.p95Abs)}`;
}

function share(value: number | undefined): string {
  return value === undefined ? "–" : formatShare(value);
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${formatShare(Math.abs(value))}`;
}

function bucketText(from: number, to: number): string {
  return Number.isFinite(to) ? `${100 * from} to ${100 * to} %` : `above ${100 * from} %`;
}
