/** Compares two result folders of one experiment, cell by cell: what a change of code or options did to its results. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { canonicalJson, readCells, type Cell, type Row, type Scalar } from "./cells.ts";
import { explainLoss, lossText, type Loss } from "./explain-loss.ts";
import { measuredDifference, type MeasuredDifference } from "./measured-comparison.ts";
import { summaryOf, type ComparisonSummary } from "./run-compare.ts";
import { holm } from "./statistics.ts";
import type { CellWatcher, WatchedRun } from "./watch-cell.ts";

/** A cell both folders have. */
export interface ComparedCell {
  /** The workload it ran: trace, sequence, nodes, seed as `name=value`. Cells of one workload are one observation. */
  readonly trace: string;
  /** Its other parameters but the budget: system, tuning, swept values. */
  readonly policy: string;
  readonly budget: string;
  readonly aUs: number;
  readonly bUs: number;
  /** aUs ÷ bUs: below 1, A is faster. */
  readonly ratio: number;
  /** Largest bytes stored; 0 where the rows do not say. */
  readonly aBytes: number;
  readonly bBytes: number;
  /** Where A lost, what made it slower, and what differs in how the two cells came about. */
  readonly explanation?: string;
  /** Iteration, node and microseconds, where both cells could be run again. */
  readonly loss?: Loss;
}

/** Two folders on one policy. */
export interface ComparedPolicy extends ComparisonSummary {
  readonly policy: string;
  /** Wilcoxon p with Holm's correction for the number of policies tested; null without one. */
  readonly correctedP: number | null;
}

/** Repetitions of a measured cell that both folders have; they take no part in the statistics over workloads. */
export interface MeasuredCells extends MeasuredDifference {
  readonly trace: string;
  readonly policy: string;
  readonly budget: string;
  readonly executor: string;
}

/** Two folders, compared. */
export interface FolderComparison extends ComparisonSummary {
  readonly a: string;
  readonly b: string;
  readonly experiment: string;
  readonly workloads: readonly ComparedCell[];
  /** Each policy alone, where there are several. */
  readonly policies: readonly ComparedPolicy[];
  /** Cells of real runs, repetitions put together. */
  readonly measured: readonly MeasuredCells[];
  /** Cells with equal rows, byte for byte. */
  readonly identical: number;
  /** Cells that stand in one folder only, did not finish in one, or have no time; with the reason. */
  readonly leftOut: readonly { readonly trace: string; readonly system: string; readonly reason: string }[];
}

/** True if a folder holds results. */
export function isResultFolder(path: string): boolean {
  return existsSync(join(path, "cells.jsonl"));
}

const numberIn = (row: Row | undefined, name: string): number | undefined => {
  const value = row?.[name];
  return typeof value === "number" ? value : undefined;
};

/** Run time of a cell: Σ `totalUs`, else the last `cumulativeUs`, else Σ `runUs`; undefined where its rows have none of them. */
function timeOf(rows: readonly Row[]): number | undefined {
  const sumOf = (name: string): number | undefined => {
    const values = rows.map((row) => numberIn(row, name));
    return values.length === 0 || values.includes(undefined)
      ? undefined
      : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };
  return sumOf("totalUs") ?? numberIn(rows.at(-1), "cumulativeUs") ?? sumOf("runUs");
}

const bytesOf = (rows: readonly Row[]): number => Math.max(0, ...rows.map((row) => numberIn(row, "storedBytes") ?? 0));

/** Parameters that say which workload is run; all others are about how. */
const workloadParams = new Set([
  "trace",
  "family",
  "workload",
  "dataset",
  "scale",
  "sequence",
  "draw",
  "nodes",
  "problem",
  "seed",
]);

type Named = readonly (readonly [name: string, value: Scalar])[];

const texts = (named: Named): string => named.map(([name, value]) => `${name}=${String(value)}`).join(" ");

function namesOf({ configuration: { params, seed } }: Cell): { readonly trace: string; readonly policy: string } {
  const named = Object.entries(params).filter(
    ([name, value]) => name !== "budget" && name !== "repetition" && value !== null,
  );
  const isWorkload = ([name]: Named[number]): boolean => workloadParams.has(name);
  const own = named.filter(isWorkload);
  return {
    trace: texts([...own, ["seed", seed]]),
    policy: texts(named.filter((one) => !isWorkload(one))),
  };
}

const parts = ["computeUs", "loadUs", "writeUs"] as const;

