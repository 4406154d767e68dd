import type { SystemSpec } from "../core/system.ts";
import { partsOf } from "../harness/contenders.ts";
import { combinationsOf, readParam, sweepsOf, type PartParams, type SweptParam } from "../harness/parameters.ts";
import { noPlugIns, type LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { UsageError } from "../core/errors.ts";

/**
 * Reads `--param` options for the planners and materializers of some systems: `ID.NAME=VALUE[,VALUE]` for one of them,
 * `NAME=VALUE[,VALUE]` for every one that has such a parameter.
 *
 * @throws {UsageError} on an id that does not take part, an unknown parameter or a bad value
 */
export function sweptParams(
  options: readonly string[],
  systems: readonly SystemSpec[],
  plugIns: LoadedPlugIns = noPlugIns,
): readonly SweptParam[] {
  const parts = new Map(systems.flatMap((system) => partsOf(system, plugIns)).map((part) => [part.id, part]));
  return sweepsOf(options.map(readParam), [...parts.values()]);
}

/** Parameter sets that a system runs with: one per combination of the values of its own parts, else one empty set. */
export function paramsOfSystem(
  swept: readonly SweptParam[],
  system: SystemSpec,
  plugIns: LoadedPlugIns,
): readonly PartParams[] {
  const own = new Set(partsOf(system, plugIns).map(({ id }) => id));
  return combinationsOf(swept.filter(({ part }) => own.has(part.id)));
}

/** As {@link sweptParams}, for commands that run one parameter set. @throws {UsageError} when several values are given */
export function pairParams(
  options: readonly string[],
  systems: readonly SystemSpec[],
  plugIns?: LoadedPlugIns,
): PartParams {
  const swept = sweptParams(options, systems, plugIns);
  const many = swept.find(({ values }) => values.length > 1);
  if (many !== undefined)
    throw new UsageError(
      `--param ${many.part.id}.${many.name}: has ${many.values.length} values; this command takes one; sweep with simulate or run`,
    );
  const [params = new Map()] = combinationsOf(swept);
  return params;
}
