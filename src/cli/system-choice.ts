import { materializerById, materializerIds } from "../algorithms/materialize/index.ts";
import { defaultSystems, pairSystem, systemIds } from "../baselines/index.ts";
import { UsageError } from "../core/errors.ts";
import type { SystemSpec } from "../core/system.ts";
import { helixKeep, isSystem, plugInSystems, systemOf } from "../harness/contenders.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { OptionValues } from "./command.ts";
import { unknownId } from "./nearest.ts";
import { listOption } from "./list-option.ts";
import { choosePlanner } from "./planner-choice.ts";

/**
 * The systems that `--system` (ids, or pairs `P+M`), or `--planner` with `--materializer`, name; without any, every one that is
 * not explicit only and those that plug-ins bring.
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
  if (named.length === 0) return [...defaultSystems, ...plugInSystems(plugIns)];
  const known = [...systemIds, helixKeep.id, ...more.map((other) => other.id)];
  return [...new Set(named)].map((id) => {
    const special = more.find((other) => other.id === id);
    if (special !== undefined) return special;
    if (!isSystem(id) && !id.includes("+"))
      throw unknownId("system", id, [...known, ...plugInSystems(plugIns).map((system) => system.id)]);
    return systemOf(id, plugIns);
  });
}
