/** What every experiment must do, as named checks free of any test runner. */
import { canonicalJson, cellLine, type Cell } from "../harness/cells.ts";
import { judgeClaims } from "../harness/claims.ts";
import {
  defineExperiment,
  gridOf,
  pointsOf,
  type Experiment,
  type ExperimentDefinition,
  type Grid,
  type Point,
} from "../harness/experiment.ts";
import { configurationOf, runCell, surroundingsOf, type CellEnvironment } from "../harness/run-cell.ts";
import { viewOf } from "../harness/run-derived.ts";
import { emptyPlugIns } from "../harness/run-plug-ins.ts";
import { TraceLibrary } from "../harness/run-traces.ts";
import { isCell } from "../harness/sweep.ts";
import type { AsyncContractCheck } from "./materializer-contract.ts";

/** Points that are run: the first of the quick grid. */
const mostPoints = 3;

/** Cells that need no engine. */
const unmeasured = new Set(["simulated", "host"]);

/**
 * The battery: the definition is whole, quick values belong to known parameters, the first points of the quick grid run and
 * give plain rows with equal columns, a simulated point gives the same rows again, figures, tables and claims can be made
 * of what there is. Points on engines are left out.
 * @param traces where its inputs are looked for; the shipped ones if left out
 */
export function experimentContract(
  given: ExperimentDefinition<Grid, object>,
  traces: TraceLibrary = new TraceLibrary(),
): readonly AsyncContractCheck[] {
  const { id } = given;
  const environment: CellEnvironment = {
    seed: given.seed ?? 1,
    traces,
    signal: new AbortController().signal,
    plugIns: emptyPlugIns,
  };
  const points = (experiment: Experiment): readonly Point<Grid>[] => {
    const around = surroundingsOf(environment);
    const all = pointsOf(gridOf(experiment, true, around)).filter((point) => isCell(experiment, point, around));
    if (all.length === 0) throw new Error(`${id}: its quick grid has no cell; look at params, quick and when`);
    return all.filter((point) => unmeasured.has(experiment.executor?.(point) ?? "simulated")).slice(0, mostPoints);
  };
  const cellOf = async (experiment: Experiment, point: Point<Grid>): Promise<Cell> => {
    const cell = await runCell(experiment, point, await configurationOf(experiment, point, environment), environment);
    if (cell.status !== "done")
      throw new Error(`${id}: at ${JSON.stringify(point)}: ${cell.error?.message ?? cell.status}`);
    return cell;
  };
  return [
    {
      title: `${id}: the definition is whole, and quick replaces values of known parameters`,
      check: async () => {
        const experiment = defineExperiment(given);
        for (const name of ["title", "reproduces"] as const)
          if (typeof experiment[name] !== "string") throw new Error(`${id}: ${name} is no text`);
        const unknown = Object.keys(experiment.quick).find((name) => !Object.hasOwn(experiment.params, name));
        if (unknown !== undefined)
          throw new Error(
            `${id}: quick names "${unknown}"; parameters are ${Object.keys(experiment.params).join(", ") || "none"}`,
          );
        points(experiment);
      },
    },
    {
      title: `${id}: the first points of the quick grid run and give plain rows with equal columns`,
      check: async () => {
        const experiment = defineExperiment(given);
        for (const point of points(experiment)) cellLine(await cellOf(experiment, point));
      },
    },
    {
      title: `${id}: a simulated point gives the same rows again`,
      check: async () => {
        const experiment = defineExperiment(given);
        for (const point of points(experiment)) {
          if ((experiment.executor?.(point) ?? "simulated") !== "simulated") continue;
          const [first, second] = [await cellOf(experiment, point), await cellOf(experiment, point)];
          const at = first.rows.findIndex((row, i) => canonicalJson(row) !== canonicalJson(second.rows[i] ?? null));
          if (at >= 0 || first.rows.length !== second.rows.length)
            throw new Error(
              `${id}: at ${JSON.stringify(point)} row ${at} is ${JSON.stringify(second.rows[at])} the second time, ${JSON.stringify(first.rows[at])} the first; draw from context.rng, and let executor() say "host" for times`,
            );
        }
      },
    },
    {
      title: `${id}: figures, tables and claims can be made of what there is`,
      check: async () => {
        const experiment = defineExperiment(given);
        const chosen = points(experiment);
        const cells: Cell[] = [];
        for (const point of chosen) cells.push(await cellOf(experiment, point));
        const view = viewOf(chosen, cells, environment.seed);
        const { renderSvg } = await import("../report/render.ts");
        for (const spec of [experiment.chart?.(view), ...Object.values(experiment.charts?.(view) ?? {})])
          if (spec !== undefined) await renderSvg(spec);
        experiment.tables?.(view);
        judgeClaims(id, experiment.claims, view);
      },
    },
  ];
}
