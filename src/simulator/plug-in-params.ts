import { UsageError } from "../core/errors.ts";
import type { PlugIn } from "../core/plug-in.ts";

/** Parameters of a plug-in: those given over its defaults. @throws {UsageError} on an unknown one or a wrong type */
export function resolveParams(plugIn: PlugIn, given: Readonly<Record<string, unknown>> = {}): object {
  const { params } = plugIn;
  const names = Object.keys(given);
  if (params === undefined) {
    if (names.length === 0) return {};
    throw new UsageError(`${plugIn.id}: has no parameter "${names[0]}"; it takes none`);
  }
  const shape = "shape" in params ? Object.keys(params.shape as object) : undefined;
  const unknown = shape === undefined ? undefined : names.find((name) => !shape.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`${plugIn.id}: has no parameter "${unknown}"; it takes ${(shape ?? []).join(", ")}`);
  const parsed = params.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UsageError(`${plugIn.id}: parameter ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`);
}
