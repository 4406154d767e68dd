import { materializerById } from "../algorithms/materialize/index.ts";
import { reusePlannerById } from "../algorithms/reuse/index.ts";
import { UsageError } from "../core/errors.ts";
import type { PlugIn } from "../core/plug-in.ts";
import type { SystemSpec } from "../core/system.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { nearest } from "../core/nearest.ts";
import { parseParams } from "./planner-choice.ts";

/**
 * Reads `--param` options for the planners and materializers of some systems: `ID.NAME=VALUE` for one of them, `NAME=VALUE`
 * for every one that has such a parameter.
 *
 * @returns parameters by plug-in id, defaults left out
 * @throws {UsageError} on an id that does not take part, an unknown parameter or a bad value
 */
export function pairParams(
  options: readonly string[],
  systems: readonly SystemSpec[],
  plugIns?: LoadedPlugIns,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const parts = new Map<string, PlugIn>();
  for (const { planner, materializer } of systems)
    for (const part of [
      reusePlannerById(planner) ?? plugIns?.planners.get(planner),
      materializerById(materializer) ?? plugIns?.materializers.get(materializer),
    ])
      if (part !== undefined) parts.set(part.id, part);

  const given = new Map<string, string[]>();
  for (const option of options) {
    const at = option.indexOf("=");
    if (at <= 0) throw new UsageError(`--param ${option}: expected id.name=value, for example helix-online.factor=3`);
    const key = option.slice(0, at);
    const dot = key.lastIndexOf(".");
    const owners =
      dot >= 0 ? [key.slice(0, dot)] : [...parts.values()].filter((part) => hasParam(part, key)).map(({ id }) => id);
    if (owners.length === 0)
      throw new UsageError(`--param ${key}: none of ${[...parts.keys()].join(", ")} has such a parameter`);
    for (const id of owners) {
      if (!parts.has(id))
        throw new UsageError(
          `--param ${key}: "${id}" takes no part in this run; nearest: ${nearest(id, [...parts.keys()]).join(", ")}`,
        );
      given.set(id, [...(given.get(id) ?? []), option.slice(dot + 1)]);
    }
  }
  const parsed = new Map<string, Readonly<Record<string, unknown>>>();
  for (const [id, own] of given) {
    const part = parts.get(id);
    if (part !== undefined) parsed.set(id, { ...parseParams(part, own) });
  }
  return parsed;
}

function hasParam({ params }: PlugIn, name: string): boolean {
  return params !== undefined && "shape" in params && Object.hasOwn(params.shape as object, name);
}
