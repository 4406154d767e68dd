/**
 * The compiler is pure: it yields steps and is told their answers, so that tests read its SQL without an engine and the
 * executor runs it with one.
 */
import type { LearningRequest } from "./learning-steps.ts";

/** A numeric or text column as the engine handed it over; nulls are NaN in Float64Array, `null` in plain arrays. */
export type Column =
  | Float64Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | readonly (string | number | boolean | null)[];

/** How {@link fetchColumns} wants a column. */
export type FetchType = "f64" | "i32" | "u8" | "u16" | "u32" | "any";

/** A row of a small query. */
export type Row = readonly (string | number | bigint | boolean | null)[];

type Request =
  /** Runs a statement for its effect. `table` is what it creates; `hasGaps`: its rows must be numbered anew, in the order of their `rid`; answer: how many there are, or none. */
  | { readonly kind: "run"; readonly sql: string; readonly table?: string; readonly hasGaps?: boolean }
  /** A small query; answer: Row[]. */
  | { readonly kind: "query"; readonly sql: string }
  /** A bulk read in row order; answer: Column[] in the order of `types`. Engines with a row column find it behind them. */
  | { readonly kind: "fetch"; readonly sql: string; readonly types: readonly FetchType[] }
  /** Makes a table of columns, rows in order; answer: none. */
  | {
      readonly kind: "upload";
      readonly table: string;
      readonly columns: readonly { readonly name: string; readonly sqlType: string; readonly values: Column }[];
      readonly rows: number;
    }
  | LearningRequest
  /** Work outside the engine (a learner, a user's function); answer: what it returns. */
  | { readonly kind: "work"; readonly what: string; readonly run: (signal?: AbortSignal) => unknown };

/**
 * One thing a compilation asks for. `shares`: nodes the step works for, by id, with their expected shares in any unit;
 * absent: whoever is being compiled.
 */
export type Step = Request & { readonly shares?: ReadonlyMap<string, number> };

/** A computation that asks for steps and ends with a T. */
export type Steps<T> = Generator<Step, T, unknown>;

/** True for a step that only engines with learners of their own can run. */
export function isLearning<S extends Step>(step: S): step is Extract<S, LearningRequest> {
  return step.kind === "fit-logistic" || step.kind === "fit-trees" || step.kind === "score-trees";
}

/** Waits for the steps of what may have none. */
export function* answered<T extends object>(value: T | Steps<T>): Steps<T> {
  return Symbol.iterator in value ? yield* value : value;
}

/** Runs a statement. @returns rows of the table it made, if the engine had to count them */
export function* run(
  sql: string,
  table?: string,
  shares?: ReadonlyMap<string, number>,
  hasGaps = false,
): Steps<number | undefined> {
  const rows = yield {
    kind: "run",
    sql,
    ...(table === undefined ? {} : { table }),
    ...(hasGaps ? { hasGaps } : {}),
    ...(shares === undefined ? {} : { shares }),
  };
  return typeof rows === "number" ? rows : undefined;
}

/** Steps that work for one node, unless they say otherwise. */
export function* worksFor<T>(id: string, steps: Steps<T>): Steps<T> {
  const shares = new Map([[id, 1]]);
  let next = steps.next();
  while (next.done !== true) {
    const answer: unknown = yield { shares, ...next.value };
    next = steps.next(answer);
  }
  return next.value;
}

/** Asks a small query. */
export function* query(sql: string): Steps<readonly Row[]> {
  return (yield { kind: "query", sql }) as readonly Row[];
}

/** Reads columns in row order. */
export function* fetchColumns(sql: string, types: readonly FetchType[]): Steps<readonly Column[]> {
  return (yield { kind: "fetch", sql, types }) as readonly Column[];
}

/** Makes a table out of columns. */
export function* upload(
  table: string,
  columns: readonly { readonly name: string; readonly sqlType: string; readonly values: Column }[],
  rows: number,
): Steps<void> {
  yield { kind: "upload", table, columns, rows };
}

/** Runs work outside the engine. */
export function* work<T>(what: string, task: (signal?: AbortSignal) => T | Promise<T>): Steps<T> {
  return (yield { kind: "work", what, run: task }) as T;
}
