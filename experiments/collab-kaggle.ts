/**
 * What the Kaggle figures of the Collaborative Optimizer share: the eight workloads replayed from the lifted recording, or run
 * for real at a small scale; budgets as shares of all bytes, as published; floors that no policy is below.
 */
import { pairSystem, systems } from "../src/baselines/index.ts";
import type { Iteration, TraceIteration } from "../src/core/iteration.ts";
import type { Accounting, SystemSpec } from "../src/core/system.ts";
import { MissingRowsError } from "../src/harness/claims.ts";
import type {
  CellView,
  ExperimentContext,
  Grid,
  ResultTable,
  ResultView,
  Surroundings,
} from "../src/harness/experiment.ts";
import { runMeasured } from "../src/harness/run-measured.ts";
import { replay, traceFacts, type ReplayTrace } from "../src/harness/run-replay.ts";
import { formatNumber } from "../src/report/charts/units.ts";
import type { IterationReport } from "../src/simulator/iteration-report.ts";

/** The recording at scale 0.01, and that recording lifted to scale 1 (`docs/lifting.md`), which the figures are drawn from. */
export const recordedTrace = "kaggle-0.01x";
export const liftedTrace = "kaggle-lifted-1x";

/** The small recording that budgets of real runs are shares of. */
export const measuredTrace = "kaggle-0.0025x";
/** Where runs take place: replayed from the lifted trace, or for real. */
export const replayed = "trace";
export const measured = "duckdb@0.0025x";

/** Published budgets; there all results together take 130 GB. */
export const publishedBudgets = ["8GB", "16GB", "32GB", "64GB"] as const;
export const usualBudget = "16GB";
const publishedTotal = 130;

/** A published budget as a share of all distinct intermediate bytes, in percent. */
export function percentOf(budget: string): number {
  return (100 * Number.parseFloat(budget)) / publishedTotal;
}

/** `16 GB of 130`, for axes and notes. */
export const budgetLabel = (budget: string): string =>
  budget === "none" ? "none" : `${Number.parseFloat(budget)} GB of ${publishedTotal}`;

/** Lines by the paper's names: KG runs every workload as it stands, HM ranks by utility, SA counts columns once, HL is its HELIX. */
export const kaggleLines: Readonly<Record<string, SystemSpec>> = {
  kg: pairSystem("compute-all", "never"),
  collab: systems.collab,
  "collab-utility": systems["collab-utility"],
  "collab-helix": systems["collab-helix"],
  all: systems.all,
};

/** Lines that no budget changes. */
export const isUnlimited = (line: string): boolean => line === "kg" || line === "all";

/** One workload under one line. Microseconds and bytes. */
export interface KaggleRow {
  readonly executor: string;
  readonly accounting: string;
  /** 1 to 8, or the run of a repeated one. */
  readonly run: number;
  readonly runUs: number;
  readonly cumulativeUs: number;
  /** What the store takes, columns that several results share once. */
  readonly storedBytes: number;
  /** What the stored results take one by one. */
  readonly logicalBytes: number;
  /** Results of all workloads so far, one by one: what could be stored. */
  readonly seenBytes: number;
}

export type KaggleView = ResultView<Grid, KaggleRow>;
export type KaggleCell = CellView<Grid, KaggleRow>;

/** What a point of a Kaggle figure says. */
export interface KagglePoint {
  readonly on: string;
  /** Of a real run, from 1; a replay is the same every time. */
  readonly repetition?: number;
  readonly accounting: string;
  /** Published budget, or `none`. */
  readonly budget: string;
  readonly line: string;
}

/** A choice or change of versions, for example one of them twice. */
type Versions = <V extends Iteration>(all: readonly V[]) => readonly V[];

/** Traces a point reads. */
export const kaggleInputs = ({ on }: Pick<KagglePoint, "on">): readonly string[] => [
  on === replayed ? liftedTrace : measuredTrace,
];

/** Executor of a point. */
export const kaggleExecutor = ({ on }: Pick<KagglePoint, "on">): string => (on === replayed ? "simulated" : "duckdb");

/** True if all these traces are in the library. */
export function areThere(names: readonly string[], { traces }: Pick<Surroundings, "traces">): boolean {
  const known = new Set(traces.list().map(({ name }) => name));
  return names.every((name) => known.has(name));
}

