/** What follows from the cells and is never edited: rows.csv, charts, claims.md, meta.json. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import type { Exclusion } from "../core/result-row.ts";
import type { ChartSpec } from "../report/charts/spec.ts";
import { claimsMarkdown } from "../report/claims-table.ts";
import { canonicalJson, replaceFile, type Cell, type Scalar } from "./cells.ts";
import { judgeClaims, type ClaimResult } from "./claims.ts";
import type { CellView, Experiment, Grid, Point, ResultTable, ResultView } from "./experiment.ts";

/** `meta.json`: what the folder holds, without times and machines. */
export interface ResultMeta {
  readonly format: "reuselab.results";
  readonly version: 1;
  readonly experiment: string;
  readonly experimentVersion: number;
  readonly title: string;
  readonly reproduces: string;
  readonly quick: boolean;
  readonly seed: number;
  readonly params: Grid;
  readonly cells: {
    readonly total: number;
    readonly done: number;
    readonly failed: number;
    readonly timeout: number;
    /** Cells on engines that were not asked for. */
    readonly notRun: number;
  };
  readonly executors: readonly string[];
  readonly charts: readonly string[];
  readonly claims: readonly ClaimResult[];
  readonly tables: readonly ResultTable[];
  readonly exclusions: readonly Exclusion[];
  readonly failures: readonly {
    readonly params: Readonly<Record<string, Scalar>>;
    readonly code: string;
    readonly message: string;
  }[];
}

/** The cells of a grid in its order, as charts and claims see them. */
export function viewOf(points: readonly Point<Grid>[], cells: readonly (Cell | undefined)[], seed: number): ResultView {
  const views: CellView[] = [];
  for (const [i, point] of points.entries()) {
    const cell = cells[i];
    if (cell?.status === "done") views.push({ point, rows: cell.rows, facts: cell.facts, exclusions: cell.exclusions });
  }
  return { cells: views, rows: views.flatMap(({ rows }) => rows), seed };
}

/** rows.csv: parameters first, then the columns of the rows; a row whose column has the parameter's name keeps one of them. */
export function rowsCsv(view: ResultView): string {
  const columns: string[] = [];
  const seen = new Set<string>();
  const note = (name: string): void => {
    if (!seen.has(name)) {
      seen.add(name);
      columns.push(name);
    }
  };
  const records: Record<string, Scalar>[] = [];
  for (const { point, rows } of view.cells) {
    for (const row of rows) {
      for (const name of Object.keys(point)) note(name);
      for (const name of Object.keys(row)) note(name);
      records.push({ ...point, ...row });
    }
  }
  return stringify(records, { header: true, columns, cast: { boolean: (value) => (value ? "true" : "false") } });
}

/** Distinct exclusions in order of first appearance. */
export function distinctExclusions(exclusions: readonly Exclusion[]): readonly Exclusion[] {
  const seen = new Map<string, Exclusion>();
  for (const exclusion of exclusions) {
    const key = [exclusion.trace, exclusion.system, exclusion.reason, exclusion.fromIteration ?? ""].join("\u0000");
    if (!seen.has(key)) seen.set(key, exclusion);
  }
  return [...seen.values()];
}

function chartsOf(experiment: Experiment, view: ResultView): ReadonlyMap<string, ChartSpec> {
  const charts = new Map<string, ChartSpec>();
  if (view.rows.length === 0) return charts;
  const main = experiment.chart?.(view);
  if (main !== undefined) charts.set("chart", main);
  for (const [name, spec] of Object.entries(experiment.charts?.(view) ?? {}))
    if (spec !== undefined) charts.set(`chart-${name}`, spec);
  return charts;
}

/** What a run derives from. */
export interface DerivedFrom {
  readonly quick: boolean;
  readonly seed: number;
  readonly grid: Grid;
  readonly points: readonly Point<Grid>[];
  readonly cells: readonly (Cell | undefined)[];
}

/** `meta.json` as it is, if it was derived with the same settings; undefined otherwise. */
export function readMeta(folder: string, { quick, seed, grid }: DerivedFrom): ResultMeta | undefined {
  const file = join(folder, "meta.json");
  if (!existsSync(file) || !existsSync(join(folder, "rows.csv"))) return undefined;
  const meta = JSON.parse(readFileSync(file, "utf8")) as ResultMeta;
  const isSame = meta.quick === quick && meta.seed === seed && canonicalJson(meta.params) === canonicalJson(grid);
  return isSame ? meta : undefined;
}

/** Writes everything derived into the folder and answers `meta.json`'s content. Charts that are no longer made are removed. */
export async function writeDerived(folder: string, experiment: Experiment, run: DerivedFrom): Promise<ResultMeta> {
  const view = viewOf(run.points, run.cells, run.seed);
  const claims = judgeClaims(experiment.id, experiment.claims, view);
  const charts = chartsOf(experiment, view);
  replaceFile(join(folder, "rows.csv"), rowsCsv(view));
  for (const name of readdirSync(folder)) if (/^chart.*\.(?:vl\.json|svg|png)$/u.test(name)) rmSync(join(folder, name));
  for (const [name, spec] of charts) {
    // Loaded for charts only: the libraries take longer than resuming a finished run.
    const { renderPng, renderSvg } = await import("../report/render.ts");
    replaceFile(join(folder, `${name}.vl.json`), `${JSON.stringify(spec, null, 1)}\n`);
    const svg = await renderSvg(spec);
    replaceFile(join(folder, `${name}.svg`), svg);
    replaceFile(join(folder, `${name}.png`), renderPng(svg));
  }
  const count = (status: string): number => run.cells.filter((cell) => cell?.status === status).length;
  const meta: ResultMeta = {
    format: "reuselab.results",
    version: 1,
    experiment: experiment.id,
    experimentVersion: experiment.version,
    title: experiment.title,
    reproduces: experiment.reproduces,
    quick: run.quick,
    seed: run.seed,
    params: run.grid,
    cells: {
      total: run.points.length,
      done: count("done"),
      failed: count("failed"),
      timeout: count("timeout"),
      notRun: run.cells.filter((cell) => cell === undefined).length,
    },
    executors: [
      ...new Set(run.cells.flatMap((cell) => (cell === undefined ? [] : [cell.configuration.executor]))),
    ].sort(),
    charts: [...charts.keys()],
    claims,
    tables: view.rows.length === 0 ? [] : (experiment.tables?.(view) ?? []),
    exclusions: distinctExclusions(view.cells.flatMap(({ exclusions }) => exclusions)),
    failures: run.cells.flatMap((cell) =>
      cell?.error === undefined ? [] : [{ params: cell.configuration.params, ...cell.error }],
    ),
  };
  replaceFile(join(folder, "claims.md"), claimsMarkdown(meta));
  replaceFile(join(folder, "meta.json"), `${JSON.stringify(meta, null, 1)}\n`);
  return meta;
}
