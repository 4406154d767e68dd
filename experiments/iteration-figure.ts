/**
 * Parts shared by the figures that draw cumulative run time over iterations: which systems and budgets, how a point is
 * replayed, what is compared with what. A figure's own file says which paper, which family of traces and which claims.
 */
import type { RunRow } from "../src/core/result-row.ts";
import type { Scalar } from "../src/harness/cells.ts";
import { MissingRowsError, type Comparison, type Totals } from "../src/harness/claims.ts";
import type { CellView, ExperimentContext, Grid, ResultView } from "../src/harness/experiment.ts";
import { budgetBytesOf, parseBudget } from "../src/core/units.ts";
import { boundOf, costliestNode } from "../src/harness/run-bounds.ts";
import { runMeasured } from "../src/harness/run-measured.ts";
import { replay, traceFacts, type ReplayTrace } from "../src/harness/run-replay.ts";
import type { IterationReport } from "../src/simulator/iteration-report.ts";
import { formatBytes, formatNumber } from "../src/report/charts/units.ts";

/** Budget of the papers' set-up, and shares of all distinct intermediate bytes. */
export const figureBudgets = ["10GB", "1%", "5%", "10%", "25%", "50%", "100%", "none"] as const;

/** Budget at which claims are judged. */
export const judgedBudget = "10GB";

/** System on which figures of the demo and vision papers are judged; `helix` stands beside it. */
export const judgedSystem = "helix-demo";

/** The no-reuse bar is the cheapest of these. */
export const noReuseSystems = ["keystoneml", "keystoneml-aggressive", "keystoneml-nocache", "none-fused"] as const;

/** Lines of a figure that are not systems: what no policy can be below. */
export const boundLine = "lower-bound";

/** Systems of the figures, in the order of tables; the bound last. */
export const figureSystems = [
  "helix-demo",
  "helix",
  "helix-am",
  "deepdive",
  ...noReuseSystems,
  "helix-nm",
  boundLine,
] as const;

/** A figure's view: rows are iterations of a run. */
export type FigureView<G extends Grid = Grid> = ResultView<G, RunRow>;

/** One run of a figure. */
export type FigureCell = CellView<Grid, RunRow>;

/** Systems of which the figure says what they reach of the attainable saving, and which node costs it. */
export const explained: ReadonlySet<string> = new Set([judgedSystem, "helix"]);

/** Where a figure's runs take place: replayed from the judged trace, or for real on an engine at a scale. */
export const judgedTrace = "trace";

/** Systems of the measured arm. */
const measuredSystems: ReadonlySet<string> = new Set(["helix-demo", "deepdive", "keystoneml", "none-fused"]);

/** Real runs are made at the judged budget only, and of the systems the papers compare. */
export function isFigureCell(point: {
  readonly on: string;
  readonly system: string;
  readonly budget: string;
}): boolean {
  return point.on === judgedTrace || (point.budget === judgedBudget && measuredSystems.has(point.system));
}

/** Executor of a place: `duckdb` for `duckdb@0.5x`. */
export function executorOf(on: string): string {
  return on === judgedTrace ? "simulated" : (on.split("@")[0] ?? on);
}

/** One point of a figure: replayed, bounded or executed. `family` is also the id of the workload. */
export async function* runFigure(
  family: string,
  point: { readonly on: string; readonly system: string; readonly budget: string },
  context: ExperimentContext,
): AsyncGenerator<RunRow, void, undefined> {
  if (point.on === judgedTrace) yield* replayFigure(`${family}@judged`, point.system, point.budget, context);
  else yield* executeFigure(family, point, context);
}

async function* executeFigure(
  workload: string,
  { on, system, budget }: { readonly on: string; readonly system: string; readonly budget: string },
  context: ExperimentContext,
): AsyncGenerator<RunRow, void, undefined> {
  const [executor = "", scale = "1x"] = on.split("@");
  const outcome = await runMeasured({
    workload,
    system,
    budget,
    executor,
    scale: Number(scale.replace(/x$/u, "")),
    seed: context.seed,
    signal: context.signal,
  });
  if (outcome.exclusion !== undefined) context.exclude(outcome.exclusion);
  context.fact("trace", workload);
  context.fact("why", `measured on ${executor}: ${outcome.dataTitle}, page cache hot, one run after a warm-up`);
  context.fact("budgetBound", outcome.budgetBound);
  for (const [name, value] of Object.entries(outcome.metrics)) context.fact(`metric ${name}`, value);
  yield* outcome.rows;
}

