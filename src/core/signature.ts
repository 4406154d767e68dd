/**
 * Signatures: what makes two results of different versions the same result.
 *
 * Source: Xin et al., VLDB 2018 demo and "HILML" vision paper (equivalence: same operator code and equivalent parents, recursively;
 * a source is the same iff its data did not change).
 * Departures: equivalence is by hash over the operator's canonical parameters instead of by comparing operators of one name, so
 * equal operators are found under any name and in any earlier version.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { WorkflowError } from "./errors.ts";
import type { Operator } from "./operators.ts";
import type { WorkflowVersion } from "./workflow.ts";

/** SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/**
 * JSON with object keys in code-unit order, without absent (`undefined`) fields and without spaces: equal data gives equal text.
 * −0 is written as 0.
 *
 * @throws {WorkflowError} for anything that is not plain data: NaN, Infinity, functions, symbols, class instances, cycles
 */
export function canonicalJson(value: unknown): string {
  return write(value, "$", []);
}

function write(value: unknown, at: string, above: readonly object[]): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw refuse(at, String(value), "a finite number");
    return JSON.stringify(value === 0 ? 0 : value);
  }
  if (typeof value !== "object") throw refuse(at, `a ${typeof value}`, "plain data");
  if (above.includes(value)) throw refuse(at, "a value that contains itself", "plain data");
  const path = [...above, value];
  if (Array.isArray(value))
    return `[${Array.from(value, (item: unknown, i) => write(item, `${at}[${i}]`, path)).join(",")}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw refuse(at, `a ${value.constructor.name}`, "plain data (objects, arrays, numbers, text)");
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${write(field, `${at}.${key}`, path)}`);
  return `{${fields.join(",")}}`;
}

function refuse(at: string, what: string, expected: string): WorkflowError {
  return new WorkflowError(`parameter ${at}: is ${what}; expected ${expected}`);
}

const operatorKeys = new WeakMap<Operator, string>();

/**
 * What an operator is, apart from its parents and its node's name: type and canonical parameters. Paths and the name of the data
 * set are left out of a source (its fingerprint says what the data are), the function object out of a `udf` (its source is in).
 * Computed once per operator object: operators are never changed in place.
 *
 * @throws {WorkflowError} for parameters that are not plain data
 */
export function operatorKey(operator: Operator): string {
  const known = operatorKeys.get(operator);
  if (known !== undefined) return known;
  const key = canonicalJson(parametersOf(operator));
  operatorKeys.set(operator, key);
  return key;
}

function parametersOf(operator: Operator): object {
  if (operator.op === "source") return { op: operator.op, fingerprint: operator.fingerprint };
  if (operator.op !== "udf") return operator;
  const { fn: _, ...rest } = operator;
  return rest;
}

/** Short hash of an operator alone, without its parents; that of a source does not say which data it is. */
export function operationOf(operator: Operator): string {
  return sha256Hex(operator.op === "source" ? operator.op : operatorKey(operator)).slice(0, 16);
}

/**
 * Signature of a result: operator type, canonical parameters, normalized UDF source, source fingerprint and the parents'
 * signatures in their order; never a name. Whether the node is deterministic enters too, so that a result computed at
 * random is never taken for one that is not.
 */
export function signatureOf(operator: Operator, parentSignatures: readonly string[], deterministic = true): string {
  return sha256Hex(
    `${operatorKey(operator)}\n${parentSignatures.join("\n")}${deterministic ? "" : "\nnondeterministic"}`,
  );
}

/** Signatures of all nodes of a version (parents first) by name, in O(V + E) hash steps. */
export function signaturesOf(version: WorkflowVersion): ReadonlyMap<string, string> {
  const signatures = new Map<string, string>();
  for (const { name, operator, parents, deterministic } of version.nodes) {
    const above = parents.map((parent) => {
      const signature = signatures.get(parent);
      if (signature === undefined)
        throw new WorkflowError(`workflow: node "${name}" stands before its parent "${parent}"; list parents first`);
      return signature;
    });
    signatures.set(name, signatureOf(operator, above, deterministic ?? true));
  }
  return signatures;
}
