/** Parameters of planners and materializers as command lines give them: `ID.NAME=VALUE[,VALUE]`, checked against their schemas. */
import { UsageError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { PlugIn } from "../core/plug-in.ts";
import { canonicalJson, type Scalar } from "./cells.ts";

/** Parameters by id of the planner or materializer. */
export type PartParams = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** A parameter with the values it is to take. */
export interface SweptParam {
  readonly part: PlugIn;
  readonly name: string;
  /** Distinct, each accepted by the part's schema; at least one. */
  readonly values: readonly Scalar[];
}

/** One `--param` option, read but not yet given to a part. */
export interface GivenParam {
  /** As typed, before the `=`. */
  readonly key: string;
  /** Values as typed: JSON where they parse as JSON, else text. */
  readonly values: readonly unknown[];
}

/** Names of a part's parameters; undefined where its schema does not tell. */
export function paramNames({ params }: PlugIn): readonly string[] | undefined {
  if (params === undefined) return [];
  return "shape" in params ? Object.keys(params.shape as object) : undefined;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Reads `NAME=VALUE[,VALUE]`; what is JSON as a whole is one value. @throws {UsageError} when it is malformed */
export function readParam(option: string): GivenParam {
  const at = option.indexOf("=");
  if (at <= 0)
    throw new UsageError(
      `--param ${option}: expected id.name=value or, to try several, id.name=a,b; for example helix-online.factor=3`,
    );
  const text = option.slice(at + 1);
  const whole = valueOf(text);
  const values = typeof whole === "string" ? whole.split(",").map(valueOf) : [whole];
  return { key: option.slice(0, at), values };
}

/** Checks one value against a part's schema. @throws {UsageError} naming the valid parameters, or what the schema says */
function checked(part: PlugIn, key: string, name: string, value: unknown): Scalar {
  const known = paramNames(part);
  if (known !== undefined && !known.includes(name)) {
    const hint = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
    throw new UsageError(`--param ${key}: ${part.id} has no such parameter; ${hint}`);
  }
  const parsed = part.params?.safeParse({ [name]: value });
  if (parsed?.success === false) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`--param ${key}: ${String(value)}: ${issue?.message ?? "is not valid"} (${part.id})`);
  }
  if (typeof value === "object" && value !== null)
    throw new UsageError(`--param ${key}: expected a text, a number, true or false, not ${JSON.stringify(value)}`);
  return value as Scalar;
}

/**
 * Finds whose parameters are meant and checks every value: `ID.NAME` is that part's, `NAME` every part's that has one.
 * @param parts planners and materializers that take part
 * @throws {UsageError} on a part that does not take part, an unknown parameter or a bad value, naming valid ones
 */
export function sweepsOf(given: readonly GivenParam[], parts: readonly PlugIn[]): readonly SweptParam[] {
  const byId = new Map(parts.map((part) => [part.id, part]));
  const swept = new Map<string, { part: PlugIn; name: string; values: Map<string, Scalar> }>();
  for (const { key, values } of given) {
    const dot = key.lastIndexOf(".");
    const name = key.slice(dot + 1);
    const owners =
      dot >= 0
        ? [byId.get(key.slice(0, dot))]
        : [...byId.values()].filter((part) => paramNames(part)?.includes(name) === true);
    if (owners.length === 0)
      throw new UsageError(
        `--param ${key}: none of ${[...byId.keys()].join(", ")} has such a parameter; ${offered(byId)}`,
      );
    for (const part of owners) {
      if (part === undefined)
        throw new UsageError(
          `--param ${key}: "${key.slice(0, dot)}" takes no part in this run; nearest: ${nearest(key.slice(0, dot), [...byId.keys()]).join(", ")}`,
        );
      const id = `${part.id}.${name}`;
      const own = swept.get(id) ?? { part, name, values: new Map<string, Scalar>() };
      swept.set(id, own);
      for (const value of values) own.values.set(canonicalJson(value), checked(part, key, name, value));
    }
  }
  return [...swept.values()].map(({ part, name, values }) => ({ part, name, values: [...values.values()] }));
}

function offered(parts: ReadonlyMap<string, PlugIn>): string {
  const all = [...parts.values()].flatMap((part) => (paramNames(part) ?? []).map((name) => `${part.id}.${name}`));
  return all.length === 0 ? "they have none" : `there are ${all.join(", ")}`;
}

/** Every combination of the values of some parameters; one empty combination without any. */
export function combinationsOf(swept: readonly SweptParam[]): readonly PartParams[] {
  let combinations: PartParams[] = [new Map()];
  for (const { part, name, values } of swept)
    combinations = combinations.flatMap((before) =>
      values.map((value) => new Map([...before, [part.id, { ...before.get(part.id), [name]: value }]])),
    );
  return combinations;
}

/** `helix-online.factor=3; collab-utility.alpha=0.5`, sorted; empty without any. */
export function paramsText(params: PartParams): string {
  return [...params]
    .flatMap(([id, own]) => Object.entries(own).map(([name, value]) => `${id}.${name}=${String(value)}`))
    .sort()
    .join("; ");
}
