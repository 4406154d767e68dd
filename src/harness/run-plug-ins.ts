/** Plug-ins of a run: loaded, and hashed because their source is part of what identifies a cell. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { mergePlugIns, noPlugIns, type LoadedPlugIns } from "./plug-ins/loaded.ts";

/** Plug-in files and what they brought. */
export interface PlugInSet {
  /** As named, absolute where they are files: worker threads load them again. */
  readonly files: readonly string[];
  /** SHA-256 of each file, in order. */
  readonly hashes: readonly string[];
  readonly loaded: LoadedPlugIns;
}

/** No plug-ins. */
export const emptyPlugIns: PlugInSet = { files: [], hashes: [], loaded: noPlugIns };

/** Loads plug-in files. @throws {UsageError} naming the file that cannot be loaded, or an id that comes twice */
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
  return { files, hashes, loaded: mergePlugIns(parts) };
}