/** The part of the time and, where rows are iterations, the first one that made A slower; then other code or traces. */
function explainRows(a: Cell, b: Cell): string {
  const sumOf = (rows: readonly Row[], name: string): number =>
    rows.reduce((sum, row) => sum + (numberIn(row, name) ?? 0), 0);
  const more = parts
    .map((name) => ({ name, us: sumOf(a.rows, name) - sumOf(b.rows, name) }))
    .filter(({ us }) => us !== 0)
    .map(({ name, us }) => `${name} ${us > 0 ? "+" : "−"}${Math.abs(us)}`);
  const at = a.rows.findIndex((row, i) => {
    const [mine, theirs] = [numberIn(row, "cumulativeUs"), numberIn(b.rows[i], "cumulativeUs")];
    return mine !== undefined && theirs !== undefined && mine > theirs;
  });
  const iteration = at < 0 ? undefined : numberIn(a.rows[at], "iteration");
  const inputs = Object.entries(a.configuration.inputs).filter(([name, hash]) => b.configuration.inputs[name] !== hash);
  const origin = [
    ...inputs.map(([name]) => `trace ${name} is another recording`),
    ...(a.configuration.policy === b.configuration.policy
      ? []
      : ["planners, materializers or plug-ins are of another version"]),
    ...(a.configuration.experimentVersion === b.configuration.experimentVersion
      ? []
      : ["the experiment is of another version"]),
  ];
  return [
    ...(more.length === 0 ? [] : [more.join(", ")]),
    ...(iteration === undefined ? [] : [`behind from iteration ${iteration}`]),
    origin.length === 0 ? "same code version and traces in both" : origin.join("; "),
  ].join("; ");
}

/** Each policy alone; p-values corrected for their number. None when there is but one. */
function byPolicy(cells: readonly ComparedCell[]): readonly ComparedPolicy[] {
  const policies = [...new Set(cells.map(({ policy }) => policy))];
  if (policies.length < 2) return [];
  const summaries = policies.map((policy) => summaryOf(cells.filter((cell) => cell.policy === policy)));
  const tested = summaries.flatMap(({ wilcoxonP }, i) => ("value" in wilcoxonP ? [{ i, p: wilcoxonP.value }] : []));
  const corrected = new Map<number, number>();
  for (const [k, p] of holm(tested.map(({ p }) => p)).entries()) corrected.set(tested[k]!.i, p);
  return summaries.map((summary, i) =>
    Object.assign({ policy: policies[i] ?? "", correctedP: corrected.get(i) ?? null }, summary),
  );
}

function read(folder: string): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>();
  for (const cell of readCells(join(folder, "cells.jsonl")).cells.values()) {
    const { experiment, params, seed, executor } = cell.configuration;
    // Versions of code and inputs are what may differ between the folders.
    cells.set(canonicalJson({ experiment, params, seed, executor }), cell);
  }
  return cells;
}

/** A pair of cells, and what is said of it. */
interface Pair {
  readonly a: Cell;
  readonly b: Cell;
  readonly compared: ComparedCell;
}

/** Losses that are run again to see iterations and nodes: the largest ones. */
const mostWatched = 30;

/** Puts the repetitions of each measured cell together and compares them. */
function measuredCells(pairs: readonly Pair[]): readonly MeasuredCells[] {
  const cells = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const { trace, policy, budget } = pair.compared;
    const id = canonicalJson([trace, policy, budget, pair.a.configuration.executor]);
    const own = cells.get(id);
    if (own === undefined) cells.set(id, [pair]);
    else own.push(pair);
  }
  return [...cells.values()].map((own) => {
    const [{ a, compared }] = own as [Pair];
    const { trace, policy, budget } = compared;
    const difference = measuredDifference(
      own.map((pair) => pair.compared.aUs),
      own.map((pair) => pair.compared.bUs),
    );
    return { trace, policy, budget, executor: a.configuration.executor, ...difference };
  });
}

/** Runs both cells of the largest losses again, and says in which iteration and at which node they part, or what is missing. */
async function watchLosses(pairs: readonly Pair[], watcher: CellWatcher): Promise<readonly ComparedCell[]> {
  const losses = pairs.filter(({ compared }) => compared.aUs > compared.bUs);
  const chosen = new Set(losses.toSorted((x, y) => y.compared.ratio - x.compared.ratio).slice(0, mostWatched));
  const all: ComparedCell[] = [];
  for (const pair of pairs) all.push(chosen.has(pair) ? await watched(pair, watcher) : pair.compared);
  return all;
}

