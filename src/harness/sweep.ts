/**
 * What `--param` does to an experiment's grid: `NAME=a,b` replaces the values of one of its own parameters, `ID.NAME=a,b` adds
 * a parameter of a planner or materializer, taken by the points that use it and null at all others.
 */
import { UsageError } from "../core/errors.ts";
import type { PlugIn } from "../core/plug-in.ts";
import { canonicalJson, type Scalar } from "./cells.ts";
import {
  filterGrid,
  gridOf,
  pointsOf,
  type Experiment,
  type Grid,
  type Point,
  type Surroundings,
} from "./experiment.ts";
import { readParam, sweepsOf, type GivenParam, type PartParams } from "./parameters.ts";

/** How a grid is narrowed and widened. */
export interface GridChanges {
  readonly quick: boolean;
  /** `NAME=VALUE[,VALUE]`: only these values. */
  readonly filters: readonly string[];
  /** `NAME=VALUE[,VALUE]` of the grid, or `ID.NAME=VALUE[,VALUE]` of a planner or materializer. */
  readonly params: readonly string[];
}

/** True for the name of a planner's or materializer's parameter: ids of experiments' own parameters have no dot. */
export const isPartParam = (name: string): boolean => name.includes(".");

/** The grid of a run. @throws {UsageError} naming the parameter, value or filter that does not exist */
export function openGrid(experiment: Experiment, around: Surroundings, changes: GridChanges): Grid {
  const given = changes.params.map(readParam);
  const original = gridOf(experiment, changes.quick, around);
  const own = given.filter(({ key }) => Object.hasOwn(original, key));
  const grid = replaced(original, own);
  const isOfPart = (text: string): boolean => isPartParam(text.slice(0, Math.max(0, text.indexOf("="))));
  const narrowed = filterGrid(
    grid,
    changes.filters.filter((filter) => !isOfPart(filter)),
  );
  const forParts = given.filter(({ key }) => !Object.hasOwn(original, key));
  return filterGrid(withParts(experiment, narrowed, forParts, around), changes.filters.filter(isOfPart));
}

/** @throws {UsageError} when a value has another type than those it replaces */
function replaced(grid: Grid, given: readonly GivenParam[]): Grid {
  const values = new Map<string, Scalar[]>();
  for (const { key, values: typed } of given) {
    const types = new Set((grid[key] ?? []).map((value) => typeof value));
    const wanted = typed.map((value): Scalar => {
      const text = types.has("string") && !types.has(typeof value) ? String(value) : value;
      if (!types.has(typeof text))
        throw new UsageError(
          `--param ${key}: ${JSON.stringify(value)} is ${typeof value}; expected ${[...types].join(" or ")}, for example ${(grid[key] ?? []).slice(0, 3).map(String).join(",")}`,
        );
      return text as Scalar;
    });
    values.set(key, [...(values.get(key) ?? []), ...wanted]);
  }
  return { ...grid, ...Object.fromEntries([...values].map(([name, all]) => [name, [...new Set(all)]])) };
}

function withParts(experiment: Experiment, grid: Grid, given: readonly GivenParam[], around: Surroundings): Grid {
  const [first] = given;
  if (first === undefined) return grid;
  const names = Object.keys(grid);
  if (experiment.parts === undefined)
    throw new UsageError(
      `--param ${first.key}: experiment ${experiment.id} has no such parameter; it has ${names.join(", ")}`,
    );
  const parts = new Map<string, PlugIn>();
  for (const point of pointsOf(grid))
    if (experiment.when?.(point, around) ?? true)
      for (const part of experiment.parts(point, around)) parts.set(part.id, part);
  try {
    const swept = sweepsOf(given, [...parts.values()]);
    const added = swept.map(({ part, name, values }) => [`${part.id}.${name}`, [null, ...values]] as const);
    return { ...grid, ...Object.fromEntries(added) };
  } catch (error) {
    if (!(error instanceof UsageError) || isPartParam(first.key)) throw error;
    throw new UsageError(`${error.message}; parameters of ${experiment.id} itself: ${names.join(", ")}`, {
      cause: error,
    });
  }
}

/** True if a point is a cell: it means something, and has a value for exactly the swept parameters of the parts it uses. */
export function isCell(experiment: Experiment, point: Point<Grid>, around: Surroundings): boolean {
  if (experiment.when?.(point, around) === false) return false;
  const swept = Object.keys(point).filter(isPartParam);
  if (swept.length === 0) return true;
  const used = new Set((experiment.parts?.(point, around) ?? []).map(({ id }) => id));
  return swept.every((name) => (point[name] !== null) === used.has(name.slice(0, name.lastIndexOf("."))));
}

/** Parameters of planners and materializers at a point. */
export function partParamsOf(point: Point<Grid>): PartParams {
  const params = new Map<string, Record<string, Scalar>>();
  for (const [name, value] of Object.entries(point)) {
    if (!isPartParam(name) || value === null) continue;
    const dot = name.lastIndexOf(".");
    const own = params.get(name.slice(0, dot)) ?? {};
    own[name.slice(dot + 1)] = value;
    params.set(name.slice(0, dot), own);
  }
  return params;
}

/** What legends and tables call the policy of a point: its system, `tuned` where it is, and swept values. */
export function policyLabel(point: Readonly<Record<string, unknown>>): string {
  const swept = Object.entries(point)
    .filter(([name, value]) => isPartParam(name) && value !== null)
    .map(
      ([name, value]) =>
        `${name.slice(name.lastIndexOf(".") + 1)} ${typeof value === "string" ? value : canonicalJson(value)}`,
    );
  return [String(point["system"]), ...(point["tuning"] === "tuned" ? ["tuned"] : []), ...swept].join(", ");
}
