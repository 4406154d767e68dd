import { reusePlannerById, reusePlannerIds } from "../algorithms/reuse/index.ts";
import { UsageError } from "../core/errors.ts";
import type { PlugIn, ReusePlanner } from "../core/plug-in.ts";
import type { LoadedPlugIns } from "../harness/plug-ins/loaded.ts";
import { nearest } from "../core/nearest.ts";
import { unknownId } from "./nearest.ts";

/** Looks a planner up by id. @throws {UsageError} naming the nearest valid ids */
export function choosePlanner(id: string, plugIns?: LoadedPlugIns): ReusePlanner {
  const planner = reusePlannerById(id) ?? plugIns?.planners.get(id);
  if (planner === undefined) throw unknownId("planner", id, [...reusePlannerIds, ...(plugIns?.planners.keys() ?? [])]);
  return planner;
}

/**
 * Reads `--param key=value` options against a plug-in's schema; a value is JSON where it parses as JSON, else text.
 *
 * @throws {UsageError} on a malformed option, an unknown key (naming the valid ones) or a value the schema refuses
 */
export function parseParams(plugIn: PlugIn, options: readonly string[]): object {
  const given = new Map<string, unknown>();
  for (const option of options) {
    const at = option.indexOf("=");
    if (at <= 0) throw new UsageError(`--param ${option}: expected key=value, for example --param factor=2`);
    const text = option.slice(at + 1);
    let value: unknown = text;
    try {
      value = JSON.parse(text);
    } catch {
      // plain text
    }
    given.set(option.slice(0, at), value);
  }
  const schema = plugIn.params;
  const known = schema !== undefined && "shape" in schema ? Object.keys(schema.shape as object) : [];
  for (const key of given.keys()) {
    if (known.includes(key)) continue;
    const hint = known.length === 0 ? "it has none" : `nearest: ${nearest(key, known).join(", ")}`;
    throw new UsageError(`--param ${key}: ${plugIn.id} has no such parameter; ${hint}`);
  }
  if (schema === undefined) return {};
  const result = schema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new UsageError(`--param ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"} (${plugIn.id})`);
}
