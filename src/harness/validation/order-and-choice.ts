/** Whether predictions put cells in the right order, and what choosing by them costs. */
import { type ComparedCell, mean, median, sum, type ValidationCell } from "./compared-cells.ts";

/** Pairs of cells of one engine and profile whose predicted totals differ by `from` ≤ gap < `to` of the smaller one. */
export interface GapBucket {
  readonly from: number;
  readonly to: number;
  readonly pairs: number;
  /** Pairs whose real totals stand in the predicted order. */
  readonly right: number;
}

/** What trusting the prediction costs where one setting must be chosen per engine, profile and budget. */
export interface Regret {
  readonly choices: number;
  /** Real total of the setting chosen ÷ that of the best one − 1. */
  readonly median: number;
  readonly max: number;
  /**
   * The same against the setting that is best by the medians of the other repetitions, within each repetition, their mean; median over
   * the choices. The least of many noisy medians is too low, this is not. Undefined with one repetition.
   */
  readonly againstOthersChoice: number | undefined;
}

/** Lower ends of the buckets; a gap of 0 is no pair. */
const bucketEdges = [0, 0.01, 0.05, 0.2, 0.5, Number.POSITIVE_INFINITY];

/** Totals, predicted and real. */
interface Totals {
  readonly cell: ValidationCell;
  readonly predictedUs: number;
  readonly realUs: number;
  readonly repetitionsUs: readonly number[];
}

function totalsOf(cells: readonly ComparedCell[]): readonly Totals[] {
  return cells.map(({ cell, predicted, real }) => {
    const repetitionsUs = real.map(({ runUs }) => sum(runUs));
    return { cell, predictedUs: sum(predicted.runUs), realUs: median(repetitionsUs), repetitionsUs };
  });
}

/** Pairs of one engine and profile with different predictions. */
function pairsOf(cells: readonly ComparedCell[]): readonly (readonly [Totals, Totals])[] {
  const totals = totalsOf(cells);
  return totals.flatMap((a, i) =>
    totals
      .slice(i + 1)
      .filter((b) => isComparable(a.cell, b.cell) && a.predictedUs !== b.predictedUs)
      .map((b) => [a, b] as const),
  );
}

/** All pairs by predicted gap. */
export function bucketsOf(cells: readonly ComparedCell[]): readonly GapBucket[] {
  const pairs = pairsOf(cells).map((pair) => ({
    gap: gapOf(pair[0].predictedUs, pair[1].predictedUs),
    right: inOrder(pair),
  }));
  return bucketEdges.slice(0, -1).map((from, i) => {
    const to = bucketEdges[i + 1] as number;
    const inside = pairs.filter(({ gap }) => gap >= from && gap < to);
    return { from, to, pairs: inside.length, right: inside.filter(({ right }) => right).length };
  });
}

/** Pairs whose real gap is above `floor`. */
export function pairsBeyond(
  cells: readonly ComparedCell[],
  floor: number,
): { readonly floor: number; readonly pairs: number; readonly right: number } {
  const apart = pairsOf(cells).filter(([a, b]) => gapOf(a.realUs, b.realUs) > floor);
  return { floor, pairs: apart.length, right: apart.filter(inOrder).length };
}

/** Undefined where no budget has two settings. */
export function regretOf(cells: readonly ComparedCell[]): Regret | undefined {
  const groups = new Map<string, Totals[]>();
  for (const totals of totalsOf(cells)) {
    const { executor, profile, budget } = totals.cell;
    const key = `${executor} ${profile} ${budget}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [totals]);
    else group.push(totals);
  }
  const choices = [...groups.values()].filter(({ length }) => length > 1);
  if (choices.length === 0) return undefined;
  const regrets = choices.map((group) => chosenOf(group).realUs / Math.min(...group.map(({ realUs }) => realUs)) - 1);
  const paired = choices.flatMap((group) => againstOthersChoice(group) ?? []);
  return {
    choices: regrets.length,
    median: median(regrets),
    max: Math.max(...regrets),
    againstOthersChoice: paired.length === 0 ? undefined : median(paired),
  };
}

function chosenOf(group: readonly Totals[]): Totals {
  return group.reduce((best, one) => (one.predictedUs < best.predictedUs ? one : best));
}

function againstOthersChoice(group: readonly Totals[]): number | undefined {
  const repetitions = Math.min(...group.map(({ repetitionsUs }) => repetitionsUs.length));
  if (repetitions < 2) return undefined;
  const chosen = chosenOf(group);
  return mean(
    Array.from({ length: repetitions }, (_, r) => {
      const others = ({ repetitionsUs }: Totals): number => median(repetitionsUs.filter((_us, i) => i !== r));
      const best = group.reduce((least, one) => (others(one) < others(least) ? one : least));
      return (chosen.repetitionsUs[r] as number) / (best.repetitionsUs[r] as number) - 1;
    }),
  );
}

/** True for cells of one engine and profile. */
export function isComparable(a: ValidationCell, b: ValidationCell): boolean {
  return a.executor === b.executor && a.profile === b.profile;
}

function inOrder([a, b]: readonly [Totals, Totals]): boolean {
  return (a.predictedUs - b.predictedUs) * (a.realUs - b.realUs) > 0;
}

function gapOf(a: number, b: number): number {
  return Math.abs(a - b) / Math.min(a, b);
}