/** What is run for real: lines, and the budgets of those that have one. */
export interface RealRuns {
  readonly lines: readonly string[];
  readonly budgets: readonly string[];
}

const usualRuns: RealRuns = { lines: ["kg", "collab", "collab-helix", "all"], budgets: [usualBudget] };

/**
 * No line has a budget that it ignores; real runs are made in uniform accounting. Without its trace a point is no cell, and claims on
 * it are not testable.
 */
export function isKaggleCell(
  point: KagglePoint,
  around: Pick<Surroundings, "traces">,
  { lines, budgets }: RealRuns = usualRuns,
): boolean {
  const { on, accounting, budget, line, repetition = 1 } = point;
  if ((budget === "none") !== isUnlimited(line) || !areThere(kaggleInputs(point), around)) return false;
  if (on === replayed) return repetition === 1;
  return lines.includes(line) && accounting === "uniform" && (budgets.includes(budget) || budget === "none");
}

/** One workload so often, as if it were all there is. */
export function repeated(number: number, runs: number): Versions {
  return (all) => {
    const only = all[number - 1];
    if (only === undefined) throw new RangeError(`workload ${number}: there are ${all.length}`);
    const { base: _, ...rest } = only;
    return Array.from({ length: runs }, (__, run) => ({ ...rest, iteration: run }) as typeof only);
  };
}

/** Runs a point; facts say what the budget was. */
export async function* runKaggle(
  point: KagglePoint,
  context: ExperimentContext,
  versions: Versions = (all) => all,
  system: SystemSpec = kaggleLines[point.line]!,
): AsyncGenerator<KaggleRow, void, undefined> {
  const [reference] = kaggleInputs(point);
  const trace = await context.trace(reference!);
  const { intermediateBytes } = traceFacts(trace);
  const budgetBytes =
    point.budget === "none" ? undefined : Math.floor((intermediateBytes * percentOf(point.budget)) / 100);
  context.fact("intermediateBytes", intermediateBytes);
  context.fact("budgetBytes", budgetBytes ?? null);
  const budget = budgetBytes === undefined ? "none" : `${budgetBytes}B`;
  if (point.on === replayed) {
    const chosen: ReplayTrace = { header: trace.header, iterations: versions(trace.iterations) };
    const gather = gatherRows("simulated", point.accounting);
    const { exclusion, budgetBound } = await replay(chosen, {
      system,
      budget,
      accounting: point.accounting as Accounting,
      seed: context.seed,
      signal: context.signal,
      watch: context.watch,
      onIteration: gather.see,
    });
    if (exclusion !== undefined) context.exclude(exclusion);
    context.fact("budgetBound", budgetBound);
    yield* gather.rows;
    return;
  }
  const gather = gatherRows("duckdb", point.accounting);
  const outcome = await runMeasured({
    workload: "kaggle",
    system,
    budget,
    executor: "duckdb",
    scale: Number(point.on.replace(/^.*@|x$/gu, "")),
    seed: context.seed,
    versions,
    signal: context.signal,
    onIteration: gather.see,
  });
  if (outcome.exclusion !== undefined) context.exclude(outcome.exclusion);
  context.fact("budgetBound", outcome.budgetBound);
  context.fact("why", `measured on duckdb: ${outcome.dataTitle}, page cache hot, after a warm-up`);
  yield* gather.rows;
}

function gatherRows(
  executor: string,
  accounting: string,
): { readonly rows: readonly KaggleRow[]; readonly see: (report: IterationReport) => void } {
  const rows: KaggleRow[] = [];
  const seen = new Map<string, number>();
  const sources = new Set<string>();
  return {
    rows,
    see: ({ iteration, row, nodes, stored }) => {
      for (const { node, bytes } of nodes)
        if (node.parents.length === 0) sources.add(node.signature);
        else seen.set(node.signature, bytes ?? node.sizeBytes ?? 0);
      let logicalBytes = 0;
      for (const [signature, bytes] of stored) if (!sources.has(signature)) logicalBytes += bytes;
      const { runUs, cumulativeUs, storedBytes } = row;
      const seenBytes = [...seen.values()].reduce((a, b) => a + b, 0);
      const run = iteration.iteration + 1;
      rows.push({ executor, accounting, run, runUs, cumulativeUs, storedBytes, logicalBytes, seenBytes });
    },
  };
}

