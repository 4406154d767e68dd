import { changeTypes, type TraceHeader, type TraceIteration } from "../../core/iteration.ts";
import { isExact } from "../../core/units.ts";
import {
  checkBoolean,
  checkExact,
  checkText,
  checkTexts,
  exactInteger,
  isObject,
  type LinePosition,
  parseObject,
  present,
  type RawObject,
  refuse,
} from "./fields.ts";

/** Name of the format in the header of a trace. */
export const traceFormat = "reuselab.trace";
/** Version of the format that is read and written. */
export const traceVersion = 1;

const changeTypeNames: ReadonlySet<unknown> = new Set(changeTypes);
const kindNames: ReadonlySet<unknown> = new Set(["dpr", "li", "ppr"]);

/**
 * Parses the first line of a trace and checks its fields. Unknown fields are kept.
 *
 * @throws {TraceFormatError} naming file, line and field
 */
export function parseHeaderLine(text: string, at: LinePosition): TraceHeader {
  const record = parseObject(text, at, `the header of a trace, {"format":"${traceFormat}","version":1,"name":…}`);
  if (record["format"] !== traceFormat) refuse(at, "format", record["format"], `"${traceFormat}"`);
  if (record["version"] !== traceVersion)
    refuse(at, "version", record["version"], `${traceVersion}, the only version this program reads`);
  const name = record["name"];
  if (typeof name !== "string" || name === "") refuse(at, "name", name, "a text that is not empty");
  checkText(record, "domain", at, "");
  checkTexts(record, "requires", at, "");
  if (present(record, "source")) {
    const source = record["source"];
    if (!isObject(source)) refuse(at, "source", source, "an object");
    checkTexts(source, "imputed", at, "source.");
  }
  return record as unknown as TraceHeader;
}

/**
 * Parses one iteration of a trace and checks every field by itself; what fields mean together (order, references, equal
 * signatures) is the job of {@link TraceChecker}. Unknown fields are kept, `null` in an optional field removes it.
 * O(length of the line).
 *
 * @throws {TraceFormatError} naming file, line and field
 */
export function parseIterationLine(text: string, at: LinePosition): TraceIteration {
  const record = parseObject(text, at, 'an iteration, {"iteration":0,"changeType":"initial","nodes":[…]}');
  if (!isExact(record["iteration"])) refuse(at, "iteration", record["iteration"], "an integer ≥ 0");
  if (!changeTypeNames.has(record["changeType"]))
    refuse(at, "changeType", record["changeType"], `one of ${changeTypes.join(", ")}`);
  checkText(record, "label", at, "");
  checkExact(record, "base", at, "");
  checkExact(record, "fusedUs", at, "");
  const nodes = record["nodes"];
  if (!Array.isArray(nodes) || nodes.length === 0) refuse(at, "nodes", nodes, "a list of nodes that is not empty");
  for (let i = 0; i < nodes.length; i++) {
    const node: unknown = nodes[i];
    if (!isObject(node)) refuse(at, `nodes[${i}]`, node, "a node, an object");
    if (!isPlainNode(node)) checkNode(node, at, `nodes[${i}].`);
  }
  if (present(record, "columns")) checkColumns(record["columns"], at, "columns");
  if (present(record, "segments")) checkSegments(record["segments"], at);
  if (present(record, "metrics")) checkMetrics(record["metrics"], at);
  return record as unknown as TraceIteration;
}

/** The hot path: true if a node surely passes {@link checkNode}, without building any message. */
function isPlainNode(node: RawObject): boolean {
  if (
    typeof node["id"] !== "string" ||
    typeof node["op"] !== "string" ||
    typeof node["signature"] !== "string" ||
    node["signature"] === "" ||
    !isExact(node["computeUs"]) ||
    !isExact(node["sizeBytes"]) ||
    node["columns"] !== undefined
  )
    return false;
  const parents = node["parents"];
  if (!Array.isArray(parents)) return false;
  for (const parent of parents) if (typeof parent !== "string") return false;
  return (
    isExactOrAbsent(node["loadUs"]) &&
    isExactOrAbsent(node["loadHotUs"]) &&
    isExactOrAbsent(node["writeUs"]) &&
    isExactOrAbsent(node["memoryBytes"]) &&
    isBooleanOrAbsent(node["deterministic"]) &&
    isBooleanOrAbsent(node["output"]) &&
    node["weight"] === undefined &&
    node["computeCv"] === undefined &&
    node["quality"] === undefined &&
    (node["kind"] === undefined || kindNames.has(node["kind"]))
  );
}

