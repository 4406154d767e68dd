import { materializerById } from "../algorithms/materialize/index.ts";
import { reusePlannerById } from "../algorithms/reuse/index.ts";
import { UsageError } from "../core/errors.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { OptionSpec, OptionValues } from "./command.ts";
import { listOption } from "./planner-choice.ts";

/** The option of every command that can use somebody's own parts. */
export const plugInOption: OptionSpec = {
  flags: "--plugin <file>",
  description: "a planner, materializer, workload, executor or experiment of your own",
  repeatable: true,
};

/**
 * Loads what `--plugin` names, and nothing else; the loader itself is loaded only then.
 *
 * @throws {UsageError} when a file cannot be used, or takes the id of a built-in part
 */
export async function plugInsOf(values: OptionValues): Promise<LoadedPlugIns> {
  const names = listOption(values["plugin"]);
  const { mergePlugIns, noPlugIns } = await import("../harness/plug-ins/loaded.ts");
  if (names.length === 0) return noPlugIns;
  const { loadPlugIn } = await import("../harness/plug-ins/load.ts");
  const loaded = mergePlugIns(await Promise.all(names.map((name) => loadPlugIn(name))));
  const taken = [
    ...[...loaded.planners.keys()].filter((id) => reusePlannerById(id) !== undefined),
    ...[...loaded.materializers.keys()].filter((id) => materializerById(id) !== undefined),
  ];
  if (taken.length > 0)
    throw new UsageError(`--plugin: the id "${taken[0] ?? ""}" is a built-in part's; choose another id`);
  return loaded;
}
