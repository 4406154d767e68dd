import { materializerById, materializerIds } from "../algorithms/materialize/index.ts";
import { defaultSystems, pairSystem, systemById, systemIds } from "../baselines/index.ts";
import { UsageError } from "../core/errors.ts";
import type { SystemSpec } from "../core/system.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { SimulationCell } from "../simulator/simulate.ts";
import type { OptionValues } from "./command.ts";
import { unknownId } from "./nearest.ts";
import { choosePlanner, listOption } from "./planner-choice.ts";

/**
 * The systems that `--system`, or `--planner` with `--materializer`, name; every one that is not explicit only without any.
 *
 * @param more systems that run only when named, such as the oracle
 * @throws {UsageError} on unknown ids, half a pair, or both ways at once
 */
export function chooseSystems(
  values: OptionValues,
  plugIns: LoadedPlugIns,
  more: readonly SystemSpec[] = [],
): readonly SystemSpec[] {
  const named = listOption(values["system"])
    .flatMap((text) => text.split(","))
    .map((id) => id.trim());
  const { planner, materializer } = values;
  if (planner !== undefined || materializer !== undefined) {
    if (named.length > 0)
      throw new UsageError("--system: cannot stand beside --planner and --materializer; use either");
    if (typeof planner !== "string") throw new UsageError("--materializer: needs --planner beside it");
    if (typeof materializer !== "string") throw new UsageError("--planner: needs --materializer beside it");
    if (materializerById(materializer) === undefined && !plugIns.materializers.has(materializer))
      throw unknownId("materializer", materializer, [...materializerIds, ...plugIns.materializers.keys()]);
    return [pairSystem(choosePlanner(planner, plugIns).id, materializer)];
  }
  if (named.length === 0) return defaultSystems;
  return [...new Set(named)].map((id) => {
    const system = systemById(id) ?? more.find((other) => other.id === id);
    if (system === undefined) throw unknownId("system", id, [...systemIds, ...more.map((other) => other.id)]);
    return system;
  });
}

/** The parts of a system that plug-ins brought, as a simulated cell takes them. */
export function plugInParts(
  { planner, materializer }: SystemSpec,
  plugIns: LoadedPlugIns,
): Pick<SimulationCell, "planner" | "materializer"> {
  const own = { planner: plugIns.planners.get(planner), materializer: plugIns.materializers.get(materializer) };
  return {
    ...(own.planner === undefined ? {} : { planner: own.planner }),
    ...(own.materializer === undefined ? {} : { materializer: own.materializer }),
  };
}
