/**
 * Experiments as data: a grid of typed parameters, a function from one point of the grid to rows, charts and claims.
 * Loops, seeds, timing, isolation, resumption and provenance belong to the harness (`run.ts`).
 */
import { UsageError } from "../core/errors.ts";
import type { PlugIn } from "../core/plug-in.ts";
import type { Exclusion } from "../core/result-row.ts";
import type { Rng } from "../core/rng.ts";
import type { ChartSpec } from "../report/charts/spec.ts";
import type { Scalar } from "./cells.ts";
import type { Claim } from "./claims.ts";
import type { TraceLibrary, LibraryTrace } from "./run-traces.ts";
import type { PartParams } from "./parameters.ts";
import type { WatchReplay } from "./run-replay.ts";
import type { LoadedPlugIns } from "./plug-ins/loaded.ts";
import type { Sampling, TimeSummary } from "./timing.ts";

/** Values each parameter takes; the experiment runs once per combination, the last parameter varying fastest. */
export type Grid = Readonly<Record<string, readonly Scalar[]>>;

/** One point of a grid. */
export type Point<G extends Grid> = { readonly [K in keyof G]: G[K][number] };

/** What one call of an experiment's `run` gets from the harness. */
export interface ExperimentContext {
  readonly seed: number;
  /** A random stream of this experiment and seed, independent by name: the same name gives the same numbers in every cell. */
  readonly rng: (name: string) => Rng;
  /** A trace by reference (`census@judged`, `ie@10x`, a name or a path); it must be among the point's `inputs`. */
  readonly trace: (reference: string) => Promise<LibraryTrace>;
  readonly traces: TraceLibrary;
  /** Plug-ins named on the command line. */
  readonly plugIns: LoadedPlugIns;
  /** Parameters that `--param` set for the planners and materializers of this point. */
  readonly params: PartParams;
  /** Times a function: warm-up, then repetitions; medians with an interval. Such cells are measured, never byte-identical. */
  readonly timeUs: (work: () => void | Promise<void>, sampling?: Partial<Sampling>) => Promise<TimeSummary>;
  /** Where somebody looks on: who is told of each iteration of a replay under a system; goes into `replay` as `watch`. */
  readonly watch: WatchReplay;
  /** Says that a system was left out (entirely, or from an iteration on). */
  readonly exclude: (exclusion: Exclusion) => void;
  /** Keeps a single value with the cell: a bound, a size, why a trace was chosen. */
  readonly fact: (name: string, value: Scalar) => void;
  readonly signal: AbortSignal;
}

/** A finished cell as charts and claims see it. */
export interface CellView<G extends Grid = Grid, R extends object = object> {
  readonly point: Point<G>;
  readonly rows: readonly R[];
  readonly facts: Readonly<Record<string, Scalar>>;
  readonly exclusions: readonly Exclusion[];
}

/** Everything an experiment produced, in the order of its grid; failed cells are missing. */
export interface ResultView<G extends Grid = Grid, R extends object = object> {
  readonly cells: readonly CellView<G, R>[];
  /** All rows, in order. */
  readonly rows: readonly R[];
  readonly seed: number;
}

/** What an experiment may adapt its grid to. */
export interface Surroundings {
  readonly traces: TraceLibrary;
  readonly plugIns: LoadedPlugIns;
}

