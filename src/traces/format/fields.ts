import { TraceFormatError } from "../../core/errors.ts";
import { isExact } from "../../core/units.ts";

/** Where in a file a record stands. */
export interface LinePosition {
  /** Name for messages. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** A JSON object whose fields are not yet checked. */
export type RawObject = { [key: string]: unknown };

/** What costs and sizes must be, in words. */
export const exactInteger = "an integer ≥ 0 below 2^53";

/** Refuses a field: `FILE:LINE: FIELD: is VALUE; expected WHAT`. */
export function refuse(at: LinePosition, field: string, value: unknown, expected: string): never {
  throw new TraceFormatError({ ...at, field }, `is ${shown(value)}; expected ${expected}`);
}

/** A value as a message shows it: JSON, cut after 60 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value); // JSON has no Infinity, `1e999` is read as one
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** True for a JSON object (no list, no null). */
export function isObject(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks an optional field of `record` in place. `null` means "not available" and is the same as absent: it is removed.
 *
 * @returns true if the field is there
 */
export function present(record: RawObject, key: string): boolean {
  const value = record[key];
  if (value === undefined) return false;
  if (value !== null) return true;
  delete record[key];
  return false;
}

/** Checks an optional cost or size. */
export function checkExact(record: RawObject, key: string, at: LinePosition, prefix: string): void {
  const value = record[key];
  if (value === undefined) return;
  if (!isExact(value) && present(record, key)) refuse(at, `${prefix}${key}`, value, `${exactInteger}, or null`);
}

/** Checks an optional text. */
export function checkText(record: RawObject, key: string, at: LinePosition, prefix: string): void {
  const value = record[key];
  if (typeof value !== "string" && present(record, key)) refuse(at, `${prefix}${key}`, value, "text");
}

/** Checks an optional boolean. */
export function checkBoolean(record: RawObject, key: string, at: LinePosition, prefix: string): void {
  const value = record[key];
  if (value === undefined) return;
  if (typeof value !== "boolean" && present(record, key)) refuse(at, `${prefix}${key}`, value, "true or false");
}

/** Checks an optional list of texts. */
export function checkTexts(record: RawObject, key: string, at: LinePosition, prefix: string): void {
  if (!present(record, key)) return;
  const value = record[key];
  if (!Array.isArray(value)) refuse(at, `${prefix}${key}`, value, "a list of texts");
  const i = value.findIndex((item) => typeof item !== "string");
  if (i >= 0) refuse(at, `${prefix}${key}[${i}]`, value[i], "text");
}

/** Parses one line as a JSON object. @throws {TraceFormatError} */
export function parseObject(text: string, at: LinePosition, expected: string): RawObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "not JSON";
    const error = new TraceFormatError(at, `not a line of JSON (${reason}); expected ${expected}`);
    error.cause = cause;
    throw error;
  }
  if (!isObject(value)) throw new TraceFormatError(at, `is ${shown(value)}; expected ${expected}`);
  return value;
}
