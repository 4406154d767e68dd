import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import type { PlugInSet } from "../harness/run-plug-ins.ts";
import type { OptionSpec, OptionValues } from "./command.ts";
import { listOption } from "./list-option.ts";

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
  return (await openedPlugIns(values)).loaded;
}

/** As {@link plugInsOf}, with the hashes of the files. @throws {UsageError} as there */
export async function openedPlugIns(values: OptionValues): Promise<PlugInSet> {
  const { openPlugIns } = await import("../harness/run-plug-ins.ts");
  return openPlugIns(listOption(values["plugin"]));
}
