/** Plug-ins of a run: loaded, and hashed because their source is part of what identifies a cell. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { materializerById } from "../algorithms/materialize/index.ts";
import { reusePlannerById } from "../algorithms/reuse/index.ts";
import { UsageError } from "../core/errors.ts";
import type { PlugIn } from "../core/plug-in.ts";
import type { Experiment } from "./experiment.ts";
import { mergePlugIns, noPlugIns, type LoadedPlugIns } from "./plug-ins/loaded.ts";

/** Plug-in files and what they brought. */
export interface PlugInSet {
  /** As named, absolute where they are files: worker threads load them again. */
  readonly files: readonly string[];
  /** SHA-256 of each file, in order. */
  readonly hashes: readonly string[];
  /** What each file brought, in order. */
  readonly brought: readonly LoadedPlugIns[];
  readonly loaded: LoadedPlugIns;
}

/** No plug-ins. */
export const emptyPlugIns: PlugInSet = { files: [], hashes: [], brought: [], loaded: noPlugIns };

/**
 * Hashes of the files that decide what a cell gives: of the experiment's own, and of the planners and materializers it uses;
 * of all of them where the experiment does not say which those are.
 */
export function policyHashes(
  { hashes, brought }: PlugInSet,
  experiment: Pick<Experiment, "id">,
  parts: readonly PlugIn[] | undefined,
): readonly string[] {
  return hashes.filter((_, i) => {
    const { planners, materializers, experiments } = brought[i]!;
    const isUsed = ({ id }: PlugIn): boolean => planners.has(id) || materializers.has(id);
    return parts === undefined || experiments.has(experiment.id) || parts.some(isUsed);
  });
}

/** The error for a plug-in with the id of a built-in part. */
export function idTaken(id: string): UsageError {
  return new UsageError(`--plugin: the id "${id}" is a built-in part's; choose another id`);
}

/** Loads plug-in files. @throws {UsageError} naming the file that cannot be loaded, or an id that comes twice or is built in */
export async function openPlugIns(names: readonly string[]): Promise<PlugInSet> {
  if (names.length === 0) return emptyPlugIns;
  const { loadPlugIn } = await import("./plug-ins/load.ts");
  const files = names.map((name) => (existsSync(name) ? resolve(name) : name));
  const parts: LoadedPlugIns[] = [];
  for (const name of names) parts.push(await loadPlugIn(name));
  const hashes = files.map((file) =>
    createHash("sha256")
      .update(existsSync(file) ? readFileSync(file) : file)
      .digest("hex"),
  );
  const loaded = mergePlugIns(parts);
  const taken = [
    ...[...loaded.planners.keys()].filter((id) => reusePlannerById(id) !== undefined),
    ...[...loaded.materializers.keys()].filter((id) => materializerById(id) !== undefined),
  ];
  if (taken.length > 0) throw idTaken(taken[0] ?? "");
  return { files, hashes, brought: parts, loaded };
}