async function* replayFigure(
  reference: string,
  system: string,
  budget: string,
  context: ExperimentContext,
): AsyncGenerator<RunRow, void, undefined> {
  const trace = await context.trace(reference);
  const { intermediateBytes, barrierTax, chargeSegments } = traceFacts(trace);
  const family = reference.split("@")[0] ?? reference;
  context.fact("trace", trace.header.name);
  context.fact("intermediateBytes", intermediateBytes);
  context.fact("barrierTax", barrierTax ?? null);
  context.fact("chargeSegments", chargeSegments);
  context.fact("why", (await context.traces.judged(family)).why);
  if (system === boundLine) {
    yield* boundRows(trace, budget, context);
    return;
  }
  const reports: IterationReport[] = [];
  const outcome = await replay(trace, {
    system,
    budget,
    seed: context.seed,
    signal: context.signal,
    watch: context.watch,
    onIteration: (report) => void reports.push(report),
  });
  if (explained.has(system) && outcome.rows.length === trace.iterations.length) {
    const { node, excessUs } = await costliestNode(trace, reports, outcome.budgetBytes);
    context.fact("costliestNode", node);
    context.fact("costliestNodeExcessUs", excessUs);
  }
  if (outcome.exclusion !== undefined) context.exclude(outcome.exclusion);
  context.fact("budgetBound", outcome.budgetBound);
  yield* outcome.rows;
}

/** The bound of every prefix at the judged budget, of the whole trace at others; `planner` says what kind of bound it is. */
async function* boundRows(
  trace: ReplayTrace,
  budget: string,
  context: ExperimentContext,
): AsyncGenerator<RunRow, void, undefined> {
  const budgetBytes = budgetBytesOf(parseBudget(budget), traceFacts(trace).intermediateBytes);
  const count = trace.iterations.length;
  let beforeUs = 0;
  for (let k = budget === judgedBudget ? 1 : count; k <= count; k++) {
    const prefix = k === count ? trace : { header: trace.header, iterations: trace.iterations.slice(0, k) };
    const bound = await boundOf(prefix, budgetBytes);
    const runUs = Math.max(0, bound.us - beforeUs);
    beforeUs = bound.us;
    if (k === count) context.fact("boundIs", bound.is);
    yield {
      trace: trace.header.name,
      system: boundLine,
      planner: bound.is,
      materializer: "",
      budgetBytes,
      accounting: "uniform",
      seed: context.seed,
      executor: "bound",
      iteration: k - 1,
      changeType: trace.iterations[k - 1]?.changeType ?? "initial",
      runUs,
      computeUs: runUs,
      loadUs: 0,
      writeUs: 0,
      storedBytes: 0,
      evictedBytes: 0,
      peakBytes: 0,
      computed: 0,
      loaded: 0,
      pruned: 0,
      cumulativeUs: bound.us,
    };
  }
}

/** Whether a cell stands at the given parameters; those not named are the judged ones, those the grid lacks do not count. */
export function standsAt(point: Readonly<Record<string, Scalar>>, at: Readonly<Record<string, Scalar>>): boolean {
  const wanted = { budget: judgedBudget, on: judgedTrace, ...at };
  return Object.entries(wanted).every(([name, value]) => !(name in point) || point[name] === value);
}

/** The cell of a system at a budget (and further parameters). @throws {MissingRowsError} when it has no rows */
export function runOf(view: FigureView, system: string, at: Readonly<Record<string, Scalar>> = {}): FigureCell {
  const found = view.cells.find(({ point }) => standsAt(point, { ...at, system }));
  if (found === undefined || found.rows.length === 0) throw new MissingRowsError(`no rows of ${system}`);
  return found;
}

/** Total over the first `length` iterations. @throws {MissingRowsError} when the run has no row for the last of them */
export function totalUs(cell: FigureCell, length: number): number {
  const row = cell.rows.find(({ iteration }) => iteration === length - 1);
  if (row === undefined) throw new MissingRowsError(`no row for iteration ${length - 1}`);
  return row.cumulativeUs;
}