/**
 * Least that any policy pays for each version, by budget and accounting alike: what was never there before is computed once, an
 * output that was there is at least loaded. Microseconds.
 */
export function floorsOf(iterations: readonly TraceIteration[]): readonly number[] {
  const seen = new Set<string>();
  return iterations.map(({ nodes }) => {
    let us = 0;
    const here = new Set<string>();
    for (const { signature, parents, computeUs, loadUs = 0, output } of nodes) {
      if (here.has(signature) || parents.length === 0) continue;
      here.add(signature);
      if (!seen.has(signature)) us += computeUs;
      else if (output === true) us += Math.min(loadUs, computeUs);
    }
    for (const signature of here) seen.add(signature);
    return us;
  });
}

/** Σ floors, kept as a fact, so that claims have a ceiling without the trace. */
export async function noteFloor(
  point: KagglePoint,
  context: ExperimentContext,
  versions: Versions = (all) => all,
): Promise<void> {
  if (point.on !== replayed) return;
  const floors = floorsOf(versions((await context.trace(liftedTrace)).iterations));
  context.fact(
    "floorUs",
    floors.reduce((a, b) => a + b, 0),
  );
  context.fact("lastFloorUs", floors.at(-1) ?? 0);
}

/** The cell of a line. @throws {MissingRowsError} when it has no rows */
export function kaggleCell(view: KaggleView, at: Partial<KagglePoint> & { readonly line: string }): KaggleCell {
  const wanted = { on: replayed, budget: isUnlimited(at.line) ? "none" : usualBudget, ...at };
  const found = view.cells.find(({ point }) =>
    Object.entries(wanted).every(([name, value]) => !(name in point) || point[name] === value),
  );
  if (found === undefined || found.rows.length === 0)
    throw new MissingRowsError(`no rows of ${at.line} on ${liftedTrace}`);
  return found;
}

/** Time of all runs of a cell. */
export const totalOf = ({ rows }: KaggleCell): number => rows.at(-1)!.cumulativeUs;

/** What an accounting charges, for captions. */
export const accountingNote = (accounting: string): string =>
  accounting === "collab"
    ? "accounting collab, the paper's own: sources stored outside the budget, writes free"
    : "accounting uniform: sources never stored, every write charged";

/** Where replayed numbers are from, for captions. */
export const kaggleConditions = (accounting: string): readonly string[] => [
  `${liftedTrace}: recorded on DuckDB at scale 0.01, lifted to scale 1; simulated`,
  accountingNote(accounting),
];

/** One row per replayed cell of one accounting. */
export function kaggleTable(
  view: KaggleView,
  accounting: string,
  columns: readonly { readonly title: string; readonly of: (cell: KaggleCell) => string }[],
): ResultTable | undefined {
  const cells = view.cells.filter(
    ({ point, rows }) =>
      point["accounting"] === accounting && (point["on"] ?? replayed) === replayed && rows.length > 0,
  );
  if (cells.length === 0) return undefined;
  return {
    title: `Accounting ${accounting}`,
    note: kaggleConditions(accounting).join("; "),
    header: ["line", "budget", ...columns.map(({ title }) => title)],
    rows: cells.map((cell) => [
      String(cell.point["line"]),
      budgetLabel(budgetOf(cell)),
      ...columns.map(({ of }) => of(cell)),
    ]),
  };
}

/** A cell's published budget; figures with one budget only do not have it in their grid. */
export const budgetOf = ({ point, facts }: KaggleCell): string =>
  facts["budgetBytes"] === null ? "none" : String(point["budget"] ?? usualBudget);

export const seconds = (us: number): string => formatNumber(us / 1e6);
export const gigabytes = (bytes: number): string => formatNumber(bytes / 1e9);

/** Points of cumulative run time after each workload, one line for each value of a parameter. */
export function cumulativePoints(
  cells: KaggleView["cells"],
  lineOf: string,
): { system: string; executor: string; x: string; y: number }[] {
  return cells.flatMap(({ point, rows }) =>
    rows.map(({ executor, run, cumulativeUs }) => ({
      system: String(point[lineOf]),
      executor,
      x: `W${run}`,
      y: cumulativeUs / 1e6,
    })),
  );
}