/** A table of results for people. */
export interface ResultTable {
  readonly title: string;
  readonly note: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What an experiment may cost, for `--dry-run`. */
export interface Estimate {
  readonly secondsPerCell: number;
  readonly memoryMegabytes: number;
}

/** What {@link defineExperiment} takes. */
export interface ExperimentDefinition<G extends Grid, R extends object> {
  readonly id: string;
  readonly title: string;
  /** Paper and figure, or the question it answers. */
  readonly reproduces: string;
  /** Group it is reproduced with: `demo`, `hilml`, `vldb`, `collab`. */
  readonly group?: string;
  /** Raised when the meaning of its cells changes; default 1. */
  readonly version?: number;
  readonly params: G;
  /** Values that replace those of `params` with `--quick`. */
  readonly quick?: { readonly [K in keyof NoInfer<G>]?: readonly NoInfer<G>[K][number][] };
  /** Seed of a run that names none; default 1. */
  readonly seed?: number;
  readonly estimate?: Estimate;
  /** Adds values that depend on what is there: every family of traces, systems from plug-ins. */
  extend?(grid: Grid, around: Surroundings): Grid;
  /** False for combinations that mean nothing and are no cells. */
  when?(point: Point<NoInfer<G>>, around: Surroundings): boolean;
  /**
   * Planners and materializers a point uses: `--param ID.NAME=a,b` sweeps their parameters, and a plug-in's source is part of
   * the key of just the cells that use it. @throws {UsageError} when the point names what does not exist
   */
  parts?(point: Point<NoInfer<G>>, around: Surroundings): readonly PlugIn[];
  /** What measures the cell: `simulated` (default), `duckdb`, `spark`, `host` for timings of our own code. */
  executor?(point: Point<NoInfer<G>>): string;
  /** References of the traces a point reads; their hashes are part of the cell's key. */
  inputs?(point: Point<NoInfer<G>>, around: Surroundings): readonly string[];
  run(point: Point<NoInfer<G>>, context: ExperimentContext): AsyncIterable<R>;
  /** The main figure; undefined when a filter left nothing to draw. */
  chart?(view: ResultView<NoInfer<G>, NoInfer<R>>): ChartSpec | undefined;
  /** Further figures by name (`chart-NAME.svg`). */
  charts?(view: ResultView<NoInfer<G>, NoInfer<R>>): Readonly<Record<string, ChartSpec | undefined>>;
  /** Tables for reports, for example a ranking. */
  tables?(view: ResultView<NoInfer<G>, NoInfer<R>>): readonly ResultTable[];
  readonly claims?: readonly Claim<NoInfer<G>, NoInfer<R>>[];
}

/** An experiment; made by {@link defineExperiment}. */
export interface Experiment<G extends Grid = Grid, R extends object = object> {
  readonly id: string;
  readonly title: string;
  readonly reproduces: string;
  readonly group?: string;
  readonly version: number;
  readonly params: G;
  readonly quick: Grid;
  readonly seed: number;
  readonly estimate: Estimate;
  extend?(grid: Grid, around: Surroundings): Grid;
  when?(point: Point<G>, around: Surroundings): boolean;
  parts?(point: Point<G>, around: Surroundings): readonly PlugIn[];
  executor?(point: Point<G>): string;
  inputs?(point: Point<G>, around: Surroundings): readonly string[];
  run(point: Point<G>, context: ExperimentContext): AsyncIterable<R>;
  chart?(view: ResultView<G, R>): ChartSpec | undefined;
  charts?(view: ResultView<G, R>): Readonly<Record<string, ChartSpec | undefined>>;
  tables?(view: ResultView<G, R>): readonly ResultTable[];
  readonly claims: readonly Claim<G, R>[];
}

/**
 * Defines an experiment; types of parameters flow into `run`, types of rows into charts and claims.
 * @throws {UsageError} when the id is not kebab-case, a parameter has no values, or two claims share an id
 */
export function defineExperiment<const G extends Grid, R extends object>(
  definition: ExperimentDefinition<G, R>,
): Experiment<G, R> {
  const { id } = definition;
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(id))
    throw new UsageError(`experiment "${id}": expected an id in kebab-case, for example planner-overhead`);
  for (const grid of [definition.params, (definition.quick ?? {}) as Grid])
    for (const [name, values] of Object.entries(grid))
      if (!Array.isArray(values) || values.length === 0)
        throw new UsageError(`experiment "${id}": parameter "${name}" has no values; expected a list of at least one`);
  const dotted = Object.keys(definition.params).find((name) => name.includes("."));
  if (dotted !== undefined)
    throw new UsageError(`experiment "${id}": parameter "${dotted}" has a dot; those are parameters of its planners`);
  const ids = (definition.claims ?? []).map((claim) => claim.id);
  const twice = ids.find((claim, i) => ids.indexOf(claim) !== i);
  if (twice !== undefined) throw new UsageError(`experiment "${id}": two claims have the id "${twice}"`);
  return {
    version: 1,
    seed: 1,
    estimate: { secondsPerCell: 0.01, memoryMegabytes: 200 },
    claims: [],
    ...definition,
    quick: (definition.quick ?? {}) as Grid,
  };
}

/** Values of each parameter for a full or a quick run. */
export function gridOf(experiment: Experiment, quick: boolean, around?: Surroundings): Grid {
  const grid = quick ? { ...experiment.params, ...experiment.quick } : experiment.params;
  return around === undefined ? grid : (experiment.extend?.(grid, around) ?? grid);
}

/** All points of a grid, the last parameter varying fastest. */
export function pointsOf<G extends Grid>(grid: G): readonly Point<G>[] {
  let points: Record<string, Scalar>[] = [{}];
  for (const [name, values] of Object.entries(grid))
    points = points.flatMap((point) => values.map((value) => Object.assign({}, point, { [name]: value })));
  return points as Point<G>[];
}

/**
 * Narrows a grid to the values asked for (`--filter system=helix`); values are compared as text.
 * @throws {UsageError} naming the parameter or value that does not exist
 */
export function filterGrid<G extends Grid>(grid: G, filters: readonly string[]): G {
  const wanted = new Map<string, Set<string>>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    const name = filter.slice(0, Math.max(0, at));
    const values = grid[name];
    if (at < 1 || values === undefined)
      throw new UsageError(
        `--filter "${filter}": expected NAME=VALUE[,VALUE] with NAME one of ${Object.keys(grid).join(", ")}`,
      );
    const set = wanted.get(name) ?? new Set<string>();
    for (const value of filter.slice(at + 1).split(",")) {
      if (!values.some((known) => String(known) === value))
        throw new UsageError(
          `--filter "${filter}": "${value}" is no value of ${name}; expected ${values.map(String).join(", ")}`,
        );
      set.add(value);
    }
    wanted.set(name, set);
  }
  return Object.fromEntries(
    Object.entries(grid).map(([name, values]) => [
      name,
      values.filter((value) => wanted.get(name)?.has(String(value)) ?? true),
    ]),
  ) as unknown as G;
}