function isExactOrAbsent(value: unknown): boolean {
  return value === undefined || isExact(value);
}

function isBooleanOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "boolean";
}

function checkNode(node: RawObject, at: LinePosition, prefix: string): void {
  if (typeof node["id"] !== "string") refuse(at, `${prefix}id`, node["id"], "text");
  if (typeof node["op"] !== "string") refuse(at, `${prefix}op`, node["op"], "text");
  const signature = node["signature"];
  if (typeof signature !== "string" || signature === "")
    refuse(at, `${prefix}signature`, signature, "a text that is not empty");
  const parents = node["parents"];
  if (!Array.isArray(parents)) refuse(at, `${prefix}parents`, parents, "a list of node ids");
  const odd = parents.findIndex((parent) => typeof parent !== "string");
  if (odd >= 0) refuse(at, `${prefix}parents[${odd}]`, parents[odd], "a node id, text");
  for (const key of ["computeUs", "sizeBytes"])
    if (!isExact(node[key])) refuse(at, `${prefix}${key}`, node[key], exactInteger);
  for (const key of ["loadUs", "loadHotUs", "writeUs", "memoryBytes"]) checkExact(node, key, at, prefix);
  for (const key of ["deterministic", "output"]) checkBoolean(node, key, at, prefix);
  if (present(node, "kind") && !kindNames.has(node["kind"]))
    refuse(at, `${prefix}kind`, node["kind"], "one of dpr, li, ppr");
  if (present(node, "weight") && !(isExact(node["weight"]) && node["weight"] >= 1))
    refuse(at, `${prefix}weight`, node["weight"], "an integer ≥ 1, the passes over the input");
  if (present(node, "computeCv") && !isWithin(node["computeCv"], Number.MAX_VALUE))
    refuse(at, `${prefix}computeCv`, node["computeCv"], "a number ≥ 0");
  if (present(node, "quality") && !isWithin(node["quality"], 1))
    refuse(at, `${prefix}quality`, node["quality"], "a number from 0 to 1");
  if (present(node, "columns")) checkColumns(node["columns"], at, `${prefix}columns`, true);
}

/** True for a number in [0, `high`], both ends included. */
function isWithin(value: unknown, high: number): boolean {
  return typeof value === "number" && value >= 0 && value <= high;
}

function checkColumns(columns: unknown, at: LinePosition, field: string, byNumber = false): void {
  if (!Array.isArray(columns)) refuse(at, field, columns, 'a list of {"id","bytes"}');
  columns.forEach((column: unknown, i) => {
    if (byNumber && isExact(column)) return;
    if (!isObject(column)) refuse(at, `${field}[${i}]`, column, 'a column, {"id","bytes"}');
    if (typeof column["id"] !== "string") refuse(at, `${field}[${i}].id`, column["id"], "text");
    if (!isExact(column["bytes"])) refuse(at, `${field}[${i}].bytes`, column["bytes"], exactInteger);
    if (present(column, "memoryBytes") && !isExact(column["memoryBytes"]))
      refuse(at, `${field}[${i}].memoryBytes`, column["memoryBytes"], exactInteger);
    if (present(column, "type") && typeof column["type"] !== "string")
      refuse(at, `${field}[${i}].type`, column["type"], "text");
  });
}

function checkSegments(segments: unknown, at: LinePosition): void {
  if (!Array.isArray(segments)) refuse(at, "segments", segments, 'a list of {"nodes","fusedUs"}');
  segments.forEach((segment: unknown, i) => {
    if (!isObject(segment)) refuse(at, `segments[${i}]`, segment, 'a segment, {"nodes","fusedUs"}');
    const nodes = segment["nodes"];
    if (!Array.isArray(nodes) || nodes.length === 0)
      refuse(at, `segments[${i}].nodes`, nodes, "a list of node ids that is not empty");
    const odd = nodes.findIndex((id) => typeof id !== "string");
    if (odd >= 0) refuse(at, `segments[${i}].nodes[${odd}]`, nodes[odd], "a node id, text");
    if (!isExact(segment["fusedUs"])) refuse(at, `segments[${i}].fusedUs`, segment["fusedUs"], exactInteger);
  });
}

function checkMetrics(metrics: unknown, at: LinePosition): void {
  if (!isObject(metrics)) refuse(at, "metrics", metrics, "an object of numbers");
  for (const [key, value] of Object.entries(metrics))
    if (typeof value !== "number" && present(metrics, key)) refuse(at, `metrics.${key}`, value, "a number");
}