/** Cheapest of the systems without reuse over the first `length` iterations. @throws {MissingRowsError} when none has run */
export function cheapestWithoutReuse(
  view: FigureView,
  length: number,
  at: Readonly<Record<string, Scalar>> = {},
): { readonly system: string; readonly us: number } {
  let best: { readonly system: string; readonly us: number } | undefined;
  for (const system of noReuseSystems) {
    const cell = view.cells.find(({ point }) => standsAt(point, { ...at, system }));
    const us = cell?.rows[length - 1]?.cumulativeUs;
    if (us !== undefined && (best === undefined || us < best.us)) best = { system, us };
  }
  if (best === undefined) throw new MissingRowsError(`none of ${noReuseSystems.join(", ")} ran ${length} iterations`);
  return best;
}

/** Compares a system with another (default: the cheapest without reuse) on their common prefix. */
export function compareTotals(
  view: FigureView,
  options: { readonly system?: string; readonly against?: string; readonly at?: Readonly<Record<string, Scalar>> } = {},
): Comparison {
  const { system = judgedSystem, against, at = {} } = options;
  const ours = runOf(view, system, at);
  const other = against === undefined ? undefined : runOf(view, against, at);
  const length = Math.min(ours.rows.length, other?.rows.length ?? ours.rows.length);
  const none =
    other === undefined
      ? cheapestWithoutReuse(view, length, at)
      : { system: against ?? "", us: totalUs(other, length) };
  const bound = runOf(view, boundLine, at);
  const totals: Totals = { oursUs: totalUs(ours, length), noneUs: none.us, optimumUs: totalUs(bound, length) };
  const trace = String(ours.facts["trace"] ?? "");
  return {
    totals: [totals],
    optimumIs: bound.rows.find(({ iteration }) => iteration === length - 1)?.planner ?? "bound",
    says: `${system} against ${none.system} over ${length} iterations of ${trace}, budget ${String(at["budget"] ?? judgedBudget)} (${boundWord(ours)})`,
  };
}

function boundWord(cell: FigureCell): string {
  return cell.facts["budgetBound"] === true ? "bound" : "did not bind";
}

/** What the plot says under its title: trace and why, accounting, budget and whether it bound, how segments are charged. */
export function figureConditions(
  view: FigureView,
  at: Readonly<Record<string, Scalar>> = {},
  systems: readonly string[] = figureSystems,
): readonly string[] {
  const budget = String(at["budget"] ?? judgedBudget);
  const cells = view.cells.filter(
    ({ point, rows }) => rows.length > 0 && systems.includes(String(point["system"])) && standsAt(point, at),
  );
  const first = cells[0];
  if (first === undefined) return [];
  const bound = cells.filter(({ facts }) => facts["budgetBound"] === true).map(({ point }) => String(point["system"]));
  const { facts } = first;
  const all = facts["intermediateBytes"];
  const tax = facts["barrierTax"];
  const charged =
    typeof tax !== "number"
      ? ""
      : ` · barrier tax ${formatNumber(tax)}: ${facts["chargeSegments"] === true ? "fused segments charged as wholes" : "node costs charged"}`;
  const size = typeof all === "number" ? ` (all intermediate results: ${formatBytes(all)})` : "";
  return [
    String(facts["why"]),
    `accounting uniform: sources never stored, every write charged${charged}`,
    `budget ${budgetText(budget, Number(all ?? 0))}: ${bound.length === 0 ? "did not bind" : `bound for ${bound.join(", ")}`}${size}`,
  ];
}

/** A budget for people: `10 GB`, `25 % = 1.2 MB`, `no limit`. */
export function budgetText(budget: string, intermediateBytes: number): string {
  if (budget === "none") return "no limit";
  const share = /^(\d+(?:\.\d+)?)%$/u.exec(budget)?.[1];
  if (share !== undefined) return `${share} % = ${formatBytes(Math.floor((intermediateBytes * Number(share)) / 100))}`;
  return budget.replace(/([A-Za-z]+)$/u, " $1");
}

/** Rows of the given systems at the judged budget, in figure order. */
export function figureRows(
  view: FigureView,
  systems: readonly string[],
  at: Readonly<Record<string, Scalar>> = {},
): readonly RunRow[] {
  return view.cells
    .filter(({ point }) => systems.includes(String(point["system"])) && standsAt(point, at))
    .flatMap(({ rows }) => rows);
}
