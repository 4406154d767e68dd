/**
 * Real runs beside the Kaggle figures: repetitions of every line in turns, medians with their intervals, in charts and tables of
 * their own. They decide no claim: verdicts are on the lifted trace, at the scale it says.
 */
import type { ResultTable } from "../src/harness/experiment.ts";
import { summariseTimes } from "../src/harness/timing.ts";
import type { LinePoint } from "../src/report/charts/lines.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import {
  accountingNote,
  budgetLabel,
  budgetOf,
  type KaggleCell,
  type KaggleRow,
  type KaggleView,
  measured,
} from "./collab-kaggle.ts";

/** Times that every line is run, in turns. */
export const repetitions: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** All repetitions of one line. */
interface MeasuredLine {
  readonly label: string;
  readonly line: string;
  readonly cells: readonly KaggleCell[];
}

/** Real runs by line; `labelOf` tells apart what the figure shows apart. */
function linesOf(view: KaggleView, labelOf: (cell: KaggleCell) => string): readonly MeasuredLine[] {
  const lines = new Map<string, KaggleCell[]>();
  for (const cell of view.cells) {
    if (cell.point["on"] !== measured || cell.rows.length === 0) continue;
    const label = labelOf(cell);
    const own = lines.get(label);
    if (own === undefined) lines.set(label, [cell]);
    else own.push(cell);
  }
  return [...lines].map(([label, cells]) => ({ label, line: String(cells[0]!.point["line"]), cells }));
}

const middle = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
};

/** Where the numbers are from, for captions. */
export function measuredConditions(view: KaggleView): readonly string[] {
  const cells = view.cells.filter(({ point, rows }) => point["on"] === measured && rows.length > 0);
  const runs = Math.max(0, ...cells.map(({ point }) => Number(point["repetition"] ?? 1)));
  const repeated = runs === 1 ? "one repetition" : `medians of ${runs} repetitions in turns`;
  return [
    String(cells[0]?.facts["why"] ?? ""),
    `${repeated}${runs < repetitions.length ? " (not enough samples for an interval)" : ""}`,
    `${accountingNote("uniform")}; the budget is the published share of all bytes`,
  ];
}

/** Medians over repetitions of a value of each row, in seconds, by line. */
export function measuredPoints(
  view: KaggleView,
  labelOf: (cell: KaggleCell) => string,
  shown: { readonly x: (row: KaggleRow) => string; readonly us: (row: KaggleRow) => number },
): readonly LinePoint[] {
  return linesOf(view, labelOf).flatMap(({ label, cells }) =>
    cells[0]!.rows.map((row, i) => ({
      system: label,
      executor: row.executor,
      x: shown.x(row),
      y: middle(cells.map(({ rows }) => shown.us(rows[i]!))) / 1e6,
    })),
  );
}

/** A value with its interval; of fewer than nine repetitions the median alone. */
function summary(values: readonly number[]): readonly [median: string, interval: string] {
  if (values.length < repetitions.length) return [formatNumber(middle(values)), "not enough samples"];
  const { medianUs, lowUs, highUs } = summariseTimes(values);
  return [formatNumber(medianUs), `${formatNumber(lowUs)} to ${formatNumber(highUs)}`];
}

/**
 * The real runs: seconds of what `us` picks, and how many times faster than `kg` of the same repetition. Undefined before any.
 * `of` says what a line is compared with: lines of the same value.
 */
export function measuredTable(
  view: KaggleView,
  options: {
    readonly says: string;
    readonly labelOf: (cell: KaggleCell) => string;
    readonly of: (cell: KaggleCell) => string;
    readonly us: (rows: readonly KaggleRow[]) => number;
  },
): ResultTable | undefined {
  const lines = linesOf(view, options.labelOf);
  if (lines.length === 0) return undefined;
  const noneUs = new Map(
    lines
      .filter(({ line }) => line === "kg")
      .flatMap(({ cells }) => cells)
      .map((cell): readonly [string, number] => [
        `${options.of(cell)} ${String(cell.point["repetition"])}`,
        options.us(cell.rows),
      ]),
  );
  return {
    title: "Measured",
    note: `${options.says}; ${measuredConditions(view).join("; ")}; decides no claim`,
    header: [
      "line",
      "budget",
      "executor",
      "repetitions",
      "median s",
      "95 % interval",
      "times faster than kg",
      "95 % interval",
    ],
    rows: lines.map(({ label, cells }) => {
      const times = cells.map(({ rows }) => options.us(rows) / 1e6);
      const ratios = cells.flatMap((cell) => {
        const none = noneUs.get(`${options.of(cell)} ${String(cell.point["repetition"])}`);
        return none === undefined ? [] : [none / options.us(cell.rows)];
      });
      return [
        label,
        budgetLabel(budgetOf(cells[0]!)),
        cells[0]!.rows[0]!.executor,
        String(cells.length),
        ...summary(times),
        ...(ratios.length === 0 ? ["", ""] : summary(ratios)),
      ];
    }),
  };
}