async function watched({ a, b, compared }: Pair, watcher: CellWatcher): Promise<ComparedCell> {
  const [mine, theirs] = [await watcher.watch(a), await watcher.watch(b)];
  const missing = [
    ...("missing" in mine ? [`A: ${mine.missing}`] : []),
    ...("missing" in theirs ? [`B: ${theirs.missing}`] : []),
  ];
  const say = (text: string): ComparedCell => ({ ...compared, explanation: `${compared.explanation ?? ""}; ${text}` });
  if ("missing" in mine || "missing" in theirs)
    return say(`iteration and node are not known: ${[...new Set(missing)].join("; ")}`);
  const loss = firstLoss(mine.runs, theirs.runs);
  const text = loss === undefined ? undefined : lossText(loss);
  if (loss === undefined || text === undefined) return say("both do the same at the same costs, replay by replay");
  return { ...say(text), loss };
}

/** Of the replays both cells made, in order, the first that took A longer. */
function firstLoss(mine: readonly WatchedRun[], theirs: readonly WatchedRun[]): Loss | undefined {
  for (const [i, { system, reports }] of mine.entries()) {
    const other = theirs[i];
    if (other === undefined || other.system !== system) return undefined;
    const [own, its] = [reports, other.reports].map((all) => all.at(-1)?.row.cumulativeUs ?? 0);
    if (own! > its!) return explainLoss(reports, other.reports);
  }
  return undefined;
}

/**
 * Compares two result folders on the cells both finished, paired by experiment, parameters, seed and executor. Statistics
 * are over workloads: all cells of one (its systems, budgets) are one observation, their geometric mean. Cells of real runs are
 * compared apart, repetitions against repetitions.
 * @param watcher runs the largest losses again, so that they are explained down to iteration and node
 * @throws {UsageError} when one has no cells, or they hold different experiments
 * @throws {StoreError} at a bad line
 */
export async function compareFolders(a: string, b: string, watcher?: CellWatcher): Promise<FolderComparison> {
  const [left, right] = [read(a), read(b)];
  const ids = new Set([...left.values(), ...right.values()].map(({ configuration }) => configuration.experiment));
  if (left.size === 0 || right.size === 0)
    throw new UsageError(`compare: "${left.size === 0 ? a : b}" has no cells; expected a results folder of a run`);
  if (ids.size > 1)
    throw new UsageError(
      `compare: "${a}" and "${b}" hold different experiments (${[...ids].join(", ")}); compare one experiment with itself`,
    );
  const pairs: Pair[] = [];
  const leftOut: { trace: string; system: string; reason: string }[] = [];
  let identical = 0;
  for (const [id, cell] of [...left].sort(([x], [y]) => (x < y ? -1 : 1))) {
    const other = right.get(id);
    const { trace, policy } = namesOf(cell);
    const drop = (system: string, reason: string): void =>
      void leftOut.push({ trace: `${trace} ${policy}`, system, reason });
    if (other === undefined) drop(b, "has no such cell");
    else if (cell.status !== "done") drop(a, cell.error?.message ?? cell.status);
    else if (other.status !== "done") drop(b, other.error?.message ?? other.status);
    else {
      if (canonicalJson(cell.rows) === canonicalJson(other.rows)) identical++;
      const [aUs, bUs] = [timeOf(cell.rows), timeOf(other.rows)];
      if (aUs === undefined || aUs <= 0) drop(a, "its rows have no run time");
      else if (bUs === undefined || bUs <= 0) drop(b, "its rows have no run time");
      else {
        const bytes = { aBytes: bytesOf(cell.rows), bBytes: bytesOf(other.rows) };
        const budget = String(cell.configuration.params["budget"] ?? "");
        const why = aUs > bUs ? { explanation: explainRows(cell, other) } : {};
        const compared = { trace, policy, budget, aUs, bUs, ratio: aUs / bUs, ...bytes, ...why };
        pairs.push({ a: cell, b: other, compared });
      }
    }
  }
  for (const [id, cell] of right)
    if (!left.has(id)) {
      const { trace, policy } = namesOf(cell);
      leftOut.push({ trace: `${trace} ${policy}`, system: a, reason: "has no such cell" });
    }
  const simulated = pairs.filter(({ a: cell }) => cell.configuration.executor === "simulated");
  const measured = measuredCells(pairs.filter(({ a: cell }) => cell.configuration.executor !== "simulated"));
  const workloads =
    watcher === undefined ? simulated.map(({ compared }) => compared) : await watchLosses(simulated, watcher);
  const policies = byPolicy(workloads);
  const experiment = [...ids].join();
  return { a, b, experiment, workloads, policies, measured, identical, leftOut, ...summaryOf(workloads) };
}
