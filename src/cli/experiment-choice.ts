import { experimentGroups, experiments } from "../../experiments/registry.ts";
import { UsageError } from "../core/errors.ts";
import { defineExperiment, type Experiment } from "../harness/experiment.ts";
import { noPlugIns, type LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { idTaken } from "../harness/run-plug-ins.ts";
import type { OptionValues } from "./command.ts";
import { unknownId } from "./nearest.ts";

/**
 * The experiment of an id, built in or a plug-in's; a plain object of a plug-in gets the fields that `defineExperiment` would
 * have given it. @throws {UsageError} when a plug-in takes a built-in id
 */
export function findExperiment(id: string, { experiments: own }: LoadedPlugIns = noPlugIns): Experiment | undefined {
  const known = experiments.find((experiment) => experiment.id === id);
  const brought = own.get(id);
  if (brought !== undefined && known !== undefined) throw idTaken(id);
  return brought === undefined ? known : defineExperiment(brought);
}

/** As {@link findExperiment}. @throws {UsageError} also when there is none, naming the nearest ids */
export function experimentOf(id: string, plugIns: LoadedPlugIns = noPlugIns): Experiment {
  const found = findExperiment(id, plugIns);
  if (found === undefined)
    throw unknownId("experiment", id, [
      ...experiments.map((experiment) => experiment.id),
      ...plugIns.experiments.keys(),
    ]);
  return found;
}

/** Experiments of an id, a group or `all` (every one that states claims). @throws {UsageError} */
export function experimentsOf(selection: string): readonly Experiment[] {
  if (selection === "all") return experiments.filter((experiment) => experiment.claims.length > 0);
  const group = experiments.filter((experiment) => experiment.group === selection);
  if (group.length > 0) return group;
  if ((experimentGroups as readonly string[]).includes(selection))
    throw new UsageError(`group "${selection}": has no experiments yet; there are: ${groupsInUse().join(", ")}`);
  return [experimentOf(selection)];
}

function groupsInUse(): readonly string[] {
  return [...new Set(experiments.flatMap(({ group }) => (group === undefined ? [] : [group])))];
}

/** A text option; undefined when not given. */
export function textOption(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** A repeatable option, each value split at commas where `split` is set. */
export function listOption(values: OptionValues, name: string, split = false): readonly string[] {
  const value = values[name];
  const list = typeof value === "string" ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
  return split ? list.flatMap((text) => text.split(",")).filter((text) => text !== "") : list;
}

/** An integer option. @throws {UsageError} when it is none or below `least` */
export function integerOption(values: OptionValues, name: string, least: number): number | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^-?\d+$/u.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${name} "${text}": expected an integer of at least ${least}`);
  return value;
}
