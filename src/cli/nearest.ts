import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

/**
 * The error for an id that does not exist: names the nearest valid ones and how to list them all.
 * @param listing command that does so
 */
export function unknownId(
  kind: string,
  typed: string,
  ids: readonly string[],
  listing = `reuselab list ${kind}s`,
): UsageError {
  const near = nearest(typed, ids);
  const hint =
    near.length < ids.length || ids.length <= 3 ? `nearest: ${near.join(", ")}` : `expected one of ${near.join(", ")}`;
  return new UsageError(`unknown ${kind} "${typed}"; ${hint}; see all with: ${listing}`);
}
