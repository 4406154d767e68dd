import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";

/** The error for an id that does not exist: names the nearest valid ones and how to list them all. */
export function unknownId(kind: string, typed: string, ids: readonly string[]): UsageError {
  return new UsageError(
    `unknown ${kind} "${typed}"; nearest: ${nearest(typed, ids).join(", ")}; see all with: reuselab list ${kind}s`,
  );
}
